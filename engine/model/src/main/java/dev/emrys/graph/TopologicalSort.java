package dev.emrys.graph;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import dev.emrys.spec.DiagnosticCode;
import dev.emrys.spec.Diagnostics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.PriorityQueue;

/** Topological order and cycles, in time linear in tasks and edges (the heap adds a logarithm). */
final class TopologicalSort {
    /** How many names of a circle are shown at either end: a circle may be as long as the pipeline. */
    private static final int SHOWN = 5;

    private TopologicalSort() {}

    /** Steps only make edges, but every task appears: clusters' tasks keep their place in the script. */
    static ImmutableIntArray topological(
            ImmutableList<ImmutableIntArray> after, ImmutableList<ImmutableIntArray> before) {
        int[] open = new int[after.size()];
        PriorityQueue<Integer> ready = new PriorityQueue<>();
        for (int i = 0; i < open.length; i++) {
            open[i] = after.get(i).length();
            if (open[i] == 0) {
                ready.add(i);
            }
        }
        ImmutableIntArray.Builder order = ImmutableIntArray.builder(open.length);
        while (!ready.isEmpty()) {
            int task = ready.remove();
            order.add(task);
            ImmutableIntArray next = before.get(task);
            for (int k = 0; k < next.length(); k++) {
                if (--open[next.get(k)] == 0) {
                    ready.add(next.get(k));
                }
            }
        }
        return order.build();
    }

    /** Adds one mistake for each cycle that a depth-first walk closes. The walk keeps its own stack: chains may be long. */
    static void addCycles(ImmutableList<ImmutableIntArray> after, List<Task> tasks, Diagnostics diagnostics) {
        int[] colour = new int[after.size()]; // 0 unseen, 1 on the path, 2 done
        int[] nextEdge = new int[after.size()];
        int[] path = new int[after.size()];
        Arrays.fill(nextEdge, 0);
        for (int root = 0; root < colour.length; root++) {
            int depth = 0;
            if (colour[root] == 0) {
                path[depth++] = root;
                colour[root] = 1;
            }
            while (depth > 0) {
                int task = path[depth - 1];
                ImmutableIntArray edges = after.get(task);
                if (nextEdge[task] == edges.length()) {
                    colour[task] = 2;
                    depth--;
                    continue;
                }
                int upstream = edges.get(nextEdge[task]++);
                if (colour[upstream] == 1) {
                    addCycle(path, depth, upstream, tasks, diagnostics);
                } else if (colour[upstream] == 0) {
                    colour[upstream] = 1;
                    path[depth++] = upstream;
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
        if (tasks.get(closing) instanceof Task.RunStep run) {
            diagnostics.add(DiagnosticCode.CYCLE, run.spec().location(), way(names));
        }
    }

    private static String way(List<String> names) {
        int hidden = names.size() - 2 * SHOWN - 1;
        if (hidden <= 1) {
            return String.join(" → ", names);
        }
        return String.join(" → ", names.subList(0, SHOWN)) + " → … " + hidden + " more … → "
                + String.join(" → ", names.subList(SHOWN + hidden, names.size()));
    }
}
