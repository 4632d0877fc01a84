package dev.emrys.language

import dev.emrys.schedule.AfterSuccess
import dev.emrys.schedule.Arrival
import dev.emrys.schedule.CatchUpPolicy
import dev.emrys.schedule.CronExpression
import dev.emrys.schedule.CronSyntaxException
import dev.emrys.schedule.DateRange
import dev.emrys.schedule.Exclusions
import dev.emrys.schedule.Interval
import dev.emrys.schedule.Schedule
import dev.emrys.schedule.ScheduleZone
import dev.emrys.schedule.Timing
import dev.emrys.spec.ScriptCode
import dev.emrys.spec.SourceLocation
import java.time.DateTimeException
import java.time.DayOfWeek
import java.time.Instant
import java.time.LocalDate
import java.time.LocalDateTime
import java.time.MonthDay
import java.time.ZoneId
import java.util.Locale
import kotlin.time.Duration
import kotlin.time.Duration.Companion.days
import kotlin.time.Duration.Companion.hours

/**
 * A schedule of a pipeline.
 *
 * @property name unique within the pipeline
 * @property schedule its fires
 * @property catchUp what happens to fires that were missed
 * @property overlap what happens to a fire while a run of the schedule is running
 * @property pauseAfterFailures how many consecutive failures pause it; 0 for never
 */
public data class DeclaredSchedule(
    val name: String,
    val schedule: Schedule,
    val location: SourceLocation,
    val catchUp: CatchUpPolicy = CatchUpPolicy.DEFAULT,
    val overlap: dev.emrys.schedule.Overlap = dev.emrys.schedule.Overlap.Skip(),
    val pauseAfterFailures: Int = 0,
)

/** The block of a schedule. */
@EmrysDsl
public class ScheduleScope
internal constructor(
    private val script: Script,
    private val name: String,
    private val trigger: Trigger? = null,
) {
    /**
     * The time zone of the expression, of [start], [end] and the excluded days, by its name in the
     * IANA database: `zone = "Europe/Berlin"`. Default: that of `CRON_TZ=` in the expression, else
     * UTC.
     *
     * For a schedule that waits for files or objects it is the zone of `logicalDate` and
     * `logicalTime` too.
     */
    public var zone: String? = null

    /**
     * See [Gap]. Default: [Gap.Shift]; for an expression whose hour is `*` or a step of `*`
     * [Gap.Skip], so that it follows the clock. Not for a schedule that waits for something.
     */
    public var gap: Gap? = null

    /**
     * See [Repeat]. Default: [Repeat.First]; for an expression whose hour is `*` or a step of `*`
     * [Repeat.Both], so that every 30 minutes stay every 30 minutes. Not for a schedule that waits
     * for something.
     */
    public var repeat: Repeat? = null

    /**
     * Each fire starts later by a time below this, which is always the same for the same fire, and
     * never reaches the next one: for schedules that would all start at once. Default: none. Not
     * for a schedule that waits for something.
     */
    public var jitter: Duration? = null

    /**
     * No fire before this local date, or date and time: `start = "2026-01-01T06:00"`. Default:
     * none. For a schedule that waits for something, what ends or arrives outside of [start] and
     * [end], or on an excluded day, is recorded as skipped.
     */
    public var start: String? = null

    /** No fire at or after this local date, or date and time. Default: none. */
    public var end: String? = null

    /**
     * See [CatchUp]. Default: [CatchUp.Last]. For a schedule that waits for something: what ended
     * or arrived more than a minute before it was seen, because nothing ran the schedules; by
     * default nothing is lost, `CatchUp.All(10_000)`; with [CatchUp.Last] only the newest run, file
     * or object counts.
     */
    public var catchUp: CatchUp = if (trigger == null) CatchUp.Last else CatchUp.All(MOST)

    /**
     * A fire that is later than this is not started any more. Default: 24 hours; no limit for a
     * schedule that waits for something.
     */
    public var catchUpWindow: Duration = if (trigger == null) 24.hours else LONGEST

    /**
     * See [Overlap]. Default: [Overlap.Skip]; `Overlap.BufferAll(10_000)` for a schedule that waits
     * for something, since what a skipped fire was for is not processed by a later one.
     */
    public var overlap: Overlap = if (trigger == null) Overlap.Skip else Overlap.BufferAll(MOST)

    /**
     * For files and objects: for how long the size and the time of the last modification have not
     * changed when it counts as arrived. A program that writes slowly may need more. What is
     * written elsewhere and moved has arrived at once if it was modified longer ago. Default: 10
     * seconds.
     */
    public var settle: Duration? = null

    /**
     * For files and objects: the time between two looks, from 1 second to 1 day. A look at many
     * files takes long; the pause is then longer, so that looking takes a fiftieth of the time at
     * most. Default: 5 seconds.
     */
    public var pollEvery: Duration? = null

    private var failures = 0

    /**
     * Pauses the schedule when so many of its runs have failed one after the other, until `emrys
     * schedule resume`. Default: never.
     */
    public fun pauseAfterFailures(runs: Int) {
        if (runs < 1) wrong("pauseAfterFailures", "$runs", "how many runs have to fail, at least 1")
        else failures = runs
    }

    private val dates = ArrayList<DateRange>()
    private val yearly = ArrayList<MonthDay>()
    private val weekdays = ArrayList<DayOfWeek>()

    /**
     * Days on which it does not fire: dates, ranges of dates, days of every year, days of the week.
     *
     * ```
     * exclude("2026-12-25", "2026-12-24..2027-01-01", "12-25", "saturday")
     * ```
     */
    public fun exclude(vararg days: String) {
        days.forEach(::exclude)
    }

    private fun exclude(day: String) {
        val text = day.trim()
        val weekday = DayOfWeek.entries.find { it.name.equals(text, ignoreCase = true) }
        try {
            when {
                weekday != null -> weekdays.add(weekday)
                ".." in text ->
                    dates.add(
                        DateRange(
                            LocalDate.parse(text.substringBefore("..").trim()),
                            LocalDate.parse(text.substringAfter("..").trim()),
                        )
                    )
                YEARLY.matches(text) -> yearly.add(MonthDay.parse("--$text"))
                else -> dates.add(DateRange.of(LocalDate.parse(text)))
            }
        } catch (_: DateTimeException) {
            wrong(
                "exclude",
                day,
                "a date (2026-12-25), a range (2026-12-24..2027-01-01), a day of the year (12-25) or a day of the week (saturday)",
            )
        } catch (e: IllegalArgumentException) {
            script.report(ScriptCode.SCHEDULE_IMPOSSIBLE, name, "${e.message}")
        }
    }

    private fun wrong(word: String, value: String, form: String) {
        script.report(ScriptCode.SCHEDULE_VALUE, word, name, value, form)
    }

    internal fun build(
        pipeline: String,
        timing: (String) -> Timing,
        location: SourceLocation,
    ): DeclaredSchedule? {
        val id = "$pipeline/$name"
        refuseMeaningless(location)
        try {
            val built = timed(timing(id))
            val zone = zone(built) ?: return null
            val schedule =
                Schedule(
                    id,
                    built,
                    ScheduleZone.of(zone),
                    gap?.let { dev.emrys.schedule.Gap.valueOf(it.name.uppercase(Locale.ROOT)) },
                    repeat?.let {
                        dev.emrys.schedule.Repeat.valueOf(it.name.uppercase(Locale.ROOT))
                    },
                    instant("start", start, zone),
                    instant("end", end, zone),
                    Exclusions.of(dates, yearly, weekdays),
                    script.javaDuration(
                        jitter ?: Duration.ZERO,
                        "jitter of the schedule \"$name\"",
                    ),
                )
            return DeclaredSchedule(
                name,
                schedule,
                location,
                catchUpPolicy(),
                overlapPolicy(),
                failures,
            )
        } catch (e: CronSyntaxException) {
            val first = e.offset() + 1
            val place =
                if (e.length() <= 1) "character $first"
                else "characters $first to ${e.offset() + e.length()}"
            script.reportAt(
                location,
                ScriptCode.SCHEDULE_CRON,
                e.problem(),
                e.text(),
                place,
                e.fix(),
            )
        } catch (e: IllegalArgumentException) {
            script.reportAt(location, ScriptCode.SCHEDULE_IMPOSSIBLE, name, "${e.message}")
        }
        return null
    }

    private fun refuseMeaningless(location: SourceLocation) {
        val given =
            if (trigger != null)
                listOfNotNull(
                    gap?.let { "gap" },
                    repeat?.let { "repeat" },
                    jitter?.let { "jitter" },
                )
            else emptyList()
        val ofArrivals =
            if (trigger !is Trigger.Arriving)
                listOfNotNull(settle?.let { "settle" }, pollEvery?.let { "pollEvery" })
            else emptyList()
        for (word in given + ofArrivals) script.reportAt(
            location,
            ScriptCode.SCHEDULE_WORD,
            word,
            name,
            trigger?.does ?: "fires at times",
        )
    }

    /** With what the block says of it. */
    private fun timed(timing: Timing): Timing =
        if (timing is Arrival)
            Arrival(
                timing.kind(),
                timing.location(),
                duration("settle", settle) ?: timing.settle(),
                duration("pollEvery", pollEvery) ?: timing.pollEvery(),
            )
        else timing

    private fun duration(word: String, value: Duration?): java.time.Duration? = value?.let {
        script.javaDuration(it, "$word of the schedule \"$name\"")
    }

    private fun catchUpPolicy(): CatchUpPolicy {
        val mode =
            when (val declared = catchUp) {
                CatchUp.None -> dev.emrys.schedule.CatchUp.None()
                CatchUp.Last -> dev.emrys.schedule.CatchUp.Last()
                is CatchUp.All -> dev.emrys.schedule.CatchUp.All(declared.max)
            }
        if (catchUpWindow.isNegative())
            wrong(
                "catchUpWindow",
                "$catchUpWindow",
                "a time that is not negative, such as 24.hours",
            )
        val window =
            script.javaDuration(
                catchUpWindow.absoluteValue,
                "catchUpWindow of the schedule \"$name\"",
            )
        return CatchUpPolicy(mode, window, CatchUpPolicy.DEFAULT.tolerance())
    }

    private fun overlapPolicy(): dev.emrys.schedule.Overlap =
        when (val declared = overlap) {
            Overlap.Skip -> dev.emrys.schedule.Overlap.Skip()
            Overlap.BufferOne -> dev.emrys.schedule.Overlap.BufferOne()
            is Overlap.BufferAll -> dev.emrys.schedule.Overlap.BufferAll(declared.max)
            Overlap.CancelOther -> dev.emrys.schedule.Overlap.CancelOther()
            Overlap.TerminateOther -> dev.emrys.schedule.Overlap.TerminateOther()
            Overlap.Allow -> dev.emrys.schedule.Overlap.Allow()
        }

    /** Null when there is no such zone, which is reported. */
    private fun zone(timing: Timing): ZoneId? {
        val written =
            zone ?: return (timing as? CronExpression)?.zone()?.orElse(null) ?: ZoneId.of("UTC")
        try {
            return ZoneId.of(written)
        } catch (_: DateTimeException) {
            val near = Spelling.nearest(written, ZoneId.getAvailableZoneIds().sorted())
            script.report(
                ScriptCode.SCHEDULE_ZONE,
                name,
                written,
                near?.let { " Did you mean \"$it\"?" }.orEmpty(),
            )
            return null
        }
    }

    private fun instant(word: String, text: String?, zone: ZoneId): Instant? {
        if (text == null) return null
        try {
            val local =
                if ('T' in text) LocalDateTime.parse(text) else LocalDate.parse(text).atStartOfDay()
            return local.atZone(zone).toInstant()
        } catch (_: DateTimeException) {
            wrong(word, text, "a local date or time, such as 2026-01-01 or 2026-01-01T06:00")
            return null
        }
    }

    internal companion object {
        const val DEFAULT_NAME = "main"
        private val YEARLY = Regex("\\d\\d-\\d\\d")

        fun cron(text: String): (String) -> Timing = { id -> CronExpression.parse(text, id) }

        fun interval(period: java.time.Duration): (String) -> Timing = { Interval.every(period) }

        fun trigger(trigger: Trigger): (String) -> Timing = {
            when (trigger) {
                is Trigger.Success -> AfterSuccess(trigger.pipeline)
                is Trigger.Arriving -> Arrival.of(trigger.kind, trigger.location)
            }
        }

        private const val MOST = 10_000
        private val LONGEST = 36_500.days
    }
}
