package dev.emrys.emr

import dev.emrys.drive.Driver
import dev.emrys.drive.Listener
import dev.emrys.drive.Ports
import dev.emrys.drive.SnapshotPolicy
import dev.emrys.emulator.EmulatorSettings
import dev.emrys.graph.TaskGraph
import dev.emrys.journal.InMemoryJournals
import dev.emrys.journal.RunRecord
import dev.emrys.run.Event
import dev.emrys.run.Outcome
import dev.emrys.spec.ClusterSpec
import dev.emrys.spec.PipelineSpec
import dev.emrys.spec.StepKind
import dev.emrys.spec.StepSpec
import dev.emrys.testing.pipeline
import dev.emrys.testing.step as anyStep
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.ints.shouldBeLessThan
import io.kotest.matchers.shouldBe
import java.time.Duration
import java.time.Instant

private val STEP_DURATION: Duration = seconds(60)
private val START_DELAY: Duration = minutes(5)

private fun named(cluster: String, concurrency: Int): ClusterSpec =
    clusterSpec(name = cluster, concurrency = concurrency)

private fun step(name: String, cluster: String, after: List<String> = listOf()): StepSpec =
    anyStep(name, *after.toTypedArray(), cluster = cluster, kind = StepKind.RAW)

/** A whole run over the emulator under EMR's default quotas, on virtual time. */
private class Quoted(
    private val duration: (String) -> Duration = { STEP_DURATION },
    settings: EmulatorSettings =
        EmulatorSettings.DEFAULT.withDelays(minutes(3), minutes(2), Duration.ZERO),
    time: ManualTime = ManualTime(),
    shared: SharedBudget? = null,
    val quota: QuotaClient = QuotaClient(time),
) : AutoCloseable {
    val harness =
        EmrHarness(
            wire = false,
            settings,
            quotas = Quotas.EMR_DEFAULT,
            linger = seconds(1),
            pollInterval = seconds(1),
            time = time,
            shared = shared,
        )
    private val begun: Instant = harness.time.instant()
    private val events = mutableListOf<Event>()
    private val ended = mutableMapOf<String, Instant>()
    /** By task: when its success was seen. The event itself has EMR's time of the end. */
    private val seen = mutableMapOf<String, Instant>()
    lateinit var driver: Driver

    init {
        harness.recorded.before = quota
        harness.runner.started = { step ->
            harness.time.at(harness.time.instant().plus(duration(step))) {
                ended[step] = harness.time.instant()
                harness.runner.complete(step)
            }
        }
    }

    /** Drives it to its end; gives how long that took. */
    fun run(spec: PipelineSpec): Duration {
        start(spec)
        return end()
    }

    fun start(spec: PipelineSpec) {
        val graph = TaskGraph.compile(spec)
        val time = harness.time
        val journal = InMemoryJournals().open {}
        val record = RunRecord("run-1", "brave-otter", "daily", "", "aws", begun, null, null)
        val lease = journal.runs().create(record, "{}")
        val ports =
            Ports(
                journal,
                lease,
                harness.effects,
                time,
                time,
                time,
                SnapshotPolicy(500, Duration.ZERO, 0, time),
            ) {
                error(it)
            }
        val listener = Listener { now, _ ->
            events += now
            now.filterIsInstance<Event.AttemptSucceeded>().forEach {
                seen[it.task] = time.instant()
            }
        }
        driver = Driver.start(ports, "run-1", "brave-otter", graph, listener)
    }

    fun end(): Duration {
        val time = harness.time
        while (!driver.done().isDone && time.instant().isBefore(begun.plus(Duration.ofDays(1)))) {
            time.pass(seconds(1))
        }
        driver.done().get() shouldBe Outcome.SUCCEEDED
        return Duration.between(begun, events.last().at())
    }

    private fun accepted() = events.filterIsInstance<Event.AttemptAccepted>()

    /** From when the first cluster is up until the last step is submitted. */
    fun submission(): Duration {
        val last = accepted().filter { it.remoteId.startsWith("s-") }.maxOf { it.at() }
        return Duration.between(begun.plus(START_DELAY), last)
    }

    /** How many seconds after its end each step was seen ended. */
    fun delays(): List<Double> {
        val ids = accepted().associate { it.task to it.remoteId }
        return events.filterIsInstance<Event.AttemptSucceeded>().mapNotNull { event ->
            ended[ids[event.task]]?.let {
                Duration.between(it, seen.getValue(event.task)).toMillis() / 1000.0
            }
        }
    }

    override fun close() = harness.close()
}

private fun Quoted.shouldEndWithin3PercentOf(ideal: Duration, took: Duration, what: String) {
    val percent = 100.0 * (took.toMillis() - ideal.toMillis()) / ideal.toMillis()
    println(
        "$what: ${took.toSeconds()} s, ideal ${ideal.toSeconds()} s (+%.1f %%), ${quota.throttles.size} throttles, calls ${quota.calls}"
            .format(percent)
    )
    percent shouldBeLessThan 3.0
    quota.throttles.shouldBeEmpty()
}

private fun Quoted.tell(what: String) {
    val delays = delays().sorted()
    println(
        "$what: submitted in ${submission().toSeconds()} s, seen ended after %.1f s on average, p95 %.1f s; ${quota.throttles.size} throttles, calls ${quota.calls}"
            .format(delays.average(), delays[delays.size * 95 / 100])
    )
}

private fun hundredClusters(): List<ClusterSpec> = List(100) { named("c$it", 1) }

private fun stepsOnEach(count: Int): List<StepSpec> =
    hundredClusters().flatMap { one ->
        List(count) { step("${one.name()}-s$it", one.name()) }
    }

private fun hundredStepsOnEach(): List<StepSpec> = stepsOnEach(100)

class QuotaTest :
    FunSpec({
        test("10,000 independent steps of one cluster end within 3 % of the ideal time") {
            Quoted().use { quoted ->
                val steps = List(10_000) { step("s$it", "etl") }
                val took = quoted.run(pipeline(listOf(named("etl", 100)), steps))
                val ideal = START_DELAY.plus(STEP_DURATION.multipliedBy(100))
                quoted.shouldEndWithin3PercentOf(ideal, took, "10,000 wide on one cluster")
            }
        }

        test("1,000 steps in 10 layers of one cluster end within 3 % of the ideal time") {
            Quoted().use { quoted ->
                val steps =
                    (0 until 10).flatMap { layer ->
                        val before = if (layer == 0) listOf() else List(100) { "s${layer - 1}-$it" }
                        List(100) { step("s$layer-$it", "etl", before) }
                    }
                val took = quoted.run(pipeline(listOf(named("etl", 100)), steps))
                val ideal = START_DELAY.plus(STEP_DURATION.multipliedBy(10))
                quoted.shouldEndWithin3PercentOf(ideal, took, "1,000 layered on one cluster")
            }
        }

        test(
            "10,000 steps of 100 clusters are submitted within 200 s and seen ended 50 s later on average"
        ) {
            Quoted().use { quoted ->
                quoted.run(pipeline(hundredClusters(), hundredStepsOnEach()))
                quoted.tell("10,000 steps on 100 clusters")
                val delays = quoted.delays()
                delays.size shouldBe 10_000
                quoted.submission().toSeconds().toInt() shouldBeLessThan 201
                delays.average() shouldBeLessThan 50.0
                quoted.quota.throttles.shouldBeEmpty()
            }
        }

        test("10,000 steps on 100 clusters are submitted as fast under a budget that is shared") {
            val time = ManualTime()
            Quoted(time = time, shared = JournalTokens(time)).use { quoted ->
                quoted.run(pipeline(hundredClusters(), hundredStepsOnEach()))
                quoted.tell("10,000 steps on 100 clusters, leased")
                quoted.submission().toSeconds().toInt() shouldBeLessThan 201
                quoted.delays().average() shouldBeLessThan 50.0
                quoted.quota.throttles.shouldBeEmpty()
            }
        }

        test(
            "3,000 steps that take 40 to 80 s, on 100 clusters, are seen ended 68 s later on average"
        ) {
            val time = ManualTime()
            val duration = { step: String -> seconds(40L + step.hashCode().mod(41)) }
            Quoted(duration, time = time, shared = JournalTokens(time)).use { quoted ->
                quoted.run(pipeline(hundredClusters(), stepsOnEach(30)))
                quoted.tell("3,000 steps of 40 to 80 s on 100 clusters, leased")
                // 61 s; 75 s without regard to how much the durations differ.
                quoted.delays().average() shouldBeLessThan 68.0
                quoted.quota.throttles.shouldBeEmpty()
            }
        }

        test("two processes submit 10,000 steps on 100 clusters together as fast as one") {
            val time = ManualTime()
            val quota = QuotaClient(time)
            val journals = InMemoryJournals(time)
            val two =
                List(2) {
                    Quoted(time = time, shared = JournalTokens(journals), quota = quota)
                }
            two.forEachIndexed { i, quoted ->
                val clusters = hundredClusters().drop(50 * i).take(50)
                val names = clusters.map { it.name() }.toSet()
                quoted.start(
                    pipeline(clusters, hundredStepsOnEach().filter { it.cluster() in names })
                )
            }
            two.forEach { it.end() }
            two.forEach { quoted ->
                quoted.tell("5,000 steps on 50 clusters, beside the other process")
                quoted.submission().toSeconds().toInt() shouldBeLessThan 201
                // Each of the two asks for the status of its own clusters: 60 s.
                quoted.delays().average() shouldBeLessThan 70.0
            }
            quota.throttles.shouldBeEmpty()
            two.forEach { it.close() }
        }
    })
