package dev.emrys.sqlite

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import java.nio.file.Path
import java.sql.SQLException
import org.sqlite.SQLiteConfig

class SqliteConnectionTest :
    FunSpec({
        fun open(file: Path, opened: () -> Unit = {}) = SqliteConnection {
            opened()
            SQLiteConfig().createConnection("jdbc:sqlite:$file")
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
            SqliteConnection {
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

        test("a closed connection is not opened again") {
            var connections = 0
            val connection = open(file.resolve("closed.db")) { connections++ }
            connection.close()
            shouldThrow<SQLException> { connection.begin() }
            connection.rollback()
            connections shouldBe 1
        }
    })
