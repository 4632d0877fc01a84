package dev.emrys.cli

import dev.emrys.journal.FireRecord
import dev.emrys.spec.CommandCode
import dev.emrys.view.FireView
import dev.emrys.view.ScheduleEntry
import dev.emrys.view.ScheduleEventView
import java.time.ZoneId
import java.time.format.DateTimeFormatter
import java.util.Optional
import java.util.concurrent.Callable
import picocli.CommandLine.Command
import picocli.CommandLine.Mixin
import picocli.CommandLine.Option
import picocli.CommandLine.Parameters

/** What happened to a schedule besides its fires. */
internal class ListedEvent(event: ScheduleEventView) {
    val schedule: String = event.schedule()
    val at: String = "${event.at()}"
    val type: String = event.type().name.lowercase()
    val reason: String? = event.reason()
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

    override fun call(): Int {
        if (limit < 1) throw StopException(CommandCode.LIMIT_RANGE.of("--limit", limit))
        val name = schedule
        val entries =
            (if (name == null)
                    ScheduleFolders.each(console, state) { engine, _ ->
                            engine.scheduleViews().history(Optional.empty(), limit)
                        }
                        .flatten()
                else
                    ScheduleFolders.with(console, state, name) { engine, found ->
                        found.flatMap { engine.scheduleViews().history(Optional.of(it), limit) }
                    })
                .sortedByDescending { it.at() }
                .take(limit)
        when {
            output.json ->
                console.print(
                    Json.history(
                        entries.filterIsInstance<FireView>().map(::ListedFire),
                        entries.filterIsInstance<ScheduleEventView>().map(::ListedEvent),
                    )
                )
            entries.isEmpty() -> console.status("Nothing has happened yet.")
            else -> entries.forEach { console.print(line(it)) }
        }
        return ExitCode.SUCCEEDED.code
    }

    private fun line(entry: ScheduleEntry): String =
        when (entry) {
            is ScheduleEventView ->
                "${Formats.instant(entry.at())}  ${entry.schedule()} ${ScheduleTexts.of(entry)}"
            is FireView -> line(entry)
        }

    private fun line(fire: FireView): String {
        val time = TIME.format(fire.at().atZone(ZoneId.of(fire.zone())))
        val run =
            if (fire.run() == null || fire.state() == FireRecord.State.SKIPPED) ""
            else "  ${fire.run()}"
        val cause =
            when {
                fire.triggeringRun() != null -> "  after ${fire.triggeringRun()}"
                fire.arrived().isEmpty() -> ""
                fire.arrived().size == 1 -> "  ${fire.arrived()[0]}"
                else -> "  ${fire.arrived()[0]} and ${fire.arrived().size - 1} more"
            }
        return "$time  ${fire.schedule()} ${ScheduleTexts.of(fire)}$run$cause"
    }

    private companion object {
        const val DEFAULT_LIMIT = 30
        val TIME: DateTimeFormatter = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss xxx")
    }
}
