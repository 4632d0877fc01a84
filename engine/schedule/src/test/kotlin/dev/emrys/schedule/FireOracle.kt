package dev.emrys.schedule

import java.time.Instant
import java.time.LocalDateTime
import java.time.ZoneOffset
import java.time.zone.ZoneRules

/** An expression with its meaning written a second time, as a question about one local time. */
class OracleExpression(
    val text: String,
    val followsClock: Boolean,
    private val predicate: (LocalDateTime) -> Boolean,
) {
    private val anySecond = text.split(' ').size == 6

    fun matches(time: LocalDateTime): Boolean = (anySecond || time.second == 0) && predicate(time)

    val cron: CronExpression = CronExpression.parse(text, "oracle")

    override fun toString() = text
}

/**
 * What one nominal time must become, in a comparable form. An omission has no offset and no kind.
 */
data class Expected(
    val nominal: LocalDateTime,
    val instant: Instant,
    val offset: ZoneOffset?,
    val what: String,
    val merged: List<LocalDateTime>,
)

fun Occurrence.comparable(): Expected =
    when (this) {
        is Fire ->
            Expected(
                nominal,
                instant,
                offset,
                when (val it = kind) {
                    is FireKind.Regular -> "regular"
                    is FireKind.Shifted -> "shifted by ${it.by.toSeconds()} s"
                    is FireKind.FirstOfRepeated -> "first"
                    is FireKind.SecondOfRepeated -> "second"
                },
                merged,
            )
        is Omission -> Expected(nominal, instant, null, reason.name, listOf())
    }

/**
 * Looks at each instant of a window, one after the other, and asks the zone for its offset. It
 * knows clock changes only because the offsets of neighbouring instants differ.
 *
 * @param from the first instant, in seconds
 * @param to the last instant, exclusive; the window must contain everything that the fires of the
 *   interesting part depend on, more than a day on each side
 * @param step the seconds between neighbours: 60 where all offsets and clock changes are whole
 *   minutes
 */
class FireOracle(private val rules: ZoneRules, from: Long, to: Long, step: Long) {
    private class Seen(val at: Long, val offset: Int, val local: Long) {
        val time: LocalDateTime = LocalDateTime.ofEpochSecond(local, 0, ZoneOffset.UTC)
    }

    /** A local time that no instant has. */
    private class Missing(val local: Long, val changeAt: Long, val length: Int) {
        val time: LocalDateTime = LocalDateTime.ofEpochSecond(local, 0, ZoneOffset.UTC)
    }

    private val seen: List<Seen>
    private val missing = mutableListOf<Missing>()

    /** For each local time that two instants have, the two instants. */
    private val repeated = mutableMapOf<Long, Pair<Long, Long>>()

    init {
        seen =
            (from until to step step).map {
                val offset = rules.getOffset(Instant.ofEpochSecond(it)).totalSeconds
                Seen(it, offset, it + offset)
            }
        val firstAt = mutableMapOf<Long, Long>()
        var before: Seen? = null
        for (now in seen) {
            if (before != null && now.offset > before.offset) {
                for (local in before.local + step until now.local step step) {
                    missing += Missing(local, now.at, now.offset - before.offset)
                }
            }
            val first = firstAt.putIfAbsent(now.local, now.at)
            if (first != null) repeated[now.local] = first to now.at
            before = now
        }
    }

    /** The local times that match, computed once for all policies. */
    inner class Matches(private val expression: OracleExpression) {
        private val matching = seen.filter { expression.matches(it.time) }
        private val matchingMissing = missing.filter { expression.matches(it.time) }

        /** Everything from [from] to [to], exclusive, in order. */
        fun expected(gap: Gap?, repeat: Repeat?, from: Long, to: Long): List<Expected> {
            val skip = (gap ?: if (expression.followsClock) Gap.SKIP else Gap.SHIFT) == Gap.SKIP
            val chosen = repeat ?: if (expression.followsClock) Repeat.BOTH else Repeat.FIRST
            val all = mutableListOf<Expected>()
            val shifted = mutableMapOf<Long, Missing>()
            for (it in matchingMissing) {
                if (skip) all += omission(it.time, it.changeAt, "GAP")
                else shifted[it.local + it.length - offsetAt(it.changeAt)] = it
            }
            for (it in matching) {
                val twice = repeated[it.local]
                val fires =
                    twice == null ||
                        when (chosen) {
                            Repeat.FIRST -> it.at == twice.first
                            Repeat.LAST -> it.at == twice.second
                            Repeat.BOTH -> true
                        }
                if (!fires) {
                    all += omission(it.time, it.at, "REPEATED")
                } else {
                    val kind =
                        when (it.at) {
                            twice?.first -> "first"
                            twice?.second -> "second"
                            else -> "regular"
                        }
                    val merged = listOfNotNull(shifted.remove(it.at)?.time)
                    all += Expected(it.time, instant(it.at), offset(it.at), kind, merged)
                }
            }
            for ((at, it) in shifted) {
                all +=
                    Expected(
                        it.time,
                        instant(at),
                        offset(at),
                        "shifted by ${it.length} s",
                        listOf(),
                    )
            }
            return all.filter { it.instant.epochSecond in from until to }
                .sortedWith(compareBy({ it.instant }, { it.nominal }))
        }
    }

    private fun omission(time: LocalDateTime, at: Long, reason: String) =
        Expected(time, instant(at), null, reason, listOf())

    private fun offsetAt(at: Long) = rules.getOffset(instant(at)).totalSeconds

    private fun offset(at: Long) = rules.getOffset(instant(at))

    private fun instant(at: Long) = Instant.ofEpochSecond(at)
}
