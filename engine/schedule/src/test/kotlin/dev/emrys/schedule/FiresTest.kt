package dev.emrys.schedule

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.comparables.shouldBeGreaterThan
import io.kotest.matchers.comparables.shouldBeLessThan
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.time.DayOfWeek
import java.time.Duration
import java.time.Instant
import java.time.LocalDate
import java.time.MonthDay
import kotlin.random.Random

private fun excluding(
    dates: List<DateRange> = listOf(),
    yearly: List<MonthDay> = listOf(),
    weekdays: List<DayOfWeek> = listOf(),
) = Exclusions.of(dates, yearly, weekdays)

private fun every(duration: Duration) = Schedule.of("s", Interval.every(duration), ScheduleZone.UTC)

private fun Fires.instants(from: String, to: String) =
    between(instant(from), instant(to)).toList().filterIsInstance<Fire>().map {
        it.instant.toString()
    }

class FiresTest :
    FunSpec({
        test("next and previous are strict, also within a second") {
            val fires = schedule("0 3 * * *").fires
            val at = instant("2026-01-02T03:00:00Z")
            fires.next(at).get().instant shouldBe instant("2026-01-03T03:00:00Z")
            fires.next(at.minusNanos(1)).get().instant shouldBe at
            fires.previous(at).get().instant shouldBe instant("2026-01-01T03:00:00Z")
            fires.previous(at.plusNanos(1)).get().instant shouldBe at
        }

        test("the start is inclusive, the end exclusive, and what is outside is told") {
            val fires =
                schedule("0 3 * * *")
                    .between(instant("2026-01-02T03:00:00Z"), instant("2026-01-04T03:00:00Z"))
                    .fires
            fires.lines("2026-01-01T00:00:00Z", "2026-01-05T00:00:00Z") shouldContainExactly
                listOf(
                    "2026-01-01T03:00 -> BEFORE_START",
                    "2026-01-02T03:00 -> 2026-01-02T03:00Z",
                    "2026-01-03T03:00 -> 2026-01-03T03:00Z",
                    "2026-01-04T03:00 -> AFTER_END",
                )
            fires.next(Instant.MIN).get().instant shouldBe instant("2026-01-02T03:00:00Z")
            fires.next(instant("2026-01-03T03:00:00Z")).isEmpty shouldBe true
            fires.previous(Instant.MAX).get().instant shouldBe instant("2026-01-03T03:00:00Z")
            fires.previous(instant("2026-01-02T03:00:00Z")).isEmpty shouldBe true
            fires.count(instant("2000-01-01T00:00:00Z"), instant("2030-01-01T00:00:00Z")) shouldBe 2
        }

        test("a start with a fraction of a second is rounded up") {
            val start = instant("2026-01-02T03:00:00.5Z")
            schedule("0 3 * * *")
                .between(start, null)
                .fires
                .next(Instant.MIN)
                .get()
                .instant shouldBe instant("2026-01-03T03:00:00Z")
        }

        test("excluded days do not fire: single days, ranges, days of the year and of the week") {
            val exclusions =
                excluding(
                    listOf(
                        DateRange.of(LocalDate.parse("2026-12-22")),
                        DateRange(LocalDate.parse("2026-12-28"), LocalDate.parse("2026-12-30")),
                    ),
                    listOf(MonthDay.of(12, 25), MonthDay.of(1, 1)),
                    listOf(DayOfWeek.SATURDAY, DayOfWeek.SUNDAY),
                )
            val fires = schedule("0 3 * * *", "Europe/Berlin").excluding(exclusions).fires
            val from = "2026-12-21T00:00:00Z"
            val to = "2027-01-05T00:00:00Z"
            fires.instants(from, to).map { it.substring(5, 10) } shouldContainExactly
                listOf("12-21", "12-23", "12-24", "12-31", "01-04")
            fires.lines(from, to).count { it.endsWith("-> EXCLUDED") } shouldBe 10
            generateSequence(fires.next(instant(from)).get()) { fires.next(it.instant).get() }
                .takeWhile { it.instant < instant(to) }
                .map { it.instant.toString() }
                .toList() shouldBe fires.instants(from, to)
            fires.previous(instant("2027-01-04T00:00:00Z")).get().instant.toString() shouldBe
                "2026-12-31T02:00:00Z"
            fires.count(instant(from), instant(to)) shouldBe 5
        }

        test("the day of an excluded fire is its nominal one") {
            // 00:30 of the day is shifted, 23:30 the day before happens twice.
            val fires =
                schedule("30 0 * * *", "America/Sao_Paulo")
                    .excluding(excluding(listOf(DateRange.of(LocalDate.parse("2018-11-04")))))
                    .fires
            fires.lines("2018-11-04T00:00:00Z", "2018-11-06T00:00:00Z") shouldContainExactly
                listOf("2018-11-04T00:30 -> EXCLUDED", "2018-11-05T00:30 -> 2018-11-05T00:30-02:00")
            val apia =
                schedule("0 12 * * *", "Pacific/Apia")
                    .excluding(excluding(listOf(DateRange.of(LocalDate.parse("2011-12-31")))))
                    .fires
            apia.lines("2011-12-30T00:00:00Z", "2011-12-31T12:00:00Z") shouldContainExactly
                listOf(
                    "2011-12-30T12:00 -> 2011-12-31T12:00+14:00 shifted by PT24H",
                    "2011-12-31T12:00 -> EXCLUDED",
                )
        }

        test("of several reasons limits come first, then exclusions, then the clock") {
            val skipping =
                schedule("30 2,3 * * *", "Europe/Berlin").withClockChanges(Gap.SKIP, null)
            val excluded =
                skipping.excluding(excluding(listOf(DateRange.of(LocalDate.parse("2026-03-29")))))
            val later = excluded.between(instant("2026-04-01T00:00:00Z"), null)
            fun reasons(schedule: Schedule) =
                schedule.fires.lines("2026-03-29T00:00:00Z", "2026-03-29T12:00:00Z").map {
                    it.substringAfter("T").substringBefore("+")
                }
            reasons(skipping).first() shouldBe "02:30 -> GAP"
            reasons(excluded) shouldBe listOf("02:30 -> EXCLUDED", "03:30 -> EXCLUDED")
            reasons(later) shouldBe listOf("02:30 -> BEFORE_START", "03:30 -> BEFORE_START")
            val merged = schedule("30 2,3 * * *", "Europe/Berlin")
            reasons(merged.between(instant("2026-04-01T00:00:00Z"), null)) shouldBe
                listOf("02:30 -> BEFORE_START", "03:30 -> BEFORE_START")
            reasons(merged.between(null, instant("2026-03-29T00:30:00Z"))) shouldBe
                listOf("02:30 -> AFTER_END", "03:30 -> AFTER_END")
        }

        test("an expression that is excluded on all its days has no next fire") {
            val fires =
                schedule("0 3 * * MON")
                    .excluding(excluding(weekdays = listOf(DayOfWeek.MONDAY)))
                    .fires
            fires.next(instant("2026-01-01T00:00:00Z")).isEmpty shouldBe true
            fires.previous(instant("2026-01-01T00:00:00Z")).isEmpty shouldBe true
        }

        test("an interval counts elapsed time from the start, or from 1970") {
            every(Duration.ofHours(7))
                .fires
                .instants("1970-01-01T00:00:00Z", "1970-01-01T15:00:00Z") shouldBe
                listOf("1970-01-01T00:00:00Z", "1970-01-01T07:00:00Z", "1970-01-01T14:00:00Z")
            val started =
                every(Duration.ofHours(7)).between(instant("2026-03-01T10:11:12Z"), null).fires
            started.instants("2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z") shouldBe
                listOf("2026-03-01T10:11:12Z", "2026-03-01T17:11:12Z")
            started.next(Instant.MIN).get().instant shouldBe instant("2026-03-01T10:11:12Z")
        }

        test("clock changes do not affect an interval, whose local times are still told") {
            val fires = every(Duration.ofHours(1)).`in`(zone("Europe/Berlin")).fires
            fires.lines("2026-10-25T00:00:00Z", "2026-10-25T02:00:00Z") shouldContainExactly
                listOf(
                    "2026-10-25T02:00 -> 2026-10-25T02:00+02:00",
                    "2026-10-25T02:00 -> 2026-10-25T02:00+01:00",
                )
        }

        test("an interval leaves out excluded days in its zone, by next, previous and count") {
            val random = Random(20261122)
            val zones = listOf("Europe/Berlin", "America/Sao_Paulo", "Pacific/Apia", "UTC")
            repeat(60) { i ->
                val weekdays = DayOfWeek.values().toList().shuffled(random).take(random.nextInt(4))
                val day = LocalDate.parse("2011-12-15").plusDays(random.nextLong(30))
                val schedule =
                    every(Duration.ofMinutes(random.nextLong(1, 900)))
                        .`in`(zone(zones[i % zones.size]))
                        .excluding(
                            excluding(listOf(DateRange(day, day.plusDays(3))), weekdays = weekdays)
                        )
                val from = instant("2011-12-01T00:00:00Z")
                val to = instant("2012-02-01T00:00:00Z")
                withClue(schedule) { consistent(schedule.fires, from, to) }
            }
        }

        test("a cron schedule with exclusions is consistent by next, previous and count") {
            val random = Random(20261123)
            val zones = listOf("Europe/Berlin", "America/Sao_Paulo", "Pacific/Apia", "Africa/Cairo")
            val texts = listOf("*/20 * * * *", "30 2,3 * * *", "0 0 * * *", "15 23,0 L,1-20 * *")
            repeat(80) { i ->
                val weekdays = DayOfWeek.values().toList().shuffled(random).take(random.nextInt(4))
                val day = LocalDate.parse("2010-12-15").plusDays(random.nextLong(400))
                val schedule =
                    schedule(texts[i % 4], zones[i / 4 % 4])
                        .withClockChanges(
                            (listOf(null) + Gap.values()).random(random),
                            (listOf(null) + Repeat.values()).random(random),
                        )
                        .excluding(
                            excluding(
                                listOf(DateRange(day, day.plusDays(9))),
                                listOf(MonthDay.of(12, 30)),
                                weekdays,
                            )
                        )
                        .between(instant("2011-01-01T00:00:00Z"), instant("2012-01-15T00:00:00Z"))
                val from = instant("2010-12-01T00:00:00Z")
                val to = instant("2012-02-01T00:00:00Z")
                withClue(schedule) { consistent(schedule.fires, from, to) }
            }
        }

        test("data intervals meet, over excluded days too, and the first one is whole") {
            val fires =
                schedule("0 3 * * *", "Europe/Berlin")
                    .between(instant("2026-03-27T00:00:00Z"), null)
                    .excluding(excluding(weekdays = listOf(DayOfWeek.SATURDAY)))
                    .fires
            val first = fires.next(Instant.MIN).get()
            fires.dataInterval(first) shouldBe
                DataInterval(instant("2026-03-26T02:00:00Z"), instant("2026-03-27T02:00:00Z"))
            val second = fires.next(first.instant).get()
            fires.dataInterval(second) shouldBe
                DataInterval(instant("2026-03-27T02:00:00Z"), instant("2026-03-29T01:00:00Z"))
            second.logicalDate() shouldBe instant("2026-03-29T01:00:00Z")
        }

        test("the jitter is stable, below its bound, and different from fire to fire") {
            val fires = schedule("0 * * * *").withJitter(Duration.ofMinutes(10)).fires
            val times =
                fires
                    .between(instant("2026-01-01T00:00:00Z"), instant("2026-01-03T00:00:00Z"))
                    .toList()
                    .filterIsInstance<Fire>()
            val delays = times.map { Duration.between(it.instant, fires.due(it)) }
            delays.all { it >= Duration.ZERO && it < Duration.ofMinutes(10) } shouldBe true
            delays.toSet().size shouldBeGreaterThan 40
            times.map { fires.due(it) } shouldBe
                schedule("0 * * * *").withJitter(Duration.ofMinutes(10)).fires.let { again ->
                    times.map { again.due(it) }
                }
            // Journals hold what was computed, so the value must never change.
            fires.due(times[0]) shouldBe instant("2026-01-01T00:00:11.126Z")
        }

        test("with jitter no fire overtakes the next one") {
            val fires =
                schedule("*/2 0,1 * * * *", "Europe/Berlin").withJitter(Duration.ofHours(1)).fires
            val times =
                fires
                    .between(instant("2026-01-01T00:00:00Z"), instant("2026-01-01T02:00:00Z"))
                    .toList()
                    .filterIsInstance<Fire>()
            times.zipWithNext().forEach { (one, next) ->
                fires.due(one) shouldBeLessThan next.instant
            }
            val lastOfHour = times.last { it.nominal.minute == 1 }
            Duration.between(lastOfHour.instant, fires.due(lastOfHour)) shouldBeGreaterThan
                Duration.ofSeconds(2)
        }

        test("a schedule refuses contradictions") {
            val at = instant("2026-01-01T00:00:00Z")
            val cron = schedule("0 3 * * *")
            shouldThrow<IllegalArgumentException> { cron.between(at, at) }
            shouldThrow<IllegalArgumentException> { cron.withJitter(Duration.ofSeconds(-1)) }
            shouldThrow<IllegalArgumentException> { Interval.every(Duration.ofMillis(1500)) }
            shouldThrow<IllegalArgumentException> { Interval.every(Duration.ZERO) }
            shouldThrow<IllegalArgumentException> {
                excluding(weekdays = DayOfWeek.values().toList())
            }
            shouldThrow<IllegalArgumentException> {
                DateRange(LocalDate.parse("2026-01-02"), LocalDate.parse("2026-01-01"))
            }
            shouldThrow<IllegalArgumentException> {
                    schedule("CRON_TZ=Europe/Berlin 0 3 * * *", "Asia/Tokyo")
                }
                .message!! shouldContain "CRON_TZ=Europe/Berlin"
            schedule("CRON_TZ=Asia/Tokyo 0 3 * * *", "Asia/Tokyo")
                .fires
                .next(at)
                .get()
                .instant shouldBe instant("2026-01-01T18:00:00Z")
        }
    })

/** The sequence, next, previous and count say the same. */
private fun consistent(fires: Fires, from: Instant, to: Instant) {
    val listed = fires.between(from, to).toList()
    listed.zipWithNext().all { (one, next) -> one.instant() <= next.instant() } shouldBe true
    val expected = listed.filterIsInstance<Fire>()
    val forward =
        generateSequence(fires.next(from.minusNanos(1)).orElse(null)) {
                fires.next(it.instant).orElse(null)
            }
            .takeWhile { it.instant < to }
            .toList()
    val backward =
        generateSequence(fires.previous(to).orElse(null)) {
                fires.previous(it.instant).orElse(null)
            }
            .takeWhile { it.instant >= from }
            .toList()
    forward shouldBe expected
    backward.reversed() shouldBe expected
    fires.count(from, to) shouldBe expected.size.toLong()
    // Also from instants that are no fires, such as those within a shifted or repeated hour.
    val random = Random(expected.size)
    val nearChanges =
        changes(fires, from, to).map { it.plusSeconds(random.nextLong(4000)) }.filter { it < to }
    val anywhere = List(20) { from.plusSeconds(random.nextLong(to.epochSecond - from.epochSecond)) }
    for (at in anywhere + nearChanges) {
        fires.next(at).orElse(null)?.takeIf { it.instant < to } shouldBe
            expected.firstOrNull { it.instant > at }
        fires.previous(at).orElse(null)?.takeIf { it.instant >= from } shouldBe
            expected.lastOrNull { it.instant < at }
        fires.count(from, at) shouldBe expected.count { it.instant < at }.toLong()
    }
    for (at in anywhere.take(1) + nearChanges) {
        val parts = fires.between(from, at).toList() + fires.between(at, to).toList()
        if (parts != listed) parts shouldBe listed
    }
    val exclusions = fires.schedule().exclusions()
    expected.none { exclusions.contains(it.nominal.toLocalDate()) } shouldBe true
    listed
        .filterIsInstance<Omission>()
        .filter { it.reason == Omission.Reason.EXCLUDED }
        .all { exclusions.contains(it.nominal.toLocalDate()) } shouldBe true
}

private fun changes(fires: Fires, from: Instant, to: Instant): List<Instant> {
    val rules = fires.schedule().zone().rules()
    return generateSequence(rules.nextTransition(from)) { rules.nextTransition(it.instant) }
        .map { it.instant }
        .takeWhile { it < to }
        .toList()
}
