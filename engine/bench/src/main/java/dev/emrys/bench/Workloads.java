package dev.emrys.bench;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.emrys.spec.ClusterSpec;
import dev.emrys.spec.HadoopJarStep;
import dev.emrys.spec.InstanceGroup;
import dev.emrys.spec.InstanceRole;
import dev.emrys.spec.PipelineSpec;
import dev.emrys.spec.RawRequest;
import dev.emrys.spec.RetryPolicy;
import dev.emrys.spec.SourceLocation;
import dev.emrys.spec.StepKind;
import dev.emrys.spec.StepSpec;
import dev.emrys.spec.TaskSpec;

/** The pipelines that are measured. */
final class Workloads {
    private Workloads() {}

    /** Independent steps, spread over clusters. */
    static PipelineSpec wide(int steps, int clusters) {
        ImmutableList.Builder<TaskSpec> tasks = ImmutableList.builderWithExpectedSize(steps);
        for (int i = 0; i < steps; i++) {
            tasks.add(step("step-" + i, "cluster-" + i % clusters, ImmutableList.of()));
        }
        return pipeline(clusters, tasks.build());
    }

    /** Steps of one cluster, each after the one before. */
    static PipelineSpec chain(int steps) {
        ImmutableList.Builder<TaskSpec> tasks = ImmutableList.builderWithExpectedSize(steps);
        for (int i = 0; i < steps; i++) {
            tasks.add(
                    step("step-" + i, "cluster-0", i == 0 ? ImmutableList.of() : ImmutableList.of("step-" + (i - 1))));
        }
        return pipeline(1, tasks.build());
    }

    private static PipelineSpec pipeline(int clusters, ImmutableList<TaskSpec> tasks) {
        ImmutableList.Builder<ClusterSpec> all = ImmutableList.builder();
        for (int i = 0; i < clusters; i++) {
            all.add(cluster("cluster-" + i));
        }
        return new PipelineSpec("bench", null, ImmutableMap.of(), all.build(), tasks, SourceLocation.UNKNOWN);
    }

    private static ClusterSpec cluster(String name) {
        return new ClusterSpec(
                name,
                "emr-7.8.0",
                ImmutableList.of("Spark"),
                ImmutableList.of(
                        new InstanceGroup(InstanceRole.PRIMARY, "m6g.xlarge", 1, null, SourceLocation.UNKNOWN)),
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
                RetryPolicy.NONE,
                RawRequest.NONE,
                SourceLocation.UNKNOWN);
    }

    private static StepSpec step(String name, String cluster, ImmutableList<String> after) {
        return new StepSpec(
                name,
                cluster,
                StepKind.SHELL,
                new HadoopJarStep(
                        "command-runner.jar", null, ImmutableList.of("bash", "-c", "true"), ImmutableMap.of()),
                after,
                RetryPolicy.NONE,
                null,
                SourceLocation.UNKNOWN);
    }
}
