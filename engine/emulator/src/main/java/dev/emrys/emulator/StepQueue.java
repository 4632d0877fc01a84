package dev.emrys.emulator;

import com.google.common.collect.ImmutableList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.model.ClusterState;

/**
 * Starts pending steps: as many per cluster as its step concurrency level says, and of the account as many as {@link
 * EmulatorSettings#maxRunningSteps}, since all clusters of an account are one machine here. When a step may start next,
 * it is that of the cluster that waits longest: since its first pending step could run, or since it started its last
 * one. So a cluster with many steps does not keep the others waiting. How many run is counted from the stored states,
 * so every end of a step makes room. Every method is called within a transaction.
 */
final class StepQueue {

    /** Starts a pending step. */
    interface Starter {
        void start(AccountState account, ClusterEntry entry, StepRecord step);
    }

    private final StepRunner runner;
    private final int limit;
    private final Transactor transactor;
    private final Starter starter;

    /** The clusters with a step that could start if the limit of the account allowed it, longest waiting first. */
    private final Set<String> waiting = new LinkedHashSet<>();

    /** The steps of which the runner knows that they wait. */
    private final Set<String> told = new LinkedHashSet<>();

    StepQueue(StepRunner runner, EmulatorSettings settings, Transactor transactor, Starter starter) {
        this.runner = runner;
        this.limit = settings.maxRunningSteps();
        this.transactor = transactor;
        this.starter = starter;
    }

    /** Starts what may start after {@code changed} has changed. */
    void startSteps(AccountState account, ClusterEntry changed) {
        if (limit == EmulatorSettings.NO_LIMIT) {
            for (StepRecord step = next(changed); step != null; step = next(changed)) {
                starter.start(account, changed, step);
            }
            return;
        }
        enqueue(account);
        for (int free = limit - account.runningSteps(); free > 0 && !waiting.isEmpty(); free--) {
            String first = waiting.iterator().next();
            waiting.remove(first);
            ClusterEntry entry = account.cluster(first);
            StepRecord step = next(entry);
            if (step != null) {
                starter.start(account, entry, step);
                if (next(entry) != null) {
                    waiting.add(first);
                }
            }
        }
        tellRunner(account);
    }

    /** Why a step is PENDING though its cluster could run it; null if this is not so. */
    @Nullable
    String reason(AccountState account, ClusterEntry entry, StepRecord step) {
        return limit != EmulatorSettings.NO_LIMIT && step.pending() && hasRoom(entry) && account.runningSteps() >= limit
                ? reason()
                : null;
    }

    private String reason() {
        return "Waits for a step of the account to end: at most " + limit + " run at the same time on this machine.";
    }

    private void enqueue(AccountState account) {
        waiting.removeIf(id -> {
            ClusterEntry entry = account.find(id);
            return entry == null || next(entry) == null;
        });
        // Several at once only after a restart: then the oldest step is first.
        account.live().stream()
                .filter(entry -> !waiting.contains(entry.cluster().id()) && next(entry) != null)
                .sorted(Comparator.comparing(entry -> entry.pending
                        .firstEntry()
                        .getValue()
                        .step()
                        .status()
                        .timeline()
                        .creationDateTime()))
                .forEach(entry -> waiting.add(entry.cluster().id()));
    }

    private void tellRunner(AccountState account) {
        Set<String> now = new LinkedHashSet<>();
        for (String id : waiting) {
            StepRecord step = next(account.cluster(id));
            if (step != null) {
                now.add(step.id());
                if (told.add(step.id())) {
                    transactor.afterCommit(() -> runner.waits(id, step.id(), reason()));
                }
            }
        }
        told.retainAll(now);
    }

    private static boolean hasRoom(ClusterEntry entry) {
        ClusterState state = entry.cluster().state();
        return (state == ClusterState.RUNNING || state == ClusterState.WAITING)
                && entry.running.size() < entry.cluster().concurrency();
    }

    /** The cluster's step that starts next, if its own limits and the runner allow one. */
    private @Nullable StepRecord next(ClusterEntry entry) {
        if (hasRoom(entry)) {
            for (StepRecord step : entry.pending.values()) {
                if (mayStart(entry, step)) {
                    return step;
                }
            }
        }
        return null;
    }

    private boolean mayStart(ClusterEntry entry, StepRecord step) {
        return entry.running.isEmpty()
                || runner.mayStart(
                        StepLaunchFactory.of(entry, step),
                        entry.running.values().stream()
                                .map(running -> StepLaunchFactory.of(entry, running))
                                .collect(ImmutableList.toImmutableList()));
    }
}
