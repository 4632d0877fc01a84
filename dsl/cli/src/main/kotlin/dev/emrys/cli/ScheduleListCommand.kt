package dev.emrys.cli

import dev.emrys.journal.FireInputs
import dev.emrys.journal.FireRecord
import dev.emrys.journal.ScheduleRecord
import dev.emrys.runtime.Engine
import dev.emrys.runtime.Schedules
import dev.emrys.schedule.Fires
import dev.emrys.schedule.Trigger
import java.nio.file.Path
import java.time.Duration
import java.time.Instant
import java.util.Optional
import java.util.concurrent.Callable
import picocli.CommandLine.Command
import picocli.CommandLine.Mixin

/** A schedule as `emrys schedule list` shows it. */
internal class ListedSchedule(
    record: ScheduleRecord,
    fires: Fires?,
    last: ListedFire?,
    open: List<ListedFire>,
    now: Instant,
) {
    val id: String = record.id()
    val pipeline: String = record.declaration().pipeline()
    val script: String = record.declaration().script()
    val timing: String = record.declaration().timing()
    val zone: String = record.declaration().zone()

    private val due: Instant? = fires?.let { declared ->
        declared.next(record.handledTo()).map { declared.due(it) }.orElse(null)
    }
    private val waits = fires?.schedule()?.timing() is Trigger

    /**
     * `active`, `paused`, `overdue` when a fire was due and no process has decided about it, or
     * `undeclared` when its script does not declare it or is missing.
     */
    val state: String =
        when {
            record.pause() != null -> "paused"
            waits -> "active"
            due == null -> "undeclared"
            due < now.minus(OVERDUE) -> "overdue"
            else -> "active"
        }
    val pausedSince: String? = record.pause()?.since()?.toString()
    val pausedBy: String? = record.pause()?.by()
    val pauseReason: String? = record.pause()?.reason()?.ifEmpty { null }
    val failures: Int = record.failures()

    /** When its next fire is due; null when it waits for something. */
    val next: String? = due?.toString()
    val last: ListedFire? = last
    val open: List<ListedFire> = open

    private companion object {
        val OVERDUE: Duration = Duration.ofMinutes(1)
    }
}

/**
 * A fire as `emrys schedule list` and `history` show it.
 *
 * @param inputs what has caused it; null when that is not known, or a time or a person
 */
internal class ListedFire(fire: FireRecord, inputs: FireInputs? = null) {
    val schedule: String = fire.schedule()
    val at: String = "${fire.at()}"
    val nominal: String = "${fire.nominal()}"
    val zone: String = fire.zone()
    val tzdb: String? = fire.tzdb().ifEmpty { null }
    val cause: String = fire.cause().name.lowercase()
    val due: String = "${fire.due()}"
    val state: String = fire.state().name.lowercase()
    val reason: String? = fire.reason().ifEmpty { null }
    val clockChange: String? = fire.clockChange().ifEmpty { null }
    val merged: List<String> = fire.merged().split(' ').filter { it.isNotEmpty() }
    val run: String? = fire.run().ifEmpty { null }
    val by: String = fire.by()
    val decidedAt: String = "${fire.decidedAt()}"
    val endedAt: String? = fire.endedAt()?.toString()

    /** The run whose success has caused it. */
    val triggeringRun: String? = inputs?.triggeringRun()?.ifEmpty { null }

    /** What has arrived. */
    val arrived: List<String> = inputs?.arrived().orEmpty()

    companion object {
        private val TRIGGERS = setOf(FireRecord.Cause.SUCCESS, FireRecord.Cause.ARRIVAL)

        /** With what has caused it. */
        fun of(fire: FireRecord, schedules: Schedules) = ListedFire(fire, inputs(fire, schedules))

        /** What has caused a fire; null for a time or a person. */
        fun inputs(fire: FireRecord, schedules: Schedules): FireInputs? =
            if (fire.cause() in TRIGGERS) schedules.inputs(fire).orElse(null) else null
    }
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
        val schedules = engine.schedules()
        val fires = DeclaredFires(LastGoodScripts.of(folder))
        val open = schedules.openFires().groupBy { it.schedule() }
        val last =
            schedules
                .newestFires(Optional.empty(), READ_TOGETHER)
                .groupBy { it.schedule() }
                .mapValues { it.value.first() }
        return schedules.list().map { record ->
            // Beside frequent schedules the last fire of a rare one is not among the newest.
            val fire =
                last[record.id()]
                    ?: schedules.newestFires(Optional.of(record.id()), 1).firstOrNull()
            ListedSchedule(
                record,
                fires.of(record),
                fire?.let { ListedFire.of(it, schedules) },
                open[record.id()].orEmpty().map { ListedFire.of(it, schedules) },
                now,
            )
        }
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
        const val READ_TOGETHER = 10_000
        const val STATE_WIDTH = 10
        const val TIME_WIDTH = 26
    }
}
