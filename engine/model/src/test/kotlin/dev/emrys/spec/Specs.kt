package dev.emrys.spec

import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableMap
import com.google.common.collect.ImmutableSet
import java.time.Duration

/** Valid specs, each part of which a test may replace. */
const val FILE: String = "daily.emr.kts"

fun at(line: Int): SourceLocation = SourceLocation.at(FILE, line)

/** What a person reads of a diagnostic. */
data class Message(val location: SourceLocation, val what: String, val advice: String) {
    constructor(
        diagnostic: Diagnostic
    ) : this(diagnostic.location(), diagnostic.what(), diagnostic.advice())
}

fun Diagnostics.messages(): List<Message> = all().map(::Message)

fun group(
    role: InstanceRole = InstanceRole.PRIMARY,
    type: String = "m6g.xlarge",
    count: Int = 1,
    spot: SpotMarket? = null,
    line: Int = 3,
): InstanceGroup = InstanceGroup(role, type, count, spot, at(line))

fun retry(
    attempts: Int = 1,
    backoff: Backoff = Backoff.DEFAULT,
    on: Set<FailureKind> = RetryPolicy.RETRYABLE,
): RetryPolicy = RetryPolicy(attempts, backoff, ImmutableSet.copyOf(on))

fun cluster(
    name: String = "etl",
    line: Int = 2,
    release: String = "emr-7.8.0",
    groups: List<InstanceGroup> = listOf(group()),
    configurations: List<Configuration> = listOf(),
    tags: Map<String, String> = mapOf(),
    logs: String? = null,
    stepConcurrency: Int = 1,
    idle: Duration = ClusterSpec.DEFAULT_IDLE_TIMEOUT,
    retry: RetryPolicy = RetryPolicy.NONE,
    subnet: String? = null,
    bootstrap: List<BootstrapAction> = listOf(),
    applications: List<String> = listOf("Spark"),
    raw: RawRequest = RawRequest.NONE,
): ClusterSpec =
    ClusterSpec(
        name,
        release,
        ImmutableList.copyOf(applications),
        ImmutableList.copyOf(groups),
        ImmutableList.copyOf(configurations),
        ImmutableMap.copyOf(tags),
        logs,
        stepConcurrency,
        idle,
        "EMR_DefaultRole",
        "EMR_EC2_DefaultRole",
        subnet,
        null,
        ImmutableList.copyOf(bootstrap),
        retry,
        raw,
        at(line),
    )

fun jar(
    jar: String = "s3://bucket/job.jar",
    args: List<String> = listOf(),
): HadoopJarStep = HadoopJarStep(jar, null, ImmutableList.copyOf(args), ImmutableMap.of())

fun step(
    name: String = "count",
    cluster: String = "etl",
    line: Int = 5,
    after: List<String> = listOf(),
    jar: HadoopJarStep = jar(),
    retry: RetryPolicy = RetryPolicy.NONE,
    timeout: Duration? = null,
    role: String? = null,
): StepSpec =
    StepSpec(
        name,
        cluster,
        StepKind.RAW,
        jar,
        ImmutableList.copyOf(after),
        retry,
        timeout,
        at(line),
        null,
        role,
    )

fun ClusterSpec.with(options: ClusterOptions?): ClusterSpec =
    ClusterSpec(
        name,
        releaseLabel,
        applications,
        instanceGroups,
        configurations,
        tags,
        logUri,
        stepConcurrency,
        idleTimeout,
        serviceRole,
        jobFlowRole,
        subnetId,
        keyName,
        bootstrapActions,
        retry,
        rawRequest,
        location,
        options,
    )

fun pipeline(
    clusters: List<ClusterSpec> = listOf(cluster()),
    steps: List<StepSpec> = listOf(step()),
    name: String = "daily",
    existing: List<ExistingCluster> = listOf(),
): PipelineSpec =
    PipelineSpec(
        name,
        null,
        ImmutableMap.of(),
        ImmutableList.copyOf(clusters),
        ImmutableList.copyOf(steps),
        at(1),
        null,
        ImmutableList.copyOf(existing),
    )
