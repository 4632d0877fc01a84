package dev.emrys.graph;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import dev.emrys.spec.Diagnostics;
import dev.emrys.spec.PipelineCode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.PriorityQueue;

/** Topological order and cycles, in time linear in tasks and edges (the heap adds a logarithm). */
final class TopologicalSort {
    /** How many names of a cycle are shown at either end: a cycle may be as long as the pipeline. */
    private static final int NAMES_SHOWN = 5;

    private TopologicalSort() {}

    static ImmutableIntArray order(
            ImmutableList<ImmutableList<Edge>> upstream, ImmutableList<ImmutableList<Edge>> downstream) {
        int[] pending = new int[upstream.size()];
        PriorityQueue<Integer> ready = new PriorityQueue<>();
        for (int i = 0; i < pending.length; i++) {
            pending[i] = upstream.get(i).size();
            if (pending[i] == 0) {
                ready.add(i);
            }
        }
        ImmutableIntArray.Builder order = ImmutableIntArray.builder(Math.max(1, pending.length));
        while (!ready.isEmpty()) {
            int task = ready.remove();
            order.add(task);
            for (Edge edge : downstream.get(task)) {
                if (--pending[edge.downstream()] == 0) {
                    ready.add(edge.downstream());
                }
            }
        }
        return order.build();
    }

    /**
     * Adds one diagnostic for each cycle that a depth-first walk closes. The walk keeps its own stack: chains may be
     * long.
     */
    static void addCycles(ImmutableList<ImmutableList<Edge>> upstream, List<Task> tasks, Diagnostics diagnostics) {
        int[] state = new int[upstream.size()]; // 0 not seen, 1 on the path, 2 done
        int[] nextEdge = new int[upstream.size()];
        int[] path = new int[upstream.size()];
        for (int root = 0; root < state.length; root++) {
            int depth = 0;
            if (state[root] == 0) {
                path[depth++] = root;
                state[root] = 1;
            }
            while (depth > 0) {
                int task = path[depth - 1];
                ImmutableList<Edge> edges = upstream.get(task);
                if (nextEdge[task] == edges.size()) {
                    state[task] = 2;
                    depth--;
                    continue;
                }
                int before = edges.get(nextEdge[task]++).upstream();
                if (state[before] == 1) {
                    addCycle(path, depth, before, tasks, diagnostics);
                } else if (state[before] == 0) {
                    state[before] = 1;
                    path[depth++] = before;
                }
            }
        }
    }

    private static void addCycle(int[] path, int depth, int closing, List<Task> tasks, Diagnostics diagnostics) {
        List<String> names = new ArrayList<>();
        int from = depth - 1;
        while (path[from] != closing) {
            from--;
        }
        for (int i = from; i < depth; i++) {
            names.add(tasks.get(path[i]).id());
        }
        names.add(tasks.get(closing).id());
        Collections.reverse(names);
        diagnostics.add(PipelineCode.CYCLE, tasks.get(closing).location(), shortened(names));
    }

    private static String shortened(List<String> names) {
        int hidden = names.size() - 2 * NAMES_SHOWN - 1;
        if (hidden <= 1) {
            return String.join(" → ", names);
        }
        return String.join(" → ", names.subList(0, NAMES_SHOWN)) + " → … " + hidden + " more … → "
                + String.join(" → ", names.subList(NAMES_SHOWN + hidden, names.size()));
    }
}
