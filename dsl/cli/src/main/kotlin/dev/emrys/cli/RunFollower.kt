package dev.emrys.cli

import dev.emrys.journal.JournalException
import dev.emrys.journal.RunRecord
import dev.emrys.run.Outcome
import dev.emrys.runtime.Engine
import dev.emrys.runtime.RunHandle

/** Waits for a run that this process drives, and reports how it ended. */
internal class RunFollower(
    private val console: Console,
    private val engine: Engine,
    private val json: Boolean,
) {
    /** Returns the exit code. */
    fun follow(handle: RunHandle, progress: RunProgress): Int {
        val interrupts = InterruptHandler(console, handle, progress)
        progress.begin(handle.run())
        val outcome =
            try {
                interrupts.outcome()
            } catch (e: JournalException) {
                progress.end()
                printDetached(handle.run())
                throw e
            } finally {
                progress.end()
            }
        if (outcome == null) {
            printDetached(handle.run())
            if (json)
                console.print(Json.run(handle.run(), RunTasks(engine.state(handle.run())), false))
            return ExitCode.INTERRUPTED.code
        }
        return report(handle.run(), outcome)
    }

    private fun printDetached(run: RunRecord) {
        val next = NextCommands(engine.stateFolder())
        console.status(
            "Detached from run ${run.name()}; its clusters keep running until their idle timeout."
        )
        console.status("    ${next.text("resume", run.name())}    resumes it")
        console.status("    ${next.text("cancel", run.name())}    cancels it and ends its clusters")
    }

    private fun report(run: RunRecord, outcome: Outcome): Int {
        val tasks = RunTasks(engine.state(run))
        if (json) {
            console.print(Json.run(run, tasks, false))
        } else {
            RunSummary(
                    console,
                    tasks,
                    StepLogFiles(engine, tasks),
                    NextCommands(engine.stateFolder()),
                )
                .print(run.name())
        }
        return if (outcome == Outcome.SUCCEEDED) ExitCode.SUCCEEDED.code
        else ExitCode.PIPELINE_FAILED.code
    }
}
