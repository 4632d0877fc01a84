package dev.emrys.spec;

import java.util.function.UnaryOperator;

/**
 * Finds a cluster that is there already; it has succeeded when steps can run there. Derived from the cluster, not
 * written by the author. The run does not end such a cluster.
 */
public record ClusterUse(ExistingCluster cluster) implements TaskKind {
    @Override
    public String action() {
        return "use-cluster";
    }

    @Override
    public <R> R accept(Cases<R> cases) {
        return cases.clusterUse(this);
    }

    @Override
    public ClusterUse withTexts(UnaryOperator<String> replace) {
        return new ClusterUse(cluster.withTexts(replace));
    }
}
