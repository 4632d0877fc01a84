package dev.emrys.cli

import dev.emrys.run.Phase

/** What a resume keeps, continues and runs again, and why. */
internal class ResumeSummary(private val before: RunTasks) {
    fun lines(): List<String> {
        val steps = before.steps
        val lines = ArrayList<String>()
        fun add(names: List<String>, what: String) {
            if (names.isNotEmpty()) lines.add("$what: ${names.joinToString(", ")}")
        }
        add(
            steps.filter { it.phase() == Phase.SUCCEEDED }.map { it.task() },
            "Kept, because they succeeded",
        )
        add(
            steps.filter { it.phase().isActive }.map { it.task() },
            "Monitored again, because EMR has them already",
        )
        if (before.outcome == null) return lines
        lines.addAll(newClusters())
        for (step in steps.filter { it.phase().isFinal && it.phase() != Phase.SUCCEEDED }) {
            val why =
                when (step.phase()) {
                    Phase.FAILED -> if (step.timedOut) "it timed out" else "it failed"
                    Phase.CANCELLED -> "it was cancelled"
                    else -> "it has not run"
                }
            lines.add("Run again: ${step.task()}, because $why")
        }
        return lines
    }

    /** The results of a kept step that are only on its cluster are lost with the cluster. */
    private fun newClusters(): List<String> =
        before.clusters().mapNotNull { cluster ->
            val kept = cluster.steps.filter { it.phase() == Phase.SUCCEEDED }.map { it.task() }
            if (kept.isEmpty() || kept.size == cluster.steps.size || cluster.end.failed) null
            else
                "New cluster: ${cluster.name}; what ${kept.joinToString(", ")} wrote only to the " +
                    "old cluster (metastore tables, HDFS) is lost"
        }
}
