package dev.emrys.run

import dev.emrys.spec.FailureKind
import java.time.Instant

/** One of each kind of event, with every member set. */
object EventSamples {
    private val at: Instant = Instant.parse("2026-04-25T03:00:00.123456789Z")

    fun of(task: String, attempt: Int): List<Event.OfTask> =
        listOf(
            Event.AttemptIntended(at, task, attempt, "run-1.0a1b2c3d.$attempt"),
            Event.AttemptAccepted(at, task, attempt, "s-1"),
            Event.AttemptRunning(at, task, attempt),
            Event.AttemptSucceeded(at, task, attempt),
            Event.AttemptFailed(
                at,
                task,
                attempt,
                FailureKind.STEP,
                "exit \"1\"\nräw",
                "s3://logs/stderr.gz",
            ),
            Event.AttemptCancelling(at, task, attempt),
            Event.AttemptTimedOut(at, task, attempt),
            Event.AttemptCancelled(at, task, attempt, "EMR says CANCELLED."),
            Event.ScopeLost(at, task, attempt, FailureKind.CLUSTER_LOST, "The cluster ended."),
            Event.RetryPlanned(at, task, attempt, at.plusSeconds(30)),
            Event.RetryDue(at, task, attempt),
            Event.TaskFailed(at, task, attempt),
            Event.TaskSkipped(at, task, attempt, "start:etl"),
            Event.TaskCancelled(at, task, attempt),
        )

    val all: List<Event> =
        listOf(
            Event.RunStarted(at, "run-1", "calm-otter"),
            Event.RunResumed(at, "ada"),
            Event.RunReopened(at, "ada"),
            Event.CancelRequested(at, "ada"),
            Event.RunEnded(at, Outcome.CANCELLED),
        ) + of("curate", 2)
}
