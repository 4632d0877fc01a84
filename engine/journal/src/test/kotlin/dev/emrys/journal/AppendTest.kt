package dev.emrys.journal

import com.google.common.collect.ImmutableList
import dev.emrys.run.Event
import dev.emrys.run.Outcome
import dev.emrys.spec.FailureKind
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CountDownLatch
import java.util.concurrent.ExecutionException
import java.util.concurrent.Executors

private fun refusal(appended: CompletableFuture<*>): String =
    shouldThrow<ExecutionException> { appended.soon() }
        .cause
        .shouldBeInstanceOf<JournalException>()
        .message!!

class AppendTest :
    FunSpec({
        fun folder() = tempdir().toPath()

        test(
            "events are read back in the order in which they were appended, those of each run apart"
        ) {
            SqliteJournal.open(folder()).use { journal ->
                journal.create(record("r1"), "{}")
                journal.create(record("r2"), "{}")
                journal.append("r1", 1, facts("a", "b")).soon()
                journal.append("r2", 1, facts("x")).soon()
                journal.append("r1", 3, facts("c")).soon()
                journal.events("r1") shouldContainExactly facts("a", "b", "c")
                journal.events("r2") shouldContainExactly facts("x")
                journal.events("nobody").shouldBeEmpty()
            }
        }

        test("the journal is as it was when it is opened again") {
            val folder = folder()
            SqliteJournal.open(folder).use { journal ->
                journal.create(record("r1"), "{\"a\":\"ä\"}")
                journal.append("r1", 1, facts("a"))
            }
            SqliteJournal.open(folder).use { journal ->
                journal.events("r1") shouldContainExactly facts("a")
                journal.spec("r1") shouldBe "{\"a\":\"ä\"}"
                journal.append("r1", 2, facts("b")).soon()
                journal.events("r1") shouldContainExactly facts("a", "b")
            }
        }

        test("what is acknowledged is seen by every other connection and journal of the file") {
            val folder = folder()
            SqliteJournal.open(folder).use { journal ->
                SqliteJournal.open(folder).use { other ->
                    plainSql(folder).use { plain ->
                        journal.create(record("r1"), "{}")
                        (1..20).forEach { seq ->
                            journal.append("r1", seq.toLong(), facts("a$seq")).soon()
                            other.events("r1").size shouldBe seq
                            plain.rows("SELECT max(seq) FROM events") shouldBe listOf(listOf(seq))
                        }
                    }
                }
            }
        }

        test("a number that is taken fails the whole append, leaves nothing of it, and says why") {
            SqliteJournal.open(folder()).use { journal ->
                journal.create(record("r1"), "{}")
                journal.append("r1", 1, facts("a", "b")).soon()
                refusal(journal.append("r1", 2, facts("x", "y"))) shouldBe
                    "Event 2 of run r1 is in the journal already, so somebody else drives this run." +
                        "\n    Look at it with: emrys show r1"
                journal.events("r1") shouldContainExactly facts("a", "b")
                journal.append("r1", 3, facts("c")).soon()
                journal.events("r1") shouldContainExactly facts("a", "b", "c")
            }
        }

        test("what comes after an append that failed is refused too: a history has no holes") {
            SqliteJournal.open(folder()).use { journal ->
                journal.create(record("r1"), "{}")
                journal.append("r1", 1, facts("a")).soon()
                refusal(journal.append("r1", 3, facts("c"))) shouldBe
                    "Event 3 of run r1 cannot be written before event 2." +
                        "\n    Go on with: emrys resume r1"
                journal.events("r1") shouldContainExactly facts("a")
            }
        }

        test("one that fails in a commit of many fails alone") {
            val folder = folder()
            SqliteJournal.open(folder).use { journal ->
                journal.create(record("r1"), "{}")
                plainSql(folder).use { plain ->
                    // While somebody else writes, what arrives gathers behind the first.
                    plain.run("BEGIN IMMEDIATE")
                    val first = journal.append("r1", 1, facts("a"))
                    val good = (2..40).map { journal.append("r1", it.toLong(), facts("a$it")) }
                    val taken = journal.append("r1", 40, facts("x", "y"))
                    val more = (41..50).map { journal.append("r1", it.toLong(), facts("a$it")) }
                    listOf(first, good.last(), taken, more.last()).none { it.isDone } shouldBe true
                    plain.run("ROLLBACK")
                    (listOf(first) + good + more).forEach { it.soon() }
                    refusal(taken)
                }
                journal.events("r1") shouldContainExactly
                    ImmutableList.copyOf(listOf(fact("a")) + (2..50).map { fact("a$it") })
            }
        }

        test("a write that breaks with an error fails alone, and the writer lives on") {
            SqliteJournal.open(folder()).use { journal ->
                journal.create(record("r1"), "{}")
                val writer = journal.writer()
                val broken = writer.submit { throw NoClassDefFoundError("gone") }
                journal.append("r1", 1, facts("a")).soon()
                shouldThrow<ExecutionException> { broken.soon() }.cause!!.message shouldContain
                    "gone"
            }
        }

        test("a full disk fails what cannot be written, in words, and nothing of it stays") {
            val folder = folder()
            SqliteJournal.open(folder).use { journal ->
                journal.create(record("r1"), "{}")
                journal.writer().run { connection ->
                    connection.createStatement().use { it.execute("PRAGMA max_page_count = 20") }
                }
                val long = facts(*Array(2000) { "step $it" })
                shouldThrow<ExecutionException> { journal.append("r1", 1, long).soon() }
                    .cause!!
                    .message shouldContain "the disk is full"
                journal.events("r1").shouldBeEmpty()
                journal.append("r1", 1, facts("a")).soon()
                journal.events("r1") shouldContainExactly facts("a")
            }
        }

        test("an event that cannot be read is told with its run and number") {
            val folder = folder()
            SqliteJournal.open(folder).use { journal ->
                journal.create(record("r1"), "{}")
                journal.append("r1", 1, facts("a")).soon()
                plainSql(folder).use { it.run("UPDATE events SET json = '{\"type\":\"Odd\"}'") }
                shouldThrow<JournalException> { journal.events("r1") }.message shouldContain
                    "Event 1 of run r1 cannot be read"
            }
        }

        test("many append at once: each is acknowledged, and the order of each run is kept") {
            val writers = 8
            val each = 60
            SqliteJournal.open(folder()).use { journal ->
                val pool = Executors.newFixedThreadPool(writers)
                val go = CountDownLatch(1)
                try {
                    val all =
                        (0 until writers).map { writer ->
                            journal.create(record("r$writer"), "{}")
                            CompletableFuture.supplyAsync(
                                {
                                    go.await()
                                    (1..each).map {
                                        journal.append(
                                            "r$writer",
                                            it.toLong(),
                                            facts("$writer/$it"),
                                        )
                                    }
                                },
                                pool,
                            )
                        }
                    go.countDown()
                    all.flatMap { it.soon() }.forEach { it.soon() }
                } finally {
                    pool.shutdownNow()
                }
                (0 until writers).forEach { writer ->
                    journal.events("r$writer") shouldContainExactly
                        (1..each).map { fact("$writer/$it") }
                }
            }
        }

        test("closing writes what was appended; afterwards nothing is taken") {
            val folder = folder()
            val journal = SqliteJournal.open(folder)
            journal.create(record("r1"), "{}")
            val appended = (1..100).map { journal.append("r1", it.toLong(), facts("a$it")) }
            journal.close()
            appended.forEach { it.soon() }
            refusal(journal.append("r1", 101, facts("late"))) shouldBe "The journal is closed."
            SqliteJournal.open(folder).use { it.events("r1").size shouldBe 100 }
        }

        test("history is there for plain SQL") {
            val folder = folder()
            SqliteJournal.open(folder).use { journal ->
                journal.create(record("r1"), "{}")
                val failed =
                    Event.AttemptFailed(
                        noon.plusMillis(5),
                        "a",
                        2,
                        FailureKind.STEP,
                        "exit 1",
                        null,
                    )
                val ended = Event.RunEnded(noon.plusSeconds(1), Outcome.FAILED)
                journal.append("r1", 1, ImmutableList.of(failed, ended)).soon()
            }
            plainSql(folder).use { plain ->
                plain.rows(
                    "SELECT run, seq, at, type, task, attempt, json ->> 'reason' FROM events ORDER BY seq"
                ) shouldBe
                    listOf(
                        listOf(
                            "r1",
                            1,
                            "2026-01-01T12:00:00.005000000Z",
                            "AttemptFailed",
                            "a",
                            2,
                            "exit 1",
                        ),
                        listOf(
                            "r1",
                            2,
                            "2026-01-01T12:00:01.000000000Z",
                            "RunEnded",
                            null,
                            null,
                            null,
                        ),
                    )
                plain.rows(
                    "SELECT id, name, pipeline, script, target, ended_at, outcome FROM runs"
                ) shouldBe
                    listOf(
                        listOf(
                            "r1",
                            "name-of-r1",
                            "daily",
                            "daily.emr.kts",
                            "local",
                            "2026-01-01T12:00:01.000000000Z",
                            "FAILED",
                        )
                    )
            }
        }

        test("an acknowledged commit is on the disk: WAL, and synchronous is FULL") {
            val folder = folder()
            SqliteJournal.open(folder).use {
                SqliteFile(folder.resolve("journal.db")).connect().use { connection ->
                    connection.rows("PRAGMA journal_mode") shouldBe listOf(listOf("wal"))
                    connection.rows("PRAGMA synchronous") shouldBe listOf(listOf(2))
                }
            }
        }
    })
