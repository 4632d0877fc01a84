package dev.emrys.cli

import dev.emrys.run.Event
import java.time.Duration

/**
 * Events as lines of text. It remembers timeouts, so that a timeout is one line and not three
 * (timed out, cancelled, failed). Not thread-safe.
 */
internal class EventText {
    private val timedOut = HashSet<Pair<String, Int>>()

    /** Null for an event that is not shown. */
    fun of(event: Event): String? =
        when (event) {
            is Event.RunStarted -> null
            is Event.RunResumed -> "resumed by ${event.by()}"
            is Event.RunReopened -> "reopened by ${event.by()}"
            is Event.CancelRequested -> "cancellation requested by ${event.by()}"
            is Event.RunEnded -> "run ${event.outcome().name.lowercase()}"
            is Event.OfTask -> ofTask(event)?.let { "${event.task()}${attempt(event)}  $it" }
        }

    private fun attempt(event: Event.OfTask) =
        if (event.attempt() > 1) " (attempt ${event.attempt()})" else ""

    private fun ofTask(event: Event.OfTask): String? {
        val isTimeout = (event.task() to event.attempt()) in timedOut
        return when (event) {
            is Event.AttemptIntended -> null
            is Event.AttemptAccepted -> "accepted, ${event.remoteId()}"
            is Event.AttemptRunning -> "running"
            is Event.AttemptSucceeded -> "succeeded"
            is Event.AttemptFailed ->
                if (isTimeout) null else "attempt failed: ${event.reason().lines().first()}"
            is Event.AttemptCancelling -> "cancelling"
            is Event.AttemptTimedOut -> {
                timedOut.add(event.task() to event.attempt())
                "timed out, cancelling"
            }
            is Event.AttemptCancelled -> if (isTimeout) null else "cancelled"
            is Event.ScopeLost -> "lost: ${event.reason()}"
            is Event.RetryPlanned ->
                "retrying in ${Formats.duration(Duration.between(event.at(), event.due()))}"
            is Event.RetryDue -> null
            is Event.TaskFailed -> if (isTimeout) null else "failed"
            is Event.TaskSkipped -> "skipped: ${event.because()} did not succeed"
            is Event.TaskCancelled -> "cancelled"
        }
    }
}
