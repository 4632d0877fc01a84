package dev.emrys.emulator;

import com.google.common.collect.ImmutableList;
import dev.emrys.emulator.StepLaunch.Classification;
import org.jspecify.annotations.Nullable;

/**
 * What a runner needs to know to run a bootstrap action.
 *
 * @param clusterId the cluster it belongs to
 * @param number 1 for the cluster's first action; a runner is idempotent by cluster and number
 * @param instanceId of the primary instance, as in the path of the logs: {@code
 *     <logUri><cluster>/node/<instance>/bootstrap-actions/<number>/}
 * @param releaseLabel the cluster's, for instance {@code emr-7.8.0}
 * @param applications the names of the cluster's applications, as the request has them
 * @param path of the script, for instance {@code s3://bucket/install.sh}
 * @param configurations the cluster's configurations
 * @param logUri the cluster's log URI
 */
public record BootstrapLaunch(
        String clusterId,
        int number,
        String instanceId,
        String releaseLabel,
        ImmutableList<String> applications,
        String path,
        ImmutableList<String> args,
        ImmutableList<Classification> configurations,
        @Nullable String logUri) {}
