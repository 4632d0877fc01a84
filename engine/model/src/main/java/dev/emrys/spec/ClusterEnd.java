package dev.emrys.spec;

import java.util.function.UnaryOperator;

/**
 * Ends a cluster, however its steps ended; it has succeeded when the cluster is gone. Derived from the cluster, not
 * written by the author.
 */
public record ClusterEnd(ClusterSpec cluster) implements TaskKind {
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
