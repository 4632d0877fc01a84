package dev.emrys.graph;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.ImmutableIntArray;
import dev.emrys.spec.ClusterEnd;
import dev.emrys.spec.ClusterOperation;
import dev.emrys.spec.ClusterSpec;
import dev.emrys.spec.ClusterStart;
import dev.emrys.spec.ClusterUse;
import dev.emrys.spec.Diagnostics;
import dev.emrys.spec.ExistingCluster;
import dev.emrys.spec.OperationSpec;
import dev.emrys.spec.PipelineCode;
import dev.emrys.spec.PipelineSpec;
import dev.emrys.spec.RetryPolicy;
import dev.emrys.spec.TaskSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;

/** Makes the tasks and edges of one spec. Not thread-safe. */
final class GraphCompiler {
    private final PipelineSpec spec;
    private final int capacity;
    private final Diagnostics diagnostics;
    private final List<Task> tasks = new ArrayList<>();
    private final Map<String, Integer> byId;
    private final Map<String, Scope> scopes = new LinkedHashMap<>();
    private final List<Edge> edges = new ArrayList<>();

    /** @param diagnostics what is known already; the compiler adds to it */
    GraphCompiler(PipelineSpec spec, int capacity, Diagnostics diagnostics) {
        this.spec = spec;
        this.capacity = capacity;
        this.diagnostics = diagnostics;
        this.byId = new HashMap<>(2 * spec.tasks().size() + 16);
    }

    TaskGraph compile() {
        Map<String, List<TaskSpec>> members = new HashMap<>();
        List<TaskSpec> free = new ArrayList<>();
        for (TaskSpec task : spec.tasks()) {
            String scope = task.scope();
            (scope == null ? free : members.computeIfAbsent(scope, name -> new ArrayList<>())).add(task);
        }
        for (ClusterSpec cluster : spec.clusters()) {
            addScope(cluster, members.getOrDefault(cluster.name(), List.of()));
        }
        for (ExistingCluster cluster : spec.existingClusters()) {
            addScope(cluster, members.getOrDefault(cluster.name(), List.of()));
        }
        free.forEach(this::add);
        addDeclaredEdges();
        ImmutableList<ImmutableList<Edge>> to = grouped(Edge::downstream);
        ImmutableList<ImmutableList<Edge>> from = grouped(Edge::upstream);
        TopologicalSort.addCycles(to, tasks, diagnostics);
        diagnostics.throwIfAny();
        return new TaskGraph(
                spec, ImmutableList.copyOf(tasks), ImmutableMap.copyOf(byId), to, from, ImmutableMap.copyOf(scopes));
    }

    private void addScope(ClusterSpec cluster, List<TaskSpec> members) {
        int acquire = add(new Task(
                "start:" + cluster.name(),
                new ClusterStart(cluster),
                cluster.retry(),
                null,
                cluster.name(),
                cluster.location()));
        ImmutableIntArray memberIndexes = addMembers(members);
        int release = add(new Task(
                "end:" + cluster.name(),
                new ClusterEnd(cluster, isProtected(cluster, members)),
                RetryPolicy.NONE,
                null,
                cluster.name(),
                cluster.location()));
        memberIndexes.forEach(member -> {
            addEdge(acquire, member, TriggerRule.ALL_SUCCESS);
            addEdge(member, release, TriggerRule.ALL_DONE);
        });
        addEdge(acquire, release, TriggerRule.ALL_DONE);
        scopes.putIfAbsent(cluster.name(), new Scope(cluster.name(), acquire, release, memberIndexes, capacity));
    }

    private static boolean isProtected(ClusterSpec cluster, List<TaskSpec> members) {
        return cluster.optionsOrNone().protectsFromTermination()
                || members.stream()
                        .anyMatch(member -> member instanceof OperationSpec operation
                                && operation.operation() instanceof ClusterOperation.TerminationProtection protection
                                && protection.on());
    }

    /** No task ends it: it is not the run's. */
    private void addScope(ExistingCluster cluster, List<TaskSpec> members) {
        int acquire = add(new Task(
                "use:" + cluster.name(),
                new ClusterUse(cluster),
                cluster.retry(),
                null,
                cluster.name(),
                cluster.location()));
        ImmutableIntArray memberIndexes = addMembers(members);
        memberIndexes.forEach(member -> addEdge(acquire, member, TriggerRule.ALL_SUCCESS));
        scopes.putIfAbsent(cluster.name(), new Scope(cluster.name(), acquire, Scope.NONE, memberIndexes, capacity));
    }

    private ImmutableIntArray addMembers(List<TaskSpec> members) {
        ImmutableIntArray.Builder indexes = ImmutableIntArray.builder(Math.max(1, members.size()));
        members.forEach(member -> indexes.add(add(member)));
        return indexes.build();
    }

    private int add(TaskSpec task) {
        return add(new Task(task.name(), task, task.retry(), task.timeout(), task.scope(), task.location()));
    }

    private int add(Task task) {
        tasks.add(task);
        byId.putIfAbsent(task.id(), tasks.size() - 1);
        return tasks.size() - 1;
    }

    private void addEdge(int from, int to, TriggerRule rule) {
        edges.add(new Edge(from, to, rule));
    }

    private void addDeclaredEdges() {
        for (int index = 0; index < tasks.size(); index++) {
            if (!(tasks.get(index).kind() instanceof TaskSpec task)) {
                continue;
            }
            Set<String> seen = task.after().size() < 2 ? null : new HashSet<>();
            for (String name : task.after()) {
                Integer before = byId.get(name);
                if (before == null || !(tasks.get(before).kind() instanceof TaskSpec)) {
                    diagnostics.add(PipelineCode.UPSTREAM_UNKNOWN, task.location(), task.noun(), task.name(), name);
                } else if (seen == null || seen.add(name)) {
                    addEdge(before, index, TriggerRule.ALL_SUCCESS);
                }
            }
        }
    }

    /** The edges of each task, at one of their ends. */
    private ImmutableList<ImmutableList<Edge>> grouped(ToIntFunction<Edge> end) {
        int[] counts = new int[tasks.size()];
        edges.forEach(edge -> counts[end.applyAsInt(edge)]++);
        // Of the exact size: a larger one would be copied.
        List<ImmutableList.Builder<Edge>> groups = new ArrayList<>(counts.length);
        for (int count : counts) {
            groups.add(ImmutableList.builderWithExpectedSize(count));
        }
        edges.forEach(edge -> groups.get(end.applyAsInt(edge)).add(edge));
        ImmutableList.Builder<ImmutableList<Edge>> all = ImmutableList.builderWithExpectedSize(counts.length);
        groups.forEach(group -> all.add(group.build()));
        return all.build();
    }
}
