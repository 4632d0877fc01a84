package dev.emrys.schedule

import java.time.Instant
import java.time.ZoneId

fun zone(id: String): ScheduleZone = ScheduleZone.of(ZoneId.of(id))

fun schedule(text: String, zone: String = "UTC"): Schedule =
    Schedule.of("daily-etl", CronExpression.parse(text, "daily-etl"), zone(zone))

val Schedule.fires: Fires
    get() = Fires.of(this)

fun instant(text: String): Instant = Instant.parse(text)

/** One line for each occurrence, as `02:30 -> 01:30Z shifted by PT1H`. */
fun Fires.lines(from: String, to: String): List<String> =
    between(instant(from), instant(to)).map { it.line() }.toList()

private fun Occurrence.line(): String =
    when (this) {
        is Omission -> "$nominal -> $reason"
        is Fire -> {
            val how =
                when (val it = kind) {
                    is FireKind.Regular -> ""
                    is FireKind.Shifted -> " shifted by ${it.by}"
                    is FireKind.FirstOfRepeated -> " first"
                    is FireKind.SecondOfRepeated -> " second"
                }
            val with = if (merged.isEmpty()) "" else " with $merged"
            "$nominal -> ${instant.atOffset(offset)}$how$with"
        }
    }
