package dev.emrys.language

import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableMap
import dev.emrys.spec.BootstrapAction
import dev.emrys.spec.ClusterSpec
import dev.emrys.spec.Configuration
import dev.emrys.spec.InstanceGroup
import dev.emrys.spec.RawRequest
import dev.emrys.spec.RetryPolicy
import dev.emrys.spec.SourceLocation
import kotlin.time.Duration
import kotlin.time.toKotlinDuration

/** The block of a cluster. Only `instances { primary(…) }` must be written. EMR: RunJobFlow. */
@EmrysDsl
public class ClusterScope
internal constructor(
    private val script: Script,
    private val name: String,
    private val location: SourceLocation,
) {
    private val applications = LinkedHashSet<String>()
    private val groups = ArrayList<InstanceGroup>()
    private val configurations = ArrayList<Configuration>()
    private val tags = LinkedHashMap<String, String>()
    private val bootstrapActions = ArrayList<BootstrapAction>()
    private var retry: RetryPolicy = RetryPolicy.NONE

    /**
     * EMR's release label. Default: [Release.Emr_7_8_0]. Any other: `Release("emr-7.9.0")`. EMR:
     * `ReleaseLabel`.
     */
    public var release: Release = Release.Emr_7_8_0

    /**
     * The folder on S3 that EMR copies logs to: `logs = s3("s3://my-emr-logs/")`. Default: none.
     * EMR: `LogUri`.
     */
    public var logs: S3Uri? = null

    /**
     * How many steps may run at the same time, 1 to 256. Default: 1. EMR: `StepConcurrencyLevel`.
     */
    public var stepConcurrency: Int = 1

    /**
     * EMR ends the cluster after it has been idle that long, whatever becomes of us: 1 minute to 7
     * days. Default: `1.hours`. Choose it longer than the longest planned gap between two steps.
     * EMR: `AutoTerminationPolicy.IdleTimeout`.
     */
    public var autoTermination: Duration = ClusterSpec.DEFAULT_IDLE_TIMEOUT.toKotlinDuration()

    /** The role that EMR itself acts with. Default: `EMR_DefaultRole`. EMR: `ServiceRole`. */
    public var serviceRole: String = "EMR_DefaultRole"

    /**
     * The instance profile that the instances, and so the steps, act with. Default:
     * `EMR_EC2_DefaultRole`. EMR: `JobFlowRole`.
     */
    public var instanceProfile: String = "EMR_EC2_DefaultRole"

    /**
     * The subnet, such as `subnet-0a1b2c3d`. Default: the account's default VPC. EMR:
     * `Instances.Ec2SubnetId`.
     */
    public var subnet: String? = null

    /** The EC2 key pair for ssh. Default: none. EMR: `Instances.Ec2KeyName`. */
    public var keyName: String? = null

    /**
     * What EMR installs: `applications(Spark, Hive)`, or any other as `Application("…")`. Default:
     * only what EMR always has.
     */
    public fun applications(vararg applications: Application) {
        for (application in applications) {
            KnownWords.applicationHint(application.name)?.let { script.notice(script.here(), it) }
            this.applications.add(application.name)
        }
    }

    /**
     * The instances: one primary group, at most one core group, any number of task groups.
     *
     * ```
     * instances {
     *     primary("m6g.xlarge")
     *     core("m6g.2xlarge", count = 2)
     *     task("m6g.2xlarge", count = 8) { spot() }
     * }
     * ```
     *
     * EMR: `Instances.InstanceGroups`.
     */
    public fun instances(block: InstancesScope.() -> Unit) {
        InstancesScope(script, groups).block()
    }

    /**
     * Settings of an application, in EMR's shape.
     *
     * ```
     * configuration("spark-defaults") { set("spark.sql.adaptive.enabled", true) }
     * configuration("hadoop-env") { configuration("export") { set("JAVA_HOME", "/usr/lib/jvm/java-17") } }
     * ```
     *
     * EMR: "Configure applications".
     */
    public fun configuration(classification: String, block: ConfigurationScope.() -> Unit) {
        configurations.add(ConfigurationScope(script, classification).apply(block).build())
    }

    /**
     * Tags of the cluster and its instances, at most 40: `tags("Owner" to "data-eng")`. The last
     * value of a key counts. Keys that begin with `aws:` or `emrys:` are reserved. EMR: "Tag
     * clusters".
     */
    public fun tags(vararg tags: Pair<String, Any>) {
        for ((key, value) in tags) {
            this.tags[key] = script.text(value, "The tag \"$key\"")
        }
    }

    /**
     * A script that EMR runs on every instance before the applications start; several run in the
     * order in which they are written.
     *
     * ```
     * bootstrap("install", s3("s3://my-bucket/install.sh"), "--verbose")
     * ```
     *
     * EMR: "Create bootstrap actions".
     */
    public fun bootstrap(name: String, script: Source, vararg args: Any) {
        val texts = args.map {
            this.script.text(it, "An argument of the bootstrap action \"$name\"")
        }
        bootstrapActions.add(BootstrapAction(name, script.uri, ImmutableList.copyOf(texts)))
    }

    /** How often to try to start the cluster. Default: once. See [RetryScope]. */
    public fun retry(block: RetryScope.() -> Unit) {
        retry = RetryScope(script).apply(block).build()
    }

    internal fun build(): ClusterSpec =
        ClusterSpec(
            name,
            release.label,
            ImmutableList.copyOf(applications),
            ImmutableList.copyOf(groups),
            ImmutableList.copyOf(configurations),
            ImmutableMap.copyOf(tags),
            logs?.uri,
            stepConcurrency,
            script.javaDuration(autoTermination, "autoTermination of the cluster \"$name\""),
            serviceRole,
            instanceProfile,
            subnet,
            keyName,
            ImmutableList.copyOf(bootstrapActions),
            retry,
            RawRequest.NONE,
            location,
        )
}

/** The block of a configuration. EMR: "Configure applications". */
@EmrysDsl
public class ConfigurationScope
internal constructor(private val script: Script, private val classification: String) {
    private val properties = LinkedHashMap<String, String>()
    private val nested = ArrayList<Configuration>()

    /**
     * One property; the last value of a name counts. [value]: a text, a number, a Boolean, a date,
     * `s3(…)`, `file(…)` or `secret(…)`.
     */
    public fun set(name: String, value: Any) {
        properties[name] = script.text(value, "The property \"$name\"")
    }

    /** A configuration within this one, such as `export` within `hadoop-env`. */
    public fun configuration(classification: String, block: ConfigurationScope.() -> Unit) {
        nested.add(ConfigurationScope(script, classification).apply(block).build())
    }

    internal fun build(): Configuration =
        Configuration(classification, ImmutableMap.copyOf(properties), ImmutableList.copyOf(nested))
}
