package dev.emrys.language

import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableMap
import dev.emrys.spec.BootstrapAction
import dev.emrys.spec.ClusterSpec
import dev.emrys.spec.Configuration
import dev.emrys.spec.InstanceFleet
import dev.emrys.spec.InstanceGroup
import dev.emrys.spec.RetryPolicy
import dev.emrys.spec.ScriptCode
import dev.emrys.spec.SourceLocation
import kotlin.time.Duration
import kotlin.time.toKotlinDuration

/** The block of a cluster. Only `instances { primary(…) }` is required. EMR: RunJobFlow. */
@EmrysDsl
public class ClusterScope
internal constructor(
    script: Script,
    private val name: String,
    private val location: SourceLocation,
) : ClusterOptionsScope(script) {
    private val applications = LinkedHashSet<String>()
    private val groups = ArrayList<InstanceGroup>()
    private val fleets = ArrayList<InstanceFleet>()
    private val configurations = ArrayList<Configuration>()
    private val tags = LinkedHashMap<String, String>()
    private val bootstrapActions = ArrayList<BootstrapAction>()
    private var retry: RetryPolicy = RetryPolicy.NONE
    private val rawRequest = RawTree(script)
    private var logUri: String? = null
    private var configurationsOfShape = 0
    private var areInstancesOfShape = false

    /**
     * EMR's release label. Default: [Release.Emr_7_8_0]. Any other: `Release("emr-7.9.0")`. EMR:
     * `ReleaseLabel`.
     */
    public var release: Release = Release.Emr_7_8_0

    /**
     * The folder on S3 that EMR copies logs to, a text or `s3(…)`: `logs = "s3://my-emr-logs/"`.
     * Default: none, and no logs on S3. EMR: `LogUri`.
     */
    public var logs: Any? = null
        set(value) {
            field = value
            logUri = script.location(value, "logs of the cluster \"$name\"")
        }

    /**
     * How many steps may run at the same time, 1 to 256. Default: 1. EMR: `StepConcurrencyLevel`.
     */
    public var stepConcurrency: Int = 1

    /**
     * EMR ends the cluster after it has been idle for this long, even when Emrys no longer runs: 1
     * minute to 7 days. Default: `1.hours`. It must be longer than the longest planned gap between
     * two steps. EMR: `AutoTerminationPolicy.IdleTimeout`, "Using an auto-termination policy".
     */
    public var idleTimeout: Duration = ClusterSpec.DEFAULT_IDLE_TIMEOUT.toKotlinDuration()

    /** The former name of [idleTimeout]. */
    @Deprecated("Write idleTimeout instead.", ReplaceWith("idleTimeout"))
    public var autoTermination: Duration
        get() = idleTimeout
        set(value) {
            script.report(ScriptCode.DEPRECATED_WORD, "autoTermination", "idleTimeout")
            idleTimeout = value
        }

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
            KnownWords.nearestApplication(application.name)?.let {
                script.report(ScriptCode.APPLICATION_UNKNOWN, application.name, it)
            }
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
     * Or fleets, each of several types: `primaryFleet`, `coreFleet` and `taskFleet`.
     *
     * EMR: `Instances.InstanceGroups`, `Instances.InstanceFleets`.
     */
    public fun instances(block: InstancesScope.() -> Unit) {
        if (areInstancesOfShape) {
            groups.clear()
            fleets.clear()
            areInstancesOfShape = false
        }
        InstancesScope(script, groups, fleets).block()
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
        val added = ConfigurationScope(script, classification).apply(block).build()
        val same =
            configurations.subList(0, configurationsOfShape).indexOfFirst {
                it.classification() == classification
            }
        if (same < 0) configurations.add(added)
        else configurations[same] = merged(configurations[same], added)
    }

    /** The properties of [over] replace those of the same name. */
    private fun merged(base: Configuration, over: Configuration): Configuration {
        val nested = base.configurations().toMutableList()
        for (added in over.configurations()) {
            val same = nested.indexOfFirst { it.classification() == added.classification() }
            if (same < 0) nested.add(added) else nested[same] = merged(nested[same], added)
        }
        return Configuration(
            base.classification(),
            ImmutableMap.copyOf(base.properties() + over.properties()),
            ImmutableList.copyOf(nested),
        )
    }

    internal fun applyShape(block: ClusterScope.() -> Unit) {
        block()
        configurationsOfShape = configurations.size
        areInstancesOfShape = true
        areSubnetsOfShape = true
        areZonesOfShape = true
        areRetryCapacitiesOfShape = true
    }

    /**
     * Tags of the cluster and its instances, at most 40: `tags("Owner" to "data-eng")`. If a key is
     * set twice, the last value is used. Keys that begin with `aws:` or `emrys:` are reserved. EMR:
     * "Tag clusters".
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
     * bootstrap("install", "s3://my-bucket/install.sh", "--verbose")
     * ```
     *
     * EMR: "Create bootstrap actions".
     *
     * @param script `s3(…)` or `file(…)`
     * @param args as the arguments of a step, lists included
     */
    public fun bootstrap(name: String, script: Source, vararg args: Any) {
        val what = "An argument of the bootstrap action \"$name\""
        val texts = this.script.arguments(args.asIterable(), what)
        bootstrapActions.add(BootstrapAction(name, script.uri, ImmutableList.copyOf(texts)))
    }

    /** As [bootstrap] with a [Source]; [script] is a URI, or a path beside the script. */
    public fun bootstrap(name: String, script: String, vararg args: Any) {
        bootstrap(name, this.script.source(script), *args)
    }

    /**
     * How often to try to start the cluster: `retry(3)`, or a block. Default: once. See
     * [RetryScope].
     *
     * @param attempts all attempts together, the first included
     */
    public fun retry(
        attempts: Int = RetryScope.DEFAULT_ATTEMPTS,
        block: RetryScope.() -> Unit = {},
    ) {
        retry = RetryScope(script, attempts).apply(block).build()
    }

    /**
     * Members of EMR's RunJobFlow request for which there is no word here, under EMR's own names
     * and in EMR's own form. They are merged into the request, and replace what the other words of
     * this block say about the same member.
     *
     * ```
     * rawRequest(
     *     "Instances" to mapOf("HadoopVersion" to "2.4.0"),
     *     "SessionEnabled" to true,
     * )
     * ```
     *
     * Values: texts, numbers, Booleans, null, dates, `s3(…)`, `file(…)`, `secret(…)`, and lists and
     * maps of these. If a member is named twice, the last value is used. Emrys does not check the
     * names: EMR refuses a request that it does not understand.
     *
     * EMR: [RunJobFlow](https://docs.aws.amazon.com/emr/latest/APIReference/API_RunJobFlow.html).
     */
    public fun rawRequest(vararg members: Pair<String, Any?>) {
        rawRequest.add(members.toMap())
    }

    /**
     * As [rawRequest] with members, as the text of one JSON object:
     * `rawRequest("""{"SessionEnabled": true}""")`.
     */
    public fun rawRequest(json: String) {
        rawRequest.add(json)
    }

    internal fun build(): ClusterSpec =
        ClusterSpec(
            name,
            release.label,
            ImmutableList.copyOf(applications),
            ImmutableList.copyOf(groups),
            ImmutableList.copyOf(configurations),
            ImmutableMap.copyOf(tags),
            logUri,
            stepConcurrency,
            script.javaDuration(idleTimeout, "idleTimeout of the cluster \"$name\""),
            serviceRole,
            instanceProfile,
            subnet,
            keyName,
            ImmutableList.copyOf(bootstrapActions),
            retry,
            rawRequest.build(),
            location,
            options(fleets),
        )
}

/** The block of a configuration. EMR: "Configure applications". */
@EmrysDsl
public class ConfigurationScope
internal constructor(private val script: Script, private val classification: String) {
    private val properties = LinkedHashMap<String, String>()
    private val nested = ArrayList<Configuration>()

    /**
     * One property; if a name is set twice, the last value is used. [value]: a text, a number, a
     * Boolean, a date, `s3(…)`, `file(…)` or `secret(…)`.
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
