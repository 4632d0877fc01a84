package dev.emrys.spec;

/** Starts a cluster; it has succeeded when steps can run there. Derived from the cluster, not written by the author. */
public record ClusterStart(ClusterSpec cluster) implements TaskKind {
    @Override
    public <R> R accept(Cases<R> cases) {
        return cases.clusterStart(this);
    }
}
