package dev.emrys.language

import com.google.common.collect.ImmutableList
import dev.emrys.spec.CapacityReservations
import dev.emrys.spec.FleetType
import dev.emrys.spec.InstanceFleet
import dev.emrys.spec.InstanceRole
import dev.emrys.spec.OnDemandLaunch
import dev.emrys.spec.ScriptCode
import dev.emrys.spec.SourceLocation
import dev.emrys.spec.SpotLaunch
import kotlin.time.Duration
import kotlin.time.Duration.Companion.minutes

/** The block of one instance fleet. EMR: `InstanceFleetConfig`, "Configure instance fleets". */
@EmrysDsl
public class FleetScope
internal constructor(
    private val script: Script,
    private val role: InstanceRole,
    private val onDemand: Int,
    private val spot: Int,
    private val location: SourceLocation,
) {
    private val types = ArrayList<FleetType>()
    private var onDemandLaunch: OnDemandLaunch? = null
    private var spotLaunch: SpotLaunch? = null
    private var onDemandResize: OnDemandLaunch? = null
    private var spotResize: SpotLaunch? = null

    /** Default: `Primary`, `Core` or `Task`. At most 256 characters. EMR: `Name`. */
    public var name: String? = null

    /** Reserved by EMR. Default: none. At most 256 characters. EMR: `Context`. */
    public var context: String? = null

    /**
     * An instance type that EMR may take: `type("m6g.2xlarge", weight = 2)`. 1 to 5 of them, or to
     * 30 when [onDemandLaunch] or [spotLaunch] has a strategy; each once. EMR:
     * `InstanceTypeConfig`.
     *
     * @param type such as `"m6g.2xlarge"`
     * @param weight how many units of the fleet's capacity one instance is. Default: 1
     * @param priority the lowest is taken first, by a strategy that looks at it. Default: after all
     *   others
     */
    public fun type(
        type: String,
        weight: Int? = null,
        priority: Number? = null,
        block: FleetTypeScope.() -> Unit = {},
    ) {
        KnownWords.nearestInstanceType(type)?.let {
            script.report(ScriptCode.INSTANCE_TYPE_UNKNOWN, type, it)
        }
        types.add(FleetTypeScope(script).apply(block).build(type, weight, priority))
    }

    /** As [type] with a text. */
    public fun type(
        type: InstanceType,
        weight: Int? = null,
        priority: Number? = null,
        block: FleetTypeScope.() -> Unit = {},
    ) {
        type(type.name, weight, priority, block)
    }

    /**
     * How EMR gets the on-demand instances of a new cluster. Default: EMR's, the cheapest type.
     * EMR: `LaunchSpecifications.OnDemandSpecification`.
     */
    public fun onDemandLaunch(block: OnDemandLaunchScope.() -> Unit) {
        onDemandLaunch = OnDemandLaunchScope(script).apply(block).build()
    }

    /**
     * How EMR gets the Spot instances of a new cluster: `spotLaunch { strategy =
     * AllocationStrategy.PriceCapacityOptimized; timeout = 20.minutes }`. EMR:
     * `LaunchSpecifications.SpotSpecification`.
     */
    public fun spotLaunch(block: SpotLaunchScope.() -> Unit) {
        spotLaunch = SpotLaunchScope(script).apply(block).build()
    }

    /**
     * How EMR gets more on-demand instances when the fleet grows. Default: EMR's. EMR:
     * `ResizeSpecifications.OnDemandResizeSpecification`.
     */
    public fun onDemandResize(block: OnDemandResizeScope.() -> Unit) {
        onDemandResize = OnDemandResizeScope(script).apply(block).build()
    }

    /**
     * How EMR gets more Spot instances when the fleet grows. Default: EMR's. EMR:
     * `ResizeSpecifications.SpotResizeSpecification`.
     */
    public fun spotResize(block: SpotResizeScope.() -> Unit) {
        spotResize = SpotResizeScope(script).apply(block).build()
    }

    internal fun build(): InstanceFleet =
        InstanceFleet(
            role,
            name,
            onDemand,
            spot,
            ImmutableList.copyOf(types),
            onDemandLaunch,
            spotLaunch,
            onDemandResize,
            spotResize,
            context,
            location,
        )
}

/** The block of one type of an instance fleet. EMR: `InstanceTypeConfig`. */
@EmrysDsl
public class FleetTypeScope internal constructor(script: Script) : InstanceSetupScope(script) {
    private var spot: SpotScope? = null

    /**
     * The highest Spot price of this type: `spot { maxPercentOfOnDemand = 80 }`, or in US dollars.
     * Default: the on-demand price. How many instances are Spot says the fleet. EMR: `BidPrice`,
     * `BidPriceAsPercentageOfOnDemandPrice`.
     */
    public fun spot(block: SpotScope.() -> Unit) {
        spot = SpotScope().apply(block)
    }

    internal fun build(type: String, weight: Int?, priority: Number?): FleetType =
        FleetType(
            type,
            weight,
            priority?.toDouble(),
            spot?.maxPricePerHour,
            spot?.maxPercentOfOnDemand?.toDouble(),
            setup(),
        )
}

/** The block of a fleet's first on-demand instances. EMR: `OnDemandProvisioningSpecification`. */
@EmrysDsl
public class OnDemandLaunchScope internal constructor(private val script: Script) {
    private var reservations: CapacityReservations? = null

    /** Default: [AllocationStrategy.LowestPrice]. EMR: `AllocationStrategy`. */
    public var strategy: AllocationStrategy = AllocationStrategy.LowestPrice
        set(value) {
            field = value
            script.checkKnown(ON_DEMAND_STRATEGY, value.name, AllocationStrategy.KNOWN_ON_DEMAND)
        }

    /** Which capacity reservations of EC2 are used. Default: EMR's. See the block. */
    public fun capacityReservations(block: CapacityReservationsScope.() -> Unit) {
        reservations = CapacityReservationsScope(script).apply(block).build()
    }

    internal fun build() = OnDemandLaunch(strategy.name, null, reservations)
}

/** The block of a fleet's first Spot instances. EMR: `SpotProvisioningSpecification`. */
@EmrysDsl
public class SpotLaunchScope internal constructor(private val script: Script) {
    /**
     * Default: EMR's. Recommended by AWS: [AllocationStrategy.PriceCapacityOptimized]. EMR:
     * `AllocationStrategy`.
     */
    public var strategy: AllocationStrategy? = null
        set(value) {
            field = value
            value?.let { script.checkKnown(SPOT_STRATEGY, it.name, AllocationStrategy.KNOWN_SPOT) }
        }

    /**
     * How long EMR waits for the instances: 5 minutes to 24 hours, in whole minutes. Default:
     * `60.minutes`. EMR: `TimeoutDurationMinutes`.
     */
    public var timeout: Duration = 60.minutes

    /** What EMR does then. Default: [TimeoutAction.SwitchToOnDemand]. EMR: `TimeoutAction`. */
    public var onTimeout: TimeoutAction = TimeoutAction.SwitchToOnDemand
        set(value) {
            field = value
            script.checkKnown("timeout action", value.name, TimeoutAction.KNOWN)
        }

    internal fun build() =
        SpotLaunch(
            strategy?.name,
            script.javaDuration(timeout, "timeout of spotLaunch"),
            onTimeout.name,
        )
}

/** The block of a fleet's later on-demand instances. EMR: `OnDemandResizingSpecification`. */
@EmrysDsl
public class OnDemandResizeScope internal constructor(private val script: Script) {
    private var reservations: CapacityReservations? = null

    /** Default: EMR's. EMR: `AllocationStrategy`. */
    public var strategy: AllocationStrategy? = null
        set(value) {
            field = value
            value?.let {
                script.checkKnown(ON_DEMAND_STRATEGY, it.name, AllocationStrategy.KNOWN_ON_DEMAND)
            }
        }

    /**
     * How long EMR tries: 5 minutes to 7 days, in whole minutes. Default: EMR's. EMR:
     * `TimeoutDurationMinutes`.
     */
    public var timeout: Duration? = null

    /** Which capacity reservations of EC2 are used. Default: EMR's. See the block. */
    public fun capacityReservations(block: CapacityReservationsScope.() -> Unit) {
        reservations = CapacityReservationsScope(script).apply(block).build()
    }

    internal fun build() =
        OnDemandLaunch(
            strategy?.name,
            timeout?.let { script.javaDuration(it, "timeout of onDemandResize") },
            reservations,
        )
}

/** The block of a fleet's later Spot instances. EMR: `SpotResizingSpecification`. */
@EmrysDsl
public class SpotResizeScope internal constructor(private val script: Script) {
    /** Default: EMR's. EMR: `AllocationStrategy`. */
    public var strategy: AllocationStrategy? = null
        set(value) {
            field = value
            value?.let { script.checkKnown(SPOT_STRATEGY, it.name, AllocationStrategy.KNOWN_SPOT) }
        }

    /**
     * How long EMR tries: 5 minutes to 7 days, in whole minutes. Default: EMR's. EMR:
     * `TimeoutDurationMinutes`.
     */
    public var timeout: Duration? = null

    internal fun build() =
        SpotLaunch(
            strategy?.name,
            timeout?.let { script.javaDuration(it, "timeout of spotResize") },
            null,
        )
}

/**
 * The block of capacity reservations of EC2. EMR: `OnDemandCapacityReservationOptions`, "Use
 * capacity reservations with instance fleets".
 */
@EmrysDsl
public class CapacityReservationsScope internal constructor(private val script: Script) {
    /**
     * Whether unused reservations are taken before other capacity. Default: false. EMR:
     * `UsageStrategy`.
     */
    public var useFirst: Boolean = false

    /** Default: EMR's, [ReservationPreference.None]. EMR: `CapacityReservationPreference`. */
    public var preference: ReservationPreference? = null
        set(value) {
            field = value
            value?.let {
                script.checkKnown("reservation preference", it.name, ReservationPreference.KNOWN)
            }
        }

    /**
     * The ARN of the resource group whose reservations are used. Default: none. EMR:
     * `CapacityReservationResourceGroupArn`.
     */
    public var resourceGroup: String? = null

    internal fun build() =
        CapacityReservations(
            if (useFirst) "use-capacity-reservations-first" else null,
            preference?.name,
            resourceGroup,
        )
}

private const val ON_DEMAND_STRATEGY = "allocation strategy for on-demand instances"
private const val SPOT_STRATEGY = "allocation strategy for Spot instances"
