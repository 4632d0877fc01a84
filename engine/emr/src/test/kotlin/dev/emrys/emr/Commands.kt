package dev.emrys.emr

import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableMap
import dev.emrys.run.Command
import dev.emrys.spec.BootstrapAction
import dev.emrys.spec.ClusterEnd
import dev.emrys.spec.ClusterSpec
import dev.emrys.spec.ClusterStart
import dev.emrys.spec.Configuration
import dev.emrys.spec.HadoopJarStep
import dev.emrys.spec.InstanceGroup
import dev.emrys.spec.InstanceRole
import dev.emrys.spec.RawRequest
import dev.emrys.spec.RetryPolicy
import dev.emrys.spec.SourceLocation
import dev.emrys.spec.SpotMarket
import dev.emrys.spec.StepKind
import dev.emrys.spec.StepSpec
import java.time.Duration
import java.time.Instant

val INTENDED: Instant = Instant.parse("2026-04-25T03:00:00Z")

fun group(role: InstanceRole, type: String, count: Int, spot: SpotMarket? = null) =
    InstanceGroup(role, type, count, spot, SourceLocation.UNKNOWN)

fun clusterSpec(
    groups: List<InstanceGroup> = listOf(group(InstanceRole.PRIMARY, "m6g.xlarge", 1)),
    configurations: List<Configuration> = listOf(),
    tags: Map<String, String> = mapOf(),
    bootstrap: List<BootstrapAction> = listOf(),
    logUri: String? = null,
    subnet: String? = null,
    key: String? = null,
    concurrency: Int = 1,
    raw: RawRequest = RawRequest.NONE,
) =
    ClusterSpec(
        "etl",
        "emr-7.8.0",
        ImmutableList.of("Spark", "Hive"),
        ImmutableList.copyOf(groups),
        ImmutableList.copyOf(configurations),
        ImmutableMap.copyOf(tags),
        logUri,
        concurrency,
        Duration.ofMinutes(90),
        "MyServiceRole",
        "MyInstanceProfile",
        subnet,
        key,
        ImmutableList.copyOf(bootstrap),
        RetryPolicy.NONE,
        raw,
        SourceLocation.UNKNOWN,
    )

fun start(
    spec: ClusterSpec = clusterSpec(),
    key: String = "run-1.t1.1",
    uncertain: Boolean = false,
) = Command.Submit("start:etl", 1, key, ClusterStart(spec), null, INTENDED, uncertain)

fun stepSpec(
    name: String,
    args: List<String> = listOf("true"),
    properties: Map<String, String> = mapOf(),
    mainClass: String? = null,
) =
    StepSpec(
        name,
        "etl",
        StepKind.RAW,
        HadoopJarStep(
            "command-runner.jar",
            mainClass,
            ImmutableList.copyOf(args),
            ImmutableMap.copyOf(properties),
        ),
        ImmutableList.of(),
        RetryPolicy.NONE,
        null,
        SourceLocation.UNKNOWN,
    )

/** The step [name], whose task is called as it is. */
fun submit(
    clusterId: String,
    name: String,
    uncertain: Boolean = false,
    spec: StepSpec = stepSpec(name),
) = Command.Submit(name, 1, keyOf(name), spec, clusterId, INTENDED, uncertain)

fun Command.Submit.copyWith(intendedAt: Instant) =
    Command.Submit(task, attempt, key, kind, scopeId, intendedAt, uncertain)

fun withdraw(name: String) = Command.Withdraw(name, 1, keyOf(name))

fun keyOf(name: String) = "run-1.$name.1"

private val CLUSTER = clusterSpec()

fun watchCluster(clusterId: String) =
    Command.Watch("start:etl", 1, ClusterStart(CLUSTER), null, clusterId, INTENDED)

fun watchStep(clusterId: String, stepId: String, task: String) =
    Command.Watch(task, 1, stepSpec(task), clusterId, stepId, INTENDED)

fun watchEnd(clusterId: String) =
    Command.Watch("end:etl", 1, ClusterEnd(CLUSTER), clusterId, clusterId, INTENDED)

fun endCluster(clusterId: String) = Command.Release("end:etl", 1, ClusterEnd(CLUSTER), clusterId)

fun cancelStep(clusterId: String, stepId: String, task: String) =
    Command.Cancel(task, 1, stepSpec(task), clusterId, stepId, INTENDED)
