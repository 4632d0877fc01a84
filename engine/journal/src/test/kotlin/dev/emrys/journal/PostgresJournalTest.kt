package dev.emrys.journal

import dev.emrys.testing.PostgresServer
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import io.kotest.matchers.string.shouldStartWith
import java.time.Duration
import java.util.concurrent.Callable
import java.util.concurrent.Executors
import java.util.concurrent.LinkedBlockingQueue

class PostgresJournalTest :
    FunSpec(
        spec@{
            PostgresServer.unavailable?.let { reason ->
                xtest(reason) {}
                return@spec
            }

            fun count(url: String, sql: String): Int =
                PostgresServer.sql(url) {
                    (it.rows("SELECT count(*) $sql").single().single() as Long).toInt()
                }

            test("several that open a new database at once all find its tables") {
                val url = PostgresServer.newDatabase()
                val pool = Executors.newFixedThreadPool(6)
                try {
                    pool
                        .invokeAll(
                            List(6) { number ->
                                Callable {
                                    postgres(url).use {
                                        it.runs().create(record("r$number"), "{}").close()
                                    }
                                }
                            }
                        )
                        .forEach { it.get() }
                } finally {
                    pool.shutdownNow()
                }
                count(url, "FROM emrys.runs") shouldBe 6
                count(url, "FROM emrys.journal_versions WHERE version = '1'") shouldBe 1
            }

            test(
                "the parameter currentSchema names the schema, so that two journals share a database"
            ) {
                val url = PostgresServer.newDatabase()
                postgres("$url?currentSchema=Night-Shift").use {
                    it.runs().create(record("r1"), "{}").close()
                }
                postgres(url).use { it.runs().find("r1").isEmpty shouldBe true }
                count(url, "FROM \"Night-Shift\".runs") shouldBe 1
            }

            test("tables of a newer version are refused, and not changed") {
                val url = PostgresServer.newDatabase()
                postgres(url).close()
                PostgresServer.sql(url) {
                    it.run(
                        "INSERT INTO emrys.journal_versions (installed_rank, version, description, type, script, installed_by, execution_time, success)" +
                            " VALUES (99, '99', 'later', 'SQL', 'V99__later.sql', 'x', 1, true)"
                    )
                }
                val message = shouldThrow<JournalException> { postgres(url) }.message!!
                message shouldContain
                    "was written by a newer Emrys (version 99 of its tables; this one knows ${PostgresMigrations.NEWEST})"
                message shouldContain "currentSchema"
            }

            test(
                "a server, database or right that is missing is named with what to do, without the password"
            ) {
                val url = PostgresServer.newDatabase()
                val server = url.substringBeforeLast('/')
                fun failure(of: String): String =
                    shouldThrow<JournalException> { postgres(of) }
                        .message!!
                        .also {
                            it shouldNotContain "s3cret"
                            it shouldNotContain "\tat "
                        }
                failure("postgresql://ada:s3cret@localhost:1/x").let {
                    it shouldStartWith
                        "The journal in postgresql://ada@localhost:1/x cannot be used: Connection to localhost:1 refused."
                    it shouldContain
                        "\n    Check that the server runs, and that this machine may connect to it."
                }
                failure("$server/missing") shouldContain
                    "database \"missing\" does not exist\n    Create the database, or correct its name in the URL."
                PostgresServer.sql(url) { it.run("CREATE ROLE ada LOGIN") }
                failure(url.replace("postgres@", "ada:s3cret@")) shouldContain
                    "\n    Give the user the right to create the schema emrys in the database, or create it and make the user its owner."
            }

            test(
                "appends go on when all connections are cut: nothing is lost, nothing is written twice"
            ) {
                val url = PostgresServer.newDatabase()
                postgres(url, warnings = {}).use { journal ->
                    journal.runs().create(record("r1"), "{}").use { lease ->
                        val appends =
                            (1..400).map { seq ->
                                if (seq % 100 == 50) PostgresServer.disconnectAll(url)
                                journal.events().append(lease, seq.toLong(), eventsOf("a$seq"))
                            }
                        appends.forEach { it.soon() }
                        journal.events().readAll("r1") shouldContainExactly
                            (1..400).map { eventOf("a$it") }
                    }
                }
            }

            test("a commit whose reply was lost is not written again") {
                val url = PostgresServer.newDatabase()
                ReplyLoss(PostgresServer.port(url)).use { proxy ->
                    val through = url.replace(":${PostgresServer.port(url)}/", ":${proxy.port}/")
                    postgres(through, warnings = {}).use { journal ->
                        journal.runs().create(record("r1"), "{}").use { lease ->
                            (1L..10L step 2).forEach { seq ->
                                proxy.loseReplyTo("INSERT INTO events")
                                journal
                                    .events()
                                    .append(lease, seq, eventsOf("a$seq", "b$seq"))
                                    .soon()
                                proxy.lost shouldBe seq / 2 + 1
                            }
                        }
                    }
                }
                postgres(url).use { it.events().lastSeq("r1") shouldBe 10 }
            }

            test("a server that vanishes without a word is given up after the socket's timeout") {
                val url = PostgresServer.newDatabase()
                ReplyLoss(PostgresServer.port(url)).use { proxy ->
                    postgres(url).close()
                    proxy.silent = true
                    val through = url.replace(":${PostgresServer.port(url)}/", ":${proxy.port}/")
                    PostgresAddress.parse(through).properties()["socketTimeout"] shouldBe "30"
                    postgres("$through?socketTimeout=3", warnings = {}).use { journal ->
                        journal.runs().create(record("r1"), "{}").use { lease ->
                            proxy.loseReplyTo("INSERT INTO events")
                            journal.events().append(lease, 1, eventsOf("a")).soon()
                            proxy.lost shouldBe 1
                        }
                    }
                }
                postgres(url).use { it.events().lastSeq("r1") shouldBe 1 }
            }

            test("a run is created and acquired although the reply to the commit was lost") {
                val url = PostgresServer.newDatabase()
                ReplyLoss(PostgresServer.port(url)).use { proxy ->
                    val through = url.replace(":${PostgresServer.port(url)}/", ":${proxy.port}/")
                    // Else a statement has its text in its first requests only.
                    postgres("$through?prepareThreshold=0", warnings = {}).use { journal ->
                        // The lease of the process begins in a transaction of its own.
                        journal.runs().create(record("r0"), "{}").close()
                        proxy.loseReplyTo("COMMIT")
                        journal.runs().create(record("r1"), "{}").use { lease ->
                            journal.events().append(lease, 1, eventsOf("a")).soon()
                        }
                        proxy.loseReplyTo("COMMIT")
                        shouldThrow<JournalException> { journal.leases().acquire("r1") }
                        journal.leases().acquire("r1").get().use { lease ->
                            lease.token() shouldBe 3
                            journal.events().append(lease, 2, eventsOf("b")).soon()
                        }
                        proxy.lost shouldBe 2
                    }
                }
            }

            test("control requests arrive after the connection that listens was cut") {
                val url = PostgresServer.newDatabase()
                postgres(url, warnings = {}).use { journal ->
                    val received = LinkedBlockingQueue<ControlRequest>()
                    journal.inbox().receive("r1", received::add).use {
                        journal.inbox().send("r1", ControlRequest.Cancel(), "ada")
                        received.next().by() shouldBe "ada"
                        PostgresServer.disconnectAll(url)
                        postgres(url).use { it.inbox().send("r1", ControlRequest.Cancel(), "bob") }
                        received.nextOf("bob")
                    }
                }
            }

            test("a lease covers no more than what is left of it") {
                val url = PostgresServer.newDatabase()
                postgres(url).use { journal ->
                    journal.runs().create(record("r1"), "{}").use { lease ->
                        lease.isValidFor(shortLease.duration().dividedBy(2)) shouldBe true
                        lease.isValidFor(shortLease.duration().plusMillis(1)) shouldBe false
                    }
                }
            }

            test("an append that the database refuses fails alone") {
                val url = PostgresServer.newDatabase()
                postgres(url).use { journal ->
                    val one = journal.runs().create(record("r1"), "{}")
                    val two = journal.runs().create(record("r2"), "{}")
                    PostgresServer.sql(url) {
                        it.run("ALTER TABLE emrys.events ADD CHECK (task <> 'poison')")
                    }
                    val good =
                        (1..50).map { journal.events().append(one, it.toLong(), eventsOf("a$it")) }
                    val bad = journal.events().append(two, 1, eventsOf("poison"))
                    val more =
                        (51..100).map {
                            journal.events().append(one, it.toLong(), eventsOf("a$it"))
                        }
                    failureOf(bad).message shouldContain "violates check constraint"
                    (good + more).forEach { it.soon() }
                    journal.events().lastSeq("r1") shouldBe 100
                    journal.events().lastSeq("r2") shouldBe 0
                    one.close()
                    two.close()
                }
            }

            test("a process that has ended leaves no driver behind") {
                val url = PostgresServer.newDatabase()
                val journal = postgres(url)
                val lease = journal.runs().create(record("r1"), "{}")
                count(url, "FROM emrys.drivers") shouldBe 1
                journal.close()
                count(url, "FROM emrys.drivers") shouldBe 1
                lease.close()
                count(url, "FROM emrys.drivers") shouldBe 0
            }

            test("a lease is renewed after its journal was closed, until it is closed") {
                val url = PostgresServer.newDatabase()
                val times = LeaseTimes(Duration.ofSeconds(2), Duration.ofMillis(50))
                val journal = postgres(url, times)
                val lease = journal.runs().create(record("r1"), "{}")
                journal.close()
                val begin = System.nanoTime()
                postgres(url).use { other ->
                    while (System.nanoTime() - begin < 3_000_000_000) {
                        other.leases().holder("r1").isPresent shouldBe true
                    }
                }
                lease.close()
            }
        }
    )
