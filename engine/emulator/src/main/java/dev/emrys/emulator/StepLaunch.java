package dev.emrys.emulator;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.jspecify.annotations.Nullable;

/**
 * What a runner needs to know to execute a step.
 *
 * @param clusterId the cluster it belongs to
 * @param stepId unique; a runner is idempotent by this id
 * @param releaseLabel the cluster's, for instance {@code emr-7.8.0}
 * @param applications the names of the cluster's applications, as the request has them
 * @param jar what EMR runs with {@code hadoop jar}, often {@code command-runner.jar}
 * @param properties the step's Java properties
 * @param configurations the cluster's configurations
 * @param logUri where the step's logs are published: its own S3 monitoring URI, else the cluster's log URI
 * @param cloudWatch null: the output is not published in CloudWatch Logs
 */
public record StepLaunch(
        String clusterId,
        String stepId,
        String name,
        String releaseLabel,
        ImmutableList<String> applications,
        String jar,
        @Nullable String mainClass,
        ImmutableList<String> args,
        ImmutableMap<String, String> properties,
        ImmutableList<Classification> configurations,
        @Nullable String logUri,
        @Nullable CloudWatch cloudWatch) {

    /**
     * Where a step's output is published in CloudWatch Logs.
     *
     * @param group the log group
     * @param streamPrefix with which the names of the step's log streams begin; the rest is the name of the file
     * @param files {@code stdout}, {@code stderr} or both
     */
    public record CloudWatch(String group, String streamPrefix, ImmutableSet<String> files) {}

    /**
     * One configuration of the cluster.
     *
     * @param name the classification, for instance {@code spark-defaults}
     * @param nested for instance the {@code export} of a {@code spark-env}
     */
    public record Classification(
            String name, ImmutableMap<String, String> properties, ImmutableList<Classification> nested) {}
}
