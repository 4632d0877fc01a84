package dev.emrys.cli

import dev.emrys.runtime.Engine
import dev.emrys.spec.CommandCode
import dev.emrys.view.RunHeader
import java.nio.file.Path
import java.time.Instant
import java.util.concurrent.Callable
import picocli.CommandLine.Command
import picocli.CommandLine.Mixin
import picocli.CommandLine.Option

/** A run as `emrys runs` lists it. */
internal class ListedRun(val run: RunHeader, val state: Path)

@Command(
    name = "runs",
    mixinStandardHelpOptions = true,
    description = ["Lists runs, the newest first."],
)
internal class RunsCommand(private val console: Console) : Callable<Int> {
    @Mixin lateinit var state: StateOptions
    @Mixin lateinit var output: OutputOptions
    @Option(names = ["--limit"], paramLabel = "N", description = ["At most N. Default: 20."])
    var limit: Int = 20

    override fun call(): Int {
        if (limit < 1) {
            throw StopException(CommandCode.LIMIT_RANGE.of("--limit", limit))
        }
        val database = state.database
        val folders =
            if (database == null) StateFolders.visible(state.state)
            else listOf(StateFolders.of(state.state, null))
        val runs =
            (if (folders.size == 1)
                    Engines.open(console, folders[0], database).use { list(it, folders[0]) }
                else
                    folders.flatMap { folder ->
                        Engines.read(console, folder) { list(it, folder) }.orEmpty()
                    })
                .sortedByDescending { it.run.startedAt() }
                .take(limit)
        when {
            output.json -> console.print(Json.runs(runs))
            runs.isEmpty() ->
                console.status(
                    "There are no runs in ${database ?: StateFolders.of(state.state, null)}."
                )
            else -> runs.forEach { console.print(line(it, folders.size > 1)) }
        }
        return ExitCode.SUCCEEDED.code
    }

    private fun list(engine: Engine, folder: Path): List<ListedRun> =
        engine.runs().list(limit).map { ListedRun(it, folder) }

    private fun line(listed: ListedRun, several: Boolean): String {
        val run = listed.run
        return "${run.name().padEnd(24)} ${"${run.status()}".padEnd(12)} ${Formats.instant(run.startedAt())}  " +
            "${Formats.duration(run.duration(Instant.now())).padEnd(14)} ${run.pipeline()}" +
            if (several) "  (${listed.state})" else ""
    }
}
