package dev.emrys.emulator;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.model.CloudWatchLogConfiguration;
import software.amazon.awssdk.services.emr.model.Cluster;
import software.amazon.awssdk.services.emr.model.MonitoringConfiguration;
import software.amazon.awssdk.services.emr.model.RunJobFlowRequest;

/**
 * The rules of a cluster's logs in CloudWatch Logs, and where those of a step go. The texts of errors are the
 * emulator's own: no record of EMR's is known. Of what EMR collects, the emulator has the output of steps (STEP_LOGS),
 * and publishes it when a step has ended; EMR streams it.
 *
 * <p>The documentation states the release and the application that are required, the types and the file names. It does
 * not state the names of streams, nor whether names are checked when the cluster is created. The default group is
 * {@code /aws/emr/CLUSTER}; a stream is called {@code PREFIX/CLUSTER/steps/STEP/stdout}, as the log in S3 would be and
 * as those of EMR Serverless are.
 *
 * @see <a href="https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-plan-logging-cw.html">Logs in CloudWatch</a>
 * @see <a href="https://docs.aws.amazon.com/emr/latest/APIReference/API_CloudWatchLogConfiguration.html">The API</a>
 */
final class CloudWatchRules {
    private static final String STEP_LOGS = "STEP_LOGS";
    private static final String AGENT = "AmazonCloudWatchAgent";
    private static final ImmutableSet<String> TYPES = ImmutableSet.of(STEP_LOGS, "SPARK_DRIVER", "SPARK_EXECUTOR");
    private static final ImmutableSet<String> FILES = ImmutableSet.of("STDOUT", "STDERR");
    private static final Pattern GROUP = Pattern.compile("[.\\-_/#A-Za-z0-9]{1,512}");

    /** What is left of the 512 characters of a stream's name has the ids and the file. */
    private static final Pattern PREFIX = Pattern.compile("[^:*]{0,400}");

    private CloudWatchRules() {}

    static void check(RunJobFlowRequest request, Release release) {
        CloudWatchLogConfiguration logs = enabled(request.monitoringConfiguration());
        if (logs == null) {
            return;
        }
        require(
                release.atLeast(7, 11),
                "CloudWatch logging is not supported for release label " + request.releaseLabel()
                        + ": it needs emr-7.11.0 or later.");
        require(
                request.applications().stream().anyMatch(one -> AGENT.equalsIgnoreCase(one.name())),
                "CloudWatch logging needs the application " + AGENT + ".");
        require(
                logs.logGroupName() == null
                        || logs.logGroupName().isEmpty()
                        || GROUP.matcher(logs.logGroupName()).matches(),
                "The LogGroupName '" + logs.logGroupName() + "' is not the name of a log group.");
        require(
                logs.logStreamNamePrefix() == null
                        || PREFIX.matcher(logs.logStreamNamePrefix()).matches(),
                "The LogStreamNamePrefix '" + logs.logStreamNamePrefix()
                        + "' is too long, or has one of the characters ':' and '*'.");
        logs.logTypes().forEach(CloudWatchRules::checkType);
    }

    private static void checkType(String type, List<String> files) {
        require(TYPES.contains(type), "The log type '" + type + "' is not one of " + TYPES + ".");
        for (String file : files) {
            require(FILES.contains(file), "The file '" + file + "' of " + type + " is not one of " + FILES + ".");
        }
    }

    /** Null when no output of the step is published. */
    static StepLaunch.@Nullable CloudWatch launch(Cluster cluster, String stepId) {
        CloudWatchLogConfiguration logs = enabled(cluster.monitoringConfiguration());
        if (logs == null) {
            return null;
        }
        // The documentation does not say what is collected without types; EMR Serverless has both files of the driver
        // then.
        Map<String, List<String>> types = logs.logTypes();
        List<String> files = types.isEmpty() ? FILES.asList() : types.getOrDefault(STEP_LOGS, ImmutableList.of());
        if (files.isEmpty()) {
            return null;
        }
        String group = logs.logGroupName();
        String prefix = logs.logStreamNamePrefix();
        return new StepLaunch.CloudWatch(
                group == null || group.isEmpty() ? "/aws/emr/" + cluster.id() : group,
                (prefix == null || prefix.isEmpty() ? "" : prefix + "/") + cluster.id() + "/steps/" + stepId + "/",
                files.stream().map(file -> file.toLowerCase(Locale.ROOT)).collect(ImmutableSet.toImmutableSet()));
    }

    /** What of the configuration has no effect. */
    static ImmutableList<String> ignored(RunJobFlowRequest request) {
        ImmutableList.Builder<String> texts = ImmutableList.builder();
        MonitoringConfiguration monitoring = request.monitoringConfiguration();
        if (monitoring != null && monitoring.s3LoggingConfiguration() != null) {
            texts.add("S3LoggingConfiguration: accepted, not emulated (logs are uploaded when a step has ended)");
        }
        CloudWatchLogConfiguration logs = enabled(monitoring);
        if (logs != null) {
            if (logs.encryptionKeyArn() != null) {
                texts.add("EncryptionKeyArn of CloudWatchLogConfiguration: accepted, not emulated"
                        + " (logs are not encrypted)");
            }
            for (String type : TYPES) {
                if (!type.equals(STEP_LOGS) && logs.logTypes().containsKey(type)) {
                    texts.add("log type " + type + ": accepted, not emulated"
                            + " (what a driver on this machine prints is in the logs of its step)");
                }
            }
        }
        return texts.build();
    }

    private static @Nullable CloudWatchLogConfiguration enabled(@Nullable MonitoringConfiguration monitoring) {
        CloudWatchLogConfiguration logs = monitoring == null ? null : monitoring.cloudWatchLogConfiguration();
        return logs != null && Boolean.TRUE.equals(logs.enabled()) ? logs : null;
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw Errors.validation(message);
        }
    }
}
