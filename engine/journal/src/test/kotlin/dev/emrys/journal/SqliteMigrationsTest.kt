package dev.emrys.journal

import com.google.common.collect.ImmutableList
import dev.emrys.run.Event
import dev.emrys.run.EventJson
import dev.emrys.run.Outcome
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.optional.shouldBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Path
import java.sql.Connection
import java.sql.DriverManager
import java.time.Instant
import java.util.concurrent.LinkedBlockingQueue

private fun resource(name: String): String =
    checkNotNull(SqliteMigrationsTest::class.java.getResource(name)) { "$name is missing" }
        .readText()

private fun Connection.runAll(script: String) =
    script.split(Regex(";\\s*\n")).filter { it.isNotBlank() }.forEach { run(it) }

/** The dump of a journal that version 1 wrote: every type of event, and control requests. */
fun firstVersionJournal(folder: Path) =
    plainSql(folder).use { it.runAll(resource("/history/journal-v1.sql")) }

class SqliteMigrationsTest :
    FunSpec({
        val at = Instant.parse("2026-04-25T03:00:00.123456789Z")

        fun opened(): Path {
            val folder = tempdir().toPath()
            firstVersionJournal(folder)
            sqlite(folder).close()
            return folder
        }

        test("a journal of version 1 is read: runs, specs and events of every type") {
            val folder = tempdir().toPath()
            firstVersionJournal(folder)
            val written =
                plainSql(folder).use {
                    it.rows("SELECT json FROM events WHERE run = 'run-1' ORDER BY seq")
                }
            repeat(2) {
                sqlite(folder).use { journal ->
                    journal.runs().list(10).map { it.name() } shouldContainExactly
                        listOf("keen-wren", "brave-newt", "calm-otter")
                    journal.runs().find("run-1").get() shouldBe
                        RunRecord(
                            "run-1",
                            "calm-otter",
                            "daily-etl",
                            "daily.emr.kts",
                            "local",
                            at,
                            at,
                            "CANCELLED",
                        )
                    journal.runs().spec("run-1").decodeToString() shouldContain "\"emrysSpec\": 1"
                    val events = journal.events().readAll("run-1")
                    events shouldContainExactly written.map { EventJson.read("${it.single()}") }
                    written.any { "cluster-lost" in "${it.single()}" } shouldBe true
                    events.map { it.javaClass }.toSet().size shouldBe 19
                    journal.leases().holder("run-2").shouldBeEmpty()
                }
            }
        }

        test("a run of version 1 is acquired and continued") {
            val folder = opened()
            sqlite(folder).use { journal ->
                journal.leases().acquire("run-2").get().use { lease ->
                    lease.token() shouldBe 1
                    val next = journal.events().lastSeq("run-2") + 1
                    journal
                        .events()
                        .append(
                            lease,
                            next,
                            ImmutableList.of(
                                Event.RunResumed(at, "ada"),
                                Event.RunEnded(at, Outcome.SUCCEEDED),
                            ),
                        )
                        .soon()
                    journal.runs().find("run-2").get().outcome() shouldBe "SUCCEEDED"
                }
            }
        }

        test("the event types of version 1 become those of the events' JSON form") {
            plainSql(opened()).use {
                it.rows("SELECT run, seq FROM events WHERE type <> json ->> 'type'") shouldBe
                    emptyList<List<Any?>>()
                it.rows("SELECT count(DISTINCT type) FROM events") shouldBe listOf(listOf(19))
            }
        }

        test("control requests of version 1 are kept, acknowledged and open ones") {
            val folder = opened()
            val warnings = LinkedBlockingQueue<String>()
            SqliteJournal.open(folder, warnings::add).use { journal ->
                val received = LinkedBlockingQueue<ControlRequest>()
                journal.inbox().receive("run-2", received::add).use {
                    val request = received.next()
                    request.kind() shouldBe ControlRequest.Cancel()
                    request.by() shouldBe "bob"
                    warnings.next() shouldContain "\"approve\" of eve to run run-2"
                }
                journal.inbox().receive("run-1", received::add).use {
                    journal.inbox().send("run-1", ControlRequest.Cancel(), "new")
                    received.nextOf("new").run() shouldBe "run-1"
                }
                received.size shouldBe 0
            }
        }

        test("the file of version 1 makes the tables that version 1 made") {
            fun schemaOf(script: String) =
                DriverManager.getConnection("jdbc:sqlite::memory:").use {
                    it.runAll(script)
                    it.rows("SELECT type, name, sql FROM sqlite_schema ORDER BY name")
                }
            schemaOf(resource("/dev/emrys/journal/sqlite/V1.sql")) shouldBe
                schemaOf(resource("/history/journal-v1.sql"))
        }

        test("a migration that fails leaves the journal as it was") {
            val folder = tempdir().toPath()
            firstVersionJournal(folder)
            plainSql(folder).use { it.run("ALTER TABLE inbox RENAME TO other") }
            runCatching { sqlite(folder).close() }.isFailure shouldBe true
            plainSql(folder).use {
                it.rows("PRAGMA user_version") shouldBe listOf(listOf(1))
                it.rows("SELECT DISTINCT type FROM events WHERE run = 'run-3'").size shouldBe 2
                it.rows("SELECT type FROM events WHERE run = 'run-3' AND seq = 1") shouldBe
                    listOf(listOf("RunStarted"))
                it.run("ALTER TABLE other RENAME TO inbox")
            }
            sqlite(folder).use { it.runs().list(10).size shouldBe 3 }
        }
    })
