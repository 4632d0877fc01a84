package dev.emrys.graph;

import com.google.common.primitives.ImmutableIntArray;

/**
 * Something that is acquired before the first of its tasks and released after the last one: a cluster. An existing
 * cluster is never released. Tasks are given by their index in the graph.
 *
 * @param name unique within the pipeline
 * @param acquire the task that starts it, or finds it
 * @param release the task that ends it; {@link #NONE} for a cluster that is there already
 * @param members the tasks that run in it, in the order of the script
 * @param capacity how many members may be submitted and not ended at once
 */
public record Scope(String name, int acquire, int release, ImmutableIntArray members, int capacity) {
    /** In place of a task. */
    public static final int NONE = -1;

    /** Whether the run ends it. */
    public boolean isReleased() {
        return release != NONE;
    }
}
