package dev.emrys.cli

import dev.emrys.spec.ClusterSpec
import dev.emrys.spec.RetryCapacity

/** What later attempts to start a cluster take instead. */
internal object RetriesText {
    fun of(cluster: ClusterSpec): List<String> {
        val capacities = cluster.optionsOrNone().retryCapacities()
        return capacities.mapIndexed { index, capacity ->
            val attempt = index + 2
            val which = "attempt $attempt" + if (index == capacities.lastIndex) " and later" else ""
            "$which with ${text(capacity, cluster.forAttempt(attempt))}"
        }
    }

    private fun text(capacity: RetryCapacity, cluster: ClusterSpec): String =
        listOfNotNull(
                InstancesText.of(cluster).takeIf { capacity.hasInstances() },
                capacity.subnetId()?.let { "subnet $it" },
                capacity
                    .subnetIds()
                    .takeIf { it.isNotEmpty() }
                    ?.let { "a subnet of ${it.joinToString(", ")}" },
                capacity
                    .availabilityZones()
                    .takeIf { it.isNotEmpty() }
                    ?.let { "zone ${it.joinToString(" or ")}" },
            )
            .joinToString("; ")
}
