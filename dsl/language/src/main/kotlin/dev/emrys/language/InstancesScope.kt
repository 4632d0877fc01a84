package dev.emrys.language

import dev.emrys.spec.InstanceGroup
import dev.emrys.spec.InstanceRole
import dev.emrys.spec.ScriptCode
import dev.emrys.spec.SpotMarket

/** The block of a cluster's instances. EMR: `Instances.InstanceGroups`. */
@EmrysDsl
public class InstancesScope
internal constructor(private val script: Script, private val groups: MutableList<InstanceGroup>) {
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
        groups.add(
            InstanceGroup(role, type, count, InstanceGroupScope().apply(block).spot, location)
        )
    }
}

/** The block of one instance group. */
@EmrysDsl
public class InstanceGroupScope internal constructor() {
    internal var spot: SpotMarket? = null

    /**
     * Spot instances instead of on-demand ones: cheaper, and EC2 may take them back. `spot()` pays
     * up to the on-demand price, `spot { maxPricePerHour = "0.12" }` up to that. EMR: `Market`,
     * `BidPrice`.
     */
    public fun spot(block: SpotScope.() -> Unit = {}) {
        spot = SpotMarket(SpotScope().apply(block).maxPricePerHour)
    }
}

/** The block of Spot instances. */
@EmrysDsl
public class SpotScope internal constructor() {
    /**
     * In US dollars for one instance hour, such as `"0.12"`. Default: the on-demand price. EMR:
     * `BidPrice`.
     */
    public var maxPricePerHour: String? = null
}
