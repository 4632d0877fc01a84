package dev.emrys.language

/**
 * What EMR does with an instance that is removed while it works.
 *
 * Amazon adds values; `ScaleDownBehavior("…")` takes any. EMR: RunJobFlow, `ScaleDownBehavior`.
 */
@JvmInline
public value class ScaleDownBehavior(public val name: String) {
    override fun toString(): String = name

    public companion object {
        /** After its tasks; EMR's default since emr-5.10.0. */
        public val AtTaskCompletion: ScaleDownBehavior =
            ScaleDownBehavior("TERMINATE_AT_TASK_COMPLETION")

        /** At the end of the hour that is paid for; before emr-5.1.0 the only one. */
        public val AtInstanceHour: ScaleDownBehavior =
            ScaleDownBehavior("TERMINATE_AT_INSTANCE_HOUR")

        internal val KNOWN = listOf(AtTaskCompletion.name, AtInstanceHour.name)
    }
}

/**
 * Which updates of Amazon Linux an instance with a custom AMI installs when it boots.
 *
 * Amazon adds values; `RepoUpgradeOnBoot("…")` takes any. EMR: RunJobFlow, `RepoUpgradeOnBoot`.
 */
@JvmInline
public value class RepoUpgradeOnBoot(public val name: String) {
    override fun toString(): String = name

    public companion object {
        /** Those for security; EMR's default. */
        public val Security: RepoUpgradeOnBoot = RepoUpgradeOnBoot("SECURITY")

        /** None: the instances boot faster, and all alike. */
        public val None: RepoUpgradeOnBoot = RepoUpgradeOnBoot("NONE")

        internal val KNOWN = listOf(Security.name, None.name)
    }
}

/**
 * Which of the types of a fleet EC2 starts first. Some are for Spot only, some for on-demand only.
 *
 * Amazon adds values; `AllocationStrategy("…")` takes any. EMR: "Allocation strategy for instance
 * fleets".
 */
@JvmInline
public value class AllocationStrategy(public val name: String) {
    override fun toString(): String = name

    public companion object {
        /** Spot: those with the fewest expected interruptions, and of these the cheapest. */
        public val PriceCapacityOptimized: AllocationStrategy =
            AllocationStrategy("price-capacity-optimized")

        /** Spot: those with the fewest expected interruptions. */
        public val CapacityOptimized: AllocationStrategy = AllocationStrategy("capacity-optimized")

        /** Spot: as [CapacityOptimized], and of similar ones that with the lower `priority`. */
        public val CapacityOptimizedPrioritized: AllocationStrategy =
            AllocationStrategy("capacity-optimized-prioritized")

        /** Spot: of all types alike. */
        public val Diversified: AllocationStrategy = AllocationStrategy("diversified")

        /** Spot and on-demand: the cheapest. */
        public val LowestPrice: AllocationStrategy = AllocationStrategy("lowest-price")

        /** On-demand: that with the lowest `priority`. */
        public val Prioritized: AllocationStrategy = AllocationStrategy("prioritized")

        internal val KNOWN_SPOT =
            listOf(
                PriceCapacityOptimized.name,
                CapacityOptimized.name,
                CapacityOptimizedPrioritized.name,
                Diversified.name,
                LowestPrice.name,
            )
        internal val KNOWN_ON_DEMAND = listOf(LowestPrice.name, Prioritized.name)
    }
}

/**
 * What EMR does when a fleet did not get its Spot instances in time.
 *
 * Amazon adds values; `TimeoutAction("…")` takes any. EMR: `SpotProvisioningSpecification`.
 */
@JvmInline
public value class TimeoutAction(public val name: String) {
    override fun toString(): String = name

    public companion object {
        /** Starts on-demand instances instead. */
        public val SwitchToOnDemand: TimeoutAction = TimeoutAction("SWITCH_TO_ON_DEMAND")

        /** Ends the cluster; its start has then failed, and may be retried. */
        public val TerminateCluster: TimeoutAction = TimeoutAction("TERMINATE_CLUSTER")

        internal val KNOWN = listOf(SwitchToOnDemand.name, TerminateCluster.name)
    }
}

/**
 * Whether a fleet uses open capacity reservations of EC2.
 *
 * Amazon adds values; `ReservationPreference("…")` takes any. EMR:
 * `OnDemandCapacityReservationOptions`.
 */
@JvmInline
public value class ReservationPreference(public val name: String) {
    override fun toString(): String = name

    public companion object {
        /** Any open reservation that matches. */
        public val Open: ReservationPreference = ReservationPreference("open")

        /** None, also when one matches. */
        public val None: ReservationPreference = ReservationPreference("none")

        internal val KNOWN = listOf(Open.name, None.name)
    }
}

/**
 * In what managed scaling counts.
 *
 * Amazon adds values; `ScalingUnit("…")` takes any. EMR: `ComputeLimits.UnitType`.
 */
@JvmInline
public value class ScalingUnit(public val name: String) {
    override fun toString(): String = name

    public companion object {
        /** Instances, of a cluster with instance groups. */
        public val Instances: ScalingUnit = ScalingUnit("Instances")

        /** Virtual processors, of a cluster with instance groups. */
        public val Vcpu: ScalingUnit = ScalingUnit("VCPU")

        /** The units of `weight`, of a cluster with instance fleets. */
        public val InstanceFleetUnits: ScalingUnit = ScalingUnit("InstanceFleetUnits")

        internal val KNOWN = listOf(Instances.name, Vcpu.name, InstanceFleetUnits.name)
    }
}

/**
 * How managed scaling decides.
 *
 * Amazon adds values; `ScalingStrategy("…")` takes any. EMR: "Advanced scaling".
 */
@JvmInline
public value class ScalingStrategy(public val name: String) {
    override fun toString(): String = name

    public companion object {
        /** EMR's default. */
        public val Default: ScalingStrategy = ScalingStrategy("DEFAULT")

        /** With a preference between cost and speed, `utilizationPerformanceIndex`. */
        public val Advanced: ScalingStrategy = ScalingStrategy("ADVANCED")

        internal val KNOWN = listOf(Default.name, Advanced.name)
    }
}

/**
 * How EC2 spreads instances over its hardware.
 *
 * Amazon adds values; `PlacementStrategy("…")` takes any. EMR: "Plan placement groups".
 */
@JvmInline
public value class PlacementStrategy(public val name: String) {
    override fun toString(): String = name

    public companion object {
        /** Each instance on hardware of its own. */
        public val Spread: PlacementStrategy = PlacementStrategy("SPREAD")

        /** Groups of instances on hardware of their own. */
        public val Partition: PlacementStrategy = PlacementStrategy("PARTITION")

        /** Near to each other. */
        public val Cluster: PlacementStrategy = PlacementStrategy("CLUSTER")

        /** No placement group. */
        public val None: PlacementStrategy = PlacementStrategy("NONE")

        internal val KNOWN = listOf(Spread.name, Partition.name, Cluster.name, None.name)
    }
}

/**
 * How the alarm of a rule compares its metric with its threshold.
 *
 * Amazon adds values; `Comparison("…")` takes any. EMR: `CloudWatchAlarmDefinition`.
 */
@JvmInline
public value class Comparison(public val name: String) {
    override fun toString(): String = name

    public companion object {
        public val GreaterThan: Comparison = Comparison("GREATER_THAN")
        public val GreaterThanOrEqual: Comparison = Comparison("GREATER_THAN_OR_EQUAL")
        public val LessThan: Comparison = Comparison("LESS_THAN")
        public val LessThanOrEqual: Comparison = Comparison("LESS_THAN_OR_EQUAL")

        internal val KNOWN =
            listOf(
                GreaterThan.name,
                GreaterThanOrEqual.name,
                LessThan.name,
                LessThanOrEqual.name,
            )
    }
}

/**
 * What the alarm of a rule computes of its metric.
 *
 * Amazon adds values; `Statistic("…")` takes any. EMR: `CloudWatchAlarmDefinition`.
 */
@JvmInline
public value class Statistic(public val name: String) {
    override fun toString(): String = name

    public companion object {
        /** EMR's default. */
        public val Average: Statistic = Statistic("AVERAGE")
        public val Sum: Statistic = Statistic("SUM")
        public val Minimum: Statistic = Statistic("MINIMUM")
        public val Maximum: Statistic = Statistic("MAXIMUM")
        public val SampleCount: Statistic = Statistic("SAMPLE_COUNT")

        internal val KNOWN =
            listOf(Average.name, Sum.name, Minimum.name, Maximum.name, SampleCount.name)
    }
}
