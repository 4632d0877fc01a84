package dev.emrys.cli

import dev.emrys.graph.Task
import dev.emrys.run.Phase
import dev.emrys.run.RunState

/** What a resume keeps, what it looks after, what it does again, and why. */
internal class Kept(private val before: RunState) {
    fun lines(): List<String> {
        val steps =
            before.graph().tasks().indices.filter { before.graph().task(it) is Task.RunStep }
        val states = steps.map(before::task)
        val lines = ArrayList<String>()
        fun say(names: List<String>, what: String) {
            if (names.isNotEmpty()) lines.add("$what: ${names.joinToString(", ")}")
        }
        say(
            states.filter { it.phase() == Phase.SUCCEEDED }.map { it.task() },
            "Kept, since they succeeded",
        )
        say(
            states.filter { it.phase().open() }.map { it.task() },
            "Looked after again, since they were under way",
        )
        val again = before.outcome().isPresent
        if (again) lines.addAll(newClusters())
        for (state in
            states.filter { it.phase().over() && it.phase() != Phase.SUCCEEDED && again }) {
            val why =
                when (state.phase()) {
                    Phase.FAILED -> "it failed"
                    Phase.CANCELLED -> "it was cancelled"
                    else -> "it had not run"
                }
            lines.add("Done again: ${state.task()}, since $why")
        }
        return lines
    }

    /**
     * A kept step's work is kept where it lies: what it left on its cluster alone is gone with
     * that.
     */
    private fun newClusters(): List<String> =
        before.graph().clusters().values.mapNotNull { cluster ->
            val steps = (0 until cluster.steps().length()).map { before.task(cluster.steps()[it]) }
            val kept = steps.filter { it.phase() == Phase.SUCCEEDED }.map { it.task() }
            val ended = before.task(cluster.end()).phase() != Phase.FAILED
            if (kept.isEmpty() || kept.size == steps.size || !ended) null
            else
                "A new cluster: ${before.graph().task(cluster.start()).cluster()}; what ${kept.joinToString(", ")} " +
                    "left only on the old one (tables of its metastore, HDFS) is gone"
        }
}
