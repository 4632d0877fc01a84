package dev.emrys.language

import com.google.common.collect.ImmutableList
import dev.emrys.spec.ClusterOptions
import dev.emrys.spec.ImageOptions
import dev.emrys.spec.InstanceFleet
import dev.emrys.spec.InstanceRole
import dev.emrys.spec.Kerberos
import dev.emrys.spec.LifecycleOptions
import dev.emrys.spec.ManagedScaling
import dev.emrys.spec.Monitoring
import dev.emrys.spec.NetworkOptions
import dev.emrys.spec.PlacementGroup
import dev.emrys.spec.RetryCapacity
import dev.emrys.spec.SecurityOptions

/** The words of a cluster that most clusters do not need. */
@EmrysDsl
public abstract class ClusterOptionsScope internal constructor(internal val script: Script) {
    private var managedScaling: ManagedScaling? = null
    private val subnets = ArrayList<String>()
    private val zones = ArrayList<String>()

    /** What the block says then replaces them. */
    internal var areSubnetsOfShape: Boolean = false
    internal var areZonesOfShape: Boolean = false
    private val securityGroups = SecurityGroupsScope()
    private var rootVolume: RootVolume? = null
    private var kerberos: Kerberos? = null
    private val placementGroups = LinkedHashMap<InstanceRole, PlacementGroup>()
    private var monitoring: Monitoring? = null
    private val retryCapacities = ArrayList<RetryCapacity>()

    /** What the block says then replaces them. */
    internal var areRetryCapacitiesOfShape: Boolean = false

    private class RootVolume(val size: Int?, val iops: Int?, val throughput: Int?)

    /**
     * EMR adds and removes instances by the load: `managedScaling { minimum = 2; maximum = 20 }`.
     * Needs emr-5.30.0 or later, but not emr-6.0.0; not beside `autoScaling`. Default: none. EMR:
     * `ManagedScalingPolicy`, "Using managed scaling".
     */
    public fun managedScaling(block: ManagedScalingScope.() -> Unit) {
        managedScaling = ManagedScalingScope(script).apply(block).build()
    }

    /**
     * The role that automatic scaling acts with, such as `"EMR_AutoScaling_DefaultRole"`; needed by
     * `autoScaling { }` of an instance group. Default: none. EMR: `AutoScalingRole`.
     */
    public var autoScalingRole: String? = null

    /**
     * What EMR does with an instance that is removed. Default: EMR's,
     * [ScaleDownBehavior.AtTaskCompletion]. EMR: `ScaleDownBehavior`.
     */
    public var scaleDownBehavior: ScaleDownBehavior? = null
        set(value) {
            field = value
            value?.let {
                script.checkKnown("scaleDownBehavior", it.name, ScaleDownBehavior.KNOWN)
            }
        }

    /**
     * The subnets of which EMR takes the one with the best capacity, for instance fleets:
     * `subnets("subnet-0a1b2c3d", "subnet-4e5f6071")`. For groups there is [ClusterScope.subnet].
     * Default: none. EMR: `Instances.Ec2SubnetIds`.
     */
    public fun subnets(vararg subnets: String) {
        if (areSubnetsOfShape) {
            this.subnets.clear()
            areSubnetsOfShape = false
        }
        this.subnets += subnets
    }

    /**
     * The availability zone, or for instance fleets the zones of which EMR takes one:
     * `zones("eu-central-1a")`. Not beside a subnet. Default: EMR's choice. EMR:
     * `Instances.Placement`.
     */
    public fun zones(vararg zones: String) {
        if (areZonesOfShape) {
            this.zones.clear()
            areZonesOfShape = false
        }
        this.zones += zones
    }

    /**
     * The EC2 security groups. Default: those that EMR makes. EMR: "Control network traffic with
     * security groups".
     */
    public fun securityGroups(block: SecurityGroupsScope.() -> Unit) {
        securityGroups.block()
    }

    /**
     * The volume that the instances boot from: `rootVolume(size = 50, iops = 4000)`. Default:
     * EMR's. EMR: `EbsRootVolumeSize`, `EbsRootVolumeIops`, `EbsRootVolumeThroughput`.
     *
     * @param size in GiB, at least 10
     * @param iops input and output operations per second; from emr-6.15.0 on
     * @param throughput in MiB per second; from emr-6.15.0 on
     */
    public fun rootVolume(size: Int? = null, iops: Int? = null, throughput: Int? = null) {
        rootVolume = RootVolume(size, iops, throughput)
    }

    /**
     * The image that the instances boot from, such as `"ami-0a1b2c3d"`. Default: EMR's own. EMR:
     * `CustomAmiId`, "Using a custom AMI".
     */
    public var customAmi: String? = null

    /**
     * The release of Amazon Linux, such as `"2.0.20241031.0"`; not beside [customAmi]. Default: the
     * newest. EMR: `OSReleaseLabel`.
     */
    public var osRelease: String? = null

    /**
     * The updates that an instance with a custom AMI installs when it boots. Default: EMR's,
     * [RepoUpgradeOnBoot.Security]. EMR: `RepoUpgradeOnBoot`.
     */
    public var repoUpgradeOnBoot: RepoUpgradeOnBoot? = null
        set(value) {
            field = value
            value?.let {
                script.checkKnown("repoUpgradeOnBoot", it.name, RepoUpgradeOnBoot.KNOWN)
            }
        }

    /**
     * The name of a security configuration of EMR: encryption, Kerberos, Lake Formation. Default:
     * none. EMR: `SecurityConfiguration`, "Use security configurations".
     */
    public var securityConfiguration: String? = null

    /**
     * What the key distribution center is set up with; needs a [securityConfiguration] that turns
     * Kerberos on. Default: none. EMR: `KerberosAttributes`, "Use Kerberos".
     */
    public fun kerberos(block: KerberosScope.() -> Unit) {
        kerberos = KerberosScope().apply(block).build()
    }

    /**
     * The KMS key, its id or its ARN, that EMR encrypts the logs on S3 with; needs
     * [ClusterScope.logs]. Default: none. EMR: `LogEncryptionKmsKeyId`.
     */
    public var logEncryptionKey: String? = null

    /**
     * Whether EMR refuses to end the cluster when a person or a program asks for it. The run
     * removes this protection when it ends the cluster; a cluster whose run is never continued
     * stays, and costs money. Default: false. EMR: `Instances.TerminationProtected`, "Using
     * termination protection".
     */
    public var terminationProtection: Boolean = false

    /**
     * Other instances, or another place, for the next attempt to start the cluster: on-demand
     * instead of Spot instances, another type, another zone. When EMR has no capacity, another
     * attempt follows in any case; when the start fails otherwise or the cluster is lost, one
     * follows by `retry(…)`. The first such block is for attempt 2, the next one for attempt 3 and
     * so on; the last one is also for all later attempts. What it does not name is as in the
     * cluster. A wait for a quota of the account is no attempt here, and `resume` counts from 1
     * again. Default: all attempts ask for the same.
     *
     * ```
     * instances { primary("m6g.xlarge"); core("m6g.2xlarge", count = 4) { spot() } }
     * retry(3)
     * onRetry { instances { primary("m6g.xlarge"); core("m6g.2xlarge", count = 4) } }   // attempt 2
     * onRetry { zones("eu-central-1b") }                                             // attempt 3
     * ```
     */
    public fun onRetry(block: RetryCapacityScope.() -> Unit) {
        if (areRetryCapacitiesOfShape) {
            retryCapacities.clear()
            areRetryCapacitiesOfShape = false
        }
        val location = script.here()
        retryCapacities += RetryCapacityScope(script).apply(block).build(location)
    }

    /**
     * Whether the cluster stays when the run has ended, however it ended, for other pipelines to
     * use it as an `existingCluster`. A cluster without steps is then started at once, and the run
     * ends when it is up. EMR ends it when it has been idle for [ClusterScope.idleTimeout], as
     * "Using an auto-termination policy" counts idle time; `endCluster` of another pipeline ends
     * it, too. Each run starts one of its own. Default: false, the run ends it after its last step.
     * EMR: `Instances.KeepJobFlowAliveWhenNoSteps`.
     */
    public var keepAfterRun: Boolean = false

    /**
     * Whether EMR replaces instances that do not work any more. Default: EMR's, true; false with
     * [terminationProtection]. EMR: `Instances.UnhealthyNodeReplacement`, "Replacing unhealthy
     * nodes".
     */
    public var unhealthyNodeReplacement: Boolean? = null

    /**
     * Whether the cluster gets the fixes of releases beyond their standard support. Default: EMR's.
     * EMR: `ExtendedSupport`.
     */
    public var extendedSupport: Boolean? = null

    /** JSON for features of EMR that AWS names to you. Default: none. EMR: `AdditionalInfo`. */
    public var additionalInfo: String? = null

    /**
     * How EC2 spreads the instances of a role over its hardware: `placementGroups(primary =
     * PlacementStrategy.Spread)`. Default: none. EMR: `PlacementGroupConfigs`; EMR takes it for the
     * primary instances of a cluster with three of them.
     */
    public fun placementGroups(
        primary: PlacementStrategy? = null,
        core: PlacementStrategy? = null,
        task: PlacementStrategy? = null,
    ) {
        place(InstanceRole.PRIMARY, primary)
        place(InstanceRole.CORE, core)
        place(InstanceRole.TASK, task)
    }

    private fun place(role: InstanceRole, strategy: PlacementStrategy?) {
        if (strategy == null) return
        script.checkKnown("placement strategy", strategy.name, PlacementStrategy.KNOWN)
        placementGroups[role] = PlacementGroup(role, strategy.name)
    }

    /**
     * Where EMR writes logs, beside [ClusterScope.logs]. Default: nowhere else. EMR:
     * `MonitoringConfiguration`.
     */
    public fun monitoring(block: MonitoringScope.() -> Unit) {
        monitoring = MonitoringScope(script).apply(block).build()
    }

    internal fun options(fleets: List<InstanceFleet>): ClusterOptions? =
        ClusterOptions(
                ImmutableList.copyOf(fleets),
                managedScaling,
                securityGroups.build(subnets, zones).takeIf { it != NetworkOptions.NONE },
                image().takeIf { it != ImageOptions.NONE },
                SecurityOptions(securityConfiguration, kerberos, logEncryptionKey).takeIf {
                    it != SecurityOptions.NONE
                },
                lifecycle().takeIf { it != LifecycleOptions.NONE },
                ImmutableList.copyOf(placementGroups.values),
                monitoring,
                ImmutableList.copyOf(retryCapacities),
            )
            .takeIf { it != ClusterOptions.NONE }

    private fun image() =
        ImageOptions(
            customAmi,
            osRelease,
            repoUpgradeOnBoot?.name,
            rootVolume?.size,
            rootVolume?.iops,
            rootVolume?.throughput,
        )

    private fun lifecycle() =
        LifecycleOptions(
            autoScalingRole,
            scaleDownBehavior?.name,
            if (terminationProtection) true else null,
            unhealthyNodeReplacement,
            extendedSupport,
            additionalInfo,
            if (keepAfterRun) true else null,
        )
}
