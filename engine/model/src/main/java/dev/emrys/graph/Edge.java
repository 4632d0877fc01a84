package dev.emrys.graph;

/**
 * One dependency between two tasks, which are given by their index in the graph.
 *
 * @param upstream the task that must end first
 * @param downstream the task that waits for it
 * @param rule what the end of {@code upstream} means for {@code downstream}
 */
public record Edge(int upstream, int downstream, TriggerRule rule) {}
