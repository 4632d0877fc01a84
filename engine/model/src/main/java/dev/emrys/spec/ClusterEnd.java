package dev.emrys.spec;

import java.util.function.UnaryOperator;

/**
 * Ends a cluster, however its steps ended; it has succeeded when the cluster is gone. Of a cluster that is kept after
 * the run it is skipped, unless the start of the cluster was cancelled. Derived from the cluster, not written by the
 * author.
 *
 * @param isProtected whether the author wants EMR to protect the cluster, from the start or from an operation on, until
 *     this ends it
 */
public record ClusterEnd(ClusterSpec cluster, boolean isProtected) implements TaskKind {
    /** Of a cluster that no operation protects. */
    public ClusterEnd(ClusterSpec cluster) {
        this(cluster, cluster.optionsOrNone().protectsFromTermination());
    }

    @Override
    public String action() {
        return "end-cluster";
    }

    @Override
    public <R> R accept(Cases<R> cases) {
        return cases.clusterEnd(this);
    }

    @Override
    public ClusterEnd withTexts(UnaryOperator<String> replace) {
        return this;
    }
}
