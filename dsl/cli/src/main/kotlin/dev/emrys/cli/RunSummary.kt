package dev.emrys.cli

import dev.emrys.run.Outcome
import dev.emrys.run.Phase
import dev.emrys.run.TaskState

/** Printed when a run has ended: its outcome, the failures with their reasons, the final output. */
internal class RunSummary(
    private val console: Console,
    private val run: RunTasks,
    private val logs: StepLogFiles,
    private val next: NextCommands,
) {
    fun print(runName: String) {
        val outcome = run.outcome ?: Outcome.FAILED
        run.all
            .filter { it.failed || it.phase() == Phase.CANCELLED }
            .forEach { printFailure(it, runName) }
        if (outcome == Outcome.SUCCEEDED) printFinalOutput(runName)
        val counts =
            run.steps
                .groupingBy { it.phaseText() }
                .eachCount()
                .entries
                .joinToString(", ") { "${it.value} ${it.key}" }
        val duration = run.duration?.let { " in ${Formats.duration(it)}" }.orEmpty()
        console.status("")
        console.status(
            "Run $runName of ${run.spec.name()} ${outcome.name.lowercase()}$duration: " +
                "${Formats.count(run.steps.size, "step")}, $counts."
        )
        if (run.spec.steps().any { step -> step.jarStep().args().any { "s3://" in it } }) {
            console.status("    s3:// is ${logs.s3()} on this machine")
        }
        if (outcome != Outcome.SUCCEEDED) {
            console.status("    ${next.text("resume", runName)}    runs again what did not succeed")
        }
    }

    private fun printFailure(task: TaskState, runName: String) {
        console.status("")
        val attempts = if (task.attempt() > 1) " after ${task.attempt()} attempts" else ""
        console.status("${task.task()} ${task.phaseText()}$attempts: ${run.location(task.task())}")
        task.reason()?.lines()?.forEach { console.status("    $it") }
        val log = task.log() ?: printLastLines(task) ?: return
        console.status("    Full log: $log")
        console.status("    ${next.text("logs", runName, task.task())}")
    }

    /**
     * Prints the last lines of a step that was cancelled: EMR reports no failure message for it.
     * Returns the path of its log; null when it never ran.
     */
    private fun printLastLines(task: TaskState): String? {
        if (task.failure() == null) return null
        for (name in listOf("stderr", "stdout")) {
            val tail = logs.tail(task.task(), name, CANCELLED_LINES)
            if (tail.lines.isNotEmpty()) {
                tail.lines.forEach { console.status("    $it") }
                return logs.newest(task.task(), name)?.toString()
            }
        }
        return logs.newest(task.task(), "stderr")?.toString()
    }

    /** The output of the steps that no other step waits for: usually the result of the run. */
    private fun printFinalOutput(runName: String) {
        for (step in run.finalSteps()) {
            val tail = logs.tail(step, "stdout", OUTPUT_LINES)
            if (tail.lines.isEmpty()) continue
            console.status("")
            console.status("Output of $step:")
            if (tail.truncated) {
                console.status("… the whole output: ${next.text("logs", runName, step)}")
            }
            tail.lines.forEach { console.print(it) }
        }
    }

    private companion object {
        const val OUTPUT_LINES = 40
        const val CANCELLED_LINES = 12
    }
}
