package dev.emrys.drive.simulation

import java.time.Duration

enum class End {
    SUCCEEDS,
    FAILS,
    BREAKS_INSIDE,
    IS_CANCELLED_BY_SOMEBODY,
}

/** What will become of a cluster. */
class ClusterFate(
    val refused: Boolean = false,
    val starting: Duration = Duration.ofMinutes(3),
    val comesUp: Boolean = true,
    /** It is lost so long after it came up; null for never. */
    val lostAfter: Duration? = null,
)

/** What will become of a step. */
class StepFate(
    val refused: Boolean = false,
    val queue: Duration = Duration.ofSeconds(2),
    val runs: Duration = Duration.ofMinutes(1),
    val end: End = End.SUCCEEDS,
    /** Whether it can be cancelled, or ends as it would have. */
    val obeysCancel: Boolean = true,
)

/**
 * Decides by task and attempt alone, so that a fate does not depend on the order in which things
 * happen.
 */
interface Fates {
    fun cluster(task: String, attempt: Int): ClusterFate

    fun step(task: String, attempt: Int): StepFate
}

class Refused : RuntimeException("refused")

/**
 * What EMR has, and what happens there whether anybody looks or not. Its ledger has every start by
 * its key.
 */
class SimulatedEmr(private val time: VirtualTime, private val fates: Fates) {
    enum class ClusterState {
        STARTING,
        UP,
        ENDING,
        GONE,
    }

    class Cluster(val id: String, val key: String, val madeAt: java.time.Instant) {
        var state = ClusterState.STARTING
        var wasUp = false
    }

    enum class StepState {
        PENDING,
        RUNNING,
        COMPLETED,
        FAILED,
        CANCELLED,
    }

    class Step(
        val id: String,
        val key: String,
        val task: String,
        val cluster: Cluster,
        val madeAt: java.time.Instant,
    ) {
        var state = StepState.PENDING
        var insideFailure = false
        var diedWithCluster = false
        val open: Boolean
            get() = state == StepState.PENDING || state == StepState.RUNNING
    }

    val clusters = mutableListOf<Cluster>()
    val steps = mutableListOf<Step>()

    fun cluster(id: String): Cluster = clusters.first { it.id == id }

    fun step(id: String): Step = steps.first { it.id == id }

    fun runJobFlow(task: String, attempt: Int, key: String): String {
        val fate = fates.cluster(task, attempt)
        if (fate.refused) throw Refused()
        val cluster = Cluster("j-${clusters.size + 1}", key, time.now)
        clusters += cluster
        time.after(fate.starting, null) {
            if (cluster.state == ClusterState.STARTING) {
                if (fate.comesUp) {
                    cluster.state = ClusterState.UP
                    cluster.wasUp = true
                    fate.lostAfter?.let {
                        time.after(it, null) { if (cluster.state == ClusterState.UP) lose(cluster) }
                    }
                } else {
                    gone(cluster)
                }
            }
        }
        return cluster.id
    }

    fun addStep(task: String, attempt: Int, key: String, clusterId: String): String {
        val cluster = cluster(clusterId)
        val fate = fates.step(task, attempt)
        if (
            fate.refused ||
                cluster.state == ClusterState.ENDING ||
                cluster.state == ClusterState.GONE
        )
            throw Refused()
        check(cluster.state == ClusterState.UP) {
            "$task was submitted to $clusterId, which is ${cluster.state}"
        }
        val step = Step("s-${steps.size + 1}", key, task, cluster, time.now)
        steps += step
        time.after(fate.queue, null) {
            if (step.state == StepState.PENDING) {
                step.state = StepState.RUNNING
                time.after(fate.runs, null) { if (step.open) end(step, fate.end) }
            }
        }
        return step.id
    }

    private fun end(step: Step, end: End) {
        step.insideFailure = end == End.BREAKS_INSIDE
        step.state =
            when (end) {
                End.SUCCEEDS -> StepState.COMPLETED
                End.FAILS,
                End.BREAKS_INSIDE -> StepState.FAILED
                End.IS_CANCELLED_BY_SOMEBODY -> StepState.CANCELLED
            }
    }

    fun cancel(stepId: String, obeysCancel: Boolean) {
        val step = step(stepId)
        time.after(Duration.ofSeconds(3), null) {
            if (step.open && obeysCancel) step.state = StepState.CANCELLED
        }
    }

    fun terminate(clusterId: String) {
        val cluster = cluster(clusterId)
        if (cluster.state == ClusterState.GONE) return
        cluster.state = ClusterState.ENDING
        time.after(Duration.ofSeconds(40), null) { gone(cluster) }
    }

    /** Its steps die first; that it is gone is seen only minutes later. */
    private fun lose(cluster: Cluster) {
        cluster.state = ClusterState.ENDING
        killSteps(cluster)
        time.after(Duration.ofSeconds(90), null) { gone(cluster) }
    }

    private fun gone(cluster: Cluster) {
        cluster.state = ClusterState.GONE
        killSteps(cluster)
    }

    private fun killSteps(cluster: Cluster) {
        steps
            .filter { it.cluster === cluster && it.open }
            .forEach {
                it.state = StepState.CANCELLED
                it.diedWithCluster = true
            }
    }
}
