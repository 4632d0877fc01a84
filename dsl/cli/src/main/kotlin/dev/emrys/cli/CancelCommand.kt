package dev.emrys.cli

import dev.emrys.run.Outcome
import dev.emrys.runtime.Engine
import dev.emrys.view.RunHeader
import dev.emrys.view.RunView
import java.util.concurrent.Callable
import picocli.CommandLine.Command
import picocli.CommandLine.Mixin

@Command(
    name = "cancel",
    mixinStandardHelpOptions = true,
    description =
        [
            "Cancels a run and ends its clusters. A run that another process drives is cancelled by that process."
        ],
)
internal class CancelCommand(private val console: Console) : Callable<Int> {
    @Mixin lateinit var run: RunOptions
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
            return ExitCode.SUCCEEDED.code
        }
        // No process drives the run, so this one ends its clusters.
        val progress = RunProgress(console, output.json)
        val feed = engine.runs().follow(record.id())
        val handle = engine.takeOver(record.id(), progress::changed)
        progress.begin(record, feed)
        val outcome =
            try {
                handle.done().join()
            } finally {
                progress.end()
            }
        feed.skip()
        return report(feed.view(), outcome, NextCommands(engine.stateFolder()))
    }

    /** A cluster that could not be ended costs money: it must not be overlooked. */
    private fun report(run: RunView, outcome: Outcome, next: NextCommands): Int {
        val name = run.header().name()
        val alive = run.clusters().map { it.end() }.filter { it.isFailed }
        if (alive.isEmpty()) {
            console.status("Run $name ${outcome.name.lowercase()}; its clusters have ended.")
            return ExitCode.SUCCEEDED.code
        }
        console.status("Run $name ${outcome.name.lowercase()}; not all of its clusters have ended.")
        alive.forEach { console.status("    ${it.id()}: ${it.reason()}") }
        console.status("    End them on EMR, or try again: ${next.text("resume", name)}")
        return ExitCode.PIPELINE_FAILED.code
    }
}
