package dev.emrys.cli

import dev.emrys.graph.TaskGraph
import dev.emrys.run.Outcome
import dev.emrys.run.Phase
import dev.emrys.run.RunState
import dev.emrys.run.TaskState
import dev.emrys.spec.FailureKind
import dev.emrys.spec.PipelineSpec
import dev.emrys.spec.SourceLocation
import dev.emrys.spec.StepSpec
import dev.emrys.spec.TaskSpec
import java.time.Duration
import java.time.Instant

/** What the commands ask about the tasks of a run. A snapshot: it does not follow the run. */
internal class RunTasks(private val state: RunState) {
    private val graph: TaskGraph = state.graph()

    val runId: String
        get() = state.runId()

    val spec: PipelineSpec
        get() = graph.spec()

    /** Null while the run has not ended. */
    val outcome: Outcome?
        get() = state.outcome().orElse(null)

    val endedAt: Instant?
        get() = state.endedAt().orElse(null)

    /** Null while the run has not ended. */
    val duration: Duration?
        get() =
            state.startedAt().orElse(null)?.let { from ->
                endedAt?.let { Duration.between(from, it) }
            }

    val all: List<TaskState>
        get() = state.tasks()

    /** The steps, in the order of the script. */
    val steps: List<TaskState> by lazy {
        graph.tasks().indices.filter { graph.task(it).kind() is StepSpec }.map(state::task)
    }

    /** Null when the run has no step of this name. */
    fun step(name: String): TaskState? = steps.firstOrNull { it.task() == name }

    /** The id of the task that starts the cluster of a step. */
    fun clusterStart(step: String): String =
        graph.task(checkNotNull(graph.scope(graph.indexOf(step))).acquire()).id()

    /** The steps that a step waits for. */
    fun upstream(step: String): List<TaskState> =
        graph
            .upstream(graph.indexOf(step))
            .map { it.upstream() }
            .filter { graph.task(it).kind() is TaskSpec }
            .map(state::task)

    /** The steps that no other task waits for, except the end of their cluster. */
    fun finalSteps(): List<String> =
        steps
            .map { it.task() }
            .filter { name ->
                graph.downstream(graph.indexOf(name)).none {
                    graph.task(it.downstream()).kind() is TaskSpec
                }
            }

    fun location(task: String): SourceLocation = graph.task(graph.indexOf(task)).location()

    /** The clusters, each with its steps and the task that ends it. */
    fun clusters(): List<ClusterTasks> =
        graph.scopes().map { (name, scope) ->
            ClusterTasks(
                name,
                (0 until scope.members().length()).map { state.task(scope.members()[it]) },
                state.task(scope.release()),
            )
        }

    class ClusterTasks(val name: String, val steps: List<TaskState>, val end: TaskState)
}

/** No attempt of it is or will be made, unless the run is resumed. */
internal val Phase.isFinal: Boolean
    get() = isTerminal

/** EMR may be working on an attempt of it. */
internal val Phase.isActive: Boolean
    get() = isInFlight

internal val TaskState.failed: Boolean
    get() = phase() == Phase.FAILED

/** Whether the newest attempt ended, or is being ended, because of its timeout. */
internal val TaskState.timedOut: Boolean
    get() =
        phase() == Phase.TIMING_OUT || phase() == Phase.FAILED && failure() == FailureKind.TIMEOUT

/** Whether a resume submits it: it has not succeeded, and EMR does not have it now. */
internal val TaskState.isSubmittedByResume: Boolean
    get() = !phase().isActive && phase() != Phase.SUCCEEDED

/** Such as `running` or `timed out`. */
internal fun TaskState.phaseText(): String =
    when (phase()) {
        Phase.WAITING -> "waiting"
        Phase.SUBMITTING -> "submitting"
        Phase.ACCEPTED -> "accepted"
        Phase.RUNNING -> "running"
        Phase.CANCELLING -> "cancelling"
        Phase.TIMING_OUT -> "timed out, cancelling"
        Phase.RETRY_WAIT -> "waiting to retry"
        Phase.SUCCEEDED -> "succeeded"
        Phase.ATTEMPT_FAILED,
        Phase.FAILED -> if (timedOut) "timed out" else "failed"
        Phase.CANCELLED -> "cancelled"
        Phase.SKIPPED -> "skipped"
    }

internal fun TaskState.symbol(): String =
    when (phase()) {
        Phase.SUCCEEDED -> "✓"
        Phase.FAILED,
        Phase.ATTEMPT_FAILED -> "✗"
        Phase.CANCELLED,
        Phase.SKIPPED -> "–"
        Phase.WAITING -> "·"
        Phase.RETRY_WAIT -> "↻"
        else -> "▸"
    }

/**
 * How long the newest attempt runs or ran, as EMR's own start time says: neither EMR's queue nor
 * our polling counts for a step. For a wait it is the time that is left. Empty when there is none.
 */
internal fun TaskState.elapsedText(now: Instant): String {
    if (phase() == Phase.RETRY_WAIT) {
        return "in " + Formats.duration(Duration.between(now, until() ?: now))
    }
    val isCluster = ':' in task()
    val since = runningSince() ?: since().takeIf { isCluster || !phase().isFinal } ?: return ""
    return Formats.duration(Duration.between(since, if (phase().isFinal) until() ?: now else now))
}
