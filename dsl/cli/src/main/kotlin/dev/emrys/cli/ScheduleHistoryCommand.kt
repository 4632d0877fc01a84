package dev.emrys.cli

import dev.emrys.journal.FireInputs
import dev.emrys.journal.FireRecord
import dev.emrys.journal.ScheduleEvent
import dev.emrys.runtime.Engine
import dev.emrys.spec.CommandCode
import java.time.Instant
import java.time.ZoneId
import java.time.format.DateTimeFormatter
import java.util.Optional
import java.util.concurrent.Callable
import picocli.CommandLine.Command
import picocli.CommandLine.Mixin
import picocli.CommandLine.Option
import picocli.CommandLine.Parameters

/** What happened to a schedule besides its fires. */
internal class ListedEvent(event: ScheduleEvent) {
    val schedule: String = event.schedule()
    val at: String = "${event.at()}"
    val type: String = event.type().name.lowercase()
    val reason: String? = event.reason().ifEmpty { null }
    val first: String? = event.first()?.toString()
    val last: String? = event.last()?.toString()
    val count: Long = event.count()
    val by: String = event.by()
}

@Command(
    name = "history",
    mixinStandardHelpOptions = true,
    description =
        [
            "What became of the fires of one schedule or of all, with the reason of each that was skipped, shifted or missed;",
            "the newest first.",
        ],
)
internal class ScheduleHistoryCommand(private val console: Console) : Callable<Int> {
    @Parameters(
        paramLabel = "SCHEDULE",
        arity = "0..1",
        description = ["PIPELINE/NAME, or a pipeline with one schedule. Default: all."],
    )
    var schedule: String? = null

    @Option(names = ["--limit"], paramLabel = "N", description = ["At most N lines. Default: 30."])
    var limit: Int = DEFAULT_LIMIT

    @Mixin lateinit var state: StateOptions
    @Mixin lateinit var output: OutputOptions

    private class Entry(
        val at: Instant,
        val fire: FireRecord?,
        val event: ScheduleEvent?,
        val inputs: FireInputs? = null,
    )

    override fun call(): Int {
        if (limit < 1) throw StopException(CommandCode.LIMIT_RANGE.of("--limit", limit))
        val name = schedule
        val entries =
            (if (name == null)
                    ScheduleFolders.each(console, state) { engine, _ -> read(engine, null) }
                        .flatten()
                else
                    ScheduleFolders.with(console, state, name) { engine, found ->
                        found.flatMap { read(engine, it.id()) }
                    })
                .sortedByDescending { it.at }
                .take(limit)
        when {
            output.json ->
                console.print(
                    Json.history(
                        entries.mapNotNull { entry ->
                            entry.fire?.let { ListedFire(it, entry.inputs) }
                        },
                        entries.mapNotNull { entry -> entry.event?.let(::ListedEvent) },
                    )
                )
            entries.isEmpty() -> console.status("Nothing has happened yet.")
            else -> entries.forEach { console.print(line(it)) }
        }
        return ExitCode.SUCCEEDED.code
    }

    private fun read(engine: Engine, id: String?): List<Entry> {
        val schedules = engine.schedules()
        val of = Optional.ofNullable(id)
        return schedules.newestFires(of, limit).map { fire ->
            Entry(fire.at(), fire, null, ListedFire.inputs(fire, schedules))
        } + schedules.newestEvents(of, limit).map { Entry(it.at(), null, it) }
    }

    private fun line(entry: Entry): String {
        val fire = entry.fire
        if (fire == null) {
            val event = entry.event!!
            return "${Formats.instant(event.at())}  ${event.schedule()} ${ScheduleTexts.of(event)}"
        }
        val time = TIME.format(fire.at().atZone(ZoneId.of(fire.zone())))
        val run =
            if (fire.run().isEmpty() || fire.state() == FireRecord.State.SKIPPED) ""
            else "  ${fire.run()}"
        val inputs = entry.inputs
        val cause =
            when {
                inputs == null -> ""
                inputs.arrived().isEmpty() -> "  after ${inputs.triggeringRun()}"
                inputs.arrived().size == 1 -> "  ${inputs.arrived()[0]}"
                else -> "  ${inputs.arrived()[0]} and ${inputs.arrived().size - 1} more"
            }
        return "$time  ${fire.schedule()} ${ScheduleTexts.of(fire)}$run$cause"
    }

    private companion object {
        const val DEFAULT_LIMIT = 30
        val TIME: DateTimeFormatter = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss xxx")
    }
}
