package dev.emrys.journal

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CyclicBarrier
import java.util.concurrent.Executors
import kotlin.io.path.readBytes
import kotlin.io.path.readText
import kotlin.io.path.writeBytes
import kotlin.io.path.writeText
import kotlin.random.Random

class SqliteOpeningTest :
    FunSpec({
        fun folder(): Path = tempdir().toPath()

        fun refusal(folder: Path): String =
            shouldThrow<JournalException> { sqlite(folder) }.message!!

        test("a missing journal is created, with its folders") {
            val folder = folder().resolve("a/b")
            sqlite(folder).use { it.runs().create(record("1"), "{}").close() }
            sqlite(folder).use { it.runs().list(9).size shouldBe 1 }
        }

        test("the journal of a newer Emrys is refused and not changed") {
            val folder = folder()
            sqlite(folder).use { it.runs().create(record("1"), "{}").close() }
            plainSql(folder).use { it.run("PRAGMA user_version = 99") }
            refusal(folder) shouldBe
                "The journal ${folder.resolve("journal.db")} was written by a newer Emrys (version 99 of its tables; this one knows ${SqliteMigrations.NEWEST})." +
                    "\n    Use that Emrys, or name another state folder with --state."
            // The refused one holds no lock: the newer one can write at once.
            plainSql(folder).use {
                it.run("PRAGMA busy_timeout = 0")
                it.run("UPDATE runs SET outcome = 'X'")
                it.rows("PRAGMA user_version") shouldBe listOf(listOf(99))
            }
        }

        listOf(
                "text" to "These are my notes.\n".repeat(100).toByteArray(),
                "short text" to "x".toByteArray(),
                "noise" to Random(7).nextBytes(8192),
            )
            .forEach { (what, bytes) ->
                test("a journal.db that is $what is refused and not overwritten") {
                    val folder = folder()
                    val file = folder.resolve("journal.db")
                    file.writeBytes(bytes)
                    refusal(folder) shouldBe
                        "The file $file is not a journal: it is no SQLite database, or a damaged one." +
                            "\n    Move it away, restore it from a copy, or name another state folder with --state."
                    file.readBytes().contentEquals(bytes) shouldBe true
                }
            }

        test("the database of another program is refused and not written to") {
            val folder = folder()
            plainSql(folder).use { it.run("CREATE TABLE runs (mine TEXT)") }
            refusal(folder) shouldBe
                "The file ${folder.resolve("journal.db")} is not a journal: it is a database of another program." +
                    "\n    Move it away, or name another state folder with --state."
            plainSql(folder).use {
                it.rows("SELECT name FROM sqlite_schema") shouldBe listOf(listOf("runs"))
            }
        }

        test("a file in the place of the state folder is reported, and stays") {
            val file = folder().resolve("state")
            file.writeText("mine")
            val message = refusal(file)
            message shouldContain "The state folder $file cannot be created"
            message shouldContain "name another folder with --state."
            file.readText() shouldBe "mine"
        }

        test("a folder in the place of the file is refused with a message, not a stack trace") {
            val folder = folder()
            Files.createDirectory(folder.resolve("journal.db"))
            val message = refusal(folder)
            message shouldContain "The journal ${folder.resolve("journal.db")} cannot be used: "
            message shouldContain "--state"
            message shouldNotContain "\tat "
        }

        test("a folder that this user may not write is reported as the cause")
            // Root may write everywhere.
            .config(enabled = System.getProperty("user.name") != "root") {
                val folder = folder()
                folder.toFile().setWritable(false)
                try {
                    refusal(folder) shouldContain "this user may not write in the folder"
                } finally {
                    folder.toFile().setWritable(true)
                }
            }

        test("many processes that open a new journal at once all get the same one") {
            val many = 8
            val pool = Executors.newFixedThreadPool(many)
            try {
                repeat(5) {
                    val folder = folder()
                    val together = CyclicBarrier(many)
                    val opened =
                        (1..many).map { number ->
                            CompletableFuture.supplyAsync(
                                {
                                    together.await()
                                    sqlite(folder).use {
                                        it.runs().create(record("r$number"), "{}").close()
                                    }
                                },
                                pool,
                            )
                        }
                    opened.forEach { it.soon() }
                    sqlite(folder).use { it.runs().list(99).size shouldBe many }
                }
            } finally {
                pool.shutdownNow()
            }
        }
    })
