package dev.emrys.drive

import com.google.common.collect.ImmutableList
import dev.emrys.journal.RunRecord
import dev.emrys.journal.SqliteJournal
import dev.emrys.run.Command
import dev.emrys.run.Event
import dev.emrys.run.Outcome
import dev.emrys.testing.graph
import dev.emrys.testing.step
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.time.Duration
import java.time.Instant
import java.time.InstantSource
import java.util.concurrent.CompletableFuture
import java.util.concurrent.Executor
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicInteger

/** Every report arrives from several threads at the same time. */
private class Eager(private val pool: Executor) : Effects {
    override fun perform(commands: ImmutableList<Command.ForTarget>, reports: Effects.Reports) {
        commands.forEach { command ->
            val (task, attempt) = command.task() to command.attempt()
            val succeeded: Event =
                when (command) {
                    is Command.Submit,
                    is Command.Release ->
                        Event.AttemptAccepted(Instant.EPOCH, task, attempt, "id-$task")
                    else -> Event.AttemptSucceeded(Instant.EPOCH, task, attempt)
                }
            repeat(3) { pool.execute { reports.report(succeeded) } }
        }
    }

    override fun takenOver() {}

    override fun endLeftovers(): CompletableFuture<Void?> = CompletableFuture.completedFuture(null)

    override fun endEverything(): CompletableFuture<Void?> = endLeftovers()

    override fun close() {}
}

class ThreadsTest :
    FunSpec({
        test(
            "on many threads and a real journal, turns never overlap and every event is journaled once"
        ) {
            val pool = Executors.newFixedThreadPool(8)
            val graph =
                graph(
                    *(1..200).map { step("s$it") }.toTypedArray(),
                    step("last", *Array(200) { "s${it + 1}" }),
                )
            val inside = AtomicInteger()
            val overlaps = AtomicInteger()
            val received = mutableListOf<Event>()
            try {
                SqliteJournal.open(tempdir().toPath()) { error(it) }
                    .use { journal ->
                        val lease =
                            journal
                                .runs()
                                .create(
                                    RunRecord(
                                        "r1",
                                        "calm-otter",
                                        "daily",
                                        "",
                                        "local",
                                        Instant.EPOCH,
                                        null,
                                        null,
                                    ),
                                    "{}",
                                )
                        val ports =
                            Ports(
                                journal,
                                lease,
                                Eager(pool),
                                InstantSource.system(),
                                { _, action ->
                                    pool.execute(action)
                                    Timers.Scheduled {}
                                },
                                pool,
                                SnapshotPolicy(50, Duration.ZERO, 0, pool),
                            ) {
                                error(it)
                            }
                        val driver =
                            Driver.start(ports, "r1", "calm-otter", graph) { events, _ ->
                                if (inside.incrementAndGet() != 1) overlaps.incrementAndGet()
                                received += events
                                inside.decrementAndGet()
                            }
                        driver.done().get(120, TimeUnit.SECONDS) shouldBe Outcome.SUCCEEDED
                        journal.events().readAll("r1") shouldContainExactly received
                    }
            } finally {
                pool.shutdownNow()
            }
            overlaps.get() shouldBe 0
            received.filterIsInstance<Event.AttemptSucceeded>().map { it.task() }.toSet() shouldBe
                graph.tasks().map { it.id() }.toSet()
            received.size shouldBe 1 + graph.size() * 3 + 1
        }
    })
