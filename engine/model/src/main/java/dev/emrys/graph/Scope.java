package dev.emrys.graph;

import com.google.common.primitives.ImmutableIntArray;

/**
 * Something that is acquired before the first of its tasks and released after the last one: a cluster. Tasks are given
 * by their index in the graph.
 *
 * @param name unique within the pipeline
 * @param acquire the task that starts it
 * @param release the task that ends it
 * @param members the tasks that run in it, in the order of the script
 * @param capacity how many members may be submitted and not ended at once
 */
public record Scope(String name, int acquire, int release, ImmutableIntArray members, int capacity) {}
