package dev.emrys.spec;

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
 * What a script evaluates to: the whole wish of the author, as one immutable value.
 *
 * <p>A value may be constructed with mistakes in it; {@link #check} finds all of them, and nothing is started before it has
 * found none.
 *
 * @param name of the pipeline
 * @param description for people; null when there is none
 * @param params the values that were bound before the script was evaluated, as text, in the order of their declaration
 * @param clusters in the order of the script
 * @param tasks in the order of the script, of all clusters
 * @param location where the pipeline was opened
 */
public record PipelineSpec(
        String name,
        @Nullable String description,
        ImmutableMap<String, String> params,
        ImmutableList<ClusterSpec> clusters,
        ImmutableList<TaskSpec> tasks,
        SourceLocation location) {

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

    /** Every mistake that can be seen without looking at the order of the steps. */
    public Diagnostics check() {
        Diagnostics diagnostics = new Diagnostics();
        Names.check("pipeline", name, location, diagnostics);
        diagnostics.unless(
                !clusters.isEmpty() || !tasks.isEmpty(),
                location,
                "The pipeline \"" + name + "\" has no cluster, so it has nothing to do.",
                "Add a cluster and a step: val c = cluster(\"c\") { … } and c.step(\"s\") { … }.");
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
                        cluster.location(),
                        "There are two clusters named \"" + cluster.name() + "\".",
                        "The first is at " + first + ": rename one of them.");
            }
            diagnostics.unless(
                    used.contains(cluster.name()),
                    cluster.location(),
                    "The cluster \"" + cluster.name() + "\" has no step.",
                    "Give it one with step(\"…\") { … }, or take the cluster out: it would cost money and do nothing.");
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
                diagnostics.add(
                        task.location(),
                        "There are two " + task.noun() + "s named \"" + task.name() + "\".",
                        "The first is at " + first + ": rename one of them.");
            }
            String scope = task.scope();
            if (scope == null) {
                continue;
            }
            ClusterSpec cluster = known.get(scope);
            if (cluster == null) {
                diagnostics.add(
                        task.location(),
                        "The " + task.noun() + " \"" + task.name() + "\" is for a cluster \"" + scope
                                + "\" that does not exist.",
                        "Declare the cluster in the same pipeline.");
            } else {
                checkLease(task, cluster, diagnostics);
            }
        }
    }

    /** A cluster that has nothing else to do ends itself while a step waits to be tried again: that retry would never be made. */
    private static void checkLease(TaskSpec task, ClusterSpec cluster, Diagnostics diagnostics) {
        int attempts = Math.min(task.retry().attempts(), RetryPolicy.MAX_ATTEMPTS);
        if (attempts < 2 || !cluster.hasIdleLease()) {
            return;
        }
        Duration longest = task.retry().backoff().afterAttempt(attempts - 1, 1);
        diagnostics.unless(
                longest.compareTo(cluster.idleTimeout()) < 0,
                task.location(),
                "The " + task.noun() + " \"" + task.name() + "\" may wait "
                        + Durations.words(Duration.ofSeconds(longest.toSeconds()))
                        + " before it is tried again, and its cluster \"" + cluster.name()
                        + "\" ends itself when it is idle for "
                        + Durations.words(cluster.idleTimeout()) + ".",
                "Write a longer autoTermination for the cluster, or a shorter backoff for the " + task.noun() + ".");
    }
}
