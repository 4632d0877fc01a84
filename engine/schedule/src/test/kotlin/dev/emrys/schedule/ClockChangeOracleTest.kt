package dev.emrys.schedule

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import java.time.Duration
import java.time.Instant
import java.time.zone.ZoneOffsetTransition
import kotlin.random.Random

private const val DAY = 86_400L

/** How far from a clock change the fires are compared. */
private const val WINDOW = 26 * 3600L

/** The oracle looks further, because a gap of a day shifts fires into the window. */
private const val MARGIN = WINDOW + 2 * DAY

private val GAPS = listOf(null) + Gap.values()
private val REPEATS = listOf(null) + Repeat.values()

/** `all`: every clock change instead of a sample. */
private val everything = System.getProperty("emrys.schedules") == "all"
private val seed =
    System.getProperty("emrys.schedules.seed")?.toLong() ?: System.nanoTime().and(0xffffff)

class ClockChangeOracleTest :
    FunSpec({
        val ruleSets = distinctRuleSets()
        val random = Random(seed)

        test("around clock changes fires and omissions are those of a search minute by minute") {
            ruleSets.size shouldBeGreaterThan 250
            var changes = 0
            var cases = 0L
            val started = System.nanoTime()
            for (set in ruleSets) {
                val chosen =
                    if (everything) set.changes
                    else set.changes.shuffled(random).take(SAMPLED_CHANGES)
                for (change in chosen) {
                    cases += compare(set, change, expressionsAround(change))
                    changes++
                }
            }
            val seconds = (System.nanoTime() - started) / 1_000_000_000.0
            if (everything)
                println(
                    "Clock changes: ${ruleSets.size} rule sets, $changes changes, $cases comparisons, " +
                        "%.1f s, seed $seed".format(seconds)
                )
        }

        test("around clock changes fires of every second are those of a search second by second") {
            val changes = ruleSets.flatMap { set -> set.changes.map { set to it } }
            val sample = changes.shuffled(random).take(if (everything) 200 else 10)
            val apia = RuleSet("Pacific/Apia", java.time.ZoneId.of("Pacific/Apia").rules)
            val skippedDay = apia.changes.single { it.duration == Duration.ofDays(1) }
            for ((set, change) in sample + (apia to skippedDay)) compareSeconds(set, change)
        }
    })

private const val SAMPLED_CHANGES = 2

/**
 * Compares every policy, by the sequence and by next and previous. Returns how many were compared.
 */
private fun compare(
    set: RuleSet,
    change: ZoneOffsetTransition,
    expressions: List<OracleExpression>,
): Long {
    val at = change.toEpochSecond()
    val from = at - WINDOW
    val to = at + WINDOW
    // Where an offset has seconds, local minutes are not at whole minutes of the epoch.
    val step = if (wholeMinutes(change)) 60L else 1L
    val oracle = FireOracle(set.rules, at - MARGIN, at + MARGIN, step)
    val zone = ScheduleZone.of(set.zone, set.rules, null)
    var compared = 0L
    for (expression in expressions) {
        val matches = oracle.Matches(expression)
        for (gap in GAPS) for (repeat in REPEATS) {
            val schedule = Schedule.of("s", expression.cron, zone).withClockChanges(gap, repeat)
            val expected = matches.expected(gap, repeat, from, to)
            withClue({
                "seed $seed, ${set.zone} $change, \"$expression\", gap $gap, repeat $repeat"
            }) {
                check(Fires.of(schedule), expected, from, to)
            }
            compared++
        }
    }
    return compared
}

private fun wholeMinutes(change: ZoneOffsetTransition) =
    change.toEpochSecond() % 60 == 0L &&
        change.offsetBefore.totalSeconds % 60 == 0 &&
        change.offsetAfter.totalSeconds % 60 == 0

private fun compareSeconds(set: RuleSet, change: ZoneOffsetTransition) {
    val at = change.toEpochSecond()
    val around = Duration.between(change.dateTimeBefore, change.dateTimeAfter).abs().seconds + 100
    val oracle = FireOracle(set.rules, at - 2 * around, at + 2 * around, 1)
    val low = minOf(change.dateTimeBefore, change.dateTimeAfter)
    val second = low.plusSeconds(17)
    val expressions =
        listOf(
            OracleExpression("* * * * * *", true) { true },
            OracleExpression("*/7 * ${low.hour},${low.plusHours(1).hour} * * *", false) {
                it.second % 7 == 0 && (it.hour == low.hour || it.hour == low.plusHours(1).hour)
            },
            OracleExpression("17 ${second.minute} ${second.hour} * * *", false) {
                it.second == 17 && it.minute == second.minute && it.hour == second.hour
            },
        )
    val zone = ScheduleZone.of(set.zone, set.rules, null)
    for (expression in expressions) {
        val matches = oracle.Matches(expression)
        for (gap in GAPS) for (repeat in REPEATS) {
            val schedule = Schedule.of("s", expression.cron, zone).withClockChanges(gap, repeat)
            val expected = matches.expected(gap, repeat, at - around, at + around)
            withClue({
                "seed $seed, ${set.zone} $change, \"$expression\", gap $gap, repeat $repeat"
            }) {
                check(Fires.of(schedule), expected, at - around, at + around)
            }
        }
    }
}

private fun check(fires: Fires, expected: List<Expected>, from: Long, to: Long) {
    val start = Instant.ofEpochSecond(from)
    val end = Instant.ofEpochSecond(to)
    val found = fires.between(start, end).map { it.comparable() }.toList()
    if (found != expected) found shouldBe expected
    val expectedFires = expected.filter { it.offset != null }
    val forward =
        generateSequence(fires.next(start.minusNanos(1)).orElse(null)) {
                fires.next(it.instant).orElse(null)
            }
            .takeWhile { it.instant < end }
            .map { it.comparable() }
            .toList()
    if (forward != expectedFires) forward shouldBe expectedFires
    val backward =
        generateSequence(fires.previous(end).orElse(null)) {
                fires.previous(it.instant).orElse(null)
            }
            .takeWhile { it.instant >= start }
            .map { it.comparable() }
            .toList()
            .reversed()
    if (backward != expectedFires) backward shouldBe expectedFires
    fires.count(start, end) shouldBe expectedFires.size.toLong()
}
