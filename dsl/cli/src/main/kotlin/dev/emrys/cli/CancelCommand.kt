package dev.emrys.cli

import dev.emrys.runtime.Engine
import dev.emrys.view.RunHeader
import java.util.concurrent.Callable
import picocli.CommandLine.Command
import picocli.CommandLine.Mixin
import picocli.CommandLine.Option

@Command(
    name = "cancel",
    mixinStandardHelpOptions = true,
    description =
        [
            "Cancels a run, ends its clusters, and waits until they have ended. A run that another process drives is cancelled by that process; Ctrl-C ends the waiting, not the cancellation.",
            "Exits with 0 when the run was cancelled and its clusters have ended, with 1 when it succeeded or failed before that or when a cluster may still run.",
        ],
)
internal class CancelCommand(private val console: Console) : Callable<Int> {
    @Mixin lateinit var run: RunOptions
    @Option(
        names = ["--no-wait"],
        description =
            [
                "Returns when the cancellation is requested, with 0. A run that no process drives",
                "is cancelled by this command, which then waits in any case.",
            ],
    )
    var noWait: Boolean = false
    @Mixin lateinit var output: OutputOptions

    override fun call(): Int =
        Engines.withRun(console, run) { engine, record ->
            val code = cancel(engine, record)
            if (output.json) console.print(Json.run(engine.runs().view(record.id())))
            code
        }

    private fun cancel(engine: Engine, record: RunHeader): Int {
        record.outcome()?.let {
            console.status("The run ${record.name()} has ended already: ${record.status()}.")
            return ExitCode.SUCCEEDED.code
        }
        val requester = "emrys cancel, process ${ProcessHandle.current().pid()}"
        engine.requestCancellation(record.id(), requester)
        val driver = engine.runs().find(record.id()).map { it.driver() }.orElse(null)
        if (driver != null) {
            console.status(
                "Requested cancellation from process ${driver.pid()}, which drives the run ${record.name()}."
            )
            if (noWait) return ExitCode.SUCCEEDED.code
        }
        return CancellationFollower(console, engine, output.json).follow(record)
    }
}
