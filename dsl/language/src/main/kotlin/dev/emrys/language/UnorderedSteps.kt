package dev.emrys.language

import dev.emrys.spec.StepSpec
import dev.emrys.spec.TaskSpec

/**
 * Finds steps of a cluster without an order between them.
 *
 * @param tasks in the order of the script; a task is after earlier ones only, because `after(…)`
 *   takes handles, so this order is a topological one
 */
internal class UnorderedSteps(private val tasks: List<TaskSpec>) {
    private val indexes: Map<String, Int> = buildMap {
        tasks.forEachIndexed { index, task -> putIfAbsent(task.name(), index) }
    }

    /**
     * The first two neighbours on [cluster] without a path between them; null when all have one.
     */
    fun pairOn(cluster: String): Pair<StepSpec, StepSpec>? {
        val own = tasks.indices.filter { (tasks[it] as? StepSpec)?.cluster() == cluster }
        // In a topological order all are ordered when each has a path from the one before.
        // Two steps of one name are an error already.
        return own.zipWithNext()
            .firstOrNull { (first, second) ->
                tasks[first].name() != tasks[second].name() && !isUpstream(first, second)
            }
            ?.let { (first, second) -> tasks[first] as StepSpec to tasks[second] as StepSpec }
    }

    /** Whether a path leads from [first] to [second]. Only tasks between the two can be on it. */
    private fun isUpstream(first: Int, second: Int): Boolean {
        val seen = HashSet<Int>()
        val open = ArrayDeque(listOf(second))
        while (open.isNotEmpty()) {
            for (name in tasks[open.removeLast()].after()) {
                val upstream = indexes[name] ?: continue
                if (upstream == first) return true
                if (upstream > first && seen.add(upstream)) open.addLast(upstream)
            }
        }
        return false
    }
}
