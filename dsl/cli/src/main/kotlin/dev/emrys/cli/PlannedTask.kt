package dev.emrys.cli

import dev.emrys.graph.Task
import dev.emrys.graph.TaskGraph
import dev.emrys.spec.StepSpec
import java.util.BitSet

/**
 * A task as `plan` shows it.
 *
 * @param action `start-cluster`, `run-step` or `end-cluster`
 * @param upstream the tasks it waits for. A cluster's start waits for none: it runs when the first
 *   step of the cluster could run
 * @param step null for the start and the end of a cluster
 */
internal class PlannedTask(
    val id: String,
    val action: String,
    val cluster: String,
    val upstream: List<Edge>,
    val step: StepSpec?,
) {
    /**
     * @param rule Airflow's trigger rule: ALL_SUCCESS, the task must have succeeded; ALL_DONE, it
     *   must have ended
     */
    data class Edge(val task: String, val rule: String)

    companion object {
        private const val ALL_SUCCESS = "ALL_SUCCESS"
        private const val ALL_DONE = "ALL_DONE"

        /** The tasks in the order of the script. */
        fun of(graph: TaskGraph): List<PlannedTask> =
            graph.tasks().mapIndexed { index, task ->
                PlannedTask(
                    task.id(),
                    action(task),
                    task.cluster(),
                    upstream(graph, index),
                    (task as? Task.RunStep)?.spec(),
                )
            }

        private fun action(task: Task) =
            when (task) {
                is Task.StartCluster -> "start-cluster"
                is Task.RunStep -> "run-step"
                is Task.EndCluster -> "end-cluster"
            }

        private fun upstream(graph: TaskGraph, index: Int): List<Edge> {
            val cluster = graph.clusterOf(index)
            val start = graph.task(cluster.start()).id()
            return when (graph.task(index)) {
                is Task.StartCluster -> emptyList()
                is Task.RunStep ->
                    listOf(Edge(start, ALL_SUCCESS)) +
                        graph.after(index).asList().map { Edge(graph.task(it).id(), ALL_SUCCESS) }
                is Task.EndCluster ->
                    cluster.steps().asList().map { Edge(graph.task(it).id(), ALL_DONE) } +
                        Edge(start, ALL_DONE)
            }
        }
    }
}

/**
 * The steps of a plan, each after all that it waits for, otherwise in the order of the script; and
 * which of them have no order between them.
 */
internal class StepOrder(tasks: List<PlannedTask>) {
    private val byName = tasks.filter { it.step != null }.associateBy { it.id }

    val steps: List<PlannedTask> = sorted()

    /** Whether [independentOf] is known: for more than 2,000 steps it is not computed. */
    val isCompared: Boolean
        get() = ancestors != null

    /** Null when there are too many steps: it needs a bit per pair of steps. */
    private val ancestors: List<BitSet>? = if (steps.size <= MAX_COMPARED) ancestors() else null

    /** The steps that [step] waits for. */
    fun after(step: PlannedTask): List<String> =
        step.upstream.map { it.task }.filter { it in byName }

    /** The steps that may run before, after or at the same time as [step]. */
    fun independentOf(step: PlannedTask): List<String> {
        val all = ancestors ?: return emptyList()
        val own = steps.indexOf(step)
        return steps.indices
            .filter { it != own && !all[own][it] && !all[it][own] }
            .map { steps[it].id }
    }

    private fun sorted(): List<PlannedTask> {
        val open = byName.values.associateTo(HashMap()) { it.id to after(it).size }
        val downstream = HashMap<String, MutableList<PlannedTask>>()
        for (step in byName.values) {
            after(step).forEach { downstream.getOrPut(it, ::ArrayList).add(step) }
        }
        val position = byName.keys.withIndex().associate { (index, id) -> id to index }
        val ready = java.util.PriorityQueue<PlannedTask>(compareBy { position[it.id] })
        ready.addAll(byName.values.filter { open[it.id] == 0 })
        val sorted = ArrayList<PlannedTask>()
        while (ready.isNotEmpty()) {
            val next = ready.remove()
            sorted.add(next)
            for (step in downstream[next.id].orEmpty()) {
                if (open.merge(step.id, -1, Int::plus) == 0) ready.add(step)
            }
        }
        return sorted
    }

    private fun ancestors(): List<BitSet> {
        val index = steps.withIndex().associate { (index, step) -> step.id to index }
        val all = ArrayList<BitSet>()
        for (step in steps) {
            val own = BitSet()
            for (upstream in after(step)) {
                val position = index.getValue(upstream)
                own.set(position)
                own.or(all[position])
            }
            all.add(own)
        }
        return all
    }

    private companion object {
        const val MAX_COMPARED = 2_000
    }
}
