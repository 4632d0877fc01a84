package dev.emrys.cli

import com.google.common.collect.ImmutableList
import dev.emrys.language.DeclaredSchedule
import dev.emrys.runtime.Schedules
import dev.emrys.schedule.AfterSuccess
import dev.emrys.schedule.Arrival
import dev.emrys.schedule.CronExpression
import dev.emrys.schedule.Fire
import dev.emrys.schedule.FireKind
import dev.emrys.schedule.Fires
import dev.emrys.schedule.Interval
import dev.emrys.schedule.Occurrence
import dev.emrys.schedule.Omission
import dev.emrys.schedule.Timing
import dev.emrys.scheduler.ArrivalSource
import dev.emrys.spec.CommandCode
import dev.emrys.spec.Durations
import java.time.DateTimeException
import java.time.Instant
import java.time.OffsetDateTime
import java.time.ZoneId
import java.time.format.DateTimeFormatter
import java.util.concurrent.Callable
import picocli.CommandLine.Command
import picocli.CommandLine.Mixin
import picocli.CommandLine.Option

@Command(
    name = "schedule",
    mixinStandardHelpOptions = true,
    description = ["The schedules of scripts."],
    subcommands =
        [
            ScheduleExplainCommand::class,
            ScheduleServeCommand::class,
            ScheduleTickCommand::class,
            ScheduleInstallCommand::class,
            ScheduleUninstallCommand::class,
            ScheduleListCommand::class,
            ScheduleHistoryCommand::class,
            SchedulePauseCommand::class,
            ScheduleResumeCommand::class,
            ScheduleTriggerCommand::class,
            ScheduleBackfillCommand::class,
        ],
)
internal class ScheduleCommand

@Command(
    name = "explain",
    mixinStandardHelpOptions = true,
    description =
        [
            "Prints when a script's schedules fire next, with what a clock change does to them, or what they wait for. Starts",
            "and writes nothing.",
        ],
)
internal class ScheduleExplainCommand(private val console: Console) : Callable<Int> {
    @Mixin lateinit var script: ScriptOptions
    @Mixin lateinit var output: OutputOptions

    @Option(
        names = ["--from"],
        paramLabel = "TIME",
        description =
            ["From this time on, with an offset: 2026-10-25T00:00:00+02:00. Default: now."],
    )
    var from: String? = null

    @Option(
        names = ["--count"],
        paramLabel = "N",
        description = ["N fires of each schedule. Default: 10."],
    )
    var count: Int = DEFAULT_COUNT

    override fun call(): Int {
        if (count < 1) throw StopException(CommandCode.LIMIT_RANGE.of("--count", count))
        val start = from?.let(::time) ?: Instant.now()
        val checked =
            ScriptLoader(console).load(script, output.diagnostics, sampling = true)
                ?: return ExitCode.USER_ERROR.code
        val schedules = checked.loaded.schedules
        if (schedules.isEmpty())
            throw StopException(CommandCode.NO_SCHEDULE.of(checked.spec.name()))
        val arrivals = Schedules.arrivals(StateFolders.of(null, script.path))
        val explained = schedules.map { ExplainedSchedule.of(it, start, count, arrivals) }
        if (output.json) console.print(Json.schedules(explained))
        else console.print(explained.joinToString("\n\n", transform = ::text))
        return ExitCode.SUCCEEDED.code
    }

    private fun time(text: String): Instant =
        try {
            OffsetDateTime.parse(text).toInstant()
        } catch (_: DateTimeException) {
            throw StopException(CommandCode.AT_FORM.of(text))
        }

    private fun text(explained: ExplainedSchedule): String {
        val lines = ArrayList<String>()
        val version = explained.tzdb?.let { ", time zones $it" }.orEmpty()
        lines.add("Schedule ${explained.name}: ${explained.timing} (${explained.zone}$version)")
        if (explained.waitsFor != null) {
            lines.add("  It waits for ${explained.waitsFor}.")
            explained.problem?.let { lines.add("  $it") }
            return lines.joinToString("\n")
        }
        explained.occurrences.forEach { lines.add("  $it") }
        if (explained.occurrences.isEmpty()) lines.add("  It does not fire any more.")
        return lines.joinToString("\n")
    }

    private companion object {
        const val DEFAULT_COUNT = 10
    }
}

/**
 * The next fires of one schedule, and the local times that a clock change leaves out between them.
 */
internal class ExplainedSchedule(
    val name: String,
    val timing: String,
    val zone: String,
    /** The version of the time zone's rules; null for a zone without. */
    val tzdb: String?,
    val occurrences: List<ExplainedOccurrence>,
    /** What it waits for; null for a schedule that fires at times. */
    val waitsFor: String? = null,
    /** Why nothing can arrive at the moment; null for no reason. */
    val problem: String? = null,
) {
    companion object {
        fun of(
            declared: DeclaredSchedule,
            from: Instant,
            count: Int,
            arrivals: ArrivalSource,
        ): ExplainedSchedule {
            val schedule = declared.schedule
            val zone = ZoneId.of(schedule.zone().id())
            val fires = Fires.of(schedule)
            val found = ArrayList<Fire>()
            var after = from.minusNanos(1)
            while (found.size < count) {
                val fire = fires.next(after).orElse(null) ?: break
                found.add(fire)
                after = fire.instant()
            }
            val omitted =
                found.lastOrNull()?.let { omissions(fires, found[0].instant(), it.instant()) }
            val all =
                (found + omitted.orEmpty()).sortedWith(
                    compareBy<Occurrence> { it.instant() }.thenBy { it.nominal() }
                )
            return ExplainedSchedule(
                declared.name,
                timing(declared),
                zone.id,
                schedule.zone().tzdbVersion(),
                all.map { ExplainedOccurrence(it, zone, (it as? Fire)?.let(fires::due)) },
                waitsFor(schedule.timing()),
                (schedule.timing() as? Arrival)?.let { problem(it, arrivals) },
            )
        }

        private fun problem(arrival: Arrival, arrivals: ArrivalSource): String? =
            try {
                val listing = arrivals.list(arrival)
                if (listing.exists()) null else "${listing.folder()} does not exist now."
            } catch (e: ArrivalSource.UnreadableException) {
                e.message
            }

        /** What a clock change leaves out; excluded days are the author's own. */
        private fun omissions(fires: Fires, from: Instant, to: Instant): List<Omission> =
            fires
                .between(from, to)
                .limit(MOST_LOOKED_AT)
                .filter {
                    it is Omission &&
                        (it.reason() == Omission.Reason.GAP ||
                            it.reason() == Omission.Reason.REPEATED)
                }
                .map { it as Omission }
                .toList()

        /** The expression or the interval. */
        fun timing(declared: DeclaredSchedule): String =
            when (val timing = declared.schedule.timing()) {
                is CronExpression -> timing.text()
                is Interval -> "every ${Durations.words(timing.period())}"
                is AfterSuccess -> "after success of ${timing.pipeline()}"
                is Arrival ->
                    if (timing.kind() == Arrival.Kind.FILE) "files ${timing.location()}"
                    else "objects ${timing.location()}"
            }

        /** What the schedule waits for; null for one that fires at times. */
        private fun waitsFor(timing: Timing): String? =
            when (timing) {
                is AfterSuccess -> "each run of ${timing.pipeline()} that succeeds"
                is Arrival ->
                    (if (timing.kind() == Arrival.Kind.FILE) "each file" else "each object") +
                        " that matches ${timing.location()}, unchanged for ${Durations.words(timing.settle())}," +
                        " looked for every ${Durations.words(timing.pollEvery())}"
                else -> null
            }

        private const val MOST_LOOKED_AT = 1_000_000L
    }
}

/**
 * A fire, or a local time that does not fire.
 *
 * @property due when the run of a fire starts, with the jitter; null for an omission
 */
internal class ExplainedOccurrence(occurrence: Occurrence, zone: ZoneId, due: Instant?) {
    val fires: Boolean = occurrence is Fire
    val nominal: String = "${occurrence.nominal()}"
    val at: String = "${occurrence.instant().atZone(zone).toOffsetDateTime()}"
    val due: String? = due?.let { "${it.atZone(zone).toOffsetDateTime()}" }

    /** What a clock change does to it; null when nothing. */
    val clockChange: String? =
        when (occurrence) {
            is Fire -> change(occurrence)
            is Omission ->
                if (occurrence.reason() == Omission.Reason.GAP)
                    "does not exist on this day, skipped"
                else "happens twice on this day, the other one fires"
        }

    private val text: String = run {
        val local = occurrence.instant().atZone(zone)
        val start =
            due?.takeIf { it != occurrence.instant() }
                ?.let { ", starts ${SECONDS.format(it.atZone(zone))}" }
        val change = clockChange?.let { "   clock change: $it" }
        if (fires) FULL.format(local) + start.orEmpty() + change.orEmpty()
        else "${LOCAL.format(occurrence.nominal())}         $change"
    }

    private fun change(fire: Fire): String? {
        val merged =
            if (fire.merged().isEmpty()) null
            else
                "also for ${ImmutableList.copyOf(fire.merged()).joinToString(", ") { LOCAL.format(it) }}"
        val kind =
            when (val kind = fire.kind()) {
                is FireKind.Shifted ->
                    "${LOCAL.format(fire.nominal())} does not exist, later by ${Durations.words(kind.by())}"
                is FireKind.FirstOfRepeated -> "the first of two"
                is FireKind.SecondOfRepeated -> "the second of two"
                else -> null
            }
        return listOfNotNull(kind, merged).joinToString("; ").ifEmpty { null }
    }

    override fun toString(): String = text

    private companion object {
        val FULL: DateTimeFormatter = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss xxx")
        val LOCAL: DateTimeFormatter = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss")
        val SECONDS: DateTimeFormatter = DateTimeFormatter.ofPattern("HH:mm:ss")
    }
}
