package dev.emrys.run

import dev.emrys.graph.TaskGraph
import dev.emrys.spec.ClusterStart
import dev.emrys.spec.ClusterUse
import dev.emrys.spec.FailureKind
import java.time.Duration
import java.time.Instant

private const val NO_LIMIT = Int.MAX_VALUE

/**
 * A run that a test drives by single events from outside. Every event that follows is applied at
 * once.
 */
class ManualRun(val graph: TaskGraph, runId: String = "run-1") {
    val state = RunState(graph)
    private val machine = RunMachine(state)
    val events = mutableListOf<Event>()
    /** The commands of the newest event from outside and of all that followed from it. */
    var commands = listOf<Command>()
        private set

    var now: Instant = Instant.parse("2026-01-01T00:00:00Z")

    init {
        take(Event.RunStarted(now, runId, "calm-otter"))
    }

    fun take(event: Event): ManualRun {
        val first = machine.take(event)
        val rest = machine.advance(now, NO_LIMIT)
        events += first.events() + rest.events()
        commands = first.commands() + rest.commands()
        return this
    }

    fun recover(): List<Command> = machine.recover()

    fun wait(time: Duration): ManualRun = apply { now += time }

    fun view(task: String): TaskState = state.task(graph.indexOf(task))

    fun phase(task: String): Phase = view(task).phase()

    fun phases(vararg tasks: String): List<Phase> = tasks.map { phase(it) }

    private fun attempt(task: String): Int = view(task).attempt()

    fun accepted(task: String, id: String = "id-$task-${attempt(task)}"): ManualRun =
        take(Event.AttemptAccepted(now, task, attempt(task), id))

    fun running(task: String): ManualRun = take(Event.AttemptRunning(now, task, attempt(task)))

    fun succeeded(task: String): ManualRun = take(Event.AttemptSucceeded(now, task, attempt(task)))

    fun failed(
        task: String,
        kind: FailureKind = FailureKind.STEP,
        reason: String = "exit 1",
    ): ManualRun = take(Event.AttemptFailed(now, task, attempt(task), kind, reason, null))

    fun cancelledByEmr(task: String): ManualRun =
        take(Event.AttemptCancelled(now, task, attempt(task), "EMR says CANCELLED."))

    fun timedOut(task: String): ManualRun = take(Event.AttemptTimedOut(now, task, attempt(task)))

    fun retryDue(task: String): ManualRun = take(Event.RetryDue(now, task, attempt(task)))

    fun lost(start: String): ManualRun =
        take(
            Event.ScopeLost(
                now,
                start,
                attempt(start),
                FailureKind.CLUSTER_LOST,
                "The cluster ended.",
            )
        )

    fun cancel(): ManualRun = take(Event.CancelRequested(now, "ada"))

    fun resume(): ManualRun = take(Event.RunResumed(now, "ada"))

    /** As a driver that takes the run over. */
    fun reopen(): ManualRun {
        val first = machine.take(Event.RunReopened(now, "ada"))
        val recovery = machine.recover()
        val rest = machine.advance(now, NO_LIMIT)
        events += first.events() + rest.events()
        commands = first.commands() + recovery + rest.commands()
        return this
    }

    /** The cluster starts. */
    fun up(cluster: String = "etl"): ManualRun =
        accepted("start:$cluster").succeeded("start:$cluster")

    /** The cluster that is being ended is gone. */
    fun gone(cluster: String = "etl"): ManualRun =
        accepted("end:$cluster").succeeded("end:$cluster")

    /** The step is accepted, runs and succeeds. */
    fun done(step: String): ManualRun = accepted(step).running(step).succeeded(step)

    val outcome: Outcome?
        get() = state.outcome().orElse(null)

    /** A short text for each command. */
    fun asked(): List<String> = commands.map(::commandText)
}

fun commandText(command: Command): String =
    when (command) {
        is Command.Submit ->
            if (command.kind() is ClusterStart)
                "start ${(command.kind() as ClusterStart).cluster().name()} #${command.attempt()}"
            else if (command.kind() is ClusterUse)
                "find ${(command.kind() as ClusterUse).cluster().name()} #${command.attempt()}"
            else
                "submit ${command.task()} #${command.attempt()}" +
                    (command.scopeId()?.let { " on $it" } ?: "")
        is Command.Withdraw -> "withdraw ${command.task()} #${command.attempt()}"
        is Command.Cancel -> "cancel ${command.remoteId()} on ${command.scopeId()}"
        is Command.Release -> "end ${command.scopeId()}"
        is Command.Watch ->
            when {
                command.task().startsWith("use:") -> "watch existing ${command.remoteId()}"
                command.task().startsWith("start:") -> "watch cluster ${command.remoteId()}"
                command.task().startsWith("end:") -> "watch end of ${command.scopeId()}"
                else -> "watch step ${command.remoteId()} on ${command.scopeId()}"
            }
        is Command.SetTimer ->
            "${command.timer()} of ${command.task()} #${command.attempt()} at ${command.due()}"
    }
