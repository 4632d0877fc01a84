package dev.emrys.drive.simulation

import dev.emrys.run.Event
import dev.emrys.run.Outcome
import dev.emrys.testing.graph
import dev.emrys.testing.retry
import dev.emrys.testing.step
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainAll
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import java.time.Duration
import kotlin.random.Random

/** How many seeds; more with -Dsimulation.seeds=100000, others with -Dsimulation.first=300. */
private val seeds: LongRange
    get() {
        val first = java.lang.Long.getLong("simulation.first", 0L)
        return first until first + java.lang.Long.getLong("simulation.seeds", 300L)
    }

private fun random(seed: Long, setsBack: Boolean = false): Simulation {
    val random = Random(seed)
    val graph = randomPipeline(random)
    var left = random.nextInt(0, 7)
    val oneIn = random.nextInt(20, 250)
    return Simulation(
        graph,
        random,
        RandomFaults(seed),
        failures = true,
        crashes = { left > 0 && random.nextInt(oneIn) == 0 && left-- > 0 },
        reopens = if (setsBack) 0 else random.nextInt(3),
        setsBack = setsBack,
    )
}

class SimulationTest :
    FunSpec({
        test(
            "with crashes, lost replies, delays and repeated reports nothing happens twice and no cluster is left"
        ) {
            val outcomes = mutableMapOf<Outcome, Int>()
            var processes = 0
            var restored = 0
            val kinds = mutableSetOf<Class<*>>()
            for (seed in seeds) {
                withClue(
                    "seed $seed: run it alone with -Dsimulation.first=$seed -Dsimulation.seeds=1"
                ) {
                    val simulation = random(seed)
                    val outcome = runCatching { simulation.run().also { simulation.check(it) } }
                    outcome.exceptionOrNull()?.let {
                        throw AssertionError(
                            "seed $seed (-Dsimulation.first=$seed -Dsimulation.seeds=1): ${it.message}",
                            it,
                        )
                    }
                    outcomes.merge(outcome.getOrThrow(), 1, Int::plus)
                    processes += simulation.processes
                    restored += simulation.restored
                    kinds += simulation.journal.durable.map { it.javaClass }
                }
            }
            if (seeds.last - seeds.first >= 299) {
                // The seeds cover each outcome and every kind of event that a driver can receive.
                Outcome.entries.forEach {
                    withClue(it) { (outcomes[it] ?: 0) shouldBeGreaterThan 5 }
                }
                processes shouldBeGreaterThan 600
                restored shouldBeGreaterThan 200
                kinds shouldContainAll
                    (Event.OfTask::class.java.permittedSubclasses +
                            Event.CancelRequested::class.java +
                            Event.RunResumed::class.java +
                            Event.RunReopened::class.java)
                        .toList()
            }
        }

        test(
            "with a journal that is restored from an older copy nothing is started twice and no cluster is left"
        ) {
            var setBacks = 0
            for (seed in seeds) {
                withClue(
                    "seed $seed: run it alone with -Dsimulation.first=$seed -Dsimulation.seeds=1"
                ) {
                    val simulation = random(seed, setsBack = true)
                    runCatching { simulation.run().also { simulation.check(it) } }
                        .exceptionOrNull()
                        ?.let { throw AssertionError("seed $seed: ${it.message}", it) }
                    setBacks += simulation.setBacks
                }
            }
            if (seeds.last - seeds.first >= 299) setBacks shouldBeGreaterThan 100
        }

        test("the same seed gives the same history") {
            listOf(3L, 17L, 71L).forEach { seed ->
                val histories = List(2) { random(seed).also { it.run() }.journal.durable.toList() }
                histories[0] shouldBe histories[1]
            }
        }
    })

/** Two parallel steps: one fails and is retried, one exceeds its timeout and is retried. */
class CrashEverywhereTest :
    FunSpec({
        val graph =
            graph(
                step("fails", retry = retry(2)),
                step("hangs", retry = retry(2), timeout = Duration.ofMinutes(5)),
                step("last", "fails", "hangs"),
            )
        val faults =
            object : Faults {
                override fun cluster(task: String, attempt: Int) = ClusterFaults()

                override fun step(task: String, attempt: Int) =
                    when {
                        task == "fails" && attempt == 1 -> StepFaults(end = End.FAILS)
                        task == "hangs" && attempt == 1 -> StepFaults(runTime = Duration.ofDays(1))
                        else -> StepFaults()
                    }
            }
        val undisturbed = Simulation(graph, Random(1), faults).also { it.run() }.journal.durable
        val expected =
            listOf(
                "start:etl" to 1,
                "fails" to 1,
                "hangs" to 1,
                "fails" to 2,
                "hangs" to 2,
                "last" to 1,
                "end:etl" to 1,
            )

        fun Simulation.ledger() {
            val keyOf =
                journal.durable.filterIsInstance<Event.AttemptIntended>().associate {
                    it.key() to (it.task() to it.attempt())
                }
            val started = emr.clusters.map { keyOf[it.key] } + emr.steps.map { keyOf[it.key] }
            started.toSet() shouldBe (expected - ("end:etl" to 1)).toSet()
            started.size shouldBe expected.size - 1
            keyOf.values.toSet() shouldBe expected.toSet()
        }

        test("the run includes a retry and a timeout") {
            undisturbed.count { it is Event.RetryPlanned } shouldBe 2
            undisturbed.count { it is Event.AttemptTimedOut } shouldBe 1
        }

        (0..undisturbed.size).forEach { crashAt ->
            test(
                "a crash when event $crashAt is on the disk starts nothing twice and leaves no cluster"
            ) {
                (1L..4L).forEach { seed ->
                    withClue("seed $seed") {
                        val simulation =
                            Simulation(graph, Random(seed), faults, crashAfter = crashAt)
                        simulation.run().also { simulation.check(it) } shouldBe Outcome.SUCCEEDED
                        simulation.processes shouldBe 2
                        simulation.ledger()
                    }
                }
            }
        }
    })
