package dev.emrys.cli

import dev.emrys.run.Phase
import dev.emrys.view.RunView

/** What a resume keeps, continues and runs again, and why. */
internal class ResumeSummary(private val before: RunView) {
    fun lines(): List<String> {
        val steps = before.steps()
        val lines = ArrayList<String>()
        fun add(names: List<String>, what: String) {
            if (names.isNotEmpty()) lines.add("$what: ${names.joinToString(", ")}")
        }
        add(
            steps.filter { it.isSucceeded }.map { it.id() },
            "Kept, because they succeeded",
        )
        add(
            steps.filter { it.isActive }.map { it.id() },
            "Monitored again, because EMR has them already",
        )
        if (before.header().outcome() == null) return lines
        lines.addAll(newClusters())
        for (step in steps.filter { it.isFinal && !it.isSucceeded }) {
            val why =
                when (step.phase()) {
                    Phase.FAILED -> if (step.isTimedOut) "it timed out" else "it failed"
                    Phase.CANCELLED -> "it was cancelled"
                    else -> "it has not run"
                }
            lines.add("Run again: ${step.id()}, because $why")
        }
        return lines
    }

    /** The results of a kept step that are only on its cluster are lost with the cluster. */
    private fun newClusters(): List<String> =
        before.clusters().mapNotNull { cluster ->
            val kept = cluster.steps().filter { it.isSucceeded }.map { it.id() }
            if (kept.isEmpty() || kept.size == cluster.steps().size || cluster.end().isFailed) null
            else
                "New cluster: ${cluster.name()}; what ${kept.joinToString(", ")} wrote only to the " +
                    "old cluster (metastore tables, HDFS) is lost"
        }
}
