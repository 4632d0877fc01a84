package dev.emrys.cli

import dev.emrys.journal.JournalException
import dev.emrys.run.Outcome
import dev.emrys.runtime.Engine
import dev.emrys.runtime.RunHandle
import dev.emrys.view.RunFeed
import dev.emrys.view.RunView

/** Waits for a run that this process drives, and reports how it ended. */
internal class RunFollower(
    private val console: Console,
    private val engine: Engine,
    private val json: Boolean,
) {
    /**
     * Returns the exit code.
     *
     * @param feed of the run, from where its changes are shown
     */
    fun follow(handle: RunHandle, feed: RunFeed, progress: ProgressDisplay): Int {
        val interrupts = InterruptHandler(console, handle, progress)
        progress.begin(feed.view().header(), feed)
        val outcome =
            try {
                interrupts.outcome()
            } catch (e: JournalException) {
                progress.end()
                if (e.leavesRunResumable()) printDetached(handle.name())
                throw e
            } finally {
                progress.end()
            }
        feed.skip()
        val run = feed.view()
        if (outcome == null) {
            printDetached(handle.name())
            if (json) console.print(Json.run(run))
            return ExitCode.INTERRUPTED.code
        }
        return report(run, outcome)
    }

    private fun printDetached(run: String) {
        val next = NextCommands(engine)
        console.status(
            "Detached from run $run; its clusters keep running until their idle timeout."
        )
        console.status("    ${next.text("resume", run)}    resumes it")
        console.status("    ${next.text("cancel", run)}    cancels it and ends its clusters")
    }

    private fun notes(run: RunView): List<String> =
        engine.target(run.header().target(), run.header().targetSettings()).notes(run.spec())

    private fun report(run: RunView, outcome: Outcome): Int {
        val cost = CostText.ofEnded(engine, run)
        if (json) {
            console.print(Json.run(run, cost))
        } else {
            RunSummary(
                    console,
                    run,
                    RunLogs(engine, run.header()),
                    notes(run) + listOfNotNull(cost?.let { "Cost: " + CostText.of(it) }),
                    NextCommands(engine),
                )
                .print()
        }
        return if (outcome == Outcome.SUCCEEDED) ExitCode.SUCCEEDED.code
        else ExitCode.PIPELINE_FAILED.code
    }
}
