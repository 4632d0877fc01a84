package dev.emrys.graph;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.ImmutableIntArray;
import dev.emrys.spec.ClusterSpec;
import dev.emrys.spec.Diagnostics;
import dev.emrys.spec.InvalidSpecException;
import dev.emrys.spec.PipelineSpec;
import org.jspecify.annotations.Nullable;

/**
 * The tasks of a pipeline and the edges between them. Immutable.
 *
 * <p>A task is known by its index, from 0. Indexes follow the order of the script: per cluster its start, its tasks,
 * its end; then, per cluster that is there already, its lookup and its tasks; then the tasks that need no cluster. The
 * start or lookup of a cluster has no upstream: it runs when the first of the cluster's tasks could run. The end of a
 * cluster depends on all of them, however they end.
 */
public final class TaskGraph {
    private final PipelineSpec spec;
    private final ImmutableList<Task> tasks;
    private final ImmutableMap<String, Integer> byId;
    private final ImmutableList<ImmutableList<Edge>> upstream;
    private final ImmutableList<ImmutableList<Edge>> downstream;
    private final ImmutableMap<String, Scope> scopes;

    TaskGraph(
            PipelineSpec spec,
            ImmutableList<Task> tasks,
            ImmutableMap<String, Integer> byId,
            ImmutableList<ImmutableList<Edge>> upstream,
            ImmutableList<ImmutableList<Edge>> downstream,
            ImmutableMap<String, Scope> scopes) {
        this.spec = spec;
        this.tasks = tasks;
        this.byId = byId;
        this.upstream = upstream;
        this.downstream = downstream;
        this.scopes = scopes;
    }

    /**
     * Compiles a spec.
     *
     * @throws InvalidSpecException with every error of the spec, a cycle among them
     */
    public static TaskGraph compile(PipelineSpec spec) {
        return compile(spec, ClusterSpec.MAX_ACTIVE_STEPS);
    }

    /**
     * As {@link #compile(PipelineSpec)}, for a target that takes fewer or more tasks at once.
     *
     * @param capacity of every scope: how many of its members may be submitted and not ended at once
     */
    public static TaskGraph compile(PipelineSpec spec, int capacity) {
        return new GraphCompiler(spec, capacity, spec.check()).compile();
    }

    /**
     * As {@link #compile(PipelineSpec)}, for a spec that was compiled before, such as one from the journal: what its
     * clusters and tasks say is not checked again.
     */
    public static TaskGraph compileChecked(PipelineSpec spec) {
        return new GraphCompiler(spec, ClusterSpec.MAX_ACTIVE_STEPS, new Diagnostics()).compile();
    }

    public PipelineSpec spec() {
        return spec;
    }

    public ImmutableList<Task> tasks() {
        return tasks;
    }

    public int size() {
        return tasks.size();
    }

    /** @throws IndexOutOfBoundsException when there is no such task */
    public Task task(int index) {
        return tasks.get(index);
    }

    /** @return the index of the task with this id, or -1 */
    public int indexOf(String id) {
        return byId.getOrDefault(id, -1);
    }

    /** The edges that lead to a task: what it waits for. */
    public ImmutableList<Edge> upstream(int index) {
        return upstream.get(index);
    }

    /** The edges that lead away from a task: what waits for it. */
    public ImmutableList<Edge> downstream(int index) {
        return downstream.get(index);
    }

    /** By name, in the order of the script. */
    public ImmutableMap<String, Scope> scopes() {
        return scopes;
    }

    /** The scope that a task acquires, runs in or releases; null when it needs none. */
    public @Nullable Scope scope(int index) {
        String name = task(index).scope();
        return name == null ? null : scopes.get(name);
    }

    /** Every task, each after all of its upstreams; otherwise in the order of the script. Computed by each call. */
    public ImmutableIntArray order() {
        return TopologicalSort.order(upstream, downstream);
    }
}
