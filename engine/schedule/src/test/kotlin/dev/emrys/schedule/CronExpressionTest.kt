package dev.emrys.schedule

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeIn
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.ints.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.time.DayOfWeek
import java.time.LocalDate
import java.time.LocalDateTime
import java.time.ZoneId

private fun cron(text: String, seed: String = "daily-etl") = CronExpression.parse(text, seed)

private fun CronExpression.after(start: String) =
    generateSequence(next(LocalDateTime.parse(start)).orElse(null)) { next(it).orElse(null) }

private fun days(text: String, year: Int) =
    cron("0 0 $text")
        .after("${year - 1}-12-31T23:59:59")
        .takeWhile { it.year == year }
        .map { it.toLocalDate() }
        .toList()

private fun monthDays(text: String, year: Int) =
    days(text, year).map { "${it.monthValue}/${it.dayOfMonth}" }

class CronExpressionTest :
    FunSpec({
        test("five fields fire at the start of a minute") {
            cron("30 2 * * *").after("2026-03-01T02:30").take(2).toList() shouldContainExactly
                listOf("2026-03-02T02:30", "2026-03-03T02:30").map(LocalDateTime::parse)
        }

        test("a sixth field before them is the second") {
            cron("5,50 30 2 * * *")
                .after("2026-03-01T02:30:05")
                .take(2)
                .toList() shouldContainExactly
                listOf("2026-03-01T02:30:50", "2026-03-02T02:30:05").map(LocalDateTime::parse)
        }

        test("ranges, steps and lists") {
            fun minutes(field: String) =
                cron("$field 0 1 1 *")
                    .after("2025-12-31T00:00")
                    .takeWhile { it.year == 2026 }
                    .map { it.minute }
                    .toList()
            minutes("*/20") shouldBe listOf(0, 20, 40)
            minutes("5/20") shouldBe listOf(5, 25, 45)
            minutes("10-20/5") shouldBe listOf(10, 15, 20)
            minutes("7,3,3-5") shouldBe listOf(3, 4, 5, 7)
            minutes("*/60") shouldBe listOf(0)
        }

        test("months and weekdays have names in either case, and 0 and 7 are Sunday") {
            monthDays("1 jan,Mar-MAY *", 2026) shouldBe listOf("1/1", "3/1", "4/1", "5/1")
            val sundays = days("* * 0", 2026)
            sundays.map { it.dayOfWeek }.toSet() shouldBe setOf(DayOfWeek.SUNDAY)
            days("* * 7", 2026) shouldBe sundays
            days("* * Sun", 2026) shouldBe sundays
            fun weekdays(field: String) =
                days("* * $field", 2026).map { it.dayOfWeek.value }.toSet()
            weekdays("SAT-SUN") shouldBe setOf(6, 7)
            weekdays("6-0") shouldBe setOf(6, 7)
            weekdays("5-7") shouldBe setOf(5, 6, 7)
            weekdays("SUN-TUE") shouldBe setOf(7, 1, 2)
            weekdays("MON-FRI/2") shouldBe setOf(1, 3, 5)
            weekdays("MON/2") shouldBe setOf(1, 3, 5, 7)
            weekdays("7-7") shouldBe setOf(7)
        }

        test("either of two restricted day fields matches, as in Vixie cron") {
            val either = days("13 * FRI", 2026)
            either.all { it.dayOfMonth == 13 || it.dayOfWeek == DayOfWeek.FRIDAY } shouldBe true
            either.count { it.dayOfMonth == 13 } shouldBe 12
            either.size shouldBe 61
        }

        test("a day field that begins with * restricts the other one, as crontab(5) says") {
            days("*/2 * MON", 2026).all {
                it.dayOfMonth % 2 == 1 && it.dayOfWeek.value == 1
            } shouldBe true
            days("? * MON", 2026) shouldBe days("* * MON", 2026)
            days("13 * ?", 2026) shouldBe days("13 * *", 2026)
        }

        test("L, L-n, W and LW are days of the month") {
            monthDays("L * *", 2024).take(3) shouldBe listOf("1/31", "2/29", "3/31")
            monthDays("L-2 2,4 *", 2023) shouldBe listOf("2/26", "4/28")
            // Only months with 31 days have such a day.
            monthDays("L-30 * *", 2023) shouldBe listOf(1, 3, 5, 7, 8, 10, 12).map { "$it/1" }
            // August 2026 begins on a Saturday and ends on a Monday; 15 is a Saturday, 16 a Sunday.
            monthDays("1W 8 *", 2026) shouldBe listOf("8/3")
            monthDays("15W 8 *", 2026) shouldBe listOf("8/14")
            monthDays("16W 8 *", 2026) shouldBe listOf("8/17")
            monthDays("LW 8 *", 2026) shouldBe listOf("8/31")
            // May 2026 ends on a Sunday, and the nearest workday must not be in June.
            monthDays("31W 5 *", 2026) shouldBe listOf("5/29")
            monthDays("LW 5 *", 2026) shouldBe listOf("5/29")
            monthDays("31W 4,5 *", 2026) shouldBe listOf("5/29")
            monthDays("1,LW 5 *", 2026) shouldBe listOf("5/1", "5/29")
        }

        test("# and L with a weekday are days of the week") {
            monthDays("* * FRI#2", 2026).take(3) shouldBe listOf("1/9", "2/13", "3/13")
            monthDays("* * 5#5", 2026) shouldBe listOf("1/30", "5/29", "7/31", "10/30")
            monthDays("* * 7#1", 2026) shouldBe monthDays("* * SUN#1", 2026)
            monthDays("* * FRIL", 2026).take(3) shouldBe listOf("1/30", "2/27", "3/27")
            monthDays("* * 0L", 2026) shouldBe monthDays("* * sunl", 2026)
        }

        test("leap days skip the year 2100") {
            cron("0 0 29 2 *").after("2095-01-01T00:00").take(2).map { it.year }.toList() shouldBe
                listOf(2096, 2104)
        }

        test("the names of crontab(5)") {
            fun first(name: String) =
                cron(name).next(LocalDateTime.parse("2026-03-04T05:06:07")).get()
            first("@yearly") shouldBe LocalDateTime.parse("2027-01-01T00:00")
            first("@annually") shouldBe LocalDateTime.parse("2027-01-01T00:00")
            first("@monthly") shouldBe LocalDateTime.parse("2026-04-01T00:00")
            first("@weekly") shouldBe LocalDateTime.parse("2026-03-08T00:00")
            first("@daily") shouldBe LocalDateTime.parse("2026-03-05T00:00")
            first("@Midnight") shouldBe LocalDateTime.parse("2026-03-05T00:00")
            first("@hourly") shouldBe LocalDateTime.parse("2026-03-04T06:00")
        }

        test("CRON_TZ= gives the zone") {
            cron("CRON_TZ=Europe/Berlin 0 3 * * *").zone().get() shouldBe ZoneId.of("Europe/Berlin")
            cron("CRON_TZ=UTC @daily").zone().get() shouldBe ZoneId.of("UTC")
            cron("0 3 * * *").zone().isEmpty shouldBe true
        }

        test("an hour with every value follows the clock, any other one does not") {
            listOf("* * * * *", "0 */2 * * *", "0 H/6 * * *", "0 0-23 * * *", "@hourly").forEach {
                withClue(it) { cron(it).followsClock() shouldBe true }
            }
            listOf("0 2 * * *", "* H * * *", "0 0-22 * * *", "0 */6,3 * * *", "0 H(0-7)/2 * * *")
                .forEach { withClue(it) { cron(it).followsClock() shouldBe false } }
        }

        test("a hash is stable, depends on the seed, and stays within its range") {
            // Stored schedules depend on these values.
            cron("H H H H H", "daily-etl").after("2026-01-01T00:00").first().toString() shouldBe
                "2026-12-05T12:11"
            val minutes =
                (1..200).map { cron("H * * * *", "s$it").after("2026-01-01T00:00").first().minute }
            minutes.toSet().size shouldBeGreaterThan 50
            val starts = sortedSetOf<Int>()
            (1..50).forEach { seed ->
                val twice =
                    cron("H(10-19)/5 * * * *", "s$seed")
                        .after("2026-01-01T00:59:59")
                        .take(2)
                        .toList()
                starts += twice[0].minute
                twice[1].minute shouldBe twice[0].minute + 5
                cron("0 0 H * *", "s$seed")
                    .after("2026-01-01T00:00")
                    .first()
                    .dayOfMonth shouldBeLessThan 29
                val day = cron("0 0 * * H(6-7)", "s$seed").after("2026-01-01T00:00").first()
                day.dayOfWeek.value shouldBeIn listOf(6, 7)
            }
            starts.toList() shouldBe (10..14).toList()
        }

        test("what never fires is refused, what fires in some years is not") {
            listOf("0 0 31 2 *", "0 0 30W 2 *", "0 0 31 4,6,9,11 *", "0 0 31 2 ?").forEach {
                withClue(it) {
                    val error = shouldThrow<CronSyntaxException> { cron(it) }
                    error.problem() shouldContain "never fires"
                    it.substring(error.offset(), error.offset() + error.length()) shouldBe
                        it.removePrefix("0 0 ")
                }
            }
            cron("0 0 * 2 MON#5").after("2026-01-01T00:00").first().toLocalDate() shouldBe
                LocalDate.parse("2044-02-29")
        }

        listOf(
                Triple("", "", "no fields"),
                Triple("* * * *", "", "only 4 fields"),
                Triple("0 0 * * * * 2026", "2026", "7 fields"),
                Triple("60 * * * *", "60", "minute 60"),
                Triple("0 24 * * *", "24", "hour 24"),
                Triple("0 0 0 * *", "0", "day of the month 0"),
                Triple("0 0 1-32 * *", "32", "day of the month 32"),
                Triple("0 0 * 13 *", "13", "month 13"),
                Triple("0 0 * * 8", "8", "day of the week 8"),
                Triple("0 0 * * MON#7", "7", "weekday number 7"),
                Triple("0 0 L-31 * *", "31", "31 days before"),
                Triple("0 0 32W * *", "32", "day of the month 32"),
                Triple("*/90 * * * *", "90", "step 90"),
                Triple("*/0 * * * *", "0", "step 0"),
                Triple("50-10 * * * *", "50-10", "ends before"),
                Triple("0 0 * * FRI-MON", "FRI-MON", "ends before"),
                Triple("1,,2 * * * *", "", "missing"),
                Triple("1,2, * * * *", "", "missing"),
                Triple("? * * * *", "?", "only for the two day fields"),
                Triple("0 0 ?,5 * *", "?", "part of a list"),
                Triple("0 0 * * MONDAY", "MONDAY", "three letters"),
                Triple("0 0 * JUNI *", "JUNI", "three letters"),
                Triple("0 0 * * XYZ", "XYZ", "not a day of the week"),
                Triple("0 0 * * L", "L", "different weekdays"),
                Triple("0 L * * *", "L", "not for the hour"),
                Triple("0 0 FRI#2 * *", "FRI#2", "not for the day of the month"),
                Triple("0 0 * * 1-5/2/3", "1-5/2/3", "not a day of the week"),
                Triple("0 0 1W5 * *", "1W5", "not a day of the month"),
                Triple("0 0 5LL * *", "5LL", "not a day of the month"),
                Triple("0 0 * * 1#", "1#", "not a day of the week"),
                Triple("1-5/ * * * *", "1-5/", "not a minute"),
                Triple("/5 * * * *", "/5", "not a minute"),
                Triple("+5 * * * *", "+5", "not a minute"),
                Triple("\u0665 * * * *", "\u0665", "not a minute"),
                Triple("0~30 * * * *", "0~30", "random"),
                Triple("H(9-3) * * * *", "H(9-3)", "ends before"),
                Triple("H(0-60) * * * *", "60", "minute 60"),
                Triple("H/1 * * * *", "1", "misunderstood"),
                Triple("H/61 * * * *", "61", "step 61"),
                Triple("HOURLY * * * *", "HOURLY", "not a hash"),
                Triple("@fortnightly", "@fortnightly", "Unknown name"),
                Triple("@reboot", "@reboot", "Unknown name"),
                Triple("CRON_TZ=Mars/Olympus 0 0 * * *", "Mars/Olympus", "Unknown zone"),
                Triple("TZ=UTC 0 0 * * *", "TZ=UTC", "prefix"),
            )
            .forEach { (text, part, problem) ->
                test("\"$text\" is refused with the position of \"$part\"") {
                    val error = shouldThrow<CronSyntaxException> { cron(text) }
                    error.problem() shouldContain problem
                    text.substring(error.offset(), error.offset() + error.length()) shouldBe part
                    error.fix() shouldContain Regex("""^(Write|Remove) .*\.$""")
                    error.message!! shouldContain error.fix()
                }
            }

        test("an error says what is wrong, where, and how to write it") {
            shouldThrow<CronSyntaxException> { cron("0 0 * * FRI-MON") }.message shouldBe
                "The range FRI-MON ends before it starts (characters 9 to 15 of \"0 0 * * FRI-MON\"). " +
                    "Write it as two ranges: FRI-SAT,SUN-MON."
            shouldThrow<CronSyntaxException> { cron("* * * *") }.message!! shouldContain
                "There are only 4 fields (at the end of \"* * * *\"). Write five fields"
            shouldThrow<CronSyntaxException> { cron("9,x * * * *") }.message!! shouldContain
                "\"x\" is not a minute (character 3 of"
            shouldThrow<CronSyntaxException> { cron("0 22-6 * * *") }.fix() shouldBe
                "Write it as two ranges: 22-23,0-6."
            shouldThrow<CronSyntaxException> { cron("CRON_TZ=europe/berlin 0 0 * * *") }
                .fix() shouldBe "Write Europe/Berlin."
        }
    })
