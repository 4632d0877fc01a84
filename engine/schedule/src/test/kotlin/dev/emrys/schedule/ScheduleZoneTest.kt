package dev.emrys.schedule

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldMatch
import java.time.LocalDateTime
import java.time.Month
import java.time.ZoneId
import java.time.ZoneOffset
import java.time.zone.ZoneOffsetTransition
import java.time.zone.ZoneRules
import java.time.zone.ZoneRulesProvider

class ScheduleZoneTest :
    FunSpec({
        test("a zone knows the version of the database that its rules come from") {
            zone("Europe/Berlin").tzdbVersion()!! shouldMatch Regex("20[0-9]{2}[a-z]+")
            zone("Europe/Berlin").tzdbVersion() shouldBe
                ZoneRulesProvider.getVersions("Europe/Berlin").lastKey()
            ScheduleZone.of(ZoneId.of("+02:00")).tzdbVersion() shouldBe null
            ScheduleZone.UTC.tzdbVersion() shouldBe null
        }

        test("other rules of a zone give other fires, as after an update of the database") {
            // The zone abolishes summer time: it keeps +01:00 from 2026 on.
            val winter = ZoneOffset.ofHours(1)
            val before = LocalDateTime.of(2025, Month.MARCH, 30, 2, 0)
            val after = LocalDateTime.of(2025, Month.OCTOBER, 26, 3, 0)
            val updated =
                ZoneRules.of(
                    winter,
                    winter,
                    listOf(),
                    listOf(
                        ZoneOffsetTransition.of(before, winter, ZoneOffset.ofHours(2)),
                        ZoneOffsetTransition.of(after, ZoneOffset.ofHours(2), winter),
                    ),
                    listOf(),
                )
            val daily = schedule("0 6 * * *", "Europe/Berlin")
            val new = daily.`in`(ScheduleZone.of("Europe/Berlin", updated, "2027a"))
            val summer = instant("2026-07-01T00:00:00Z")
            daily.fires.next(summer).get().instant shouldBe instant("2026-07-01T04:00:00Z")
            new.fires.next(summer).get().instant shouldBe instant("2026-07-01T05:00:00Z")
            new.zone().tzdbVersion() shouldBe "2027a"
            val then = instant("2025-07-01T00:00:00Z")
            new.fires.next(then) shouldBe daily.fires.next(then)
        }
    })
