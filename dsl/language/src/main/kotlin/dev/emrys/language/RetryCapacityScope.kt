package dev.emrys.language

import com.google.common.collect.ImmutableList
import dev.emrys.spec.InstanceFleet
import dev.emrys.spec.InstanceGroup
import dev.emrys.spec.RetryCapacity
import dev.emrys.spec.SourceLocation

/** What another attempt to start a cluster takes instead; see [ClusterOptionsScope.onRetry]. */
@EmrysDsl
public class RetryCapacityScope internal constructor(private val script: Script) {
    private val groups = ArrayList<InstanceGroup>()
    private val fleets = ArrayList<InstanceFleet>()
    private val subnets = ArrayList<String>()
    private val zones = ArrayList<String>()

    /**
     * The subnet, instead of the subnets and zones of the cluster. Default: those of the cluster.
     * EMR: `Instances.Ec2SubnetId`.
     */
    public var subnet: String? = null

    /** All instances, instead of those of the cluster. See [ClusterScope.instances]. */
    public fun instances(block: InstancesScope.() -> Unit) {
        InstancesScope(script, groups, fleets).block()
    }

    /**
     * The subnets of which EMR takes one, for instance fleets, instead of the subnets and zones of
     * the cluster. See [ClusterOptionsScope.subnets].
     */
    public fun subnets(vararg subnets: String) {
        this.subnets += subnets
    }

    /**
     * The availability zones, instead of the subnets and zones of the cluster. See
     * [ClusterOptionsScope.zones].
     */
    public fun zones(vararg zones: String) {
        this.zones += zones
    }

    internal fun build(location: SourceLocation): RetryCapacity =
        RetryCapacity(
            ImmutableList.copyOf(groups),
            ImmutableList.copyOf(fleets),
            subnet,
            ImmutableList.copyOf(subnets),
            ImmutableList.copyOf(zones),
            location,
        )
}
