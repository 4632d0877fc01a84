package dev.emrys.cli

import dev.emrys.graph.Task
import dev.emrys.run.Outcome
import dev.emrys.run.Phase
import dev.emrys.run.RunState
import dev.emrys.run.TaskState
import dev.emrys.spec.PipelineSpec
import java.time.Duration

/**
 * What stands at the end of a run: how it ended, why what failed did, and what the last steps said.
 */
internal class Summary(
    private val console: Console,
    private val spec: PipelineSpec,
    private val state: RunState,
    private val files: StepFiles,
    private val hints: Hints,
) {
    fun print(runName: String) {
        val outcome = state.outcome().orElse(Outcome.FAILED)
        val tasks = state.tasks()
        tasks
            .filter { it.phase() == Phase.FAILED || it.phase() == Phase.CANCELLED }
            .forEach { failed(it, runName) }
        if (outcome == Outcome.SUCCEEDED) lastWords(runName)
        val took =
            state.startedAt().flatMap { from -> state.endedAt().map { Duration.between(from, it) } }
        val steps = steps()
        val counts =
            steps
                .groupingBy { it.phase() }
                .eachCount()
                .entries
                .joinToString(", ") {
                    "${it.value} ${Words.phase(it.key)}"
                }
        console.problem("")
        console.problem(
            "Run $runName of ${spec.name()} ${outcome.name.lowercase()}" +
                took.map { " in ${Words.duration(it)}" }.orElse("") +
                ": ${Words.count(steps.size, "step")}, $counts."
        )
        if (spec.steps().any { step -> step.jarStep().args().any { it.contains("s3://") } }) {
            console.problem("    s3:// is ${files.s3()} on this machine")
        }
        if (outcome != Outcome.SUCCEEDED) {
            console.problem(
                "    ${hints.words("resume", runName)}    does again what did not succeed"
            )
        }
    }

    private fun steps(): List<TaskState> =
        state
            .graph()
            .tasks()
            .indices
            .filter { state.graph().task(it) is Task.RunStep }
            .map(state::task)

    private fun failed(task: TaskState, runName: String) {
        console.problem("")
        val attempts = if (task.attempt() > 1) " after ${task.attempt()} attempts" else ""
        console.problem("${task.task()} ${Words.phase(task.phase())}$attempts: ${location(task)}")
        task.reason()?.lines()?.forEach { console.problem("    $it") }
        val log = task.log() ?: unfinished(task) ?: return
        console.problem("    The whole log: $log")
        console.problem("    ${hints.words("logs", runName, task.task())}")
    }

    /**
     * Says the last words of a step that was ended from outside, for its timeout say: EMR has none
     * for it. Returns where its whole log lies; null when it never ran.
     */
    private fun unfinished(task: TaskState): String? {
        if (task.failure() == null) return null
        for (name in listOf("stderr", "stdout")) {
            val words = files.tail(task.task(), name, UNFINISHED_LINES)
            if (words.last.isNotEmpty()) {
                words.last.forEach { console.problem("    $it") }
                return files.newest(task.task(), name)?.toString()
            }
        }
        return files.newest(task.task(), "stderr")?.toString()
    }

    private fun location(task: TaskState): String {
        val node = state.graph().task(state.graph().indexOf(task.task()))
        return when (node) {
            is Task.RunStep -> node.spec().location().toString()
            is Task.StartCluster -> node.spec().location().toString()
            is Task.EndCluster -> node.spec().location().toString()
        }
    }

    /** What the steps that nothing waits for have printed: that is what the run was for. */
    private fun lastWords(runName: String) {
        val graph = state.graph()
        for (index in graph.tasks().indices) {
            val task = graph.task(index)
            if (task is Task.RunStep && graph.before(index).length() == 0) {
                val words = files.tail(task.id(), "stdout", LAST_LINES)
                if (words.last.isNotEmpty()) {
                    console.problem("")
                    console.problem("${task.id()} says:")
                    if (words.more) {
                        console.problem(
                            "… more before it: ${hints.words("logs", runName, task.id())}"
                        )
                    }
                    words.last.forEach { console.print(it) }
                }
            }
        }
    }

    private companion object {
        const val LAST_LINES = 40
        const val UNFINISHED_LINES = 12
    }
}
