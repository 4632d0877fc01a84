package dev.emrys.emulator;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.emrys.emulator.StepLaunch.Classification;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.model.Application;
import software.amazon.awssdk.services.emr.model.Cluster;
import software.amazon.awssdk.services.emr.model.Configuration;
import software.amazon.awssdk.services.emr.model.HadoopStepConfig;
import software.amazon.awssdk.services.emr.model.ScriptBootstrapActionConfig;

/** Builds the launch data of steps and bootstrap actions from the state of their cluster. */
final class StepLaunchFactory {

    private StepLaunchFactory() {}

    static StepLaunch of(ClusterEntry entry, StepRecord record) {
        Cluster cluster = entry.cluster().cluster();
        HadoopStepConfig config = record.step().config();
        return new StepLaunch(
                record.clusterId(),
                record.id(),
                record.step().name(),
                cluster.releaseLabel(),
                cluster.applications().stream().map(Application::name).collect(ImmutableList.toImmutableList()),
                config.jar(),
                config.mainClass(),
                ImmutableList.copyOf(config.args()),
                ImmutableMap.copyOf(config.properties()),
                classifications(cluster.configurations()),
                logUri(entry, record),
                CloudWatchRules.launch(cluster, record.id()));
    }

    /** @param number 1 for the cluster's first action */
    static BootstrapLaunch bootstrapAction(ClusterEntry entry, int number, Instant now) {
        Cluster cluster = entry.cluster().cluster();
        ScriptBootstrapActionConfig script = entry.clusterRequest
                .request()
                .bootstrapActions()
                .get(number - 1)
                .scriptBootstrapAction();
        return new BootstrapLaunch(
                cluster.id(),
                number,
                Instances.primaryInstanceId(entry, now),
                cluster.releaseLabel(),
                cluster.applications().stream().map(Application::name).collect(ImmutableList.toImmutableList()),
                script.path(),
                ImmutableList.copyOf(script.args()),
                classifications(cluster.configurations()),
                cluster.logUri());
    }

    /**
     * Where EMR would write the log of a failed step; {@code own} without a log URI.
     *
     * @param own the runner's log, whose file name is kept; absent: {@code stderr}
     */
    static @Nullable String logFile(ClusterEntry entry, StepRecord record, @Nullable String own) {
        String folder = logFolder(entry, record);
        if (folder == null) {
            return own;
        }
        return folder + (own == null ? "stderr" : Path.of(own).getFileName()) + ".gz";
    }

    /** Where EMR would write the logs of a step: {@code <LogUri><cluster>/steps/<step>/}; null without a log URI. */
    static @Nullable String logFolder(ClusterEntry entry, StepRecord record) {
        String base = logUri(entry, record);
        if (base == null) {
            return null;
        }
        return base + (base.endsWith("/") ? "" : "/") + record.clusterId() + "/steps/" + record.id() + "/";
    }

    private static @Nullable String logUri(ClusterEntry entry, StepRecord record) {
        String own = record.step().logUri();
        return own == null ? entry.cluster().cluster().logUri() : own;
    }

    private static ImmutableList<Classification> classifications(List<Configuration> configurations) {
        return configurations.stream()
                .map(one -> new Classification(
                        one.classification() == null ? "" : one.classification(),
                        ImmutableMap.copyOf(one.properties()),
                        classifications(one.configurations())))
                .collect(ImmutableList.toImmutableList());
    }
}
