package dev.emrys.journal

import dev.emrys.testing.awaitUntil
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.optional.shouldBeEmpty
import io.kotest.matchers.optional.shouldBePresent
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.attribute.PosixFilePermissions
import kotlin.io.path.exists
import kotlin.io.path.getPosixFilePermissions
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name

class SqliteProcessesTest :
    FunSpec({
        fun folderWith(vararg runs: String): Path {
            val folder = tempdir().toPath()
            sqlite(folder).use { journal ->
                runs.forEach { journal.runs().create(record(it), "{}").close() }
            }
            return folder
        }

        test("two processes append to one file at once, and nothing of either is lost") {
            val folder = folderWith("here", "there")
            val each = 300
            sqlite(folder).use { journal ->
                ChildProcess("append", folder.toString(), "there", each.toString()).use { child ->
                    child.answer() shouldBe "ready"
                    val lease = journal.leases().acquire("here").get()
                    child.proceed()
                    (1..each)
                        .map { journal.events().append(lease, it.toLong(), eventsOf("here/$it")) }
                        .forEach { it.soon() }
                    child.answer() shouldBe "done"
                    lease.close()
                }
                listOf("here", "there").forEach { run ->
                    journal.events().readAll(run) shouldContainExactly
                        (1..each).map { eventOf("$run/$it") }
                }
            }
        }

        test("two processes take the tokens of one bucket at once, each token once") {
            val folder = folderWith()
            sqlite(folder).use { journal ->
                ChildProcess("take", "$folder", "there").use { child ->
                    child.answer() shouldBe "ready"
                    child.proceed()
                    val here = Child.takeAll(journal, "here")
                    here + child.answer()!!.toInt() shouldBe 200
                }
            }
        }

        test("a query of the holder never drops the lock, whatever path of the folder is used") {
            val folder = folderWith("r1")
            val link = tempdir().toPath().resolve("link")
            Files.createSymbolicLink(link, folder)
            sqlite(folder).use { journal ->
                sqlite(link).use { other ->
                    journal.leases().acquire("r1").get().use {
                        repeat(3) {
                            journal.leases().holder("r1").shouldBePresent()
                            other.leases().holder("r1").get().pid() shouldBe
                                ProcessHandle.current().pid()
                            other.leases().acquire("r1").shouldBeEmpty()
                        }
                        // Opened and closed within this process.
                        sqlite(folder).use { it.leases().holder("r1").shouldBePresent() }
                        ChildProcess("acquire", folder.toString(), "r1").use {
                            it.answer() shouldBe "refused"
                        }
                    }
                }
            }
        }

        test("another process holds the run until it is killed, and a query does not change that") {
            val folder = folderWith("r1")
            sqlite(folder).use { journal ->
                ChildProcess("acquire", folder.toString(), "r1").use { child ->
                    child.answer() shouldBe "acquired"
                    repeat(3) {
                        journal.leases().acquire("r1").shouldBeEmpty()
                        journal.leases().holder("r1").get().pid() shouldBe child.pid
                    }
                    child.kill()
                    journal.leases().holder("r1").shouldBeEmpty()
                    journal.leases().acquire("r1").get().use {
                        it.token() shouldBe 3
                        journal.leases().holder("r1").get().pid() shouldBe
                            ProcessHandle.current().pid()
                    }
                }
            }
        }

        test("processes that query at the same time do not mistake each other for a driver") {
            val folder = folderWith("r1")
            sqlite(folder).use { journal ->
                ChildProcess("query", folder.toString(), "r1").use { one ->
                    ChildProcess("query", folder.toString(), "r1").use { two ->
                        listOf(one, two).forEach { it.answer() shouldBe "ready" }
                        listOf(one, two).forEach { it.proceed() }
                        repeat(2_000) { journal.leases().holder("r1").shouldBeEmpty() }
                        listOf(one, two).forEach { it.proceed() }
                        listOf(one, two).map { it.answer() } shouldBe listOf("held 0", "held 0")
                    }
                }
            }
        }

        test("a lease whose acquisition cannot be recorded is not held") {
            val folder = folderWith("r1")
            sqlite(folder).use { journal ->
                plainSql(folder).use { it.run("ALTER TABLE runs RENAME TO hidden") }
                shouldThrow<JournalException> { journal.leases().acquire("r1") }
                plainSql(folder).use { it.run("ALTER TABLE hidden RENAME TO runs") }
                journal.leases().acquire("r1").shouldBePresent().close()
            }
        }

        test("nothing is left beside the journal when no process uses it") {
            val folder = folderWith(*Array(20) { "r$it" })
            folder.listDirectoryEntries().map { it.name } shouldContainExactly listOf("journal.db")
            ChildProcess("acquire", folder.toString(), "r1").use { child ->
                child.answer() shouldBe "acquired"
                val file = folder.resolve("runs.lock")
                PosixFilePermissions.toString(file.getPosixFilePermissions()) shouldBe "rw-------"
                sqlite(folder).use { journal ->
                    journal.leases().holder("r1").get().pid() shouldBe child.pid
                    journal.leases().acquire("r2").get().close()
                }
                // The child has a lock in it.
                file.exists() shouldBe true
                child.kill()
                sqlite(folder).use { it.leases().holder("r1").shouldBeEmpty() }
                file.exists() shouldBe false
            }
        }

        test("a process that has the journal open finds the locks in a new lock file") {
            val folder = folderWith("r1", "r2")
            val file = folder.resolve("runs.lock")
            sqlite(folder).use { journal ->
                // Opens the file, and locks nothing in it, so that the child removes it.
                ChildProcess("acquire", folder.toString(), "r1").use { it.answer() }
                journal.leases().holder("r1").shouldBeEmpty()
                ChildProcess("acquire", folder.toString(), "r2").use { child ->
                    child.answer() shouldBe "acquired"
                    child.proceed()
                    awaitUntil("the removal") { !file.exists() }
                }
                journal.leases().holder("r1").shouldBeEmpty()
                file.exists() shouldBe false
                ChildProcess("acquire", folder.toString(), "r1").use { child ->
                    child.answer() shouldBe "acquired"
                    journal.leases().acquire("r1").shouldBeEmpty()
                    journal.leases().holder("r1").get().pid() shouldBe child.pid
                    journal.leases().acquire("r2").get().close()
                }
            }
            file.exists() shouldBe false
        }

        test(
            "a process whose lock file was removed locks in the new one, and keeps its old locks"
        ) {
            val folder = folderWith("r1", "r2")
            sqlite(folder).use { journal ->
                val lost = journal.leases().acquire("r1").get()
                Files.delete(folder.resolve("runs.lock"))
                val kept = journal.leases().acquire("r2").get()
                journal.leases().acquire("r1").shouldBeEmpty()
                journal.leases().holder("r1").shouldBePresent()
                ChildProcess("acquire", folder.toString(), "r2").use {
                    it.answer() shouldBe "refused"
                }
                lost.close()
                ChildProcess("acquire", folder.toString(), "r2").use {
                    it.answer() shouldBe "refused"
                }
                kept.close()
            }
            folder.listDirectoryEntries().map { it.name } shouldContainExactly listOf("journal.db")
        }

        test("of many processes that lock a run, and remove the file, one has the lock at a time") {
            val folder = tempdir().toPath()
            val seconds = Integer.getInteger("emrys.locks.seconds", 3)
            val children = List(4) { ChildProcess("lock often", folder.toString(), "$seconds") }
            val counts = children.map { it.answer(seconds + 60L) }
            children.forEach { it.close() }
            println("Locks of each process in $seconds s: $counts")
            counts.forEach { it.shouldNotBeNull().toInt() shouldBeGreaterThan 100 }
            folder.listDirectoryEntries().shouldBeEmpty()
        }

        test(
            "the journal of version 1 is not changed while a process of that version drives a run"
        ) {
            val folder = tempdir().toPath()
            firstVersionJournal(folder)
            ChildProcess("lock as version 1", folder.toString(), "run-2").use { child ->
                child.answer() shouldBe "locked"
                shouldThrow<JournalException> { sqlite(folder) }.message shouldBe
                    "An older Emrys drives run run-2, so its journal is not changed to this version." +
                        "\n    Let the run end, or stop that process, then try again."
                plainSql(folder).use { it.rows("PRAGMA user_version") shouldBe listOf(listOf(1)) }
            }
            sqlite(folder).use { it.runs().find("run-2").shouldBePresent() }
            folder.listDirectoryEntries().map { it.name }.toString() shouldContain "journal.db"
            Files.exists(folder.resolve("locks")) shouldBe false
        }
    })
