package dev.emrys.schedule

import java.time.Instant
import java.time.LocalDateTime
import java.time.Year
import java.time.zone.ZoneOffsetTransition
import java.time.zone.ZoneRules
import java.time.zone.ZoneRulesProvider

private val FIRST: Instant = Instant.parse("1970-01-01T00:00:00Z")
private val LAST: Instant = Instant.parse("2038-01-01T00:00:00Z")

/** Rules and the clock changes that they have from 1970 to 2037. */
class RuleSet(val zone: String, val rules: ZoneRules) {
    val changes: List<ZoneOffsetTransition> =
        generateSequence(rules.nextTransition(FIRST)) { rules.nextTransition(it.instant) }
            .takeWhile { it.instant < LAST }
            .toList()

    /** What the rules do in these years; zones that do the same are tested once. */
    val behaviour: Any
        get() = listOf(rules.getOffset(FIRST)) + changes
}

/** Every distinct behaviour in the database, under the first name that has it. */
fun distinctRuleSets(): List<RuleSet> =
    ZoneRulesProvider.getAvailableZoneIds()
        .sorted()
        .map { RuleSet(it, ZoneRulesProvider.getRules(it, false)) }
        .distinctBy { it.behaviour }

/** Expressions of minutes that a clock change may affect. */
fun expressionsAround(change: ZoneOffsetTransition): List<OracleExpression> {
    val low = minOf(change.dateTimeBefore, change.dateTimeAfter)
    val high = maxOf(change.dateTimeBefore, change.dateTimeAfter)
    val middle = low.plusSeconds(java.time.Duration.between(low, high).seconds / 2)
    return listOf(
            daily(low),
            daily(low.minusMinutes(1)),
            daily(middle),
            daily(high),
            daily(high.minusMinutes(1)),
            twice(middle, high),
            weekly(middle),
            monthly(middle),
        )
        .distinctBy { it.text } + ALWAYS
}

private val ALWAYS =
    listOf(
        OracleExpression("0 * * * *", true) { it.minute == 0 },
        OracleExpression("*/30 * * * *", true) { it.minute % 30 == 0 },
        OracleExpression("15 */2 * * *", true) { it.minute == 15 && it.hour % 2 == 0 },
        OracleExpression("*/15 0-4,23 * * *", false) {
            it.minute % 15 == 0 && (it.hour <= 4 || it.hour == 23)
        },
        OracleExpression("0 0 * * *", false) { it.minute == 0 && it.hour == 0 },
        OracleExpression("30 1 L * *", false) {
            it.at(1, 30) && it.plusDays(1).dayOfMonth == 1
        },
        OracleExpression("30 2 1W,15W,LW * *", false) {
            it.at(2, 30) &&
                (it.isNearestWorkday(1) || it.isNearestWorkday(15) || it.isLastWorkday())
        },
        OracleExpression("30 2 * * SUNL,SUN#1,SUN#2", false) {
            it.at(2, 30) &&
                it.dayOfWeek.value == 7 &&
                (it.plusDays(7).month != it.month || it.dayOfMonth <= 14)
        },
    )

private fun LocalDateTime.at(hour: Int, minute: Int) = this.hour == hour && this.minute == minute

private fun LocalDateTime.isNearestWorkday(day: Int): Boolean {
    if (dayOfWeek.value > 5) return false
    val distance =
        mapOf(
            0 to true,
            -1 to (dayOfWeek.value == 5),
            1 to (dayOfWeek.value == 1),
            2 to (dayOfWeek.value == 1 && day == 1),
        )
    return distance[dayOfMonth - day] ?: false
}

private fun LocalDateTime.isLastWorkday(): Boolean {
    if (dayOfWeek.value > 5) return false
    val left = month.length(Year.isLeap(year.toLong())) - dayOfMonth
    return left == 0 || (dayOfWeek.value == 5 && left <= 2)
}

private fun daily(time: LocalDateTime) =
    OracleExpression("${time.minute} ${time.hour} * * *", false) { it.at(time.hour, time.minute) }

private fun twice(one: LocalDateTime, other: LocalDateTime) =
    OracleExpression("${one.minute} ${one.hour},${other.hour} * * *", false) {
        it.at(one.hour, one.minute) || it.at(other.hour, one.minute)
    }

private fun weekly(time: LocalDateTime): OracleExpression {
    val day = time.dayOfWeek
    return OracleExpression("${time.minute} ${time.hour} * * ${day.name.take(3)}", false) {
        it.at(time.hour, time.minute) && it.dayOfWeek == day
    }
}

private fun monthly(time: LocalDateTime): OracleExpression {
    val (day, month) = time.dayOfMonth to time.monthValue
    return OracleExpression("${time.minute} ${time.hour} $day $month *", false) {
        it.at(time.hour, time.minute) && it.dayOfMonth == day && it.monthValue == month
    }
}
