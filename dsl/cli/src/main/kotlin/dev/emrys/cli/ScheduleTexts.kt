package dev.emrys.cli

import dev.emrys.journal.FireRecord
import dev.emrys.journal.ScheduleEvent
import dev.emrys.view.FireView
import dev.emrys.view.ScheduleEventView
import java.time.Instant

/** What is recorded of schedules, in words. */
internal object ScheduleTexts {
    private val OMITTED =
        mapOf(
            "excluded" to "are on excluded days",
            "gap" to "do not exist, because the clock was set forward",
            "repeated" to "happen twice, and the other one fires",
        )
    private val MISSED =
        mapOf(
            "outside-window" to "are older than the catch-up window",
            "over-maximum" to "are more than are caught up",
            "superseded" to "have a newer fire that is started",
            "no-catch-up" to "are not caught up",
            "before-change" to "are from before the schedule was changed or resumed",
        )

    /** Without the schedule's id. */
    fun of(event: ScheduleEventView): String {
        val reason = event.reason().orEmpty()
        return when (event.type()) {
            ScheduleEvent.Type.DECLARED -> "is new: ${reason}"
            ScheduleEvent.Type.CHANGED -> "has changed: ${reason}"
            ScheduleEvent.Type.TZDATA -> "has other time-zone rules: tzdata ${reason}"
            ScheduleEvent.Type.PAUSED -> "is paused by ${event.by()}" + because(reason)
            ScheduleEvent.Type.RESUMED -> "is resumed by ${event.by()}"
            ScheduleEvent.Type.MISSED -> "missed ${fires(event)}: they ${MISSED[reason] ?: reason}"
            ScheduleEvent.Type.OMITTED ->
                "leaves out ${times(event)}: they ${OMITTED[reason] ?: reason}"
            ScheduleEvent.Type.UNREADABLE -> "cannot see what it waits for: ${reason}"
            ScheduleEvent.Type.READABLE -> "sees again what it waits for"
        }
    }

    private fun because(reason: String) = if (reason.isEmpty()) "" else ": $reason"

    private fun fires(event: ScheduleEventView) =
        Formats.count(event.count().toInt(), "fire") + range(event.first(), event.last())

    private fun times(event: ScheduleEventView) =
        Formats.count(event.count().toInt(), "local time") + range(event.first(), event.last())

    private fun range(first: Instant?, last: Instant?): String =
        when {
            first == null -> ""
            first == last -> " at ${Formats.instant(first)}"
            else -> " from ${Formats.instant(first)} to ${Formats.instant(last!!)}"
        }

    /** The state of a fire, what a clock change did to it, and why. */
    fun of(fire: FireView): String {
        val clockChange =
            when (fire.clockChange()) {
                "shifted" -> "${fire.nominal()} does not exist, fired later"
                "first-of-repeated" -> "the first of two"
                "second-of-repeated" -> "the second of two"
                else -> null
            }
        val merged = fire.merged().ifEmpty { null }?.let { "also for ${it.joinToString(" ")}" }
        val cause = fire.cause().takeIf { it != FireRecord.Cause.SCHEDULE }?.name?.lowercase()
        val notes = listOfNotNull(cause, clockChange, merged, fire.reason())
        return fire.state().name.lowercase() +
            if (notes.isEmpty()) "" else ": " + notes.joinToString("; ")
    }
}
