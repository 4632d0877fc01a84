package dev.emrys.spec;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a script evaluates to: everything that the author asked for, as one immutable value.
 *
 * <p>A value may be constructed with errors in it; {@link #check} finds all of them, and nothing is started before it
 * finds none.
 *
 * @param name of the pipeline
 * @param description for people; null when there is none
 * @param params the values that were bound before the script was evaluated, as text, in the order of their declaration
 * @param clusters in the order of the script
 * @param tasks in the order of the script, of all clusters
 * @param location where the pipeline was opened
 * @param budget what its clusters may cost in one run; null for no limit. Existing clusters are not counted
 * @param existingClusters those that are there already, in the order of the script
 */
public record PipelineSpec(
        String name,
        @Nullable String description,
        ImmutableMap<String, String> params,
        ImmutableList<ClusterSpec> clusters,
        ImmutableList<TaskSpec> tasks,
        SourceLocation location,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Budget budget,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) ImmutableList<ExistingCluster> existingClusters) {

    /** A pipeline without a budget, and without clusters that are there already. */
    public PipelineSpec(
            String name,
            @Nullable String description,
            ImmutableMap<String, String> params,
            ImmutableList<ClusterSpec> clusters,
            ImmutableList<TaskSpec> tasks,
            SourceLocation location) {
        this(name, description, params, clusters, tasks, location, null, ImmutableList.of());
    }

    /** The same pipeline with another budget. */
    public PipelineSpec withBudget(@Nullable Budget other) {
        return new PipelineSpec(name, description, params, clusters, tasks, location, other, existingClusters);
    }

    /** With these tasks. */
    public PipelineSpec withTasks(ImmutableList<TaskSpec> others) {
        return new PipelineSpec(name, description, params, clusters, others, location, budget, existingClusters);
    }

    /** The tasks that are steps, in the order of the script. */
    public ImmutableList<StepSpec> steps() {
        return tasks.stream()
                .filter(StepSpec.class::isInstance)
                .map(StepSpec.class::cast)
                .collect(ImmutableList.toImmutableList());
    }

    /** The names of all secrets that are filled in somewhere. */
    public ImmutableSet<String> secrets() {
        ImmutableSet.Builder<String> names = ImmutableSet.builder();
        clusters.forEach(cluster -> cluster.filled().forEach(text -> names.addAll(Placeholders.secrets(text))));
        tasks.forEach(task -> task.filled().forEach(text -> names.addAll(Placeholders.secrets(text))));
        return names.build();
    }

    /** Every error that can be seen without looking at the order of the steps. */
    public Diagnostics check() {
        Diagnostics diagnostics = new Diagnostics();
        Names.check("pipeline", name, location, diagnostics);
        diagnostics.unless(
                !clusters.isEmpty() || !tasks.isEmpty() || !existingClusters.isEmpty(),
                PipelineCode.PIPELINE_EMPTY,
                location,
                name);
        if (budget != null) {
            budget.check(diagnostics);
        }
        checkClusters(diagnostics);
        checkTasks(diagnostics);
        return diagnostics;
    }

    private void checkClusters(Diagnostics diagnostics) {
        Map<String, SourceLocation> seen = new HashMap<>();
        Set<@Nullable String> used = new HashSet<>();
        tasks.forEach(task -> used.add(task.scope()));
        for (ClusterSpec cluster : clusters) {
            cluster.check(diagnostics);
            checkName(cluster.name(), cluster.location(), seen, diagnostics);
            diagnostics.unless(
                    used.contains(cluster.name()) || cluster.staysAfterRun(),
                    ClusterCode.CLUSTER_WITHOUT_STEPS,
                    cluster.location(),
                    cluster.name());
        }
        for (int i = 0; i < existingClusters.size(); i++) {
            ExistingCluster cluster = existingClusters.get(i);
            cluster.check(diagnostics);
            checkName(cluster.name(), cluster.location(), seen, diagnostics);
            diagnostics.unless(
                    used.contains(cluster.name()),
                    ClusterCode.EXISTING_CLUSTER_UNUSED,
                    cluster.location(),
                    cluster.name());
            existingClusters.subList(0, i).stream()
                    .filter(cluster::isSameAs)
                    .findFirst()
                    .ifPresent(first -> diagnostics.add(
                            ClusterCode.EXISTING_CLUSTER_TWICE,
                            cluster.location(),
                            cluster.identity(),
                            first.name(),
                            cluster.name()));
        }
    }

    private static void checkName(
            String name, SourceLocation location, Map<String, SourceLocation> seen, Diagnostics diagnostics) {
        SourceLocation first = seen.putIfAbsent(name, location);
        if (first != null) {
            diagnostics.add(PipelineCode.NAME_TWICE, location, "cluster", name, first.withCalls());
        }
    }

    private void checkTasks(Diagnostics diagnostics) {
        Map<String, SourceLocation> seen = new HashMap<>();
        Map<String, ClusterSpec> known = new HashMap<>();
        clusters.forEach(cluster -> known.putIfAbsent(cluster.name(), cluster));
        Set<String> existing = new HashSet<>();
        existingClusters.forEach(cluster -> existing.add(cluster.name()));
        for (TaskSpec task : tasks) {
            task.check(diagnostics);
            SourceLocation first = seen.putIfAbsent(task.name(), task.location());
            if (first != null) {
                diagnostics.add(PipelineCode.NAME_TWICE, task.location(), task.noun(), task.name(), first.withCalls());
            }
            String scope = task.scope();
            if (scope == null) {
                continue;
            }
            ClusterSpec cluster = known.get(scope);
            if (cluster == null && !existing.contains(scope)) {
                diagnostics.add(PipelineCode.CLUSTER_UNKNOWN, task.location(), task.noun(), task.name(), scope);
            } else if (cluster != null) {
                checkIdleTimeout(task, cluster, diagnostics);
                checkRuntimeRole(task, cluster, diagnostics);
                if (task instanceof OperationSpec operation) {
                    operation.checkOn(cluster, diagnostics);
                }
            }
        }
    }

    /** EMR refuses such a step. */
    private static void checkRuntimeRole(TaskSpec task, ClusterSpec cluster, Diagnostics diagnostics) {
        if (task instanceof StepSpec step && step.runtimeRole() != null) {
            MemberCheck check = new MemberCheck("the step \"" + step.name() + "\"", step.location(), diagnostics);
            check.needs(
                    !cluster.hasSecurityConfiguration(),
                    "runtimeRole",
                    "securityConfiguration of its cluster",
                    "Write securityConfiguration = \"…\" in the cluster: that configuration allows runtime roles.");
            check.needs(
                    !cluster.isAtLeast(6, 7),
                    "runtimeRole",
                    "release of its cluster that has runtime roles",
                    "EMR has them from emr-6.7.0 on: write a newer release in the cluster.");
        }
    }

    /** An idle cluster ends itself while a step waits for its retry. */
    private static void checkIdleTimeout(TaskSpec task, ClusterSpec cluster, Diagnostics diagnostics) {
        int attempts = Math.min(task.retry().attempts(), RetryPolicy.MAX_ATTEMPTS);
        if (attempts < 2) {
            return;
        }
        Duration longest = task.retry().backoff().afterAttempt(attempts - 1, 1);
        if (longest.compareTo(cluster.idleTimeout()) >= 0 && cluster.supportsIdleTimeout()) {
            diagnostics.add(
                    PipelineCode.RETRY_AFTER_IDLE_TIMEOUT,
                    task.location(),
                    task.noun(),
                    task.name(),
                    Duration.ofSeconds(longest.toSeconds()),
                    cluster.name(),
                    cluster.idleTimeout());
        }
    }
}
