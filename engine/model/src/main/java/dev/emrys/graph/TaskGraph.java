package dev.emrys.graph;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.ImmutableIntArray;
import dev.emrys.spec.ClusterSpec;
import dev.emrys.spec.DiagnosticCode;
import dev.emrys.spec.Diagnostics;
import dev.emrys.spec.InvalidSpecException;
import dev.emrys.spec.PipelineSpec;
import dev.emrys.spec.StepSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The tasks of a pipeline and the order among them. Immutable.
 *
 * <p>A task is known by its index here, from 0; indexes follow the order of the script: per cluster its start, its steps, its end.
 * A cluster starts when the first of its steps could run, and ends when the last of them is over, however it ended.
 */
public final class TaskGraph {
    private final PipelineSpec spec;
    private final ImmutableList<Task> tasks;
    private final ImmutableMap<String, Integer> byId;
    private final ImmutableList<ImmutableIntArray> after;
    private final ImmutableList<ImmutableIntArray> before;
    private final ImmutableMap<String, ClusterTasks> clusters;
    private final ImmutableIntArray order;

    /** The tasks of one cluster, by index. */
    public record ClusterTasks(int start, int end, ImmutableIntArray steps) {}

    private TaskGraph(
            PipelineSpec spec,
            ImmutableList<Task> tasks,
            ImmutableMap<String, Integer> byId,
            ImmutableList<ImmutableIntArray> after,
            ImmutableMap<String, ClusterTasks> clusters) {
        this.spec = spec;
        this.tasks = tasks;
        this.byId = byId;
        this.after = after;
        this.before = reverse(after);
        this.clusters = clusters;
        this.order = stepsOf(TopologicalSort.topological(after, before), tasks);
    }

    /**
     * Compiles a spec.
     *
     * @throws InvalidSpecException with every error of the spec, a cycle among them
     */
    public static TaskGraph compile(PipelineSpec spec) {
        Diagnostics diagnostics = spec.check();
        List<Task> tasks = new ArrayList<>();
        Map<String, Integer> byId = new LinkedHashMap<>();
        Map<String, List<StepSpec>> stepsOf = new LinkedHashMap<>();
        spec.clusters().forEach(cluster -> stepsOf.put(cluster.name(), new ArrayList<>()));
        spec.steps()
                .forEach(step -> stepsOf.computeIfAbsent(step.cluster(), name -> new ArrayList<>())
                        .add(step));
        ImmutableMap.Builder<String, ClusterTasks> clusters = ImmutableMap.builder();
        for (ClusterSpec cluster : spec.clusters()) {
            int start = add(new Task.StartCluster(cluster), tasks, byId);
            ImmutableIntArray.Builder steps = ImmutableIntArray.builder();
            stepsOf.getOrDefault(cluster.name(), List.of())
                    .forEach(step -> steps.add(add(new Task.RunStep(step), tasks, byId)));
            int end = add(new Task.EndCluster(cluster), tasks, byId);
            clusters.put(cluster.name(), new ClusterTasks(start, end, steps.build()));
        }
        ImmutableList<ImmutableIntArray> after = edges(tasks, byId, diagnostics);
        TopologicalSort.addCycles(after, tasks, diagnostics);
        diagnostics.throwIfAny();
        return new TaskGraph(
                spec, ImmutableList.copyOf(tasks), ImmutableMap.copyOf(byId), after, clusters.buildOrThrow());
    }

    private static int add(Task task, List<Task> tasks, Map<String, Integer> byId) {
        tasks.add(task);
        byId.putIfAbsent(task.id(), tasks.size() - 1);
        return tasks.size() - 1;
    }

    private static ImmutableList<ImmutableIntArray> edges(
            List<Task> tasks, Map<String, Integer> byId, Diagnostics diagnostics) {
        ImmutableList.Builder<ImmutableIntArray> all = ImmutableList.builder();
        for (Task task : tasks) {
            ImmutableIntArray.Builder edges = ImmutableIntArray.builder();
            if (task instanceof Task.RunStep run) {
                for (String name : run.spec().after().stream().distinct().toList()) {
                    Integer upstream = byId.get(name);
                    if (upstream == null || !(tasks.get(upstream) instanceof Task.RunStep)) {
                        diagnostics.add(
                                DiagnosticCode.UPSTREAM_UNKNOWN,
                                run.spec().location(),
                                run.spec().noun(),
                                run.id(),
                                name);
                    } else {
                        edges.add(upstream);
                    }
                }
            }
            all.add(edges.build());
        }
        return all.build();
    }

    private static ImmutableIntArray stepsOf(ImmutableIntArray order, ImmutableList<Task> tasks) {
        ImmutableIntArray.Builder steps = ImmutableIntArray.builder(order.length());
        order.forEach(index -> {
            if (tasks.get(index) instanceof Task.RunStep) {
                steps.add(index);
            }
        });
        return steps.build();
    }

    private static ImmutableList<ImmutableIntArray> reverse(ImmutableList<ImmutableIntArray> after) {
        List<ImmutableIntArray.Builder> reversed = new ArrayList<>(after.size());
        for (int i = 0; i < after.size(); i++) {
            reversed.add(ImmutableIntArray.builder(1));
        }
        for (int i = 0; i < after.size(); i++) {
            ImmutableIntArray upstreams = after.get(i);
            for (int k = 0; k < upstreams.length(); k++) {
                reversed.get(upstreams.get(k)).add(i);
            }
        }
        return reversed.stream().map(ImmutableIntArray.Builder::build).collect(ImmutableList.toImmutableList());
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

    public Task task(int index) {
        return tasks.get(index);
    }

    /** @return the index of the task with this id, or -1 */
    public int indexOf(String id) {
        return byId.getOrDefault(id, -1);
    }

    /** The steps that must have succeeded before this one; empty for clusters' tasks. */
    public ImmutableIntArray after(int index) {
        return after.get(index);
    }

    /** The steps that wait for this one. */
    public ImmutableIntArray before(int index) {
        return before.get(index);
    }

    /** The tasks of the cluster that this task starts, uses or ends. */
    public ClusterTasks clusterOf(int index) {
        ClusterTasks found = clusters.get(task(index).cluster());
        if (found == null) {
            throw new IllegalStateException("No cluster for task " + task(index).id());
        }
        return found;
    }

    public ImmutableMap<String, ClusterTasks> clusters() {
        return clusters;
    }

    /** Every step, each after all that it waits for; otherwise in the order of the script. */
    public ImmutableIntArray stepOrder() {
        return order;
    }
}
