package dev.emrys.cli

import dev.emrys.journal.ControlRequest
import dev.emrys.journal.RunRecord
import dev.emrys.run.Outcome
import dev.emrys.runtime.Engine
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
            if (output.json) {
                val driven = engine.journal().leases().holder(record.id()).isPresent
                console.print(Json.run(record, RunTasks(engine.state(record)), driven))
            }
            code
        }

    private fun cancel(engine: Engine, record: RunRecord): Int {
        val tasks = RunTasks(engine.state(record))
        tasks.outcome?.let {
            console.status("The run ${record.name()} has ended already: ${it.name.lowercase()}.")
            return ExitCode.SUCCEEDED.code
        }
        val requester = "emrys cancel, process ${ProcessHandle.current().pid()}"
        engine.journal().inbox().send(record.id(), ControlRequest.Cancel(), requester)
        val holder = engine.journal().leases().holder(record.id())
        if (holder.isPresent) {
            console.status(
                "Requested cancellation from process ${holder.get().pid()}, which drives the run ${record.name()}."
            )
            return ExitCode.SUCCEEDED.code
        }
        // No process drives the run, so this one ends its clusters.
        val progress = RunProgress(console, tasks.spec, output.json)
        val handle = engine.takeOver(record, progress)
        progress.begin(record)
        val outcome =
            try {
                handle.done().join()
            } finally {
                progress.end()
            }
        return report(
            record.name(),
            outcome,
            RunTasks(engine.state(record)),
            NextCommands(engine.stateFolder()),
        )
    }

    /** A cluster that could not be ended costs money: it must not be overlooked. */
    private fun report(name: String, outcome: Outcome, tasks: RunTasks, next: NextCommands): Int {
        val alive = tasks.clusters().map { it.end }.filter { it.failed }
        if (alive.isEmpty()) {
            console.status("Run $name ${outcome.name.lowercase()}; its clusters have ended.")
            return ExitCode.SUCCEEDED.code
        }
        console.status("Run $name ${outcome.name.lowercase()}; not all of its clusters have ended.")
        alive.forEach { console.status("    ${it.task()}: ${it.reason()}") }
        console.status("    End them on EMR, or try again: ${next.text("resume", name)}")
        return ExitCode.PIPELINE_FAILED.code
    }
}
