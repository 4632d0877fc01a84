package dev.emrys.cli

import dev.emrys.run.Phase
import dev.emrys.spec.FailureCause
import dev.emrys.view.TaskView
import java.time.Duration
import java.time.Instant

/** Such as `running` or `timed out`. */
internal fun TaskView.phaseText(): String =
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
        Phase.FAILED -> if (isTimedOut) "timed out" else "failed"
        Phase.CANCELLED -> "cancelled"
        Phase.SKIPPED -> "skipped"
    }

internal fun TaskView.symbol(): String =
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
internal fun TaskView.elapsedText(now: Instant): String {
    if (phase() == Phase.RETRY_WAIT) {
        return "in " + Formats.duration(Duration.between(now, until() ?: now))
    }
    // A cluster or a wait has no start time of its own.
    val since = runningSince() ?: since().takeIf { !isStep || !isFinal } ?: return ""
    return Formats.duration(Duration.between(since, if (isFinal) until() ?: now else now))
}

/** What the reason itself says. */
private val SAID_BY_REASON =
    setOf(
        FailureCause.USER_EXCEPTION,
        FailureCause.INVALID_REQUEST,
        FailureCause.TIMEOUT,
        FailureCause.STEP_VANISHED,
    )

/** The root cause of the failure and what to do; null when it adds nothing to the reason. */
internal fun TaskView.causeText(): String? =
    cause()
        ?.takeUnless { it in SAID_BY_REASON }
        ?.let { "Cause: ${it.title()} (${it.name}). ${it.fix()}" }
