package dev.emrys.language

import dev.emrys.spec.AutoScaling
import dev.emrys.spec.ClusterCode
import dev.emrys.spec.GroupOptions
import dev.emrys.spec.InstanceFleet
import dev.emrys.spec.InstanceGroup
import dev.emrys.spec.InstanceRole
import dev.emrys.spec.ScriptCode
import dev.emrys.spec.SpotMarket

/**
 * The block of a cluster's instances: groups of one type each, or fleets of several types. EMR:
 * `Instances.InstanceGroups`, `Instances.InstanceFleets`.
 */
@EmrysDsl
public class InstancesScope
internal constructor(
    private val script: Script,
    private val groups: MutableList<InstanceGroup>,
    private val fleets: MutableList<InstanceFleet>,
) {
    /**
     * The instance that leads the cluster and runs the steps' commands.
     *
     * @param type such as `"m6g.xlarge"`
     * @param count 1, or 3 for high availability
     */
    public fun primary(type: String, count: Int = 1, block: InstanceGroupScope.() -> Unit = {}) {
        add(InstanceRole.PRIMARY, type, count, block)
    }

    /** As [primary] with a text. */
    public fun primary(
        type: InstanceType,
        count: Int = 1,
        block: InstanceGroupScope.() -> Unit = {},
    ) {
        add(InstanceRole.PRIMARY, type.name, count, block)
    }

    /**
     * The instances that hold HDFS and run tasks. At most one such group.
     *
     * @param type such as `"m6g.2xlarge"`
     * @param count 1 to 2000
     */
    public fun core(type: String, count: Int = 1, block: InstanceGroupScope.() -> Unit = {}) {
        add(InstanceRole.CORE, type, count, block)
    }

    /** As [core] with a text. */
    public fun core(type: InstanceType, count: Int = 1, block: InstanceGroupScope.() -> Unit = {}) {
        add(InstanceRole.CORE, type.name, count, block)
    }

    /**
     * Instances that only run tasks and may be added and removed: use [InstanceGroupScope.spot]
     * here. Needs a core group.
     *
     * @param type such as `"m6g.2xlarge"`
     * @param count 1 to 2000
     */
    public fun task(type: String, count: Int = 1, block: InstanceGroupScope.() -> Unit = {}) {
        add(InstanceRole.TASK, type, count, block)
    }

    /** As [task] with a text. */
    public fun task(type: InstanceType, count: Int = 1, block: InstanceGroupScope.() -> Unit = {}) {
        add(InstanceRole.TASK, type.name, count, block)
    }

    /**
     * The primary instance as a fleet: EMR takes one of several types. Not beside instance groups,
     * as the other fleets.
     *
     * ```
     * primaryFleet { type("m6g.xlarge"); type("m5.xlarge") }
     * ```
     *
     * EMR: `Instances.InstanceFleets`.
     *
     * @param onDemand 1, or 0 for a Spot instance. Default: 1, 0 with [spot]
     * @param spot 0 or 1
     */
    public fun primaryFleet(
        onDemand: Int? = null,
        spot: Int = 0,
        block: FleetScope.() -> Unit,
    ) {
        addFleet(InstanceRole.PRIMARY, onDemand ?: if (spot > 0) 0 else 1, spot, block)
    }

    /**
     * The core instances as a fleet: EMR fills its capacity from several types.
     *
     * ```
     * coreFleet(onDemand = 4, spot = 8) {
     *     type("m6g.2xlarge", weight = 2)
     *     type("m6g.xlarge") { spot { maxPercentOfOnDemand = 80 } }
     *     spotLaunch { strategy = AllocationStrategy.PriceCapacityOptimized; timeout = 20.minutes }
     * }
     * ```
     *
     * EMR: `Instances.InstanceFleets`, "Configure instance fleets".
     *
     * @param onDemand the on-demand capacity, in units of `weight`. EMR: `TargetOnDemandCapacity`
     * @param spot the Spot capacity, in units of `weight`. EMR: `TargetSpotCapacity`
     */
    public fun coreFleet(onDemand: Int = 0, spot: Int = 0, block: FleetScope.() -> Unit) {
        addFleet(InstanceRole.CORE, onDemand, spot, block)
    }

    /**
     * The task instances as a fleet; as [coreFleet]. Needs a core fleet. EMR:
     * `Instances.InstanceFleets`.
     */
    public fun taskFleet(onDemand: Int = 0, spot: Int = 0, block: FleetScope.() -> Unit) {
        addFleet(InstanceRole.TASK, onDemand, spot, block)
    }

    private fun addFleet(
        role: InstanceRole,
        onDemand: Int,
        spot: Int,
        block: FleetScope.() -> Unit,
    ) {
        val location = script.here()
        fleets.add(FleetScope(script, role, onDemand, spot, location).apply(block).build())
    }

    private fun add(
        role: InstanceRole,
        type: String,
        count: Int,
        block: InstanceGroupScope.() -> Unit,
    ) {
        val location = script.here()
        KnownWords.nearestInstanceType(type)?.let {
            script.reportAt(location, ScriptCode.INSTANCE_TYPE_UNKNOWN, type, it)
        }
        val group = InstanceGroupScope(script).apply(block)
        groups.add(InstanceGroup(role, type, count, group.spot, location, group.options()))
    }
}

/** The block of one instance group. EMR: `InstanceGroupConfig`. */
@EmrysDsl
public class InstanceGroupScope internal constructor(script: Script) : InstanceSetupScope(script) {
    internal var spot: SpotMarket? = null
    private var autoScaling: AutoScaling? = null

    /** Default: `Primary`, `Core` or `Task`. At most 256 characters. EMR: `Name`. */
    public var name: String? = null

    /**
     * Spot instances instead of on-demand ones: cheaper, and EC2 may take them back. `spot()` pays
     * up to the on-demand price, as does `spot { maxPercentOfOnDemand = 100 }`; `spot {
     * maxPricePerHour = "0.12" }` pays up to that. EMR: `Market`, `BidPrice`.
     */
    public fun spot(block: SpotScope.() -> Unit = {}) {
        val price = SpotScope().apply(block)
        val percent = price.maxPercentOfOnDemand
        if (percent != null && percent.toDouble() != ON_DEMAND_PERCENT) {
            script.report(ClusterCode.SPOT_PERCENT_OF_GROUP, percent)
        }
        spot = SpotMarket(price.maxPricePerHour)
    }

    /**
     * Changes the number of instances by rules on metrics, of a core or task group. Needs
     * [ClusterOptionsScope.autoScalingRole]; not beside [ClusterOptionsScope.managedScaling], which
     * AWS recommends. Default: none. EMR: `AutoScalingPolicy`, "Using automatic scaling with a
     * custom policy".
     *
     * @param minimum the fewest instances
     * @param maximum the most instances
     */
    public fun autoScaling(minimum: Int, maximum: Int, block: AutoScalingScope.() -> Unit) {
        autoScaling = AutoScalingScope(script, minimum, maximum).apply(block).build()
    }

    internal fun options(): GroupOptions? =
        GroupOptions(name, setup(), autoScaling).takeIf { it != GroupOptions(null, null, null) }

    private companion object {
        const val ON_DEMAND_PERCENT = 100.0
    }
}
