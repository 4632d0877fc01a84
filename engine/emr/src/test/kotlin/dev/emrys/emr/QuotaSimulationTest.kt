package dev.emrys.emr

import dev.emrys.run.Event
import dev.emrys.spec.PipelineSpec
import dev.emrys.spec.StepKind
import dev.emrys.testing.pipeline
import dev.emrys.testing.step
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeGreaterThan
import java.time.Duration
import java.time.Instant
import kotlin.random.Random
import software.amazon.awssdk.services.emr.model.ClusterState
import software.amazon.awssdk.services.emr.model.ListStepsRequest

/** More with -Dsimulation.quota.seeds=100, others with -Dsimulation.quota.first=100. */
private val seeds: LongRange
    get() {
        val first = java.lang.Long.getLong("simulation.quota.first", 1L)
        return first until first + java.lang.Long.getLong("simulation.quota.seeds", 3L)
    }

/** What a takeover costs at most: every page of every cluster is read twice, at EMR's rates. */
private val PER_CRASH: Duration = minutes(5)

private fun wide(random: Random): PipelineSpec {
    val clusters = listOf(4, 8, 12).random(random)
    val concurrency = random.nextInt(40, 200)
    val count = random.nextInt(2_500, 4_000)
    return pipeline(
        List(clusters) { clusterSpec(name = "c$it", concurrency = concurrency) },
        List(count) { step("s$it", cluster = "c${it % clusters}", kind = StepKind.RAW) },
    )
}

private fun layered(): PipelineSpec {
    val steps =
        (0 until 10).flatMap { layer ->
            val before = if (layer == 0) listOf() else List(100) { "s${layer - 1}-$it" }
            List(100) {
                step("s$layer-$it", *before.toTypedArray(), cluster = "etl", kind = StepKind.RAW)
            }
        }
    return pipeline(listOf(clusterSpec(name = "etl", concurrency = 100)), steps)
}

private fun QuotaSimulation.check(spec: PipelineSpec) {
    val names = spec.steps().map { it.name() }.toSet()
    val events = events()
    val failed = events.filter {
        it is Event.AttemptFailed || it is Event.TaskFailed || it is Event.ScopeLost
    }
    check(failed.isEmpty()) { "counted as failures: ${failed.take(3)}" }
    val succeeded = events.filterIsInstance<Event.AttemptSucceeded>().map { it.task }
    check(succeeded.size == succeeded.toSet().size && succeeded.containsAll(names)) {
        "lost, or succeeded twice: ${names - succeeded.toSet()}, ${succeeded.size}"
    }

    val clusters = emulator.listClustersPaginator().clusters().toList()
    val up = clusters.filter { it.status().state() != ClusterState.TERMINATED }
    check(up.isEmpty()) { "left: $up" }
    check(clusters.size == spec.clusters().size) { "${clusters.size} clusters were started" }
    val started = runner.orders.groupBy { it.name }.filterValues { it.size > 1 }
    check(started.isEmpty()) { "started twice: ${started.keys.take(3)}" }
    check(runner.orders.size == names.size) { "${runner.orders.size} steps were started" }
    val made =
        clusters
            .flatMap { emulator.listStepsPaginator { r -> r.clusterId(it.id()) }.steps() }
            .groupBy { it.name() }
            .filterValues { it.size > 1 }
    check(made.isEmpty()) { "submitted twice: ${made.keys.take(3)}" }

    processes.forEach { checkRate(it) }
    processes.forEach { checkPages(it) }
}

/** A process sends no more than the quota that it knows, however its calls are answered. */
private fun checkRate(process: QuotaSimulation.Process) {
    fun check(what: String, calls: List<QuotaSimulation.Sent>, rate: Quotas.Rate) {
        // A call is made up to 0.3 s after its token was taken.
        val burst = rate.burst() + 1 + 0.3 * rate.perSecond()
        var tokens = burst
        var at: Instant = process.process.begun
        for (call in calls) {
            val passed = Duration.between(at, call.at).toMillis() / 1000.0
            tokens = minOf(burst, tokens + passed * rate.perSecond()) - 1
            at = call.at
            check(tokens >= 0) { "process ${process.number} exceeds the quota of $what at $at" }
        }
    }
    Quotas.EMR_DEFAULT.all()?.let { check("all", process.sent, it) }
    val byOperation = process.sent.groupBy { it.operation }
    Quotas.EMR_DEFAULT.operations().forEach { (operation, rate) ->
        val name =
            operation.name.split('_').joinToString("") {
                it.lowercase().replaceFirstChar(Char::uppercase)
            }
        check(name, byOperation[name].orEmpty(), rate)
    }
}

/** After a throttle the same page is asked for, not the first one. */
private fun checkPages(process: QuotaSimulation.Process) {
    process.sent.forEachIndexed { i, call ->
        val marker = call.request.marker()
        if (!call.throttled || marker == null) return@forEachIndexed
        val later = process.sent.subList(i + 1, process.sent.size)
        val lived = process.sent.last().at.isAfter(call.at.plus(minutes(5)))
        check(
            !lived ||
                later.any {
                    it.request.javaClass == call.request.javaClass && it.request.marker() == marker
                }
        ) {
            "the page $marker of ${(call.request as? ListStepsRequest)?.clusterId()} was not asked for again after a throttle at ${call.at}"
        }
    }
}

private class Tally {
    var crashes = 0
    var ready = 0
    var throttles = 0
    var pages = 0

    fun simulate(seed: Long, spec: PipelineSpec, ideal: Duration) {
        val begun = System.nanoTime()
        val crashesAtMost = 1 + (seed % 3).toInt()
        val bound =
            ideal
                .multipliedBy(2)
                .plus(minutes(10))
                .plus(PER_CRASH.multipliedBy(crashesAtMost.toLong()))
        QuotaSimulation(seed, spec, crashesAtMost).use { simulation ->
            try {
                val took = simulation.run(bound)
                simulation.check(spec)
                println(
                    "seed $seed, faults 1 in ${simulation.faultsOneIn}: ${spec.steps().size} steps on ${spec.clusters().size} clusters in ${took.toSeconds()} s (ideal ${ideal.toSeconds()} s), " +
                        "ready at crashes ${simulation.readyAtCrash}, ${simulation.throttles} throttles " +
                        "(${simulation.throttledPages} of later pages), ${simulation.lostReplies} lost replies, " +
                        "real ${(System.nanoTime() - begun) / 1_000_000} ms"
                )
            } catch (e: Throwable) {
                throw AssertionError(
                    "seed $seed (-Dsimulation.quota.first=$seed -Dsimulation.quota.seeds=1): ${e.message}",
                    e,
                )
            }
            crashes += simulation.readyAtCrash.size
            ready = maxOf(ready, simulation.readyAtCrash.maxOrNull() ?: 0)
            throttles += simulation.throttles
            pages += simulation.throttledPages
        }
    }
}

class QuotaSimulationTest :
    FunSpec({
        test(
            "crashes with thousands of ready steps under EMR's quotas lose nothing and start nothing twice"
        ) {
            val tally = Tally()
            for (seed in seeds) {
                val spec = wide(Random(seed))
                val each = (spec.steps().size + spec.clusters().size - 1) / spec.clusters().size
                val waves = each / spec.clusters().first().stepConcurrency() + 1
                tally.simulate(seed, spec, minutes(5).plus(seconds(55L * waves)))
            }
            tally.crashes shouldBeGreaterThan 0
            tally.ready shouldBeGreaterThan 1_000
            tally.throttles shouldBeGreaterThan 0
            tally.pages shouldBeGreaterThan 0
        }

        test("crashes within a thousand layered steps lose nothing and start nothing twice") {
            val tally = Tally()
            for (seed in seeds) {
                tally.simulate(seed, layered(), minutes(5).plus(seconds(90L * 10)))
            }
            tally.crashes shouldBeGreaterThan 0
            tally.throttles shouldBeGreaterThan 0
        }
    })
