package dev.emrys.cli

import dev.emrys.run.Phase
import java.time.Duration
import java.time.Instant
import java.time.ZoneId
import java.time.format.DateTimeFormatter

/** How things are said. */
internal object Words {
    fun count(number: Int, thing: String): String =
        if (number == 1) "1 $thing" else "$number ${thing}s"

    /** `0.4 s`, `12 s`, `3 min 05 s`, `2 h 04 min`. */
    fun duration(duration: Duration): String {
        val millis = maxOf(0, duration.toMillis())
        val seconds = millis / 1000
        return when {
            millis < 10_000 -> "${millis / 1000}.${millis % 1000 / 100} s"
            seconds < 60 -> "$seconds s"
            seconds < 3600 -> "${seconds / 60} min ${(seconds % 60).toString().padStart(2, '0')} s"
            else -> "${seconds / 3600} h ${(seconds % 3600 / 60).toString().padStart(2, '0')} min"
        }
    }

    /** `2026-11-21 07:41:23 -05:00`, in the zone of whoever reads it. */
    fun moment(instant: Instant): String = MOMENT.format(instant.atZone(ZoneId.systemDefault()))

    private val MOMENT = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss xxx")

    fun bytes(bytes: Long): String =
        when {
            bytes < 1_000_000 -> "${bytes / 1000} kB"
            else -> "${bytes / 1_000_000} MB"
        }

    fun phase(phase: Phase): String =
        when (phase) {
            Phase.WAITING -> "waiting"
            Phase.INTENDED -> "sending"
            Phase.ACCEPTED -> "accepted"
            Phase.RUNNING -> "running"
            Phase.CANCELLING -> "cancelling"
            Phase.TIMING_OUT -> "timed out, cancelling"
            Phase.FELL -> "failed"
            Phase.BACKOFF -> "waits to retry"
            Phase.SUCCEEDED -> "succeeded"
            Phase.FAILED -> "failed"
            Phase.CANCELLED -> "cancelled"
            Phase.SKIPPED -> "skipped"
        }
}
