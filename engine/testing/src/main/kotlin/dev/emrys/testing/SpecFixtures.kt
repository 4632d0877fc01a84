package dev.emrys.testing

import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableMap
import com.google.common.collect.ImmutableSet
import dev.emrys.graph.TaskGraph
import dev.emrys.spec.Backoff
import dev.emrys.spec.ClusterSpec
import dev.emrys.spec.FailureKind
import dev.emrys.spec.HadoopJarStep
import dev.emrys.spec.InstanceGroup
import dev.emrys.spec.InstanceRole
import dev.emrys.spec.PipelineSpec
import dev.emrys.spec.RawRequest
import dev.emrys.spec.RetryPolicy
import dev.emrys.spec.SourceLocation
import dev.emrys.spec.StepKind
import dev.emrys.spec.StepSpec
import dev.emrys.spec.TaskSpec
import java.time.Duration

public fun retry(
    attempts: Int,
    on: Set<FailureKind> = RetryPolicy.RETRYABLE,
    backoff: Backoff = Backoff(Duration.ofSeconds(10), 2.0, Duration.ofSeconds(60), 0.0),
): RetryPolicy = RetryPolicy(attempts, backoff, ImmutableSet.copyOf(on))

public fun cluster(
    name: String,
    retry: RetryPolicy = RetryPolicy.NONE,
    tags: Map<String, String> = mapOf(),
): ClusterSpec =
    ClusterSpec(
        name,
        "emr-7.8.0",
        ImmutableList.of("Spark"),
        ImmutableList.of(
            InstanceGroup(InstanceRole.PRIMARY, "m6g.xlarge", 1, null, SourceLocation.UNKNOWN)
        ),
        ImmutableList.of(),
        ImmutableMap.copyOf(tags),
        null,
        1,
        ClusterSpec.DEFAULT_IDLE_TIMEOUT,
        "EMR_DefaultRole",
        "EMR_EC2_DefaultRole",
        null,
        null,
        ImmutableList.of(),
        retry,
        RawRequest.NONE,
        SourceLocation.UNKNOWN,
    )

public fun step(
    name: String,
    vararg after: String,
    cluster: String = "etl",
    retry: RetryPolicy = RetryPolicy.NONE,
    timeout: Duration? = null,
    args: List<String> = listOf("true"),
): StepSpec =
    StepSpec(
        name,
        cluster,
        StepKind.SHELL,
        HadoopJarStep("command-runner.jar", null, ImmutableList.copyOf(args), ImmutableMap.of()),
        ImmutableList.copyOf(after),
        retry,
        timeout,
        SourceLocation.UNKNOWN,
    )

/** @param capacity how many steps of a cluster may be in flight at once */
public fun graph(
    clusters: List<ClusterSpec>,
    steps: List<TaskSpec>,
    capacity: Int = ClusterSpec.MAX_ACTIVE_STEPS,
): TaskGraph =
    TaskGraph.compile(
        PipelineSpec(
            "daily",
            null,
            ImmutableMap.of(),
            ImmutableList.copyOf(clusters),
            ImmutableList.copyOf(steps),
            SourceLocation.UNKNOWN,
        ),
        capacity,
    )

/** One cluster, "etl", and these steps. */
public fun graph(
    vararg steps: TaskSpec,
    cluster: ClusterSpec = cluster("etl"),
    capacity: Int = ClusterSpec.MAX_ACTIVE_STEPS,
): TaskGraph = graph(listOf(cluster), steps.toList(), capacity)
