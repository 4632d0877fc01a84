package dev.emrys.sqlite

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import java.nio.file.Files
import java.nio.file.Path
import java.sql.SQLException
import org.sqlite.SQLiteConfig

class SqliteConnectionTest :
    FunSpec({
        /** In the other mode SQLite itself finds that a file was removed. */
        fun wal() = SQLiteConfig().apply { setJournalMode(SQLiteConfig.JournalMode.WAL) }

        fun open(file: Path, opened: () -> Unit = {}) =
            SqliteConnection(file) {
                    opened()
                    wal().createConnection("jdbc:sqlite:$file")
                }
                .also { it.executeOnce("CREATE TABLE t (x TEXT)") }

        fun SqliteConnection.insert(text: String) {
            val insert = statement("INSERT INTO t VALUES (?)")
            insert.setString(1, text)
            insert.executeUpdate()
        }

        fun SqliteConnection.store(text: String) {
            begin()
            insert(text)
            commit()
        }

        fun texts(file: Path): List<String> =
            SQLiteConfig().createConnection("jdbc:sqlite:$file").use { reader ->
                val rows = reader.createStatement().executeQuery("SELECT x FROM t ORDER BY rowid")
                generateSequence { if (rows.next()) rows.getString(1) else null }.toList()
            }

        val file = tempdir().toPath()

        test("what a rolled back transaction wrote is not stored, and the next one is") {
            val path = file.resolve("rolled-back.db")
            open(path).use {
                it.begin()
                it.insert("lost")
                it.rollback()
                it.store("kept")
            }
            texts(path) shouldBe listOf("kept")
        }

        test("after a full disk the connection works again as soon as there is space") {
            val path = file.resolve("full.db")
            open(path).use { it.store("first") }
            var pages = 3
            SqliteConnection(path) {
                    SQLiteConfig().createConnection("jdbc:sqlite:$path").apply {
                        createStatement().execute("PRAGMA max_page_count = $pages")
                    }
                }
                .use {
                    repeat(3) { _ ->
                        it.begin()
                        shouldThrow<SQLException> {
                            repeat(10) { _ -> it.insert("x".repeat(4_000)) }
                        }
                        it.rollback()
                        texts(path) shouldBe listOf("first")
                    }
                    pages = 1_000
                    it.executeOnce("PRAGMA max_page_count = $pages")
                    it.store("second")
                }
            texts(path) shouldBe listOf("first", "second")
        }

        test("a transaction that SQLite has ended itself does not make the next one fail") {
            val path = file.resolve("ended.db")
            var connections = 0
            open(path) { connections++ }
                .use {
                    it.store("first")
                    val before = it.generation()
                    it.begin()
                    it.insert("lost")
                    it.executeOnce("ROLLBACK")
                    shouldThrow<SQLException> { it.commit() }
                    it.rollback()
                    connections shouldBe 1
                    it.store("second")
                    connections shouldBe 2
                    it.generation() shouldNotBe before
                }
            texts(path) shouldBe listOf("first", "second")
        }

        test("a connection that cannot be opened again is tried at the next transaction") {
            val path = file.resolve("unopened.db")
            var fails = false
            open(path) { if (fails) throw SQLException("for the test") }
                .use {
                    fails = true
                    it.rollback()
                    shouldThrow<SQLException> { it.begin() }
                    it.rollback()
                    fails = false
                    it.store("first")
                }
            texts(path) shouldBe listOf("first")
        }

        for (replaced in listOf(false, true)) {
            test(
                "what would be lost with a file that was ${if (replaced) "replaced" else "removed"} is not committed"
            ) {
                val folder = Files.createDirectory(file.resolve("lost-$replaced"))
                val path = folder.resolve("lost.db")
                val old = folder.resolve("old.db")
                open(path).use {
                    it.store("first")
                    it.isFileCurrent shouldBe true
                    for (suffix in listOf("", "-wal", "-shm")) {
                        Files.move(Path.of("$path$suffix"), Path.of("$old$suffix"))
                    }
                    if (replaced) open(path).use { other -> other.store("other") }
                    it.isFileCurrent shouldBe false
                    it.begin()
                    it.insert("second")
                    shouldThrow<FileReplacedException> { it.commit() }
                    it.rollback()
                    it.begin()
                    it.executeOnce("ROLLBACK")
                    it.rollback()
                    // Not opened again: that would create a file.
                    shouldThrow<FileReplacedException> { it.begin() }
                    Files.exists(path) shouldBe replaced
                }
                if (replaced) texts(path) shouldBe listOf("other")
            }
        }

        test("a closed connection is not opened again") {
            var connections = 0
            val connection = open(file.resolve("closed.db")) { connections++ }
            connection.close()
            shouldThrow<SQLException> { connection.begin() }
            connection.rollback()
            connections shouldBe 1
        }
    })
