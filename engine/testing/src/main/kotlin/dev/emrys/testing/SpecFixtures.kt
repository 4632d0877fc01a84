package dev.emrys.testing

import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableMap
import com.google.common.collect.ImmutableSet
import dev.emrys.graph.TaskGraph
import dev.emrys.spec.Backoff
import dev.emrys.spec.BootstrapAction
import dev.emrys.spec.ClusterOperation
import dev.emrys.spec.ClusterOptions
import dev.emrys.spec.ClusterSpec
import dev.emrys.spec.Configuration
import dev.emrys.spec.ExistingCluster
import dev.emrys.spec.FailureKind
import dev.emrys.spec.HadoopJarStep
import dev.emrys.spec.InstanceGroup
import dev.emrys.spec.InstanceRole
import dev.emrys.spec.LifecycleOptions
import dev.emrys.spec.OperationSpec
import dev.emrys.spec.PipelineSpec
import dev.emrys.spec.RawRequest
import dev.emrys.spec.RetryCapacity
import dev.emrys.spec.RetryPolicy
import dev.emrys.spec.SourceLocation
import dev.emrys.spec.SpotMarket
import dev.emrys.spec.StepKind
import dev.emrys.spec.StepSpec
import dev.emrys.spec.TaskSpec
import java.time.Duration
import kotlin.random.Random

public fun retry(
    attempts: Int,
    on: Set<FailureKind> = RetryPolicy.RETRYABLE,
    backoff: Backoff = Backoff(Duration.ofSeconds(10), 2.0, Duration.ofSeconds(60), 0.0),
): RetryPolicy = RetryPolicy(attempts, backoff, ImmutableSet.copyOf(on))

public fun group(
    role: InstanceRole,
    type: String,
    count: Int,
    spot: SpotMarket? = null,
): InstanceGroup = InstanceGroup(role, type, count, spot, SourceLocation.UNKNOWN)

public fun cluster(
    name: String,
    retry: RetryPolicy = RetryPolicy.NONE,
    tags: Map<String, String> = mapOf(),
    applications: List<String> = listOf("Spark"),
    groups: List<InstanceGroup> = listOf(group(InstanceRole.PRIMARY, "m6g.xlarge", 1)),
    configurations: List<Configuration> = listOf(),
    bootstrap: List<BootstrapAction> = listOf(),
    logUri: String? = null,
    stepConcurrency: Int = 1,
    idleTimeout: Duration = ClusterSpec.DEFAULT_IDLE_TIMEOUT,
    serviceRole: String = "EMR_DefaultRole",
    jobFlowRole: String = "EMR_EC2_DefaultRole",
    subnet: String? = null,
    key: String? = null,
    raw: RawRequest = RawRequest.NONE,
    location: SourceLocation = SourceLocation.UNKNOWN,
): ClusterSpec =
    ClusterSpec(
        name,
        "emr-7.8.0",
        ImmutableList.copyOf(applications),
        ImmutableList.copyOf(groups),
        ImmutableList.copyOf(configurations),
        ImmutableMap.copyOf(tags),
        logUri,
        stepConcurrency,
        idleTimeout,
        serviceRole,
        jobFlowRole,
        subnet,
        key,
        ImmutableList.copyOf(bootstrap),
        retry,
        raw,
        location,
    )

public fun step(
    name: String,
    vararg after: String,
    cluster: String = "etl",
    retry: RetryPolicy = RetryPolicy.NONE,
    timeout: Duration? = null,
    args: List<String> = listOf("true"),
    kind: StepKind = StepKind.SHELL,
    mainClass: String? = null,
    properties: Map<String, String> = mapOf(),
    location: SourceLocation = SourceLocation.UNKNOWN,
    runtimeRole: String? = null,
): StepSpec =
    StepSpec(
        name,
        cluster,
        kind,
        HadoopJarStep(
            "command-runner.jar",
            mainClass,
            ImmutableList.copyOf(args),
            ImmutableMap.copyOf(properties),
        ),
        ImmutableList.copyOf(after),
        retry,
        timeout,
        location,
        null,
        runtimeRole,
    )

/** The cluster with no other options than these. */
public fun ClusterSpec.withLifecycle(lifecycle: LifecycleOptions): ClusterSpec =
    withOptions(lifecycle, listOf())

/** The cluster with no other options than these. */
public fun ClusterSpec.withRetryCapacities(vararg capacities: RetryCapacity): ClusterSpec =
    withOptions(null, capacities.asList())

private fun ClusterSpec.withOptions(
    lifecycle: LifecycleOptions?,
    capacities: List<RetryCapacity>,
): ClusterSpec =
    ClusterSpec(
        name(),
        releaseLabel(),
        applications(),
        instanceGroups(),
        configurations(),
        tags(),
        logUri(),
        stepConcurrency(),
        idleTimeout(),
        serviceRole(),
        jobFlowRole(),
        subnetId(),
        keyName(),
        bootstrapActions(),
        retry(),
        rawRequest(),
        location(),
        ClusterOptions(
            ImmutableList.of(),
            null,
            null,
            null,
            null,
            lifecycle,
            ImmutableList.of(),
            null,
            ImmutableList.copyOf(capacities),
        ),
    )

/** The cluster stays when its run has ended. */
public fun ClusterSpec.keptAfterRun(): ClusterSpec =
    withLifecycle(LifecycleOptions(null, null, null, null, null, null, true))

/** A cluster that is there already; by its name on EMR unless there is an [id]. */
public fun existingCluster(
    name: String = "prod",
    id: String? = null,
    retry: RetryPolicy = RetryPolicy.NONE,
): ExistingCluster =
    ExistingCluster(
        name,
        id,
        if (id == null) name else null,
        if (id == null)
            ImmutableSet.of(ExistingCluster.State.RUNNING, ExistingCluster.State.WAITING)
        else ImmutableSet.of(),
        retry,
        SourceLocation.UNKNOWN,
    )

/** An operation on the cluster "etl"; by default it lets four steps run at once. */
public fun operation(
    name: String,
    vararg after: String,
    what: ClusterOperation = ClusterOperation.StepConcurrency(4),
    cluster: String = "etl",
    retry: RetryPolicy = RetryPolicy.NONE,
    timeout: Duration? = null,
): OperationSpec =
    OperationSpec(
        name,
        cluster,
        what,
        ImmutableList.copyOf(after),
        retry,
        timeout,
        SourceLocation.UNKNOWN,
    )

public fun pipeline(
    clusters: List<ClusterSpec>,
    tasks: List<TaskSpec>,
    name: String = "daily",
    location: SourceLocation = SourceLocation.UNKNOWN,
    existing: List<ExistingCluster> = listOf(),
): PipelineSpec =
    PipelineSpec(
        name,
        null,
        ImmutableMap.of(),
        ImmutableList.copyOf(clusters),
        ImmutableList.copyOf(tasks),
        location,
        null,
        ImmutableList.copyOf(existing),
    )

/** @param capacity how many steps of a cluster may be in flight at once */
public fun graph(
    clusters: List<ClusterSpec>,
    steps: List<TaskSpec>,
    capacity: Int = ClusterSpec.MAX_ACTIVE_STEPS,
): TaskGraph = TaskGraph.compile(pipeline(clusters, steps), capacity)

/** One cluster, "etl", and these steps. */
public fun graph(
    vararg steps: TaskSpec,
    cluster: ClusterSpec = cluster("etl"),
    capacity: Int = ClusterSpec.MAX_ACTIVE_STEPS,
): TaskGraph = graph(listOf(cluster), steps.toList(), capacity)

/**
 * A small random pipeline on 1 to 3 clusters: each step follows some of the steps before it.
 *
 * @param mostSteps at most so many steps, and at least one on each cluster
 * @param clusterAttempts at most so many attempts to start a cluster
 * @param timeouts the seconds of a timeout, which every third step has
 * @param mostCapacity at most so many steps of a cluster in flight
 */
public fun randomGraph(
    random: Random,
    mostSteps: Int,
    clusterAttempts: Int,
    timeouts: LongRange,
    mostCapacity: Int,
): TaskGraph {
    val clusters =
        (1..random.nextInt(1, 4)).map {
            cluster("c$it", retry(random.nextInt(1, clusterAttempts + 1)))
        }
    val count = random.nextInt(clusters.size, mostSteps + 1)
    val steps =
        (0 until count).map { index ->
            val after = (0 until index).filter { random.nextInt(4) == 0 }.map { "s$it" }
            step(
                "s$index",
                *after.toTypedArray(),
                cluster =
                    if (index < clusters.size) clusters[index].name()
                    else clusters.random(random).name(),
                retry = retry(random.nextInt(1, 4)),
                timeout =
                    if (random.nextInt(3) == 0) Duration.ofSeconds(timeouts.random(random))
                    else null,
            )
        }
    return graph(clusters, steps.shuffled(random), capacity = random.nextInt(1, mostCapacity + 1))
}
