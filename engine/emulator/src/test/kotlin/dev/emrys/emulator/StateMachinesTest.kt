package dev.emrys.emulator

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldBeIn
import io.kotest.matchers.collections.shouldContainAll
import io.kotest.matchers.collections.shouldNotBeEmpty
import io.kotest.matchers.comparables.shouldBeGreaterThanOrEqualTo
import io.kotest.matchers.ints.shouldBeLessThanOrEqual
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import java.time.Duration
import java.time.Instant
import java.util.Random
import software.amazon.awssdk.services.emr.model.ActionOnFailure
import software.amazon.awssdk.services.emr.model.Cluster
import software.amazon.awssdk.services.emr.model.ClusterState
import software.amazon.awssdk.services.emr.model.EmrException
import software.amazon.awssdk.services.emr.model.InstanceRoleType
import software.amazon.awssdk.services.emr.model.Step
import software.amazon.awssdk.services.emr.model.StepState

private val CLUSTER_ENDED =
    setOf(ClusterState.TERMINATED, ClusterState.TERMINATED_WITH_ERRORS).map { "$it" }.toSet()

private val STEP_ENDED =
    setOf(StepState.COMPLETED, StepState.CANCELLED, StepState.FAILED, StepState.INTERRUPTED)
        .map { "$it" }
        .toSet()

/**
 * The states that may be seen after each state; all others are wrong. Amazon EMR Management Guide,
 * "Understanding the cluster lifecycle"; API reference, StepStatus, InstanceGroupStatus and
 * InstanceStatus. Between two looks a thing may pass several.
 */
private val AFTER: Map<String, Map<String, Set<String>>> =
    mapOf(
        "cluster" to
            following(
                "STARTING" to setOf("BOOTSTRAPPING", "TERMINATING"),
                "BOOTSTRAPPING" to setOf("RUNNING", "WAITING", "TERMINATING"),
                "RUNNING" to setOf("WAITING", "TERMINATING"),
                "WAITING" to setOf("RUNNING", "TERMINATING"),
                "TERMINATING" to setOf("TERMINATED", "TERMINATED_WITH_ERRORS"),
            ),
        "step" to
            following(
                "PENDING" to setOf("RUNNING", "CANCELLED"),
                "RUNNING" to
                    setOf("CANCEL_PENDING", "COMPLETED", "FAILED", "CANCELLED", "INTERRUPTED"),
                "CANCEL_PENDING" to setOf("CANCELLED", "COMPLETED", "FAILED", "INTERRUPTED"),
            ),
        "group" to
            following(
                "PROVISIONING" to setOf("BOOTSTRAPPING", "TERMINATING"),
                "BOOTSTRAPPING" to setOf("RUNNING", "TERMINATING"),
                "RUNNING" to setOf("RESIZING", "TERMINATING"),
                "RESIZING" to setOf("RUNNING", "TERMINATING"),
                "TERMINATING" to setOf("TERMINATED"),
            ),
        "instance" to
            following(
                "AWAITING_FULFILLMENT" to setOf("PROVISIONING", "TERMINATED"),
                "PROVISIONING" to setOf("BOOTSTRAPPING", "TERMINATED"),
                "BOOTSTRAPPING" to setOf("RUNNING", "TERMINATED"),
                "RUNNING" to setOf("TERMINATED"),
            ),
    )

/** With the states that are reached over others. */
private fun following(vararg next: Pair<String, Set<String>>): Map<String, Set<String>> {
    val direct = next.toMap()
    fun reach(state: String, seen: Set<String>): Set<String> =
        direct[state].orEmpty().fold(seen) { all, one ->
            if (one in all) all else reach(one, all + one)
        }
    return direct.mapValues { (state, _) -> reach(state, setOf()) }
}

/** An account under random calls of clients, ends of steps, losses and the passing of time. */
private class ObservedAccount(seed: Long) {
    private val random = Random(seed)
    private val harness =
        EmulatorHarness(
            settings =
                EmulatorSettings.DEFAULT.withDelays(
                    Duration.ofMinutes(4),
                    Duration.ofMinutes(2),
                    Duration.ofMinutes(1),
                ),
            seed = seed,
        )
    private val emr = harness.emr
    private val clusters = mutableListOf<String>()

    /** By kind and id. */
    private val states = mutableMapOf<Pair<String, String>, String>()
    private val isProtected = mutableSetOf<String>()
    val seen = mutableSetOf<String>()

    fun turn() {
        try {
            act()
        } catch (refused: EmrException) {
            // A random call may be wrong; what it must not do is change a state.
            refused.statusCode() shouldBe 400
        }
        harness.processes.cancelsWork = random.nextBoolean()
        observe()
    }

    /** Ends everything and looks once more. */
    fun end() {
        val active = clusters.filter {
            emr.cluster(it).status().stateAsString() !in CLUSTER_ENDED + "TERMINATING"
        }
        active.forEach { id ->
            emr.setTerminationProtection { it.jobFlowIds(id).terminationProtected(false) }
            emr.terminateJobFlows { it.jobFlowIds(id) }
        }
        isProtected.clear()
        repeat(50) {
            harness.processes.running().forEach { step ->
                harness.processes.end(step, StepExit.Cancelled(harness.clock.instant()))
            }
            harness.clock.advance(Duration.ofMinutes(1))
            observe()
        }
        clusters.forEach { emr.cluster(it).status().stateAsString() shouldBeIn CLUSTER_ENDED }
        harness.processes.running().shouldBeEmpty()
    }

    private fun act() {
        val id = if (clusters.isEmpty()) null else clusters[random.nextInt(clusters.size)]
        when (if (id == null) 0 else random.nextInt(14)) {
            0 -> if (clusters.size < 5) create()
            1,
            2 -> emr.add(id!!, step("s", action()))
            3 ->
                emr.modifyCluster { it.clusterId(id!!).stepConcurrencyLevel(1 + random.nextInt(3)) }
            4 -> cancelOne(id!!)
            5 -> protect(id!!, random.nextBoolean())
            6 -> if (random.nextInt(4) == 0) emr.terminateJobFlows { it.jobFlowIds(id!!) }
            7 -> resize(id!!)
            8 ->
                emr.setKeepJobFlowAliveWhenNoSteps {
                    it.jobFlowIds(id!!).keepJobFlowAliveWhenNoSteps(random.nextInt(4) > 0)
                }
            9,
            10 -> endOne()
            else -> harness.clock.advance(Duration.ofSeconds(random.nextInt(150).toLong()))
        }
    }

    private fun action() =
        listOf(
            ActionOnFailure.CONTINUE,
            ActionOnFailure.CANCEL_AND_WAIT,
            ActionOnFailure.TERMINATE_CLUSTER,
        )[random.nextInt(3)]

    private fun create() {
        clusters += harness.run { stepConcurrencyLevel(1 + random.nextInt(3)) }
    }

    private fun protect(cluster: String, on: Boolean) {
        emr.setTerminationProtection { it.jobFlowIds(cluster).terminationProtected(on) }
        if (on) isProtected += cluster else isProtected -= cluster
    }

    private fun cancelOne(cluster: String) {
        val steps = emr.listSteps { it.clusterId(cluster) }.steps()
        if (steps.isNotEmpty()) {
            val step = steps[random.nextInt(steps.size)].id()
            emr.cancelSteps { it.clusterId(cluster).stepIds(step) }
        }
    }

    private fun resize(cluster: String) {
        val core =
            emr.listInstanceGroups { it.clusterId(cluster) }
                .instanceGroups()
                .single { it.instanceGroupTypeAsString() == "${InstanceRoleType.CORE}" }
        emr.modifyInstanceGroups { request ->
            request
                .clusterId(cluster)
                .instanceGroups({
                    it.instanceGroupId(core.id()).instanceCount(1 + random.nextInt(4))
                })
        }
    }

    private fun endOne() {
        val running = harness.processes.running()
        if (running.isEmpty()) return
        val step = running[random.nextInt(running.size)]
        val isCancelled = harness.processes.cancels.any { it.first == step }
        when {
            isCancelled -> harness.processes.end(step, StepExit.Cancelled(harness.clock.instant()))
            random.nextBoolean() -> harness.processes.complete(step)
            else -> harness.processes.fail(step)
        }
    }

    private fun observe() = clusters.forEach(::observe)

    private fun observe(id: String) {
        val cluster = emr.cluster(id)
        val steps =
            emr.listStepsPaginator { it.clusterId(id) }.steps().map { emr.step(id, it.id()) }
        check("cluster", id, cluster.status().stateAsString())
        times(cluster)
        steps.forEach {
            check("step", it.id(), it.status().stateAsString())
            times(it)
        }
        emr.listInstanceGroups { it.clusterId(id) }
            .instanceGroups()
            .forEach {
                check("group", it.id(), it.status().stateAsString())
                it.runningInstanceCount() shouldBeLessThanOrEqual 10
                if (it.status().stateAsString() == "RUNNING") {
                    it.runningInstanceCount() shouldBe it.requestedInstanceCount()
                }
            }
        emr.listInstances { it.clusterId(id) }
            .instances()
            .forEach {
                check("instance", it.id(), it.status().stateAsString())
            }
        together(cluster, steps.map { it.status().stateAsString() })
    }

    private fun check(kind: String, id: String, state: String) {
        val before = states.put(kind to id, state)
        seen += "$kind $state"
        if (before != null && before != state) {
            withClue("$kind $id after $before") {
                state shouldBeIn AFTER.getValue(kind)[before].orEmpty()
            }
        }
    }

    /** What the state of a cluster says of its steps. */
    private fun together(cluster: Cluster, steps: List<String>) {
        val state = cluster.status().stateAsString()
        withClue("${cluster.id()} is $state with $steps") {
            val active = steps.filter { it !in STEP_ENDED }
            when (state) {
                "WAITING" -> active.shouldBeEmpty()
                "RUNNING" -> active.shouldNotBeEmpty()
                "STARTING",
                "BOOTSTRAPPING" -> active.filter { it != "PENDING" }.shouldBeEmpty()
                in CLUSTER_ENDED -> active.shouldBeEmpty()
            }
            if (cluster.id() in isProtected) cluster.terminationProtected() shouldBe true
        }
    }

    private fun times(cluster: Cluster) {
        val times = cluster.status().timeline()
        inOrder(times.creationDateTime(), times.readyDateTime(), times.endDateTime())
        if (cluster.status().stateAsString() in CLUSTER_ENDED) times.endDateTime().shouldNotBeNull()
        else times.endDateTime().shouldBeNull()
    }

    private fun times(step: Step) {
        val times = step.status().timeline()
        inOrder(times.creationDateTime(), times.startDateTime(), times.endDateTime())
        if (step.status().stateAsString() in STEP_ENDED) times.endDateTime().shouldNotBeNull()
        else times.endDateTime().shouldBeNull()
    }

    private fun inOrder(vararg times: Instant?) {
        times.filterNotNull().zipWithNext { earlier, later ->
            later shouldBeGreaterThanOrEqualTo earlier
        }
    }
}

class StateMachinesTest :
    FunSpec({
        test("under any calls, clusters, steps, groups and instances pass EMR's states alone") {
            val seen = mutableSetOf<String>()
            for (seed in 1L..40L) {
                withClue("seed $seed") {
                    val account = ObservedAccount(seed)
                    repeat(150) { account.turn() }
                    account.end()
                    seen += account.seen
                }
            }
            seen shouldContainAll
                listOf("STARTING", "BOOTSTRAPPING", "RUNNING", "WAITING", "TERMINATING").map {
                    "cluster $it"
                } +
                    CLUSTER_ENDED.map { "cluster $it" } +
                    listOf("PENDING", "RUNNING", "CANCEL_PENDING", "COMPLETED", "FAILED").map {
                        "step $it"
                    } +
                    listOf("group RUNNING", "group RESIZING", "group TERMINATED")
        }
    })
