package dev.emrys.language

import com.google.common.collect.ImmutableList
import dev.emrys.spec.ClusterOperation
import dev.emrys.spec.FleetSize
import dev.emrys.spec.GroupSize
import dev.emrys.spec.InstanceRole

/**
 * The block of [ClusterHandle.resize]: the new sizes of instance groups, or of instance fleets, and
 * the operation's order, retry and timeout.
 */
@EmrysDsl
public class ResizeScope
internal constructor(script: Script, pipeline: PipelineScope, name: String) :
    OperationScope(script, pipeline, name) {
    private val groups = ArrayList<GroupSize>()
    private val fleets = ArrayList<FleetSize>()

    /**
     * How many instances the core group has from then on: 1 to 2,000. Default: null, as it is. EMR:
     * `InstanceCount`.
     */
    public var core: Int? = null

    /**
     * How many instances the task group has from then on: 0 to 2,000. The cluster must have one
     * task group; of several each has its name, see [group]. Default: null, as it is. EMR:
     * `InstanceCount`.
     */
    public var task: Int? = null

    /**
     * How many instances one group has from then on: `group("Spot tasks", 20)`. EMR:
     * `InstanceGroupId`, `InstanceCount`.
     *
     * @param group its name on EMR, upper and lower case differ, or its id, such as `ig-3ABCDEF`
     * @param count 0 to 2,000; 1 to 2,000 for the core group
     */
    public fun group(group: String, count: Int) {
        groups.add(GroupSize(null, group, count))
    }

    /**
     * The capacity of the core fleet from then on: `coreFleet(onDemand = 4, spot = 8)`. What is not
     * named stays as it is; one of the two must be 1 or more. EMR: `TargetOnDemandCapacity`,
     * `TargetSpotCapacity`.
     *
     * @param onDemand in units
     * @param spot in units
     */
    public fun coreFleet(onDemand: Int? = null, spot: Int? = null) {
        fleets.add(FleetSize(InstanceRole.CORE, onDemand, spot))
    }

    /** The capacity of the task fleet from then on. As [coreFleet], but both may be 0. */
    public fun taskFleet(onDemand: Int? = null, spot: Int? = null) {
        fleets.add(FleetSize(InstanceRole.TASK, onDemand, spot))
    }

    internal fun operation(): ClusterOperation =
        ClusterOperation.Resize(
            ImmutableList.copyOf(
                listOfNotNull(
                    core?.let { GroupSize(InstanceRole.CORE, null, it) },
                    task?.let { GroupSize(InstanceRole.TASK, null, it) },
                ) + groups
            ),
            ImmutableList.copyOf(fleets),
        )
}

/**
 * The block of [ClusterHandle.changeManagedScaling]: its limits, and the operation's order, retry
 * and timeout.
 */
@EmrysDsl
public class ScalingChangeScope
internal constructor(
    private val script: Script,
    pipeline: PipelineScope,
    name: String,
) : OperationScope(script, pipeline, name) {
    private var limits: ManagedScalingScope? = null

    /** The limits from then on, which replace all earlier ones. Required. */
    public fun limits(block: ManagedScalingScope.() -> Unit) {
        limits = ManagedScalingScope(script).apply(block)
    }

    /** Without limits the maximum is 0, which is reported as it is in a cluster. */
    internal fun operation(): ClusterOperation =
        ClusterOperation.ScalingLimits((limits ?: ManagedScalingScope(script)).build())
}
