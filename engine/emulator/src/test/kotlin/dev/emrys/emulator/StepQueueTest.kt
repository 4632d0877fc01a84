package dev.emrys.emulator

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.ints.shouldBeLessThanOrEqual
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.time.Duration
import java.util.Random
import software.amazon.awssdk.services.emr.model.StepState

private val HOLDS_A_PLACE = setOf(StepState.RUNNING, StepState.CANCEL_PENDING)

private fun limited(limit: Int) =
    EmulatorHarness(settings = EmulatorSettings.DEFAULT.withMaxRunningSteps(limit))

/**
 * An account under random calls, ends of steps and restarts; each turn is followed by the checks.
 */
private class RandomAccount(seed: Long) {
    private val random = Random(seed)
    private val limit = 1 + random.nextInt(5)
    private val store = InMemoryStore()
    private var harness =
        EmulatorHarness(store, EmulatorSettings.DEFAULT.withMaxRunningSteps(limit), seed = seed)
    private val levels = linkedMapOf<String, Int>()
    private var seenStarts = 0
    private var wanting = setOf<String>()

    /** By cluster that could run a step: how many the others started since. */
    private val passedBy = mutableMapOf<String, MutableMap<String, Int>>()

    val starts: Int
        get() = harness.processes.spawned.size

    fun turn() {
        when (random.nextInt(12)) {
            0 -> if (levels.size < 6) create()
            1,
            2,
            3 -> levels.pick()?.let { add(it) }
            4 -> levels.pick()?.let { setLevel(it) }
            5 -> levels.pick()?.let { cancelSome(it) }
            6 -> if (random.nextInt(4) == 0) levels.pick()?.let { terminate(it) }
            7 -> if (random.nextInt(4) == 0) restart()
            8 -> harness.clock.advance(Duration.ofSeconds(random.nextInt(5).toLong()))
            else -> endOne()
        }
        harness.processes.cancelsWork = random.nextBoolean()
        check()
    }

    /** Ends all that runs, until nothing does. */
    fun drain() {
        // The last cluster may not have started yet.
        harness.clock.advance()
        while (harness.processes.running().isNotEmpty()) {
            endOne()
            check()
        }
        for (id in levels.keys) {
            harness.emr
                .steps(id)
                .filter { it in HOLDS_A_PLACE || it == StepState.PENDING }
                .shouldBeEmpty()
        }
    }

    private fun Map<String, Int>.pick() = keys.toList().randomOrNull()

    private fun <T> List<T>.randomOrNull() = if (isEmpty()) null else this[random.nextInt(size)]

    private fun create() {
        val level = 1 + random.nextInt(4)
        levels[harness.run { stepConcurrencyLevel(level) }] = level
        if (random.nextBoolean()) harness.clock.advance()
    }

    private fun add(cluster: String) {
        harness.emr.add(cluster, *Array(1 + random.nextInt(6)) { step("step $it") })
    }

    private fun setLevel(cluster: String) {
        val level = 1 + random.nextInt(4)
        harness.emr.modifyCluster { it.clusterId(cluster).stepConcurrencyLevel(level) }
        levels[cluster] = level
    }

    private fun cancelSome(cluster: String) {
        val active =
            harness.emr
                .listStepsPaginator { it.clusterId(cluster) }
                .steps()
                .filter {
                    it.status().state() in HOLDS_A_PLACE + StepState.PENDING
                }
        active.randomOrNull()?.let { step ->
            harness.emr.cancelSteps { it.clusterId(cluster).stepIds(step.id()) }
        }
    }

    private fun terminate(cluster: String) {
        harness.emr.terminateJobFlows { it.jobFlowIds(cluster) }
        levels.remove(cluster)
    }

    private fun restart() {
        harness.emr.close()
        harness =
            EmulatorHarness(
                store,
                harness.settings,
                ManualClock(harness.clock.instant()),
                harness.processes,
                seed = random.nextLong(),
            )
        harness.emr.recover()
        harness.clock.advance()
        // The order among the clusters begins anew.
        passedBy.clear()
        wanting = setOf()
    }

    private fun endOne() {
        val processes = harness.processes
        val step = processes.running().randomOrNull() ?: return
        val now = harness.clock.instant()
        when {
            processes.cancels.any { it.first == step } ->
                processes.end(step, StepExit.Cancelled(now))
            random.nextInt(3) == 0 -> processes.fail(step)
            else -> processes.complete(step)
        }
    }

    private fun check() {
        harness.processes.running().size shouldBeLessThanOrEqual limit
        val states = levels.keys.associateWith { harness.emr.steps(it) }
        val wantingNow =
            levels.keys.filterTo(mutableSetOf()) { id ->
                val holding = states.getValue(id).count { it in HOLDS_A_PLACE }
                holding shouldBeLessThanOrEqual 4
                harness.emr.cluster(id).status().stateAsString() in setOf("RUNNING", "WAITING") &&
                    StepState.PENDING in states.getValue(id) &&
                    holding < levels.getValue(id)
            }
        if (harness.processes.running().size < limit) wantingNow.shouldBeEmpty()
        checkOrder(wantingNow)
    }

    private fun checkOrder(wantingNow: Set<String>) {
        val processes = harness.processes
        val started =
            processes.spawned.drop(seenStarts).map { processes.launches.getValue(it).clusterId }
        seenStarts = processes.spawned.size
        for (cluster in started) {
            passedBy.remove(cluster)
            for (other in wanting.intersect(wantingNow) - cluster) {
                val count =
                    passedBy.getOrPut(other) { mutableMapOf() }.merge(cluster, 1, Int::plus)!!
                withClue("$cluster starts steps while $other waits") {
                    count shouldBeLessThanOrEqual 1
                }
            }
        }
        passedBy.keys.retainAll(wantingNow)
        wanting = wantingNow
    }
}

class StepQueueTest :
    FunSpec({
        test("the account never runs more steps than its limit, none waits without need, all end") {
            var starts = 0
            for (seed in 1L..30L) {
                withClue("seed $seed") {
                    val account = RandomAccount(seed)
                    repeat(120) { account.turn() }
                    account.drain()
                    starts += account.starts
                }
            }
            (starts > 600) shouldBe true
        }

        test("the clusters of the account start steps in turn, the longest waiting first") {
            val harness = limited(1)
            val first = harness.ready(*Array(3) { step("a$it") }) { stepConcurrencyLevel(3) }
            val second = harness.ready(*Array(2) { step("b$it") }) { stepConcurrencyLevel(2) }
            val third = harness.ready(step("c0"))
            while (harness.processes.running().isNotEmpty()) {
                harness.processes.complete(harness.processes.running().single())
            }
            val processes = harness.processes
            processes.spawned.map { processes.launches.getValue(it).clusterId } shouldContainExactly
                listOf(first, first, second, third, first, second)
        }

        test("a step that waits for other clusters says why, to clients and once to the runner") {
            val harness = limited(1)
            harness.ready(step("runs"))
            val cluster = harness.ready(step("waits"), step("after it"))
            fun reasons() =
                harness.emr
                    .listSteps { it.clusterId(cluster) }
                    .steps()
                    .reversed()
                    .map {
                        it.status().stateChangeReason().message().orEmpty()
                    }
            val why = "at most 1 run at the same time on this machine"
            reasons().first() shouldContain why
            val id = harness.processes.waits.single()
            harness.emr.step(cluster, id).status().stateChangeReason().message() shouldContain why
            harness.processes.complete(harness.processes.spawned.single())
            reasons() shouldContainExactly listOf("", "")
            harness.processes.waits shouldContainExactly listOf(id)
        }

        test("a limit that was lowered starts nothing until enough steps have ended") {
            val store = InMemoryStore()
            val all = EmulatorSettings.DEFAULT
            val first = EmulatorHarness(store, all.withMaxRunningSteps(3))
            first.ready(*Array(4) { step("a$it") }) { stepConcurrencyLevel(4) }
            val processes = first.processes
            first.emr.close()
            EmulatorHarness(store, all.withMaxRunningSteps(2), first.clock, processes).emr.recover()
            processes.spawned.size shouldBe 3
            processes.complete(processes.running().first())
            processes.spawned.size shouldBe 3
            processes.complete(processes.running().first())
            processes.spawned.size shouldBe 4
        }
    })
