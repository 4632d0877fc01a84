package dev.emrys.run

import dev.emrys.graph.TaskGraph
import dev.emrys.spec.FailureKind
import java.time.Duration
import java.time.Instant

/**
 * A run led by the hand: every sentence is a fact from outside, whatever follows from it is folded
 * in at once.
 */
class Hand(val graph: TaskGraph, runId: String = "run-1") {
    val state = RunState(graph)
    val events = mutableListOf<Event>()
    /** What is to be done because of the newest fact and all that followed from it. */
    var commands = listOf<Command>()
        private set

    var now: Instant = Instant.parse("2026-01-01T00:00:00Z")

    init {
        take(Event.RunStarted(now, runId, "calm-otter"))
    }

    fun take(fact: Event): Hand {
        val toDo = mutableListOf<Command>()
        var next: Event? = fact
        while (next != null) {
            events += next
            toDo += state.apply(next)
            next = state.next(now).orElse(null)
        }
        commands = toDo
        return this
    }

    fun wait(time: Duration): Hand = apply { now += time }

    fun view(task: String): TaskState = state.task(graph.indexOf(task))

    fun phase(task: String): Phase = view(task).phase()

    fun phases(vararg tasks: String): List<Phase> = tasks.map { phase(it) }

    private fun attempt(task: String): Int = view(task).attempt()

    fun accepted(task: String, id: String = "id-$task-${attempt(task)}"): Hand =
        take(Event.AttemptAccepted(now, task, attempt(task), id))

    fun running(task: String): Hand = take(Event.AttemptRunning(now, task, attempt(task)))

    fun succeeded(task: String): Hand = take(Event.AttemptSucceeded(now, task, attempt(task)))

    fun failed(
        task: String,
        kind: FailureKind = FailureKind.STEP,
        reason: String = "exit 1",
    ): Hand = take(Event.AttemptFailed(now, task, attempt(task), kind, reason, null))

    fun cancelledByEmr(task: String): Hand =
        take(Event.AttemptCancelled(now, task, attempt(task), "EMR says CANCELLED."))

    fun timedOut(task: String): Hand = take(Event.AttemptTimedOut(now, task, attempt(task)))

    fun retryDue(task: String): Hand = take(Event.RetryDue(now, task, attempt(task)))

    fun lost(start: String): Hand =
        take(
            Event.ClusterLost(
                now,
                start,
                attempt(start),
                FailureKind.CLUSTER_LOST,
                "The cluster ended.",
            )
        )

    fun cancel(): Hand = take(Event.CancelRequested(now, "ada"))

    fun resume(): Hand = take(Event.RunResumed(now, "ada"))

    fun reopen(): Hand = take(Event.RunReopened(now, "ada"))

    /** The cluster comes up. */
    fun up(cluster: String = "etl"): Hand = accepted("start:$cluster").succeeded("start:$cluster")

    /** The cluster that is being ended is gone. */
    fun gone(cluster: String = "etl"): Hand = accepted("end:$cluster").succeeded("end:$cluster")

    /** The step is accepted, runs and succeeds. */
    fun done(step: String): Hand = accepted(step).running(step).succeeded(step)

    val outcome: Outcome?
        get() = state.outcome().orElse(null)

    /** Each command in few words. */
    fun asked(): List<String> = commands.map(::words)
}

fun words(command: Command): String =
    when (command) {
        is Command.StartCluster -> "start ${command.cluster().name()} #${command.attempt()}"
        is Command.SubmitStep ->
            "submit ${command.task()} #${command.attempt()} on ${command.clusterId()}"
        is Command.Withdraw -> "withdraw ${command.task()} #${command.attempt()}"
        is Command.CancelStep -> "cancel ${command.stepId()} on ${command.clusterId()}"
        is Command.EndCluster -> "end ${command.clusterId()}"
        is Command.WatchCluster -> "watch cluster ${command.clusterId()}"
        is Command.WatchEnd -> "watch end of ${command.clusterId()}"
        is Command.WatchStep -> "watch step ${command.stepId()} on ${command.clusterId()}"
        is Command.SetTimer ->
            "${command.timer()} of ${command.task()} #${command.attempt()} at ${command.due()}"
    }
