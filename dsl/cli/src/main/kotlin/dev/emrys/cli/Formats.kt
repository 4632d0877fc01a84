package dev.emrys.cli

import java.time.Duration
import java.time.Instant
import java.time.LocalTime
import java.time.ZoneId
import java.time.format.DateTimeFormatter

/** Text forms of counts, durations, instants and sizes. */
internal object Formats {
    private val INSTANT = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss xxx")
    private val TIME = DateTimeFormatter.ofPattern("HH:mm:ss")

    /** `1 step`, `2 steps`. */
    fun count(number: Int, noun: String): String =
        if (number == 1) "1 $noun" else "$number ${noun}s"

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

    /** `2026-11-21 07:41:23 -05:00`, in the time zone of this machine. */
    fun instant(instant: Instant): String = INSTANT.format(instant.atZone(ZoneId.systemDefault()))

    /** `07:41:23`, in the time zone of this machine. */
    fun time(instant: Instant): String =
        TIME.format(LocalTime.ofInstant(instant, ZoneId.systemDefault()))

    fun bytes(bytes: Long): String =
        when {
            bytes < 1_000_000 -> "${bytes / 1000} kB"
            else -> "${bytes / 1_000_000} MB"
        }
}
