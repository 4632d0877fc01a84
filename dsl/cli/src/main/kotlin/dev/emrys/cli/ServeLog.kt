package dev.emrys.cli

import dev.emrys.journal.FireRecord
import dev.emrys.journal.ScheduleEvent
import dev.emrys.scheduler.SchedulerListener
import dev.emrys.view.ScheduleEventView
import java.nio.file.Path
import java.time.Duration
import java.time.Instant
import java.time.InstantSource
import java.time.ZoneId
import java.time.format.DateTimeFormatter

/** A line of a daemon's log. The members that are null are left out. */
internal class LogLine(
    val at: String,
    val level: String,
    val event: String,
    val message: String,
    val schedule: String? = null,
    val fire: String? = null,
    val run: String? = null,
    val state: String? = null,
    val reason: String? = null,
    val lateSeconds: Double? = null,
    val script: String? = null,
)

/**
 * What a daemon does, as lines: text for people on standard error, or JSON, one object in each
 * line, on standard output. Thread-safe.
 *
 * @param tellsLoaded whether there is a line for each script that is loaded
 */
internal class ServeLog(
    private val console: Console,
    private val json: Boolean,
    private val clock: InstantSource = InstantSource.system(),
    private val tellsLoaded: Boolean = true,
) : SchedulerListener {
    private var journalFailedAt: Instant = Instant.MIN

    fun say(event: String, message: String, level: String = INFO) =
        print(LogLine(now(), level, event, message))

    fun loaded(script: Path, schedules: Int, isChange: Boolean) {
        if (!tellsLoaded) return
        print(
            LogLine(
                now(),
                INFO,
                if (isChange) "script-changed" else "script-loaded",
                "$script: ${Formats.count(schedules, "schedule")}",
                script = "$script",
            )
        )
    }

    fun broken(script: BrokenScript) =
        print(
            LogLine(
                now(),
                WARNING,
                "script-broken",
                "${script.path}: ${script.reason}" +
                    if (script.schedules.isEmpty()) " It is not served."
                    else " It is served as it was before.",
                reason = script.reason,
                script = "${script.path}",
            )
        )

    fun declaredTwice(schedule: String, script: Path, other: Path) =
        print(
            LogLine(
                now(),
                WARNING,
                "schedule-declared-twice",
                "$schedule is declared in $script and in $other: the latter is served.",
                schedule = schedule,
                script = "$script",
            )
        )

    override fun decided(fire: FireRecord, late: Duration) {
        val what =
            when (fire.state()) {
                FireRecord.State.STARTED -> "starts as ${fire.run()}"
                FireRecord.State.WAITING -> "waits: ${fire.reason()}"
                else -> "is skipped: ${fire.reason()}"
            }
        val by = if (late < NOTABLE) "" else ", ${Formats.duration(late)} late"
        val event = "fire-${fire.state().name.lowercase()}"
        print(of(fire, INFO, event, "${fire.schedule()}: the fire of ${time(fire)} $what$by", late))
    }

    override fun ended(fire: FireRecord, failures: Int, before: Int) {
        val failed = fire.state() == FireRecord.State.FAILED
        val reason = if (fire.reason().isEmpty()) "" else ": ${fire.reason().removeSuffix(".")}"
        val more = if (failed) ". See emrys show ${fire.run()}" else ""
        val event = "fire-${fire.state().name.lowercase()}"
        val level = if (failed) ERROR else INFO
        print(
            of(
                fire,
                level,
                event,
                "${fire.run()} ${fire.state().name.lowercase()}$reason$more",
                null,
            )
        )
    }

    override fun happened(event: ScheduleEvent) {
        print(
            LogLine(
                now(),
                if (event.type() in WARNINGS) WARNING else INFO,
                "schedule-${event.type().name.lowercase()}",
                "${event.schedule()} ${ScheduleTexts.of(ScheduleEventView.of(event))}",
                schedule = event.schedule(),
                reason = event.reason().ifEmpty { null },
            )
        )
    }

    override fun notNow(fire: FireRecord, reason: String) =
        print(
            of(
                fire,
                WARNING,
                "fire-delayed",
                "${fire.run()} cannot be started now, and is tried again: $reason",
                null,
                reason,
            )
        )

    /** Once a minute at most: it is tried every second. */
    @Synchronized
    override fun journalFailed(failure: Throwable) {
        val now = clock.instant()
        if (now < journalFailedAt.plusSeconds(REPEATED_SECONDS)) return
        journalFailedAt = now
        say("journal-failed", "${failure.message}", ERROR)
    }

    private fun of(
        fire: FireRecord,
        level: String,
        event: String,
        message: String,
        late: Duration?,
        reason: String = fire.reason(),
    ) =
        LogLine(
            now(),
            level,
            event,
            message,
            fire.schedule(),
            "${fire.at()}",
            fire.run().ifEmpty { null },
            fire.state().name.lowercase(),
            reason.ifEmpty { null },
            late?.let { it.toMillis() / MILLIS },
        )

    private fun time(fire: FireRecord): String =
        TIME.format(fire.at().atZone(ZoneId.of(fire.zone())))

    private fun now() = "${clock.instant()}"

    private fun print(line: LogLine) {
        if (json) console.print(Json.line(line))
        else {
            val mark =
                when (line.level) {
                    INFO -> " "
                    WARNING -> "!"
                    else -> "x"
                }
            console.status("${Formats.instant(Instant.parse(line.at))} $mark ${line.message}")
        }
    }

    companion object {
        private val WARNINGS = setOf(ScheduleEvent.Type.PAUSED, ScheduleEvent.Type.UNREADABLE)
        const val INFO = "info"
        const val WARNING = "warning"
        const val ERROR = "error"
        private const val REPEATED_SECONDS = 60L
        private const val MILLIS = 1000.0
        private val NOTABLE: Duration = Duration.ofSeconds(1)
        private val TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss xxx")
    }
}
