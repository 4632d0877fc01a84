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
 * @param budget what its clusters may cost in one run; null for no limit
 */
public record PipelineSpec(
        String name,
        @Nullable String description,
        ImmutableMap<String, String> params,
        ImmutableList<ClusterSpec> clusters,
        ImmutableList<TaskSpec> tasks,
        SourceLocation location,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Budget budget) {

    /** A pipeline without a budget. */
    public PipelineSpec(
            String name,
            @Nullable String description,
            ImmutableMap<String, String> params,
            ImmutableList<ClusterSpec> clusters,
            ImmutableList<TaskSpec> tasks,
            SourceLocation location) {
        this(name, description, params, clusters, tasks, location, null);
    }

    /** The same pipeline with another budget. */
    public PipelineSpec withBudget(@Nullable Budget other) {
        return new PipelineSpec(name, description, params, clusters, tasks, location, other);
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
        diagnostics.unless(!clusters.isEmpty() || !tasks.isEmpty(), PipelineCode.PIPELINE_EMPTY, location, name);
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
            SourceLocation first = seen.putIfAbsent(cluster.name(), cluster.location());
            if (first != null) {
                diagnostics.add(
                        PipelineCode.NAME_TWICE, cluster.location(), "cluster", cluster.name(), first.withCalls());
            }
            diagnostics.unless(
                    used.contains(cluster.name()),
                    ClusterCode.CLUSTER_WITHOUT_STEPS,
                    cluster.location(),
                    cluster.name());
        }
    }

    private void checkTasks(Diagnostics diagnostics) {
        Map<String, SourceLocation> seen = new HashMap<>();
        Map<String, ClusterSpec> known = new HashMap<>();
        clusters.forEach(cluster -> known.putIfAbsent(cluster.name(), cluster));
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
            if (cluster == null) {
                diagnostics.add(PipelineCode.CLUSTER_UNKNOWN, task.location(), task.noun(), task.name(), scope);
            } else {
                checkIdleTimeout(task, cluster, diagnostics);
            }
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
