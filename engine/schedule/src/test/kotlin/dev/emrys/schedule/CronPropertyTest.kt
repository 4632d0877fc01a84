package dev.emrys.schedule

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.comparables.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.property.Arb
import io.kotest.property.PropTestConfig
import io.kotest.property.arbitrary.int
import io.kotest.property.arbitrary.long
import io.kotest.property.arbitrary.string
import io.kotest.property.checkAll
import java.time.LocalDateTime
import java.time.ZoneOffset
import kotlin.random.Random

private val MONTHS = listOf("JAN", "feb", "Mar", "APR", "MAY", "JUN", "JUL", "AUG", "SEP")
private val WEEKDAYS = listOf("SUN", "mon", "Tue", "WED", "THU", "FRI", "SAT")

/** Makes expressions from the whole dialect. Few of them never fire; those are refused. */
private class RandomCron(private val random: Random) {
    fun text(): String {
        val fields =
            listOf(
                field(0, 59, listOf()),
                field(0, 23, listOf()),
                dayOfMonth(),
                field(1, 12, MONTHS),
                dayOfWeek(),
            )
        val seconds = if (random.nextInt(3) == 0) listOf(field(0, 59, listOf())) else listOf()
        return (seconds + fields).joinToString(" ")
    }

    private fun field(low: Int, high: Int, names: List<String>) =
        List(1 + random.nextInt(2) * random.nextInt(3)) { element(low, high, names) }
            .joinToString(",")

    private fun element(low: Int, high: Int, names: List<String>): String {
        val (from, to) =
            listOf(random.nextInt(low, high + 1), random.nextInt(low, high + 1)).sorted()
        val step = random.nextInt(2, (high - low).coerceAtMost(30))
        return when (random.nextInt(9)) {
            0,
            1 -> "*"
            2 -> "*/$step"
            3 -> "$from-$to"
            4 -> "$from-$to/$step"
            5 -> "$from/$step"
            6 -> if (names.isEmpty()) "H" else names.random(random)
            7 -> if (step <= to - from) "H($from-$to)/$step" else "H($from-$to)"
            else -> "$from"
        }
    }

    private fun dayOfMonth() =
        when (random.nextInt(8)) {
            0 -> "?"
            1 -> "L"
            2 -> "LW,${random.nextInt(1, 32)}W"
            3 -> "L-${random.nextInt(31)}"
            else -> field(1, 31, listOf())
        }

    private fun dayOfWeek() =
        when (random.nextInt(8)) {
            0 -> "?"
            1 -> "${WEEKDAYS.random(random)}#${random.nextInt(1, 6)}"
            2 -> "${WEEKDAYS.random(random)}L,${random.nextInt(8)}"
            3 -> "*"
            else -> field(0, 7, WEEKDAYS)
        }
}

private fun parse(text: String): CronExpression? =
    try {
        CronExpression.parse(text, "property")
    } catch (error: CronSyntaxException) {
        if ("never fires" !in error.problem()) throw error
        null
    }

@OptIn(io.kotest.common.ExperimentalKotest::class)
private val config = PropTestConfig(seed = 20261122L, iterations = 3000)

private fun local(second: Long) = LocalDateTime.ofEpochSecond(second, 0, ZoneOffset.UTC)

class CronPropertyTest :
    FunSpec({
        test("the next match is later, matches, and none is between") {
            checkAll(config, Arb.long(), Arb.long(0L..4_102_444_800L)) { seed, second ->
                val random = Random(seed)
                val text = RandomCron(random).text()
                val cron = parse(text) ?: return@checkAll
                val after = local(second)
                val next = cron.next(after).get()
                withClue("\"$text\" after $after: $next") {
                    next shouldBeGreaterThan after
                    cron.matches(next) shouldBe true
                    repeat(20) {
                        val seconds = java.time.Duration.between(after, next).seconds
                        val between = after.plusSeconds(random.nextLong(seconds) + 1)
                        if (between < next) cron.matches(between) shouldBe false
                    }
                    // The neighbours of both ends are where a mistake would be.
                    for (near in 1L..130L) {
                        if (after.plusSeconds(near) < next) {
                            cron.matches(after.plusSeconds(near)) shouldBe false
                        }
                        if (next.minusSeconds(near) > after) {
                            cron.matches(next.minusSeconds(near)) shouldBe false
                        }
                    }
                }
            }
        }

        test("next and previous are inverse at matches, also in the dates between") {
            checkAll(config, Arb.long(), Arb.long(0L..4_102_444_800L)) { seed, second ->
                val text = RandomCron(Random(seed)).text()
                val cron = parse(text) ?: return@checkAll
                val at = local(second)
                withClue("\"$text\" around $at") {
                    val next = cron.next(at).get()
                    val previous = cron.previous(next).get()
                    (previous <= at) shouldBe true
                    cron.matches(previous) shouldBe true
                    cron.next(previous).get() shouldBe next
                    if (cron.matches(at)) previous shouldBe at
                }
            }
        }

        test("a count is the number of matches") {
            checkAll(config, Arb.long(), Arb.long(0L..4_102_444_800L), Arb.int(0..5_000_000)) {
                seed,
                second,
                length ->
                val text = RandomCron(Random(seed)).text()
                val cron = parse(text) ?: return@checkAll
                val end = second + length
                val found =
                    generateSequence(cron.next(local(second - 1)).get()) { cron.next(it).get() }
                        .takeWhile { it < local(end) }
                        .take(3000)
                        .toList()
                // Where there are too many, only up to the last one that was found.
                val to =
                    if (found.size == 3000) found.last().toEpochSecond(ZoneOffset.UTC) + 1 else end
                withClue("\"$text\" from $second to $to") {
                    cron.fields().count(second, to) shouldBe found.size.toLong()
                }
            }
        }

        test("expressions of the dialect are parsed, and their text is kept") {
            checkAll(config, Arb.long()) { seed ->
                val text = RandomCron(Random(seed)).text()
                parse(text)?.let { it.text() shouldBe text }
            }
        }

        test("every text is parsed or refused with its one exception") {
            val symbols = "0123456789*/-,?#LWHl()@ \t SUNMOJAncrtz_=~+.é"
            val tokens =
                listOf(
                    "*",
                    "MON",
                    "1-5",
                    "H(1-",
                    "#2",
                    "LW",
                    "L-",
                    "/",
                    ",",
                    "CRON_TZ=",
                    "@daily",
                    "7L",
                )
            fun accepts(text: String) {
                try {
                    CronExpression.parse(text, "s").next(LocalDateTime.parse("2026-01-01T00:00"))
                } catch (error: CronSyntaxException) {
                    text.substring(error.offset(), error.offset() + error.length())
                }
            }
            checkAll(config, Arb.string()) { accepts(it) }
            checkAll(config, Arb.long()) { seed ->
                val random = Random(seed)
                accepts(List(random.nextInt(25)) { symbols.random(random) }.joinToString(""))
                accepts(
                    List(5) {
                            List(1 + random.nextInt(3)) { tokens.random(random) }.joinToString("")
                        }
                        .joinToString(" ")
                )
                val valid = RandomCron(random).text()
                val at = random.nextInt(valid.length)
                accepts(valid.replaceRange(at, at + 1, symbols.random(random).toString()))
            }
        }
    })
