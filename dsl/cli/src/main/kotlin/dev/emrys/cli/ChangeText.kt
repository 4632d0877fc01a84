package dev.emrys.cli

import dev.emrys.view.RunChange
import dev.emrys.view.RunChange.Kind
import java.time.Duration

/** The changes of a run as lines of text. */
internal object ChangeText {
    /** Null for a change that is not shown. */
    fun of(change: RunChange): String? {
        val text = text(change) ?: return null
        val task = change.task() ?: return text
        val attempt = if (change.attempt() > 1) " (attempt ${change.attempt()})" else ""
        return "$task$attempt  $text"
    }

    private fun text(change: RunChange): String? =
        when (change.kind()) {
            Kind.STARTED,
            Kind.SUBMITTING,
            Kind.RETRY_DUE,
            Kind.AFTER_TIMEOUT -> null
            Kind.RESUMED -> "resumed by ${change.detail()}"
            Kind.REOPENED -> "reopened by ${change.detail()}"
            Kind.CANCEL_REQUESTED -> "cancellation requested by ${change.detail()}"
            Kind.ENDED -> "run ${change.detail()}"
            Kind.ACCEPTED -> "accepted, ${change.detail()}"
            Kind.RUNNING -> "running"
            Kind.SUCCEEDED -> "succeeded"
            Kind.ATTEMPT_FAILED -> "attempt failed: ${change.detail().orEmpty().lines().first()}"
            Kind.CANCELLING -> "cancelling"
            Kind.TIMED_OUT -> "timed out, cancelling"
            Kind.CANCELLED -> "cancelled"
            Kind.LOST -> "lost: ${change.detail()}"
            Kind.RETRY_PLANNED ->
                "retrying in ${Formats.duration(Duration.between(change.at(), change.due()))}"
            Kind.FAILED -> "failed"
            Kind.SKIPPED ->
                if (change.detail() == change.task()) "not ended: the cluster is kept after the run"
                else "skipped: ${change.detail()} did not succeed"
        }
}
