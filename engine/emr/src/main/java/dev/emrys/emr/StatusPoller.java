package dev.emrys.emr;

import com.google.common.collect.ImmutableList;
import dev.emrys.drive.Effects.Reports;
import dev.emrys.emr.WatchedCluster.WatchedStep;
import dev.emrys.run.Event;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.model.ClusterState;
import software.amazon.awssdk.services.emr.model.ClusterStatus;
import software.amazon.awssdk.services.emr.model.StepState;
import software.amazon.awssdk.services.emr.model.StepStatus;
import software.amazon.awssdk.services.emr.model.StepSummary;

/**
 * Asks EMR for the states of the clusters and steps of all runs, as often as the endpoint's poll interval and the
 * account's budget allow, and reports what is new. Thread-safe.
 */
final class StatusPoller {
    /**
     * How many times, and for how many of the listing's lags, EMR must not know something before it is taken for gone.
     */
    private static final int UNKNOWN_FOR = 10;

    private static final ClusterStatus UNKNOWN = ClusterStatus.builder()
            .state(ClusterState.TERMINATED_WITH_ERRORS)
            .stateChangeReason(reason -> reason.message("EMR does not know the cluster any more."))
            .build();

    private final RetryingCaller calls;
    private final ClusterPolling clusterPolling;
    private final SurplusSteps surplusSteps;
    private final StepPolling stepPolling;
    /** A cluster that several runs use is watched for each of them. */
    private final Map<Watch, WatchedCluster> clusters = new LinkedHashMap<>();

    private final PushedChanges pushed;
    private final LifeLeases leases;
    private final FailedSteps failedSteps;
    private boolean polling;

    /** Runs are compared by identity. */
    private record Watch(String clusterId, EmrRun run) {}

    StatusPoller(RetryingCaller calls) {
        this.calls = calls;
        this.clusterPolling = new ClusterPolling(this, calls);
        this.surplusSteps = new SurplusSteps(this, calls);
        this.stepPolling = new StepPolling(this, clusterPolling, surplusSteps, calls);
        this.pushed = new PushedChanges(this, calls);
        this.leases = new LifeLeases(calls);
        this.failedSteps = new FailedSteps(calls);
    }

    synchronized void watch(EmrCommand.ClusterWatch command, EmrRun run, Reports reports) {
        WatchedCluster cluster = cluster(command.clusterId(), run);
        cluster.start = command;
        cluster.startReports = reports;
    }

    /** Watches a step that the run has submitted, and of which EMR may have a second one. */
    synchronized void watch(EmrCommand.StepWatch command, EmrRun run, Reports reports) {
        WatchedCluster cluster = cluster(command.clusterId(), run);
        String replaced = cluster.takesPlaceOf(command.stepId());
        if (replaced != null) {
            surplusSteps.cancel(cluster, replaced, command);
        }
        if (add(cluster, command, reports) && calls.budget().isLimited()) {
            cluster.unproven.add(command.stepId(), calls.now());
        }
    }

    /** @return false when it was watched already */
    private boolean add(WatchedCluster cluster, EmrCommand.StepWatch command, Reports reports) {
        String id = command.stepId();
        WatchedStep step = new WatchedStep(command, reports, cluster.run.notRunningBefore(id));
        boolean isNew = cluster.held(id) == null && cluster.steps().putIfAbsent(id, step) == null;
        if (isNew) {
            pushed.watched(cluster, step);
        }
        return isNew;
    }

    /**
     * Watches a step that the run has not submitted, or that it may be told of already. It is not looked for a second
     * one of it: another run has its name and its key.
     *
     * @return false when another task watches it
     */
    synchronized boolean watchOnce(EmrCommand.StepWatch command, EmrRun run, Reports reports) {
        if (watches(command.clusterId(), command.stepId(), run)) {
            return false;
        }
        boolean unused = add(cluster(command.clusterId(), run), command, reports);
        return true;
    }

    /**
     * Its end is no loss from here on; its steps are watched as before.
     *
     * @return from then on its end is a loss again, also one that has happened meanwhile
     */
    synchronized Runnable expectEnd(String clusterId, EmrRun run) {
        WatchedCluster cluster = clusters.get(new Watch(clusterId, run));
        EmrCommand.ClusterWatch start = cluster == null ? null : cluster.start;
        Reports startReports = cluster == null ? null : cluster.startReports;
        if (cluster == null || start == null || startReports == null) {
            return () -> {};
        }
        cluster.start = null;
        cluster.startReports = null;
        return () -> {
            if (!run.closed()) {
                watch(start, run, startReports);
            }
        };
    }

    /** Reports nothing more of the step. */
    synchronized void forget(String clusterId, String stepId, EmrRun run) {
        WatchedCluster cluster = clusters.get(new Watch(clusterId, run));
        if (cluster != null) {
            cluster.steps().remove(stepId);
        }
    }

    synchronized void watch(EmrCommand.TerminationWatch command, EmrRun run, Reports reports) {
        WatchedCluster cluster = cluster(command.clusterId(), run);
        cluster.start = null;
        cluster.end = command;
        cluster.endReports = reports;
    }

    /** Whether the step is watched and has not ended as far as we know. */
    synchronized boolean watches(String clusterId, String stepId, EmrRun run) {
        WatchedCluster cluster = clusters.get(new Watch(clusterId, run));
        return cluster != null && cluster.steps().containsKey(stepId);
    }

    /**
     * Reports a failed step now, if its report is held back.
     *
     * @return whether it was
     */
    boolean reportHeld(String clusterId, String stepId, EmrRun run) {
        HeldFailure held;
        WatchedCluster cluster;
        synchronized (this) {
            cluster = clusters.get(new Watch(clusterId, run));
            held = cluster == null ? null : cluster.held(stepId);
        }
        if (cluster == null || held == null) {
            return false;
        }
        report(cluster, held);
        return true;
    }

    /** What follows for the cluster is reported after it. */
    private void report(WatchedCluster cluster, HeldFailure held) {
        List<Runnable> reports = new ArrayList<>();
        synchronized (this) {
            if (!cluster.release(held)) {
                return;
            }
            reports.add(held::report);
            if (isWatched(cluster)) {
                settle(cluster, reports);
            }
        }
        reports.forEach(Runnable::run);
    }

    synchronized void forget(String clusterId, EmrRun run) {
        clusters.remove(new Watch(clusterId, run));
    }

    synchronized void forget(EmrRun run) {
        clusters.values().removeIf(cluster -> cluster.run == run);
    }

    /** A run that was resumed in this process takes its clusters over. */
    private WatchedCluster cluster(String id, EmrRun run) {
        if (!polling) {
            polling = true;
            pushed.subscribe();
            calls.later(ImmutableList.of(), Duration.ZERO, this::poll);
        }
        Watch watch = new Watch(id, run);
        WatchedCluster known = clusters.get(watch);
        if (known == null) {
            clusters.values().removeIf(other -> other.id.equals(id) && other.run.isSameRun(run));
            known = new WatchedCluster(id, run);
            clusters.put(watch, known);
            pushed.watched(known);
        }
        return known;
    }

    private void poll() {
        List<WatchedCluster> watched;
        List<WatchedCluster> up;
        synchronized (this) {
            watched = new ArrayList<>(clusters.values());
            up = watched.stream()
                    .filter(cluster -> cluster.goneSince == null && cluster.isLeased())
                    .toList();
            polling = !watched.isEmpty();
            if (!polling) {
                pushed.unsubscribe();
            }
        }
        if (!watched.isEmpty()) {
            clusterPolling.poll(watched);
            stepPolling.poll(watched);
            leases.renew(up);
            calls.later(ImmutableList.of(), calls.endpoint().pollInterval(), this::poll);
        }
    }

    /** Asks for the states of the steps, between two rounds. */
    void pollSteps() {
        List<WatchedCluster> watched;
        synchronized (this) {
            watched = new ArrayList<>(clusters.values());
        }
        stepPolling.poll(watched);
    }

    /** Asks for what was told of these clusters. */
    void pollTold(List<WatchedCluster> told) {
        List<WatchedCluster> changed;
        List<WatchedCluster> withChangedSteps;
        synchronized (this) {
            changed = told.stream().filter(cluster -> cluster.told).toList();
            withChangedSteps =
                    told.stream().filter(cluster -> cluster.stepsTold).toList();
        }
        clusterPolling.poll(changed);
        stepPolling.poll(withChangedSteps);
    }

    synchronized void close() {
        pushed.unsubscribe();
    }

    boolean isWatched(WatchedCluster cluster) {
        return clusters.get(new Watch(cluster.id, cluster.run)) == cluster;
    }

    private void remove(WatchedCluster cluster) {
        clusters.remove(new Watch(cluster.id, cluster.run));
    }

    /** One for each run that uses the cluster. */
    ImmutableList<WatchedCluster> find(String clusterId) {
        return clusters.values().stream()
                .filter(cluster -> cluster.id.equals(clusterId))
                .collect(ImmutableList.toImmutableList());
    }

    ImmutableList<WatchedCluster> all() {
        return ImmutableList.copyOf(clusters.values());
    }

    /** Takes what EMR says of a cluster. */
    void take(WatchedCluster cluster, ClusterStatus status) {
        List<Runnable> reports = new ArrayList<>();
        synchronized (this) {
            if (!isWatched(cluster)) {
                return;
            }
            cluster.refusals = 0;
            cluster.status = status;
            if (StatusMapper.gone(status) && cluster.goneSince == null) {
                cluster.goneSince = calls.now();
            }
            settle(cluster, reports);
        }
        reports.forEach(Runnable::run);
    }

    /**
     * EMR would not describe the cluster: it is not listed yet, or it is history that EMR has dropped, or we may not
     * see it. What EMR has not known for long is gone.
     */
    void refused(WatchedCluster cluster, CallFailure.Refused refused) {
        List<StepSummary> lost = new ArrayList<>();
        synchronized (this) {
            if (cluster.refusals == 0) {
                cluster.refusedSince = calls.now();
            }
            cluster.refusals++;
            if (refused.missing() != CallFailure.Missing.CLUSTER
                    || !isLongUnknown(cluster.refusals, cluster.refusedSince)) {
                calls.warnIfLasting(
                        ImmutableList.of(cluster.run),
                        "Asking EMR for the state of the cluster " + cluster.id,
                        refused,
                        cluster.refusals - 1);
                return;
            }
            cluster.goneSince = cluster.refusedSince;
            cluster.steps()
                    .keySet()
                    .forEach(id -> lost.add(StepSummary.builder()
                            .id(id)
                            .status(status -> status.state(StepState.RUNNING))
                            .build()));
        }
        take(cluster, lost, new Known(UNKNOWN, true), UNKNOWN);
        take(cluster, UNKNOWN);
    }

    private boolean isLongUnknown(int times, Instant since) {
        return times >= UNKNOWN_FOR
                && !calls.now()
                        .isBefore(since.plus(calls.endpoint().listingLag().multipliedBy(UNKNOWN_FOR)));
    }

    /**
     * What was known of a cluster before its steps were asked for: what EMR says of a step may be older than what it
     * says later of the cluster.
     *
     * @param settled whether the cluster has been gone for longer than the listings lag, so that its steps are listed
     *     in their last state
     */
    record Known(ClusterStatus status, boolean settled) {}

    synchronized Known known(WatchedCluster cluster) {
        Instant gone = cluster.goneSince;
        return new Known(
                cluster.status,
                gone != null && !calls.now().isBefore(gone.plus(calls.endpoint().listingLag())));
    }

    /**
     * Takes what EMR says of steps.
     *
     * @param latest the state of the cluster when it was asked for after the steps
     * @return whether one of them has ended
     */
    boolean take(WatchedCluster cluster, List<StepSummary> steps, Known before, ClusterStatus latest) {
        List<Runnable> reports = new ArrayList<>();
        boolean ended = false;
        synchronized (this) {
            if (!isWatched(cluster)) {
                return false;
            }
            Instant now = calls.now();
            for (StepSummary step : steps) {
                WatchedStep watched = cluster.steps().get(step.id());
                if (watched != null) {
                    watched.unknown = 0;
                    ClusterStatus status = StatusMapper.cancelledOutside(step.status()) ? latest : before.status();
                    Event event = StatusMapper.ofStep(watched, step, status, before.settled(), now);
                    ended |= take(cluster, watched, step, event, now, reports);
                }
            }
            settle(cluster, reports);
        }
        reports.forEach(Runnable::run);
        return ended;
    }

    /** EMR gives no reason, but the emulator does while the machine has as many steps as it may have. */
    private void tellWhyPending(WatchedCluster cluster, StepStatus status, List<Runnable> reports) {
        String reason = status.stateChangeReason() == null
                ? null
                : status.stateChangeReason().message();
        if (reason != null && !reason.isBlank() && cluster.run.isNew(reason)) {
            reports.add(() -> calls.warn(ImmutableList.of(cluster.run), "Steps of the run are PENDING. " + reason));
        }
    }

    private boolean take(
            WatchedCluster cluster,
            WatchedStep watched,
            StepSummary step,
            @Nullable Event event,
            Instant now,
            List<Runnable> reports) {
        StepStatus status = step.status();
        if (status.state() == StepState.PENDING) {
            watched.notRunningBefore = now;
            tellWhyPending(cluster, status, reports);
        }
        if (event == null) {
            return false;
        }
        if (event instanceof Event.AttemptRunning) {
            watched.running = true;
            reports.add(() -> watched.reports.report(event));
            return false;
        }
        cluster.steps().remove(step.id());
        cluster.ended(status, now);
        if (!watched.running && StatusMapper.ran(status)) {
            // It started and ended between two polls. That it ran is known then too: how long, and whether a lost
            // attempt counts.
            Event ran = StatusMapper.running(watched, status, now);
            reports.add(() -> watched.reports.report(ran));
        }
        HeldFailure held = failedSteps.hold(cluster, watched, step, event, failure -> report(cluster, failure));
        if (held == null) {
            reports.add(() -> watched.reports.report(event));
        } else {
            cluster.hold(String.valueOf(step.id()), held);
            reports.add(held::begin);
        }
        return true;
    }

    /**
     * EMR does not know the step, or does not list it. It must not block its cluster for ever: after a while it has
     * failed.
     */
    void unknown(WatchedCluster cluster, String stepId) {
        Runnable report;
        synchronized (this) {
            WatchedStep step = cluster.steps().get(stepId);
            if (step == null || !isWatched(cluster)) {
                return;
            }
            if (step.unknown == 0) {
                step.unknownSince = calls.now();
            }
            step.unknown++;
            step.askedWhileUnknown = calls.now();
            if (!isLongUnknown(step.unknown, step.unknownSince)) {
                return;
            }
            cluster.steps().remove(stepId);
            Event event = StatusMapper.unknownStep(step.command, calls.now());
            report = () -> step.reports.report(event);
        }
        report.run();
        List<Runnable> reports = new ArrayList<>();
        synchronized (this) {
            settle(cluster, reports);
        }
        reports.forEach(Runnable::run);
    }

    /** Reports what follows for the cluster, and stops watching what nothing is waited for of. */
    private void settle(WatchedCluster cluster, List<Runnable> reports) {
        Instant now = calls.now();
        ClusterStatus status = cluster.status;
        EmrCommand.ClusterWatch start = cluster.start;
        Reports startReports = cluster.startReports;
        if (start != null && startReports != null) {
            if (StatusMapper.up(status) && !cluster.up) {
                cluster.up = true;
                reports.add(() -> startReports.report(new Event.AttemptSucceeded(now, start.task(), start.attempt())));
            } else if (StatusMapper.gone(status) && cluster.isSettled()) {
                remove(cluster);
                // Which of the two fits depends on whether the start was journaled as done: the driver drops the other.
                reports.add(() -> startReports.report(StatusMapper.startFailed(start, status, now)));
                reports.add(() -> startReports.report(StatusMapper.lost(start, status, now)));
            }
        }
        EmrCommand.TerminationWatch end = cluster.end;
        Reports endReports = cluster.endReports;
        if (end != null && endReports != null && StatusMapper.gone(status)) {
            remove(cluster);
            reports.add(() -> endReports.report(new Event.AttemptSucceeded(now, end.task(), end.attempt())));
        }
        if (cluster.start == null && cluster.end == null && cluster.isSettled()) {
            remove(cluster);
        }
    }
}
