package dev.emrys.language

import dev.emrys.spec.StepSpec

/**
 * Finds steps of a cluster without an order between them.
 *
 * @param steps in the order of the script; a step is after earlier ones only, because `after(…)`
 *   takes handles, so this order is a topological one
 */
internal class UnorderedSteps(private val steps: List<StepSpec>) {
    private val indexes: Map<String, Int> = buildMap {
        steps.forEachIndexed { index, step -> putIfAbsent(step.name(), index) }
    }

    /**
     * The first two neighbours on [cluster] without a path between them; null when all have one.
     */
    fun pairOn(cluster: String): Pair<StepSpec, StepSpec>? {
        val own = steps.indices.filter { steps[it].cluster() == cluster }
        // In a topological order all are ordered when each has a path from the one before.
        return own.zipWithNext()
            .firstOrNull { (first, second) -> !isUpstream(first, second) }
            ?.let { (first, second) -> steps[first] to steps[second] }
    }

    /** Whether a path leads from [first] to [second]. Only steps between the two can be on it. */
    private fun isUpstream(first: Int, second: Int): Boolean {
        val seen = HashSet<Int>()
        val open = ArrayDeque(listOf(second))
        while (open.isNotEmpty()) {
            for (name in steps[open.removeLast()].after()) {
                val upstream = indexes[name] ?: continue
                if (upstream == first) return true
                if (upstream > first && seen.add(upstream)) open.addLast(upstream)
            }
        }
        return false
    }
}
