package dev.emrys.cli

import dev.emrys.spec.ClusterSpec
import dev.emrys.spec.FleetType
import dev.emrys.spec.InstanceFleet
import dev.emrys.spec.InstanceGroup
import dev.emrys.spec.ManagedScaling

/** The instances of a cluster in the plan: its groups, or its fleets. */
internal object InstancesText {
    fun of(cluster: ClusterSpec): String {
        val fleets = cluster.optionsOrNone().instanceFleets()
        return if (fleets.isEmpty()) cluster.instanceGroups().joinToString(", ") { group(it) }
        else fleets.joinToString("; ") { fleet(it) }
    }

    /** Null without managed scaling. */
    fun scaling(cluster: ClusterSpec): String? =
        cluster.optionsOrNone().managedScaling()?.let { scaling(it, cluster) }

    private fun scaling(scaling: ManagedScaling, cluster: ClusterSpec): String {
        val fleets = cluster.optionsOrNone().instanceFleets().isNotEmpty()
        val unit = scaling.unitFor(fleets)
        return "EMR keeps it between ${scaling.minimum()} and ${scaling.maximum()} ($unit)"
    }

    private fun group(group: InstanceGroup): String {
        val spot = group.spot()
        val market =
            when {
                spot == null -> ""
                spot.maxPricePerHour() == null -> " spot, up to the on-demand price"
                else -> " spot, up to ${spot.maxPricePerHour()} USD/h"
            }
        return "${group.role().name.lowercase()} ${group.count()} × ${group.instanceType()}$market"
    }

    private fun fleet(fleet: InstanceFleet): String {
        val capacity =
            listOfNotNull(
                    "${fleet.onDemandCapacity()} on-demand".takeIf { fleet.onDemandCapacity() > 0 },
                    "${fleet.spotCapacity()} spot".takeIf { fleet.spotCapacity() > 0 },
                )
                .joinToString(" and ")
        return "${fleet.role().name.lowercase()} fleet of $capacity from " +
            fleet.types().joinToString(", ") { type(it) }
    }

    private fun type(type: FleetType): String =
        type.instanceType() + type.weight()?.let { " (as $it)" }.orEmpty()
}
