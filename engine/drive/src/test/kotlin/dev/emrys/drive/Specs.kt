package dev.emrys.drive

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
import java.time.Duration

fun retry(
    attempts: Int,
    on: Set<FailureKind> = RetryPolicy.RETRYABLE,
    backoff: Backoff = Backoff(Duration.ofSeconds(10), 2.0, Duration.ofSeconds(60), 0.0),
): RetryPolicy = RetryPolicy(attempts, backoff, ImmutableSet.copyOf(on))

fun cluster(name: String, retry: RetryPolicy = RetryPolicy.NONE): ClusterSpec =
    ClusterSpec(
        name,
        "emr-7.8.0",
        ImmutableList.of("Spark"),
        ImmutableList.of(
            InstanceGroup(InstanceRole.PRIMARY, "m6g.xlarge", 1, null, SourceLocation.UNKNOWN)
        ),
        ImmutableList.of(),
        ImmutableMap.of(),
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

fun step(
    name: String,
    vararg after: String,
    cluster: String = "etl",
    retry: RetryPolicy = RetryPolicy.NONE,
    timeout: Duration? = null,
): StepSpec =
    StepSpec(
        name,
        cluster,
        StepKind.SHELL,
        HadoopJarStep("command-runner.jar", null, ImmutableList.of("true"), ImmutableMap.of()),
        ImmutableList.copyOf(after),
        retry,
        timeout,
        SourceLocation.UNKNOWN,
    )

fun graph(clusters: List<ClusterSpec>, steps: List<StepSpec>): TaskGraph =
    TaskGraph.compile(
        PipelineSpec(
            "daily",
            null,
            ImmutableMap.of(),
            ImmutableList.copyOf(clusters),
            ImmutableList.copyOf(steps),
            SourceLocation.UNKNOWN,
        )
    )

/** One cluster, "etl", and these steps. */
fun graph(vararg steps: StepSpec, cluster: ClusterSpec = cluster("etl")): TaskGraph =
    graph(listOf(cluster), steps.toList())
