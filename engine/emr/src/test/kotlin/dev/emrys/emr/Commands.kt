package dev.emrys.emr

import dev.emrys.run.Command
import dev.emrys.spec.BootstrapAction
import dev.emrys.spec.ClusterEnd
import dev.emrys.spec.ClusterSpec
import dev.emrys.spec.ClusterStart
import dev.emrys.spec.Configuration
import dev.emrys.spec.InstanceGroup
import dev.emrys.spec.InstanceRole
import dev.emrys.spec.RawRequest
import dev.emrys.spec.StepKind
import dev.emrys.spec.StepSpec
import dev.emrys.testing.cluster
import dev.emrys.testing.group
import dev.emrys.testing.step
import java.time.Duration
import java.time.Instant

val SUBMIT_TIME: Instant = Instant.parse("2026-04-25T03:00:00Z")

fun clusterSpec(
    groups: List<InstanceGroup> = listOf(group(InstanceRole.PRIMARY, "m5.xlarge", 1)),
    configurations: List<Configuration> = listOf(),
    tags: Map<String, String> = mapOf(),
    bootstrap: List<BootstrapAction> = listOf(),
    logUri: String? = null,
    subnet: String? = null,
    key: String? = null,
    concurrency: Int = 1,
    raw: RawRequest = RawRequest.NONE,
    name: String = "etl",
    idleTimeout: Duration = Duration.ofMinutes(90),
) =
    cluster(
        name,
        tags = tags,
        applications = listOf("Spark", "Hive"),
        groups = groups,
        configurations = configurations,
        bootstrap = bootstrap,
        logUri = logUri,
        stepConcurrency = concurrency,
        idleTimeout = idleTimeout,
        serviceRole = "MyServiceRole",
        jobFlowRole = "MyInstanceProfile",
        subnet = subnet,
        key = key,
        raw = raw,
    )

fun start(
    spec: ClusterSpec = clusterSpec(),
    key: String = "run-1.t1.1",
    uncertain: Boolean = false,
) = Command.Submit("start:etl", 1, key, ClusterStart(spec), null, SUBMIT_TIME, uncertain)

fun stepSpec(
    name: String,
    args: List<String> = listOf("true"),
    properties: Map<String, String> = mapOf(),
    mainClass: String? = null,
    runtimeRole: String? = null,
) =
    step(
        name,
        kind = StepKind.RAW,
        args = args,
        mainClass = mainClass,
        properties = properties,
        runtimeRole = runtimeRole,
    )

/** The step [name], whose task is called as it is. */
fun submit(
    clusterId: String,
    name: String,
    uncertain: Boolean = false,
    spec: StepSpec = stepSpec(name),
) = Command.Submit(name, 1, keyOf(name), spec, clusterId, SUBMIT_TIME, uncertain)

fun Command.Submit.copyWith(intendedAt: Instant) =
    Command.Submit(task, attempt, key, kind, scopeId, intendedAt, uncertain)

fun withdraw(name: String) = Command.Withdraw(name, 1, keyOf(name))

fun keyOf(name: String) = "run-1.$name.1"

private val CLUSTER = clusterSpec()

fun watchCluster(clusterId: String) =
    Command.Watch("start:etl", 1, ClusterStart(CLUSTER), null, clusterId, SUBMIT_TIME)

fun watchStep(clusterId: String, stepId: String, task: String) =
    Command.Watch(task, 1, stepSpec(task), clusterId, stepId, SUBMIT_TIME)

fun watchEnd(clusterId: String) =
    Command.Watch("end:etl", 1, ClusterEnd(CLUSTER), clusterId, clusterId, SUBMIT_TIME)

fun endCluster(clusterId: String) = Command.Release("end:etl", 1, ClusterEnd(CLUSTER), clusterId)

fun cancelStep(clusterId: String, stepId: String, task: String) =
    Command.Cancel(task, 1, stepSpec(task), clusterId, stepId)
