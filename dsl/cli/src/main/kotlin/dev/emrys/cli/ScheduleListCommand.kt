package dev.emrys.cli

import dev.emrys.runtime.Engine
import dev.emrys.schedule.Fires
import dev.emrys.schedule.Trigger
import dev.emrys.view.FireView
import dev.emrys.view.ScheduleView
import java.nio.file.Path
import java.time.Duration
import java.time.Instant
import java.util.concurrent.Callable
import picocli.CommandLine.Command
import picocli.CommandLine.Mixin

/** A schedule as `emrys schedule list` shows it. */
internal class ListedSchedule(view: ScheduleView, fires: Fires?, now: Instant) {
    val id: String = view.id()
    val pipeline: String = view.pipeline()
    val script: String = view.script()
    val timing: String = view.timing()
    val zone: String = view.zone()

    private val due: Instant? = fires?.let { declared ->
        declared.next(view.handledTo()).map { declared.due(it) }.orElse(null)
    }
    private val waits = fires?.schedule()?.timing() is Trigger

    /**
     * `active`, `paused`, `overdue` when a fire was due and no process has decided about it, or
     * `undeclared` when its script does not declare it or is missing.
     */
    val state: String =
        when {
            view.pause() != null -> "paused"
            waits -> "active"
            due == null -> "undeclared"
            due < now.minus(OVERDUE) -> "overdue"
            else -> "active"
        }
    val pausedSince: String? = view.pause()?.since()?.toString()
    val pausedBy: String? = view.pause()?.by()
    val pauseReason: String? = view.pause()?.reason()
    val failures: Int = view.failures()

    /** When its next fire is due; null when it waits for something. */
    val next: String? = due?.toString()
    val last: ListedFire? = view.last()?.let(::ListedFire)
    val open: List<ListedFire> = view.open().map(::ListedFire)

    private companion object {
        val OVERDUE: Duration = Duration.ofMinutes(1)
    }
}

/** A fire as `emrys schedule list` and `history` show it. */
internal class ListedFire(fire: FireView) {
    val schedule: String = fire.schedule()
    val at: String = "${fire.at()}"
    val nominal: String = "${fire.nominal()}"
    val zone: String = fire.zone()
    val tzdb: String? = fire.tzdb()
    val cause: String = fire.cause().name.lowercase()
    val due: String = "${fire.due()}"
    val state: String = fire.state().name.lowercase()
    val reason: String? = fire.reason()
    val clockChange: String? = fire.clockChange()
    val merged: List<String> = fire.merged()
    val run: String? = fire.run()
    val by: String = fire.by()
    val decidedAt: String = "${fire.decidedAt()}"
    val endedAt: String? = fire.endedAt()?.toString()

    /** The run whose success has caused it. */
    val triggeringRun: String? = fire.triggeringRun()

    /** What has arrived. */
    val arrived: List<String> = fire.arrived()
}

@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    description =
        [
            "Lists the schedules that were served: whether they are active, the next and the last fire."
        ],
)
internal class ScheduleListCommand(private val console: Console) : Callable<Int> {
    @Mixin lateinit var state: StateOptions
    @Mixin lateinit var output: OutputOptions

    override fun call(): Int {
        val now = Instant.now()
        val listed =
            ScheduleFolders.each(console, state) { engine, folder -> list(engine, folder, now) }
                .flatten()
        when {
            output.json -> console.print(Json.listedSchedules(listed))
            listed.isEmpty() ->
                console.status(
                    "No schedule was served yet. emrys schedule serve runs those of scripts."
                )
            else -> {
                val width = listed.maxOf { it.id.length }
                listed.forEach { console.print(line(it, width)) }
            }
        }
        return ExitCode.SUCCEEDED.code
    }

    private fun list(engine: Engine, folder: Path, now: Instant): List<ListedSchedule> {
        val fires = DeclaredFires(LastGoodScripts.of(folder))
        return engine.scheduleViews().list().map { ListedSchedule(it, fires.of(it), now) }
    }

    private fun line(listed: ListedSchedule, width: Int): String {
        val next = listed.next?.let { Formats.instant(Instant.parse(it)) } ?: "-"
        val last = listed.last?.let { "last ${Formats.instant(Instant.parse(it.at))} ${it.state}" }
        val why =
            when (listed.state) {
                "paused" -> "by ${listed.pausedBy}" + (listed.pauseReason?.let { ": $it" } ?: "")
                "overdue" -> "no process serves it"
                "undeclared" -> "not declared in ${listed.script}"
                else -> null
            }
        return listOfNotNull(
                listed.id.padEnd(width),
                listed.state.padEnd(STATE_WIDTH),
                "next ${next.padEnd(TIME_WIDTH)}",
                last,
                "${listed.timing} (${listed.zone})",
                why,
            )
            .joinToString("  ")
    }

    private companion object {
        const val STATE_WIDTH = 10
        const val TIME_WIDTH = 26
    }
}
