package dev.emrys.spec;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
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
 * @param steps in the order of the script, of all clusters
 * @param location where the pipeline was opened
 */
public record PipelineSpec(
        String name,
        @Nullable String description,
        ImmutableMap<String, String> params,
        ImmutableList<ClusterSpec> clusters,
        ImmutableList<StepSpec> steps,
        SourceLocation location) {

    /** The names of all secrets that are filled in somewhere. */
    public ImmutableSet<String> secrets() {
        ImmutableSet.Builder<String> names = ImmutableSet.builder();
        clusters.forEach(cluster -> cluster.filled().forEach(text -> names.addAll(Placeholders.secrets(text))));
        steps.forEach(step -> step.filled().forEach(text -> names.addAll(Placeholders.secrets(text))));
        return names.build();
    }

    /** Every mistake that can be seen without looking at the order of the steps. */
    public Diagnostics check() {
        Diagnostics diagnostics = new Diagnostics();
        Names.check("pipeline", name, location, diagnostics);
        diagnostics.unless(
                !clusters.isEmpty(),
                location,
                "The pipeline \"" + name + "\" has no cluster, so it has nothing to do.",
                "Add a cluster and a step: val c = cluster(\"c\") { … } and c.step(\"s\") { … }.");
        checkClusters(diagnostics);
        checkSteps(diagnostics);
        return diagnostics;
    }

    private void checkClusters(Diagnostics diagnostics) {
        Map<String, SourceLocation> seen = new HashMap<>();
        Set<String> used = steps.stream().map(StepSpec::cluster).collect(Collectors.toSet());
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

    private void checkSteps(Diagnostics diagnostics) {
        Map<String, SourceLocation> seen = new HashMap<>();
        Map<String, ClusterSpec> known = new HashMap<>();
        clusters.forEach(cluster -> known.putIfAbsent(cluster.name(), cluster));
        for (StepSpec step : steps) {
            step.check(diagnostics);
            SourceLocation first = seen.putIfAbsent(step.name(), step.location());
            if (first != null) {
                diagnostics.add(
                        step.location(),
                        "There are two steps named \"" + step.name() + "\".",
                        "The first is at " + first + ": rename one of them.");
            }
            diagnostics.unless(
                    known.containsKey(step.cluster()),
                    step.location(),
                    "The step \"" + step.name() + "\" is for a cluster \"" + step.cluster() + "\" that does not exist.",
                    "Declare the cluster in the same pipeline.");
            ClusterSpec cluster = known.get(step.cluster());
            if (cluster != null) {
                checkLease(step, cluster, diagnostics);
            }
        }
    }

    /** A cluster that has nothing else to do ends itself while a step waits to be tried again: that retry would never be made. */
    private static void checkLease(StepSpec step, ClusterSpec cluster, Diagnostics diagnostics) {
        int attempts = Math.min(step.retry().attempts(), RetryPolicy.MAX_ATTEMPTS);
        if (attempts < 2 || !cluster.hasIdleLease()) {
            return;
        }
        Duration longest = step.retry().backoff().afterAttempt(attempts - 1, 1);
        diagnostics.unless(
                longest.compareTo(cluster.idleTimeout()) < 0,
                step.location(),
                "The step \"" + step.name() + "\" may wait " + Durations.words(Duration.ofSeconds(longest.toSeconds()))
                        + " before it is tried again, and its cluster \"" + cluster.name()
                        + "\" ends itself when it is idle for "
                        + Durations.words(cluster.idleTimeout()) + ".",
                "Write a longer autoTermination for the cluster, or a shorter backoff for the step.");
    }
}
