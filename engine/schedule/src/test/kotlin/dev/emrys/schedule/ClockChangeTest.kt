package dev.emrys.schedule

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.time.Duration
import java.time.LocalDateTime

class ClockChangeTest :
    FunSpec({
        test("a daily time in a gap is shifted by its length unless the author says otherwise") {
            val daily = schedule("30 2 * * *", "Europe/Berlin")
            daily.fires.lines("2026-03-28T00:00:00Z", "2026-03-31T00:00:00Z") shouldContainExactly
                listOf(
                    "2026-03-28T02:30 -> 2026-03-28T02:30+01:00",
                    "2026-03-29T02:30 -> 2026-03-29T03:30+02:00 shifted by PT1H",
                    "2026-03-30T02:30 -> 2026-03-30T02:30+02:00",
                )
            daily
                .withClockChanges(Gap.SKIP, null)
                .fires
                .lines("2026-03-29T00:00:00Z", "2026-03-30T00:00:00Z") shouldContainExactly
                listOf("2026-03-29T02:30 -> GAP")
        }

        test("a daily time that is repeated fires first, last or twice") {
            val daily = schedule("30 2 * * *", "Europe/Berlin")
            fun lines(repeat: Repeat?) =
                daily
                    .withClockChanges(null, repeat)
                    .fires
                    .lines("2026-10-25T00:00:00Z", "2026-10-26T00:00:00Z")
            val first = "2026-10-25T02:30 -> 2026-10-25T02:30+02:00 first"
            val second = "2026-10-25T02:30 -> 2026-10-25T02:30+01:00 second"
            val omitted = "2026-10-25T02:30 -> REPEATED"
            lines(null) shouldBe listOf(first, omitted)
            lines(Repeat.FIRST) shouldBe listOf(first, omitted)
            lines(Repeat.LAST) shouldBe listOf(omitted, second)
            lines(Repeat.BOTH) shouldBe listOf(first, second)
        }

        test("every half hour is every half hour of elapsed time") {
            val fires = schedule("*/30 * * * *", "America/New_York").fires
            listOf("2026-03-08T00:00:00Z", "2026-11-01T00:00:00Z").forEach { day ->
                val times =
                    fires
                        .between(instant(day), instant(day).plus(Duration.ofDays(2)))
                        .toList()
                        .filterIsInstance<Fire>()
                        .map { it.instant }
                times.size shouldBe 96
                times.zipWithNext { one, next -> Duration.between(one, next) }.toSet() shouldBe
                    setOf(Duration.ofMinutes(30))
            }
        }

        test("an hour with a step follows the clock too: a time in a gap is left out") {
            schedule("15 */2 * * *", "Europe/Berlin")
                .fires
                .lines("2026-03-28T23:00:00Z", "2026-03-29T03:00:00Z") shouldContainExactly
                listOf(
                    "2026-03-29T00:15 -> 2026-03-29T00:15+01:00",
                    "2026-03-29T02:15 -> GAP",
                    "2026-03-29T04:15 -> 2026-03-29T04:15+02:00",
                )
        }

        test("a shifted fire that meets a regular one is merged into it") {
            schedule("30 2,3 * * *", "Europe/Berlin")
                .fires
                .lines("2026-03-29T00:00:00Z", "2026-03-29T22:00:00Z") shouldContainExactly
                listOf("2026-03-29T03:30 -> 2026-03-29T03:30+02:00 with [2026-03-29T02:30]")
        }

        test("a fire says whether a clock change affects it") {
            val fires = schedule("30 2,3 * * *", "Europe/Berlin").fires
            fun affected(after: String) = fires.next(instant(after)).get().isAffectedByClockChange
            affected("2026-03-28T00:00:00Z") shouldBe false
            affected("2026-03-29T00:00:00Z") shouldBe true
            affected("2026-10-25T00:00:00Z") shouldBe true
        }

        test("Sao Paulo: midnight does not exist") {
            schedule("0 0 * * *", "America/Sao_Paulo")
                .fires
                .lines("2018-11-04T00:00:00Z", "2018-11-06T00:00:00Z") shouldContainExactly
                listOf(
                    "2018-11-04T00:00 -> 2018-11-04T01:00-02:00 shifted by PT1H",
                    "2018-11-05T00:00 -> 2018-11-05T00:00-02:00",
                )
            // The evening before the change back happens twice, midnight once.
            schedule("30 23 * * SAT", "America/Sao_Paulo")
                .withClockChanges(null, Repeat.BOTH)
                .fires
                .lines("2019-02-16T12:00:00Z", "2019-02-17T12:00:00Z") shouldContainExactly
                listOf(
                    "2019-02-16T23:30 -> 2019-02-16T23:30-02:00 first",
                    "2019-02-16T23:30 -> 2019-02-16T23:30-03:00 second",
                )
        }

        test("Cairo: a Friday's midnight does not exist") {
            schedule("0 0 * * FRI", "Africa/Cairo")
                .fires
                .lines("2023-04-27T12:00:00Z", "2023-04-28T12:00:00Z") shouldContainExactly
                listOf("2023-04-28T00:00 -> 2023-04-28T01:00+03:00 shifted by PT1H")
        }

        test("Lord Howe: the clock changes by half an hour") {
            val fires = schedule("15 2 * * *", "Australia/Lord_Howe").fires
            fires.lines("2026-10-03T14:00:00Z", "2026-10-04T00:00:00Z") shouldContainExactly
                listOf("2026-10-04T02:15 -> 2026-10-04T02:45+11:00 shifted by PT30M")
            schedule("45 1 * * *", "Australia/Lord_Howe")
                .withClockChanges(null, Repeat.BOTH)
                .fires
                .lines("2026-04-04T14:00:00Z", "2026-04-05T00:00:00Z") shouldContainExactly
                listOf(
                    "2026-04-05T01:45 -> 2026-04-05T01:45+11:00 first",
                    "2026-04-05T01:45 -> 2026-04-05T01:45+10:30 second",
                )
        }

        test("Apia: December 30, 2011 does not exist") {
            val daily = schedule("0 12 * * *", "Pacific/Apia")
            daily.fires.lines("2011-12-29T00:00:00Z", "2011-12-31T12:00:00Z") shouldContainExactly
                listOf(
                    "2011-12-29T12:00 -> 2011-12-29T12:00-10:00",
                    "2011-12-31T12:00 -> 2011-12-31T12:00+14:00 with [2011-12-30T12:00]",
                )
            daily
                .withClockChanges(Gap.SKIP, null)
                .fires
                .lines("2011-12-30T00:00:00Z", "2011-12-31T12:00:00Z") shouldContainExactly
                listOf(
                    "2011-12-30T12:00 -> GAP",
                    "2011-12-31T12:00 -> 2011-12-31T12:00+14:00",
                )
            schedule("0 12 30 * *", "Pacific/Apia")
                .fires
                .lines("2011-12-30T00:00:00Z", "2011-12-31T12:00:00Z") shouldContainExactly
                listOf("2011-12-30T12:00 -> 2011-12-31T12:00+14:00 shifted by PT24H")
        }

        test("Kwajalein: August 21, 1993 does not exist") {
            schedule("0 8 * * SAT", "Pacific/Kwajalein")
                .fires
                .lines("1993-08-20T00:00:00Z", "1993-08-23T00:00:00Z") shouldContainExactly
                listOf("1993-08-21T08:00 -> 1993-08-22T08:00+12:00 shifted by PT24H")
        }

        test("Dublin: winter time is the exception, with a negative saving") {
            val fires = schedule("30 1 * * *", "Europe/Dublin").fires
            fires.lines("2026-03-29T00:00:00Z", "2026-03-29T12:00:00Z") shouldContainExactly
                listOf("2026-03-29T01:30 -> 2026-03-29T02:30+01:00 shifted by PT1H")
            fires.lines("2026-10-25T00:00:00Z", "2026-10-25T12:00:00Z") shouldContainExactly
                listOf(
                    "2026-10-25T01:30 -> 2026-10-25T01:30+01:00 first",
                    "2026-10-25T01:30 -> REPEATED",
                )
        }

        test("Troll: the clock changes by two hours") {
            schedule("30 1,2 * * *", "Antarctica/Troll")
                .fires
                .lines("2026-03-29T00:00:00Z", "2026-03-29T12:00:00Z") shouldContainExactly
                listOf(
                    "2026-03-29T01:30 -> 2026-03-29T03:30+02:00 shifted by PT2H",
                    "2026-03-29T02:30 -> 2026-03-29T04:30+02:00 shifted by PT2H",
                )
            schedule("30 1,2 * * *", "Antarctica/Troll")
                .fires
                .lines("2026-10-24T22:00:00Z", "2026-10-25T12:00:00Z")
                .map { it.substringAfter("-> ") } shouldContainExactly
                listOf(
                    "2026-10-25T01:30+02:00 first",
                    "2026-10-25T02:30+02:00 first",
                    "REPEATED",
                    "REPEATED",
                )
        }

        test("the rules of the last years go on for ever") {
            val next =
                schedule("30 2 * * SUNL", "Europe/Berlin")
                    .fires
                    .next(instant("2100-03-01T00:00:00Z"))
            next.get().kind shouldBe FireKind.Shifted(Duration.ofHours(1))
            next.get().nominal shouldBe LocalDateTime.parse("2100-03-28T02:30")
        }

        test("after the year 9999 and before the year 1 there are no fires") {
            val fires = schedule("0 0 * * *", "Europe/Berlin").fires
            fires.next(instant("9999-12-31T12:00:00Z")).isEmpty shouldBe true
            fires.next(java.time.Instant.MAX).isEmpty shouldBe true
            fires.previous(java.time.Instant.MIN).isEmpty shouldBe true
            fires.next(java.time.Instant.MIN).get().nominal shouldBe
                LocalDateTime.parse("0001-01-01T00:00")
            fires.previous(java.time.Instant.MAX).get().nominal shouldBe
                LocalDateTime.parse("9999-12-31T00:00")
            fires.lines("+10000-02-01T00:00:00Z", "+10000-03-01T00:00:00Z").shouldBeEmpty()
        }
    })
