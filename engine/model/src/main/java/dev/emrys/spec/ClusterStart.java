package dev.emrys.spec;

import java.util.function.UnaryOperator;

/** Starts a cluster; it has succeeded when steps can run there. Derived from the cluster, not written by the author. */
public record ClusterStart(ClusterSpec cluster) implements TaskKind {
    @Override
    public String action() {
        return "start-cluster";
    }

    @Override
    public <R> R accept(Cases<R> cases) {
        return cases.clusterStart(this);
    }

    @Override
    public ClusterStart withTexts(UnaryOperator<String> replace) {
        return new ClusterStart(cluster.withTexts(replace));
    }
}
