package dev.emrys.emulator;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.emrys.emulator.StepOrder.Classification;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.model.Application;
import software.amazon.awssdk.services.emr.model.Cluster;
import software.amazon.awssdk.services.emr.model.Configuration;
import software.amazon.awssdk.services.emr.model.HadoopStepConfig;

/** What a runner is told about a step. */
final class Orders {

    private Orders() {}

    static StepOrder of(Shelf shelf, StepRecord record) {
        Cluster cluster = shelf.cluster().cluster();
        HadoopStepConfig config = record.step().config();
        return new StepOrder(
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
                logUri(shelf, record));
    }

    /** Where EMR would leave the log of a failed step, if it leaves logs at all. */
    static @Nullable String logFile(Shelf shelf, StepRecord record) {
        String base = logUri(shelf, record);
        if (base == null) {
            return null;
        }
        return base + (base.endsWith("/") ? "" : "/") + record.clusterId() + "/steps/" + record.id() + "/stderr.gz";
    }

    private static @Nullable String logUri(Shelf shelf, StepRecord record) {
        String own = record.step().logUri();
        return own == null ? shelf.cluster().cluster().logUri() : own;
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
