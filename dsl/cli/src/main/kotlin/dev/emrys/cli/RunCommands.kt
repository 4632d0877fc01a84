package dev.emrys.cli

import dev.emrys.journal.JournalException
import dev.emrys.journal.RunRecord
import dev.emrys.run.Outcome
import dev.emrys.run.Phase
import dev.emrys.run.RunState
import dev.emrys.runtime.Engine
import dev.emrys.runtime.Preflight
import dev.emrys.runtime.RunHandle
import dev.emrys.spec.PipelineSpec
import dev.emrys.spec.StepSpec
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.Callable
import picocli.CommandLine.Command
import picocli.CommandLine.Mixin
import picocli.CommandLine.Parameters

@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description =
        [
            "Runs a script to its end. Exits with 0 only when every step succeeded and every cluster is gone."
        ],
)
internal class RunCommand(private val console: Console) : Callable<Int> {
    @Mixin lateinit var script: ScriptOptions
    @Mixin lateinit var state: StateOptions
    @Mixin lateinit var output: OutputOptions

    override fun call(): Int {
        val fit =
            Scripts(console).load(script, state, output.json, sampling = false)
                ?: return ExitCode.MISTAKE.code
        val spec = fit.loaded.spec
        val folder = Folders.state(state.state, script.path)
        Engines.open(console, folder).use { engine ->
            fit.notes.forEach { console.problem("Note: $it") }
            Fetching(console).use { engine.fetch(spec, it) }
            val view = RunView(console, spec, output.json)
            val handle =
                engine.start(spec, script.path.toAbsolutePath().normalize().toString(), view)
            return Following(console, engine, output.json).follow(handle, spec, view)
        }
    }
}

@Command(
    name = "resume",
    mixinStandardHelpOptions = true,
    description =
        [
            "Goes on with a run after a crash, a kill or a failure. What succeeded is kept; the script is not read again."
        ],
)
internal class ResumeCommand(private val console: Console) : Callable<Int> {
    @Parameters(paramLabel = "RUN", description = ["The name or the id of the run."])
    lateinit var run: String
    @Mixin lateinit var state: StateOptions
    @Mixin lateinit var output: OutputOptions

    override fun call(): Int {
        Engines.existing(console, state).use { engine ->
            val record = Engines.find(engine, run)
            val before = engine.state(record)
            val spec: PipelineSpec = before.graph().spec()
            val holder = engine.journal().leases().holder(record.id())
            if (before.outcome().orElse(null) == Outcome.SUCCEEDED && holder.isEmpty) {
                console.problem(
                    "The run ${record.name()} has succeeded: there is nothing to resume."
                )
                if (output.json) console.print(Json.run(record, before, false))
                return ExitCode.SUCCEEDED.code
            }
            if (holder.isEmpty) {
                Preflight.look(spec, engine.stateFolder()) { isToBeSent(before, it) }
                Fetching(console).use { engine.fetch(spec, it) }
            }
            val view = RunView(console, spec, output.json)
            // The lock decides who drives, not the look at the holder above.
            val handle = engine.resume(record, view)
            Kept(before).lines().forEach { console.problem(it) }
            changed(record)?.let(console::problem)
            return Following(console, engine, output.json).follow(handle, spec, view)
        }
    }
}

/** Whether a resume sends the step: it has not succeeded, and is not on a cluster now. */
private fun isToBeSent(state: RunState, step: StepSpec): Boolean =
    when (state.task(state.graph().indexOf(step.name())).phase()) {
        Phase.WAITING,
        Phase.BACKOFF,
        Phase.FELL,
        Phase.FAILED,
        Phase.CANCELLED,
        Phase.SKIPPED -> true
        Phase.INTENDED,
        Phase.ACCEPTED,
        Phase.RUNNING,
        Phase.CANCELLING,
        Phase.TIMING_OUT,
        Phase.SUCCEEDED -> false
    }

/**
 * Said when the script is not what the run began with any more: the natural way is to mend it and
 * to resume.
 */
private fun changed(run: RunRecord): String? {
    val script = Path.of(run.script())
    val newer =
        try {
            // A run of an embedding program has none.
            Files.isRegularFile(script) &&
                Files.getLastModifiedTime(script).toInstant().isAfter(run.startedAt())
        } catch (_: IOException) {
            return null
        }
    return if (newer)
        "The script has been written since the run began; the run goes on with what it was. A changed script is a new run: emrys run"
    else null
}

/** Waits for a run that this process drives, and says how it ended. */
internal class Following(
    private val console: Console,
    private val engine: Engine,
    private val json: Boolean,
) {
    fun follow(handle: RunHandle, spec: PipelineSpec, view: RunView): Int {
        val interrupt = Interrupt(console, handle, view)
        view.begin(handle.run())
        val outcome =
            try {
                interrupt.outcome()
            } catch (e: JournalException) {
                view.end()
                left(handle.run())
                throw e
            } finally {
                view.end()
            }
        if (outcome == null) {
            left(handle.run())
            if (json) console.print(Json.run(handle.run(), engine.state(handle.run()), false))
            return ExitCode.INTERRUPTED.code
        }
        return report(handle.run(), outcome, spec)
    }

    private fun left(run: RunRecord) {
        val hints = Hints(engine.stateFolder())
        console.problem(
            "The run ${run.name()} is left as it is. Its clusters run on, until their idle leases end them."
        )
        console.problem("    ${hints.words("resume", run.name())}    goes on with it")
        console.problem(
            "    ${hints.words("cancel", run.name())}    cancels it and ends its clusters"
        )
    }

    private fun report(run: RunRecord, outcome: Outcome, spec: PipelineSpec): Int {
        val state = engine.state(run)
        if (json) {
            console.print(Json.run(run, state, false))
        } else {
            Summary(console, spec, state, StepFiles(engine, state), Hints(engine.stateFolder()))
                .print(run.name())
        }
        return if (outcome == Outcome.SUCCEEDED) ExitCode.SUCCEEDED.code
        else ExitCode.PIPELINE_FAILED.code
    }
}
