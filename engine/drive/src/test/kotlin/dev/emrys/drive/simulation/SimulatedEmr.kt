package dev.emrys.drive.simulation

import java.time.Duration

enum class End {
    SUCCEEDS,
    FAILS,
    FAILS_INTERNALLY,
    CANCELLED_EXTERNALLY,
}

/** How a cluster behaves. */
class ClusterFaults(
    val refused: Boolean = false,
    val startTime: Duration = Duration.ofMinutes(3),
    val starts: Boolean = true,
    /** The time from its start to its loss; null for never. */
    val lostAfter: Duration? = null,
)

/** How a step behaves. */
class StepFaults(
    val refused: Boolean = false,
    val queueTime: Duration = Duration.ofSeconds(2),
    val runTime: Duration = Duration.ofMinutes(1),
    val end: End = End.SUCCEEDS,
    /** Whether a cancellation has an effect. */
    val canBeCancelled: Boolean = true,
)

/** Decides by task and attempt alone, so that a fault does not depend on the order of events. */
interface Faults {
    fun cluster(task: String, attempt: Int): ClusterFaults

    fun step(task: String, attempt: Int): StepFaults
}

class Refused : RuntimeException("refused")

/**
 * EMR's clusters and steps, which change whether or not a process observes them. Every cluster and
 * step has the key of the request that created it.
 */
class SimulatedEmr(private val time: VirtualTime, private val faults: Faults) {
    enum class ClusterState {
        STARTING,
        UP,
        ENDING,
        GONE,
    }

    class Cluster(val id: String, val key: String, val createdAt: java.time.Instant) {
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
        val createdAt: java.time.Instant,
    ) {
        var state = StepState.PENDING
        var internalFailure = false
        var lostWithCluster = false
        val open: Boolean
            get() = state == StepState.PENDING || state == StepState.RUNNING
    }

    val clusters = mutableListOf<Cluster>()
    val steps = mutableListOf<Step>()

    fun cluster(id: String): Cluster = clusters.first { it.id == id }

    fun step(id: String): Step = steps.first { it.id == id }

    fun runJobFlow(task: String, attempt: Int, key: String): String {
        val planned = faults.cluster(task, attempt)
        if (planned.refused) throw Refused()
        val cluster = Cluster("j-${clusters.size + 1}", key, time.now)
        clusters += cluster
        time.after(planned.startTime, null) {
            if (cluster.state == ClusterState.STARTING) {
                if (planned.starts) {
                    cluster.state = ClusterState.UP
                    cluster.wasUp = true
                    planned.lostAfter?.let {
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
        val planned = faults.step(task, attempt)
        if (
            planned.refused ||
                cluster.state == ClusterState.ENDING ||
                cluster.state == ClusterState.GONE
        )
            throw Refused()
        check(cluster.state == ClusterState.UP) {
            "$task was submitted to $clusterId, which is ${cluster.state}"
        }
        val step = Step("s-${steps.size + 1}", key, task, cluster, time.now)
        steps += step
        time.after(planned.queueTime, null) {
            if (step.state == StepState.PENDING) {
                step.state = StepState.RUNNING
                time.after(planned.runTime, null) { if (step.open) end(step, planned.end) }
            }
        }
        return step.id
    }

    private fun end(step: Step, end: End) {
        step.internalFailure = end == End.FAILS_INTERNALLY
        step.state =
            when (end) {
                End.SUCCEEDS -> StepState.COMPLETED
                End.FAILS,
                End.FAILS_INTERNALLY -> StepState.FAILED
                End.CANCELLED_EXTERNALLY -> StepState.CANCELLED
            }
    }

    fun cancel(stepId: String, canBeCancelled: Boolean) {
        val step = step(stepId)
        time.after(Duration.ofSeconds(3), null) {
            if (step.open && canBeCancelled) step.state = StepState.CANCELLED
        }
    }

    fun terminate(clusterId: String) {
        val cluster = cluster(clusterId)
        if (cluster.state == ClusterState.GONE) return
        cluster.state = ClusterState.ENDING
        time.after(Duration.ofSeconds(40), null) { gone(cluster) }
    }

    /** Its steps end first; its own end becomes visible 90 seconds later. */
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
                it.lostWithCluster = true
            }
    }
}
