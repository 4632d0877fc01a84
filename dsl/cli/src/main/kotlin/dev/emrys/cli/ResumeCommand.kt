package dev.emrys.cli

import dev.emrys.journal.RunRecord
import dev.emrys.run.Outcome
import dev.emrys.runtime.Engine
import dev.emrys.runtime.Preflight
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.Callable
import picocli.CommandLine.Command
import picocli.CommandLine.Mixin

@Command(
    name = "resume",
    mixinStandardHelpOptions = true,
    description =
        [
            "Continues a run after a crash, a kill or a failure. What succeeded is kept; the script is not read again."
        ],
)
internal class ResumeCommand(private val console: Console) : Callable<Int> {
    @Mixin lateinit var run: RunOptions
    @Mixin lateinit var output: OutputOptions

    override fun call(): Int = Engines.withRun(console, run, ::resume)

    private fun resume(engine: Engine, record: RunRecord): Int {
        val before = RunTasks(engine.state(record))
        val spec = before.spec
        val holder = engine.journal().leases().holder(record.id())
        if (before.outcome == Outcome.SUCCEEDED && holder.isEmpty) {
            console.status("The run ${record.name()} has succeeded: there is nothing to resume.")
            if (output.json) console.print(Json.run(record, before, false))
            return ExitCode.SUCCEEDED.code
        }
        if (holder.isEmpty) {
            Preflight.look(spec, engine.stateFolder()) {
                before.step(it.name())?.isSubmittedByResume == true
            }
            FetchProgress(console).use { engine.fetch(spec, it) }
        }
        val progress = RunProgress(console, spec, output.json)
        // The lock decides who drives the run; the holder may have changed since it was read.
        val handle = engine.resume(record, progress)
        ResumeSummary(before).lines().forEach(console::status)
        if (isScriptNewer(record)) {
            console.status(
                "The script was changed after the run began; the run continues with the spec that it began with. To run the changed script, start a new run: emrys run"
            )
        }
        return RunFollower(console, engine, output.json).follow(handle, progress)
    }

    /** False for the run of an embedding program, which has no script. */
    private fun isScriptNewer(run: RunRecord): Boolean {
        val script = Path.of(run.script())
        return try {
            Files.isRegularFile(script) &&
                Files.getLastModifiedTime(script).toInstant().isAfter(run.startedAt())
        } catch (_: IOException) {
            false
        }
    }
}
