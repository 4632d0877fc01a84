package dev.emrys.cli

import dev.emrys.run.Outcome
import dev.emrys.run.Phase
import dev.emrys.view.RunView
import dev.emrys.view.TaskView
import java.time.Instant

/** Printed when a run has ended: its outcome, the failures with their reasons, the final output. */
internal class RunSummary(
    private val console: Console,
    private val run: RunView,
    private val logs: RunLogs,
    private val notes: List<String>,
    private val next: NextCommands,
) {
    fun print() {
        val header = run.header()
        val runName = header.name()
        val outcome = header.outcome() ?: Outcome.FAILED
        run.tasks()
            .filter { it.isFailed || it.phase() == Phase.CANCELLED }
            .forEach { printFailure(it, runName) }
        if (outcome == Outcome.SUCCEEDED) printFinalOutput(runName)
        val counts =
            run.steps()
                .groupingBy { it.phaseText() }
                .eachCount()
                .entries
                .joinToString("") { ", ${it.value} ${it.key}" }
        val duration = " in ${Formats.duration(header.duration(Instant.now()))}"
        console.status("")
        console.status(
            "Run $runName of ${header.pipeline()} ${outcome.name.lowercase()}$duration: " +
                "${Formats.count(run.steps().size, "step")}$counts."
        )
        notes.forEach { console.status("    $it") }
        if (outcome != Outcome.SUCCEEDED) {
            console.status("    ${next.text("resume", runName)}    runs again what did not succeed")
        }
    }

    private fun printFailure(task: TaskView, runName: String) {
        console.status("")
        val attempts = if (task.attempt() > 1) " after ${task.attempt()} attempts" else ""
        console.status("${task.id()} ${task.phaseText()}$attempts: ${task.location()}")
        task.reason()?.lines()?.forEach { console.status("    $it") }
        task.causeText()?.let { console.status("    $it") }
        val log = task.log() ?: printLastLines(task) ?: return
        console.status("    Full log: $log")
        if (run.steps().any { it.id() == task.id() })
            console.status("    ${next.text("logs", runName, task.id())}")
    }

    /**
     * Prints the last lines of a step that was cancelled: EMR reports no failure message for it.
     * Returns the path of its log; null when it never ran.
     */
    private fun printLastLines(task: TaskView): String? {
        if (task.failure() == null) return null
        for (name in listOf("stderr", "stdout")) {
            val tail = logs.tail(task, name, CANCELLED_LINES)
            if (tail.lines.isNotEmpty()) {
                tail.lines.forEach { console.status("    $it") }
                return logs.newest(task, name)?.location()
            }
        }
        return logs.newest(task, "stderr")?.location()
    }

    /** The output of the steps that no other step waits for: usually the result of the run. */
    private fun printFinalOutput(runName: String) {
        for (step in run.finalSteps()) {
            val tail = logs.tail(step, "stdout", OUTPUT_LINES)
            if (tail.lines.isEmpty()) continue
            console.status("")
            console.status("Output of ${step.id()}:")
            if (tail.truncated) {
                console.status("… the whole output: ${next.text("logs", runName, step.id())}")
            }
            tail.lines.forEach { console.print(it) }
        }
    }

    private companion object {
        const val OUTPUT_LINES = 40
        const val CANCELLED_LINES = 12
    }
}
