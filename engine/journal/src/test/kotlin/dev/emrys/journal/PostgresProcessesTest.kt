package dev.emrys.journal

import dev.emrys.testing.PostgresServer
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.optional.shouldBeEmpty
import io.kotest.matchers.optional.shouldBePresent
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldStartWith
import java.time.Duration
import java.util.concurrent.Callable
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Executors
import java.util.concurrent.LinkedBlockingQueue

/** Real processes, which are killed and stopped, over one real server. */
class PostgresProcessesTest :
    FunSpec(
        spec@{
            PostgresServer.unavailable?.let { reason ->
                xtest(reason) {}
                return@spec
            }

            fun databaseWith(vararg runs: String): String {
                val url = PostgresServer.newDatabase()
                postgres(url).use { journal ->
                    runs.forEach { journal.runs().create(record(it), "{}").close() }
                }
                return url
            }

            test("two processes append at once, and nothing of either is lost") {
                val url = databaseWith("here", "there")
                val each = 300
                postgres(url).use { journal ->
                    ChildProcess("append", url, "there", "$each").use { child ->
                        child.answer() shouldBe "ready"
                        val lease = journal.leases().acquire("here").get()
                        child.proceed()
                        (1..each)
                            .map {
                                journal.events().append(lease, it.toLong(), eventsOf("here/$it"))
                            }
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
                val url = databaseWith()
                postgres(url).use { journal ->
                    ChildProcess("take", "$url", "there").use { child ->
                        child.answer() shouldBe "ready"
                        child.proceed()
                        val here = Child.takeAll(journal, "here")
                        here + child.answer()!!.toInt() shouldBe 200
                    }
                }
            }

            test("a run of a live process is not taken over, and its holder is named") {
                val url = databaseWith("r1")
                postgres(url).use { journal ->
                    ChildProcess("acquire", url, "r1").use { child ->
                        child.answer() shouldBe "acquired"
                        journal.leases().acquire("r1").shouldBeEmpty()
                        journal.leases().holder("r1").get().pid() shouldBe child.pid
                    }
                }
            }

            test(
                "the run of a process that is killed passes on when its lease ends, and a person is told"
            ) {
                val url = databaseWith("r1")
                val warnings = LinkedBlockingQueue<String>()
                postgres(url, warnings = warnings::add).use { journal ->
                    val child = ChildProcess("drive", url, "r1")
                    child.answer() shouldBe "appended"
                    child.kill()
                    journal.leases().acquire("r1").shouldBePresent().use { lease ->
                        lease.token() shouldBe 3
                        journal.events().append(lease, 2, eventsOf("second")).soon()
                    }
                    warnings.single() shouldStartWith
                        "The run r1 was driven by process ${child.pid} on "
                    journal.events().readAll("r1") shouldContainExactly eventsOf("first", "second")
                }
            }

            test(
                "the run of a process that is stopped passes on; continued, it learns that and writes nothing"
            ) {
                val url = databaseWith("r1")
                postgres(url, warnings = {}).use { journal ->
                    ChildProcess("drive", url, "r1").use { child ->
                        child.answer() shouldBe "appended"
                        child.signal("STOP")
                        journal.leases().acquire("r1").shouldBePresent().use { lease ->
                            journal.events().append(lease, 2, eventsOf("second")).soon()
                            child.signal("CONT")
                            child.answer() shouldBe "told: The lease of run r1 is lost"
                            child.proceed()
                            child.answer() shouldBe "LeaseLostException"
                            child.answer() shouldBe "valid: false"
                            journal.events().append(lease, 3, eventsOf("third")).soon()
                        }
                    }
                    journal.events().readAll("r1") shouldContainExactly
                        eventsOf("first", "second", "third")
                }
            }

            test("a process that is stopped for long keeps a run that no other process acquires") {
                val url = databaseWith("r1")
                postgres(url).use { journal ->
                    ChildProcess("append", url, "r1", "3").use { child ->
                        child.answer() shouldBe "ready"
                        child.signal("STOP")
                        val holder = journal.leases().holder("r1").shouldBePresent()
                        val begin = System.nanoTime()
                        while (journal.leases().holder("r1").isPresent) {
                            check(System.nanoTime() - begin < 60_000_000_000) {
                                "the lease does not end"
                            }
                        }
                        child.signal("CONT")
                        child.proceed()
                        child.answer() shouldBe "done"
                        holder.pid() shouldBe child.pid
                    }
                    journal.events().lastSeq("r1") shouldBe 3
                }
            }

            test("of several that take over the run of a dead process one succeeds") {
                val url = databaseWith("r1")
                val child = ChildProcess("acquire", url, "r1")
                child.answer() shouldBe "acquired"
                child.kill()
                val journals = List(4) { postgres(url, warnings = {}) }
                val pool = Executors.newFixedThreadPool(journals.size)
                try {
                    val together = CountDownLatch(journals.size)
                    val leases =
                        pool
                            .invokeAll(
                                journals.map {
                                    Callable {
                                        together.countDown()
                                        together.await()
                                        it.leases().acquire("r1")
                                    }
                                }
                            )
                            .mapNotNull { it.get().orElse(null) }
                    leases shouldHaveSize 1
                    leases.single().isValidFor(Duration.ofMillis(1)) shouldBe true
                    leases.single().close()
                } finally {
                    pool.shutdownNow()
                    journals.forEach { it.close() }
                }
            }
        }
    )
