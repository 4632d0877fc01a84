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
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Executors

class SqliteEventLogTest :
    FunSpec({
        fun folder() = tempdir().toPath()

        test("what is acknowledged is seen by every other connection of the file") {
            val folder = folder()
            sqlite(folder).use { journal ->
                plainSql(folder).use { plain ->
                    val lease = journal.runs().create(record("r1"), "{}")
                    (1..20).forEach { seq ->
                        journal.events().append(lease, seq.toLong(), eventsOf("a$seq")).soon()
                        plain.rows("SELECT max(seq) FROM events") shouldBe listOf(listOf(seq))
                    }
                }
            }
        }

        test("a run that begins during a long commit keeps no thread waiting") {
            sqlite(folder()).use { journal ->
                val committing = CountDownLatch(1)
                val before = journal.writer().submit(1) { committing.await() }
                val begun = (1..100).map { journal.runs().begin(record("r$it", "name-$it"), "{}") }
                begun.none { it.isDone } shouldBe true
                committing.countDown()
                before.soon()
                begun.forEach { it.soon().close() }
                journal.runs().list(200).size shouldBe 100
            }
        }

        test("an event that another process wrote is seen before the next append") {
            val folder = folder()
            sqlite(folder).use { journal ->
                val lease = journal.runs().create(record("r1"), "{}")
                journal.events().append(lease, 1, eventsOf("a")).soon()
                plainSql(folder).use {
                    it.run(
                        "INSERT INTO events SELECT run, 2, at, type, task, attempt, json FROM events"
                    )
                }
                failureOf(journal.events().append(lease, 2, eventsOf("b"))).message!! shouldContain
                    "Event 2 of run r1 is already in the journal"
                journal.events().append(lease, 3, eventsOf("c")).soon()
            }
        }

        test("a token that another process raised is seen by the next append") {
            val folder = folder()
            sqlite(folder).use { journal ->
                val lease = journal.runs().create(record("r1"), "{}")
                journal.events().append(lease, 1, eventsOf("a")).soon()
                plainSql(folder).use { it.run("UPDATE runs SET lease_token = 7") }
                failureOf(journal.events().append(lease, 2, eventsOf("b"))).message!! shouldContain
                    "its fencing token 1 is old, the newest is 7"
                journal.events().lastSeq("r1") shouldBe 1
            }
        }

        test("one that fails in a commit of many fails alone") {
            val folder = folder()
            sqlite(folder).use { journal ->
                val lease = journal.runs().create(record("r1"), "{}")
                val log = journal.events()
                plainSql(folder).use { plain ->
                    // While another process writes, what arrives gathers behind the first.
                    plain.run("BEGIN IMMEDIATE")
                    val first = log.append(lease, 1, eventsOf("a"))
                    val good = (2..40).map { log.append(lease, it.toLong(), eventsOf("a$it")) }
                    val taken = log.append(lease, 40, eventsOf("x", "y"))
                    val more = (41..50).map { log.append(lease, it.toLong(), eventsOf("a$it")) }
                    listOf(first, good.last(), taken, more.last()).none { it.isDone } shouldBe true
                    plain.run("ROLLBACK")
                    (listOf(first) + good + more).forEach { it.soon() }
                    failureOf(taken)
                }
                log.readAll("r1") shouldContainExactly
                    ImmutableList.copyOf(listOf(eventOf("a")) + (2..50).map { eventOf("a$it") })
            }
        }

        test("a write that breaks with an error fails alone, and the writer continues") {
            sqlite(folder()).use { journal ->
                val lease = journal.runs().create(record("r1"), "{}")
                val broken = journal.writer().submit<Int>(1) { throw NoClassDefFoundError("gone") }
                journal.events().append(lease, 1, eventsOf("a")).soon()
                failureOf(broken).message!! shouldContain "gone"
                journal.events().append(lease, 2, eventsOf("b")).soon()
            }
        }

        test("on a full disk an append fails with a message, and nothing of it is kept") {
            val folder = folder()
            sqlite(folder).use { journal ->
                val lease = journal.runs().create(record("r1"), "{}")
                journal.writer().run { connection ->
                    connection.executeOnce("PRAGMA max_page_count = 20")
                    true
                }
                val many = eventsOf(*Array(2000) { "step $it" })
                failureOf(journal.events().append(lease, 1, many)).message!! shouldContain
                    "the disk is full"
                journal.events().readAll("r1").shouldBeEmpty()
                journal.events().append(lease, 1, eventsOf("a")).soon()
                journal.events().readAll("r1") shouldContainExactly eventsOf("a")
            }
        }

        test("of an append of more than 2,000 events that fails, whole steps may be written") {
            sqlite(folder()).use { journal ->
                val lease = journal.runs().create(record("r1"), "{}")
                val many = eventsOf(*Array(5000) { "step $it" })
                fun sql(text: String) = journal.writer().run { it.executeOnce(text) }
                sql(
                    "CREATE TRIGGER fails BEFORE INSERT ON events WHEN NEW.seq > 3000" +
                        " BEGIN SELECT RAISE(ABORT, 'for the test'); END"
                )
                failureOf(journal.events().append(lease, 1, many)).message!! shouldContain
                    "for the test"
                sql("DROP TRIGGER fails")
                journal.events().lastSeq("r1") shouldBe 2000
                journal.events().append(lease, 2001, eventsOf("a")).soon()
            }
        }

        test("an event that cannot be read is reported with its run and number") {
            val folder = folder()
            sqlite(folder).use { journal ->
                val lease = journal.runs().create(record("r1"), "{}")
                journal.events().append(lease, 1, eventsOf("a")).soon()
                plainSql(folder).use { it.run("UPDATE events SET json = '{\"type\":\"Odd\"}'") }
                shouldThrow<JournalException> { journal.events().readAll("r1") }
                    .message!! shouldContain "Event 1 of run r1 cannot be read"
            }
        }

        test("events of several versions are read, and the one that cannot be read is named") {
            val folder = folder()
            sqlite(folder).use { journal ->
                val lease = journal.runs().create(record("r1"), "{}")
                val events = eventsOf("a", "b", "ä")
                journal.events().append(lease, 1, events).soon()
                plainSql(folder).use {
                    it.run("UPDATE events SET json = json_remove(json, '$.v') WHERE seq = 2")
                    journal.events().readAll("r1") shouldContainExactly events
                    it.run("UPDATE events SET json = '}' WHERE seq = 2")
                }
                shouldThrow<JournalException> { journal.events().readAll("r1") }
                    .message!! shouldContain "Event 2 of run r1 cannot be read"
                journal.events().read("r1", 3, 1) shouldContainExactly events.drop(2)
            }
        }

        test("a read that failed can be repeated when the cause is gone") {
            val folder = folder()
            sqlite(folder).use { journal ->
                val lease = journal.runs().create(record("r1"), "{}")
                journal.events().append(lease, 1, eventsOf("a")).soon()
                journal.events().lastSeq("r1") shouldBe 1
                plainSql(folder).use { it.run("ALTER TABLE events RENAME TO hidden") }
                shouldThrow<JournalException> { journal.events().lastSeq("r1") }
                plainSql(folder).use { it.run("ALTER TABLE hidden RENAME TO events") }
                journal.events().lastSeq("r1") shouldBe 1
            }
        }

        test("many append at once: each is acknowledged, and the order of each run is kept") {
            val writers = 8
            val each = 60
            sqlite(folder()).use { journal ->
                val pool = Executors.newFixedThreadPool(writers)
                val start = CountDownLatch(1)
                try {
                    val all =
                        (0 until writers).map { writer ->
                            val lease = journal.runs().create(record("r$writer"), "{}")
                            CompletableFuture.supplyAsync(
                                {
                                    start.await()
                                    (1..each).map {
                                        journal
                                            .events()
                                            .append(lease, it.toLong(), eventsOf("$writer/$it"))
                                    }
                                },
                                pool,
                            )
                        }
                    start.countDown()
                    all.flatMap { it.soon() }.forEach { it.soon() }
                } finally {
                    pool.shutdownNow()
                }
                (0 until writers).forEach { writer ->
                    journal.events().readAll("r$writer") shouldContainExactly
                        (1..each).map { eventOf("$writer/$it") }
                }
            }
        }

        test("closing writes what was appended") {
            val folder = folder()
            val journal = sqlite(folder)
            val lease = journal.runs().create(record("r1"), "{}")
            val appended =
                (1..100).map { journal.events().append(lease, it.toLong(), eventsOf("a$it")) }
            journal.close()
            appended.forEach { it.soon() }
            lease.close()
            sqlite(folder).use { it.events().lastSeq("r1") shouldBe 100 }
        }

        test("history can be queried with plain SQL") {
            val folder = folder()
            sqlite(folder).use { journal ->
                val lease = journal.runs().create(record("r1"), "{}")
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
                journal.events().append(lease, 1, ImmutableList.of(failed, ended)).soon()
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
                            "attempt-failed",
                            "a",
                            2,
                            "exit 1",
                        ),
                        listOf(
                            "r1",
                            2,
                            "2026-01-01T12:00:01.000000000Z",
                            "run-ended",
                            null,
                            null,
                            null,
                        ),
                    )
                plain.rows(
                    "SELECT id, name, pipeline, script, target, ended_at, outcome, lease_token FROM runs"
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
                            1,
                        )
                    )
            }
        }

        test("an acknowledged commit is on the disk: WAL, and synchronous is FULL") {
            val folder = folder()
            sqlite(folder).use { journal ->
                journal.writer().run { connection ->
                    fun pragma(name: String) =
                        connection.statement("PRAGMA $name").executeQuery().use {
                            it.next()
                            it.getString(1)
                        }
                    pragma("journal_mode") shouldBe "wal"
                    pragma("synchronous") shouldBe "2"
                    true
                }
            }
        }
    })
