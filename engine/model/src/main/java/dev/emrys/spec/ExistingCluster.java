package dev.emrys.spec;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.google.common.collect.ImmutableSet;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A cluster that is there already: the pipeline runs steps on it, never tags it, and changes or ends it only by
 * operations. It is named by its id on EMR, or by its name and states there. It is looked up when the first of its
 * tasks could run.
 *
 * @param name unique among the clusters of the pipeline
 * @param id its id on EMR, such as {@code j-2AXXXXXXGAPLF}; null when it is found by its name
 * @param clusterName its whole name on EMR; null when it is named by its id. Exactly one cluster may have it
 * @param states the states in which it is found by its name; empty when it is named by its id
 * @param retry how often to try to find it, and to find one anew after it has ended
 * @param location where the author wrote it
 */
public record ExistingCluster(
        String name,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String id,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String clusterName,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) ImmutableSet<State> states,
        RetryPolicy retry,
        SourceLocation location) {

    /**
     * EMR's states in which a cluster takes steps, or will.
     *
     * @see <a href="https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-overview.html">The cluster lifecycle</a>
     */
    public enum State {
        STARTING,
        BOOTSTRAPPING,
        RUNNING,
        WAITING
    }

    private static final Pattern ID = Pattern.compile("j-[A-Z0-9]{1,254}");
    private static final int MAX_CLUSTER_NAME = 256;

    /** How it is named, for people: {@code j-1} or {@code named "etl"}. */
    public String identity() {
        return id == null ? "named \"" + clusterName + "\"" : id;
    }

    /** With the texts replaced that may refer to the run. */
    ExistingCluster withTexts(UnaryOperator<String> replace) {
        return new ExistingCluster(
                name, id, clusterName == null ? null : replace.apply(clusterName), states, retry, location);
    }

    /** Whether both may mean one cluster, as far as the script says it. */
    boolean isSameAs(ExistingCluster other) {
        return id == null ? other.clusterName != null && other.clusterName.equals(clusterName) : id.equals(other.id);
    }

    void check(Diagnostics diagnostics) {
        Names.check("cluster", name, location, diagnostics);
        diagnostics.unless(
                id == null ? clusterName != null : clusterName == null && states.isEmpty(),
                ClusterCode.EXISTING_CLUSTER_TWO_WAYS,
                location,
                name);
        if (id != null) {
            diagnostics.unless(ID.matcher(id).matches(), ClusterCode.EXISTING_CLUSTER_ID, location, name, id);
        } else if (clusterName != null) {
            diagnostics.unless(
                    !clusterName.isBlank() && clusterName.length() <= MAX_CLUSTER_NAME,
                    ClusterCode.EXISTING_CLUSTER_NAME,
                    location,
                    name,
                    clusterName.length(),
                    MAX_CLUSTER_NAME);
            diagnostics.unless(!states.isEmpty(), ClusterCode.EXISTING_CLUSTER_STATES, location, name);
        }
        retry.check("cluster", name, RetryPolicy.OF_EXISTING_CLUSTERS, location, diagnostics);
    }
}
