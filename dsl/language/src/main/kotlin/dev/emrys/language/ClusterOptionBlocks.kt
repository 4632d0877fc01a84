package dev.emrys.language

import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableMap
import dev.emrys.spec.Kerberos
import dev.emrys.spec.ManagedScaling
import dev.emrys.spec.Monitoring
import dev.emrys.spec.NetworkOptions

/** The block of managed scaling. EMR: `ManagedScalingPolicy`. */
@EmrysDsl
public class ManagedScalingScope internal constructor(private val script: Script) {
    private val location = script.here()

    /**
     * In what the limits count. Default: [ScalingUnit.Instances], for instance fleets
     * [ScalingUnit.InstanceFleetUnits]. EMR: `UnitType`.
     */
    public var unit: ScalingUnit? = null
        set(value) {
            field = value
            value?.let { script.checkKnown("unit", it.name, ScalingUnit.KNOWN) }
        }

    /**
     * The fewest units, core and task instances together; at least 1. Default: 1. EMR:
     * `MinimumCapacityUnits`.
     */
    public var minimum: Int = 1

    /** The most units, core and task instances together. Required. EMR: `MaximumCapacityUnits`. */
    public var maximum: Int = 0

    /**
     * The most on-demand units; what is above them is Spot. Default: [maximum]. EMR:
     * `MaximumOnDemandCapacityUnits`.
     */
    public var maximumOnDemand: Int? = null

    /**
     * The most core units; what is above them are task instances. Default: [maximum]. EMR:
     * `MaximumCoreCapacityUnits`.
     */
    public var maximumCore: Int? = null

    /** Default: [ScalingStrategy.Default]. EMR: `ScalingStrategy`. */
    public var strategy: ScalingStrategy? = null
        set(value) {
            field = value
            value?.let { script.checkKnown("scaling strategy", it.name, ScalingStrategy.KNOWN) }
        }

    /**
     * From 1, use each instance fully, to 100, finish early; with [ScalingStrategy.Advanced] only.
     * Default: EMR's, 50. EMR: `UtilizationPerformanceIndex`.
     */
    public var utilizationPerformanceIndex: Int? = null

    internal fun build() =
        ManagedScaling(
            unit?.name,
            minimum,
            maximum,
            maximumOnDemand,
            maximumCore,
            strategy?.name,
            utilizationPerformanceIndex,
            location,
        )
}

/** The block of the security groups. EMR: "Working with EMR-managed security groups". */
@EmrysDsl
public class SecurityGroupsScope internal constructor() {
    private val additionalPrimary = ArrayList<String>()
    private val additionalCore = ArrayList<String>()

    /**
     * The managed group of the primary instance, such as `"sg-0a1b2c3d"`; with [core]. Default: one
     * that EMR makes. EMR: `EmrManagedMasterSecurityGroup`.
     */
    public var primary: String? = null

    /**
     * The managed group of the core and task instances; with [primary]. Default: one that EMR
     * makes. EMR: `EmrManagedSlaveSecurityGroup`.
     */
    public var core: String? = null

    /**
     * The group by which EMR reaches a cluster in a private subnet. Default: one that EMR makes.
     * EMR: `ServiceAccessSecurityGroup`.
     */
    public var serviceAccess: String? = null

    /** More groups of the primary instance. EMR: `AdditionalMasterSecurityGroups`. */
    public fun additionalPrimary(vararg groups: String) {
        additionalPrimary += groups
    }

    /** More groups of the core and task instances. EMR: `AdditionalSlaveSecurityGroups`. */
    public fun additionalCore(vararg groups: String) {
        additionalCore += groups
    }

    internal fun build(subnets: List<String>, zones: List<String>) =
        NetworkOptions(
            ImmutableList.copyOf(subnets),
            ImmutableList.copyOf(zones),
            primary,
            core,
            serviceAccess,
            ImmutableList.copyOf(additionalPrimary),
            ImmutableList.copyOf(additionalCore),
        )
}

/**
 * The block of Kerberos. The passwords are secrets, which Emrys fills in when it sends the request:
 * `kdcAdminPassword = secret("kdc")`. EMR: `KerberosAttributes`.
 */
@EmrysDsl
public class KerberosScope internal constructor() {
    /** Such as `"EC2.INTERNAL"`. Required. EMR: `Realm`. */
    public var realm: String? = null

    /** Of the key distribution center on the cluster. Required. EMR: `KdcAdminPassword`. */
    public var kdcAdminPassword: Secret? = null

    /** For a cross-realm trust. Default: none. EMR: `CrossRealmTrustPrincipalPassword`. */
    public var crossRealmTrustPassword: Secret? = null

    /** A user that may join instances to an Active Directory. EMR: `ADDomainJoinUser`. */
    public var adDomainJoinUser: String? = null

    /** The password of [adDomainJoinUser]. EMR: `ADDomainJoinPassword`. */
    public var adDomainJoinPassword: Secret? = null

    internal fun build() =
        Kerberos(
            realm,
            kdcAdminPassword?.toString(),
            crossRealmTrustPassword?.toString(),
            adDomainJoinUser,
            adDomainJoinPassword?.toString(),
        )
}

/** The block of monitoring. EMR: `MonitoringConfiguration`. */
@EmrysDsl
public class MonitoringScope internal constructor(private val script: Script) {
    private var cloudWatchLogs: Monitoring.CloudWatchLogs? = null
    private val policies = LinkedHashMap<String, String>()

    /**
     * Logs in CloudWatch: `cloudWatchLogs { group = "/emr/etl" }`. Default: none. EMR:
     * `CloudWatchLogConfiguration`.
     */
    public fun cloudWatchLogs(block: CloudWatchLogsScope.() -> Unit = {}) {
        cloudWatchLogs = CloudWatchLogsScope().apply(block).build()
    }

    /**
     * What EMR does with each type of log on S3: `s3Logs("system-logs" to "disabled")`. If a type
     * is named twice, the last value is used. Default: EMR's. EMR: `LogTypeUploadPolicy`.
     *
     * @param policies type: `"system-logs"`, `"application-logs"` or `"persistent-ui-logs"`;
     *   policy: `"emr-managed"`, `"on-customer-s3only"` or `"disabled"`
     */
    public fun s3Logs(vararg policies: Pair<String, String>) {
        for ((type, policy) in policies) {
            script.checkKnown("type of log", type, LOG_TYPES)
            script.checkKnown("upload policy", policy, UPLOAD_POLICIES)
            this.policies[type] = policy
        }
    }

    internal fun build() = Monitoring(cloudWatchLogs, ImmutableMap.copyOf(policies))

    private companion object {
        val LOG_TYPES = listOf("system-logs", "application-logs", "persistent-ui-logs")
        val UPLOAD_POLICIES = listOf("emr-managed", "on-customer-s3only", "disabled")
    }
}

/** The block of the logs in CloudWatch. EMR: `CloudWatchLogConfiguration`. */
@EmrysDsl
public class CloudWatchLogsScope internal constructor() {
    private val types = LinkedHashMap<String, ImmutableList<String>>()

    /** Whether EMR writes them. Default: true. EMR: `Enabled`. */
    public var enabled: Boolean = true

    /** Default: EMR's. EMR: `LogGroupName`. */
    public var group: String? = null

    /** How the names of the streams begin. Default: none. EMR: `LogStreamNamePrefix`. */
    public var streamPrefix: String? = null

    /** The ARN of the KMS key. Default: none. EMR: `EncryptionKeyArn`. */
    public var encryptionKey: String? = null

    /**
     * One type of log and its streams: `type("STEP_LOGS", "STDOUT", "STDERR")`. If a type is named
     * twice, the last call is used. Default: EMR's types. EMR: `LogTypes`.
     */
    public fun type(name: String, vararg streams: String) {
        types[name] = ImmutableList.copyOf(streams)
    }

    internal fun build() =
        Monitoring.CloudWatchLogs(
            enabled,
            group,
            streamPrefix,
            encryptionKey,
            ImmutableMap.copyOf(types),
        )
}
