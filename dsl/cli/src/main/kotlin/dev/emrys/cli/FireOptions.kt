package dev.emrys.cli

import dev.emrys.host.LoadResult
import dev.emrys.journal.LogicalTime
import dev.emrys.language.DeclaredSchedule
import dev.emrys.language.RunMoment
import dev.emrys.schedule.Fire
import dev.emrys.schedule.Fires
import dev.emrys.schedule.Trigger
import dev.emrys.spec.CommandCode
import java.time.DateTimeException
import java.time.Instant
import java.time.LocalDateTime
import java.time.OffsetDateTime
import java.time.ZoneId
import java.time.ZoneOffset
import java.time.format.DateTimeFormatter
import picocli.CommandLine.Option

/** A fire of a script's schedule. */
internal class ScheduledFire(val declared: DeclaredSchedule, val fires: Fires, val fire: Fire) {
    private val zone: ZoneId = ZoneId.of(declared.schedule.zone().id())

    /** What the params of its run may depend on. */
    val moment: RunMoment
        get() =
            RunMoment(
                fire.instant().atZone(zone),
                fires.dataInterval(fire).start().atZone(zone),
            )

    fun logicalTime(): LogicalTime =
        LogicalTime(
            fire.nominal().toLocalDate(),
            fire.instant(),
            zone.id,
            fires.dataInterval(fire).start(),
        )

    /** The name of its run, of which a journal has one: `daily-etl-20260425T010000Z`. */
    fun runName(pipeline: String): String =
        pipeline.replace(' ', '-') + "-" + BASIC.format(fire.instant().atOffset(ZoneOffset.UTC))

    private companion object {
        val BASIC: DateTimeFormatter = DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'")
    }
}

/** For which fire of a schedule a script is evaluated. */
internal class FireOptions {
    @Option(
        names = ["--at"],
        paramLabel = "TIME|last",
        description =
            [
                "Is for the fire of a schedule at this time, or for the last one so far: params get its",
                "logicalDate and dataInterval. A local time is one of the schedule's zone.",
            ],
    )
    var at: String? = null
}

/** Null without `--at`, and for a script with errors, which its next loading prints. */
internal fun ScriptOptions.fireOf(options: FireOptions): ScheduledFire? =
    options.at?.let { FireLookup(it).find(this) }

/**
 * Finds the fire that `--at` names. Not part of [FireOptions], whose methods picocli reads in each
 * start.
 */
private class FireLookup(private val at: String) {
    /** Null for a script with errors, which its next loading prints. */
    fun find(script: ScriptOptions): ScheduledFire? {
        val time = if (at == LAST) null else time(at)
        val loaded =
            script.load(sampling = true, onCompile = {}, onExit = {}) as? LoadResult.Ready
                ?: return null
        val pipeline = loaded.spec.name()
        if (loaded.schedules.isEmpty()) throw StopException(CommandCode.NO_SCHEDULE.of(pipeline))
        val schedules = loaded.schedules.map { it to Fires.of(it.schedule) }
        if (loaded.schedules.all { it.schedule.timing() is Trigger })
            throw StopException(
                CommandCode.SCHEDULE_WITHOUT_TIMES.of(
                    loaded.schedules[0].schedule.id(),
                    ExplainedSchedule.timing(loaded.schedules[0]),
                    "Leave out --at: emrys run starts a run now.",
                )
            )
        val now = Instant.now()
        if (time == null) return last(schedules, now) ?: throw noFire(pipeline, at, schedules, now)
        return schedules.firstNotNullOfOrNull { (declared, fires) ->
            fire(fires, time)?.let { ScheduledFire(declared, fires, it) }
        } ?: throw noFire(pipeline, at, schedules, time.near)
    }

    /** A time of the command line, which a local time is only with a schedule's zone. */
    private class Time(val instant: Instant?, val local: LocalDateTime?) {
        val near: Instant = instant ?: local!!.toInstant(ZoneOffset.UTC)
    }

    private fun time(text: String): Time =
        try {
            Time(OffsetDateTime.parse(text).toInstant(), null)
        } catch (_: DateTimeException) {
            try {
                Time(null, LocalDateTime.parse(text))
            } catch (_: DateTimeException) {
                throw StopException(CommandCode.AT_FORM.of(text))
            }
        }

    private fun fire(fires: Fires, time: Time): Fire? {
        if (time.instant != null) {
            val found = fires.next(time.instant.minusNanos(1)).orElse(null)
            return found?.takeIf { it.instant() == time.instant }
        }
        // By its nominal time, which a clock change may move by a day at most.
        var found = fires.next(time.near.minusSeconds(2 * DAY_SECONDS)).orElse(null)
        while (found != null && found.instant() < time.near.plusSeconds(2 * DAY_SECONDS)) {
            if (found.nominal() == time.local) return found
            found = fires.next(found.instant()).orElse(null)
        }
        return null
    }

    private fun last(schedules: List<Pair<DeclaredSchedule, Fires>>, now: Instant): ScheduledFire? =
        schedules
            .mapNotNull { (declared, fires) ->
                fires.previous(now.plusNanos(1)).orElse(null)?.let {
                    ScheduledFire(declared, fires, it)
                }
            }
            .maxByOrNull { it.fire.instant() }

    private fun noFire(
        pipeline: String,
        at: String,
        schedules: List<Pair<DeclaredSchedule, Fires>>,
        near: Instant,
    ): StopException {
        val before =
            schedules.mapNotNull { it.second.previous(near).orElse(null)?.instant() }.maxOrNull()
        val next = schedules.mapNotNull { it.second.next(near).orElse(null)?.instant() }.minOrNull()
        val text =
            when {
                before != null && next != null -> "The one before is $before, the next one $next."
                next != null -> "The first one is $next."
                before != null -> "The last one is $before."
                else -> "They fire at no time."
            }
        return StopException(
            CommandCode.NO_FIRE.of(pipeline, if (at == LAST) "a time before now" else at, text)
        )
    }

    companion object {
        /** The newest fire at or before now. */
        const val LAST = "last"
        private const val DAY_SECONDS = 86_400L
    }
}
