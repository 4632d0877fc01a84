package dev.emrys.cli

import dev.emrys.graph.TaskGraph
import dev.emrys.spec.TaskSpec
import java.util.BitSet

/**
 * A task as `plan` shows it.
 *
 * @param action such as `start-cluster`, `run-step` or `end-cluster`
 * @param cluster null when the task needs none
 * @param upstream the tasks it waits for. A cluster's start waits for none: it runs when the first
 *   task of the cluster could run
 * @param declared what the author declared; null for the start and the end of a cluster
 */
internal class PlannedTask(
    val id: String,
    val action: String,
    val cluster: String?,
    val upstream: List<Upstream>,
    val declared: TaskSpec?,
) {
    /** @param rule Airflow's trigger rule, such as ALL_SUCCESS */
    data class Upstream(val task: String, val rule: String)

    companion object {
        /** The tasks in the order of the script. */
        fun of(graph: TaskGraph): List<PlannedTask> =
            graph.tasks().mapIndexed { index, task ->
                PlannedTask(
                    task.id(),
                    task.kind().action(),
                    task.scope(),
                    graph.upstream(index).map {
                        Upstream(graph.task(it.upstream()).id(), it.rule().name)
                    },
                    task.kind() as? TaskSpec,
                )
            }
    }
}

/**
 * The declared tasks of a plan, each after all that it waits for, otherwise in the order of the
 * script; and which of them have no order between them.
 */
internal class PlannedSteps(tasks: List<PlannedTask>) {
    private val byName = tasks.filter { it.declared != null }.associateBy { it.id }

    val steps: List<PlannedTask> = sorted()

    /** Whether [independentOf] is known: for more than 2,000 steps it is not computed. */
    val isCompared: Boolean
        get() = ancestors != null

    /** Null when there are too many steps: it needs a bit per pair of steps. */
    private val ancestors: List<BitSet>? = if (steps.size <= MAX_COMPARED) ancestors() else null

    /** The steps that [step] waits for. */
    fun upstream(step: PlannedTask): List<String> =
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
        val open = byName.values.associateTo(HashMap()) { it.id to upstream(it).size }
        val downstream = HashMap<String, MutableList<PlannedTask>>()
        for (step in byName.values) {
            upstream(step).forEach { downstream.getOrPut(it, ::ArrayList).add(step) }
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
            for (upstream in upstream(step)) {
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
