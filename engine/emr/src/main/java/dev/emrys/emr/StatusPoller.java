package dev.emrys.emr;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import dev.emrys.drive.Effects.Reports;
import dev.emrys.run.Event;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.emr.EmrClient;
import software.amazon.awssdk.services.emr.model.Cluster;
import software.amazon.awssdk.services.emr.model.ClusterState;
import software.amazon.awssdk.services.emr.model.ClusterStatus;
import software.amazon.awssdk.services.emr.model.ClusterSummary;
import software.amazon.awssdk.services.emr.model.StepState;
import software.amazon.awssdk.services.emr.model.StepSummary;

/**
 * Asks EMR how things stand, at the endpoint's pace: one ListClusters sweep a round, and ListSteps for those clusters only that
 * have open steps. The number of calls does not grow with the number of steps. Thread-safe.
 */
final class StatusPoller {
    /** EMR's limit for the ids that one ListSteps may name. */
    private static final int IDS_PER_CALL = 10;

    private static final ImmutableList<ClusterState> ALIVE = ImmutableList.of(
            ClusterState.STARTING,
            ClusterState.BOOTSTRAPPING,
            ClusterState.RUNNING,
            ClusterState.WAITING,
            ClusterState.TERMINATING);

    /** How many times, and how many of the listing's lags, EMR must not know a cluster before it is taken for gone. */
    private static final int UNKNOWN_FOR = 10;

    private static final ClusterStatus UNKNOWN = ClusterStatus.builder()
            .state(ClusterState.TERMINATED_WITH_ERRORS)
            .stateChangeReason(reason -> reason.message("EMR does not know the cluster any more."))
            .build();

    private final RetryingCaller calls;
    private final Map<String, WatchedCluster> clusters = new LinkedHashMap<>();
    /** The cluster at which a round was held up; one round is under way at a time. */
    private volatile String nextClusterId = "";

    private boolean polling;
    private boolean closed;

    StatusPoller(RetryingCaller calls) {
        this.calls = calls;
    }

    /** One cluster, and who waits for what of it. */
    static final class WatchedCluster {
        final String id;
        final Map<String, OpenStep> steps = new LinkedHashMap<>();
        EmrCommand.@Nullable ClusterWatch start;
        boolean up;
        EmrCommand.@Nullable TerminationWatch end;

        @Nullable
        Reports startReports;

        @Nullable
        Reports endReports;

        /** How often in a row EMR refused to say how it stands, and since when; the rounds' own. */
        int refusals;

        Instant refusedSince = Instant.MAX;

        /** When it was first seen gone. */
        @Nullable
        Instant goneSince;

        WatchedCluster(String id) {
            this.id = id;
        }
    }

    /** A step that has not ended as far as we know. */
    static final class OpenStep {
        final EmrCommand.StepWatch command;
        final Reports reports;
        boolean running;

        OpenStep(EmrCommand.StepWatch command, Reports reports) {
            this.command = command;
            this.reports = reports;
        }
    }

    synchronized void watch(EmrCommand.ClusterWatch command, Reports reports) {
        WatchedCluster cluster = cluster(command.clusterId());
        cluster.start = command;
        cluster.startReports = reports;
        ensurePolling();
    }

    synchronized void watch(EmrCommand.StepWatch command, Reports reports) {
        cluster(command.clusterId()).steps.putIfAbsent(command.stepId(), new OpenStep(command, reports));
        ensurePolling();
    }

    synchronized void watch(EmrCommand.TerminationWatch command, Reports reports) {
        WatchedCluster cluster = cluster(command.clusterId());
        cluster.start = null;
        cluster.end = command;
        cluster.endReports = reports;
        ensurePolling();
    }

    /** Whether the step has not ended as far as we know. */
    synchronized boolean watches(String clusterId, String stepId) {
        WatchedCluster cluster = clusters.get(clusterId);
        return cluster != null && cluster.steps.containsKey(stepId);
    }

    synchronized void forget(String clusterId) {
        clusters.remove(clusterId);
    }

    synchronized void close() {
        closed = true;
        clusters.clear();
    }

    private WatchedCluster cluster(String id) {
        return clusters.computeIfAbsent(id, WatchedCluster::new);
    }

    private void ensurePolling() {
        if (!polling && !closed) {
            polling = true;
            poll();
        }
    }

    private void poll() {
        calls.retryForever("Asking EMR how things stand", (client, tries) -> {
            look(client);
            again();
        });
    }

    private synchronized void again() {
        if (closed || clusters.isEmpty()) {
            polling = false;
        } else {
            calls.later(calls.endpoint().pollInterval(), this::poll);
        }
    }

    private void look(EmrClient client) {
        List<WatchedCluster> watched = new ArrayList<>();
        synchronized (this) {
            watched.addAll(clusters.values());
        }
        Map<String, ClusterStatus> statuses = sweep(client, watched);
        Collections.rotate(
                watched, -Math.max(0, Lists.transform(watched, one -> one.id).indexOf(nextClusterId)));
        for (int i = 0; i < watched.size(); i++) {
            WatchedCluster cluster = watched.get(i);
            // A round that fails on the way begins the next time where it came to: who is asked last must not starve.
            nextClusterId = watched.get((i + 1) % watched.size()).id;
            try {
                look(client, cluster, statuses.get(cluster.id));
                cluster.refusals = 0;
            } catch (AwsServiceException e) {
                if (!(CallFailure.of(e) instanceof CallFailure.Refused refused)) {
                    throw e;
                }
                refused(cluster, refused, CallFailure.unknownCluster(e));
            }
        }
        nextClusterId = "";
    }

    /**
     * Not there (a listing's lag, an account that was emptied, history that EMR has dropped) or not ours to see: nothing is concluded
     * at first, and the other clusters are not held up. What EMR has not known for long is gone.
     */
    private void refused(WatchedCluster cluster, CallFailure.Refused refused, boolean unknown) {
        if (cluster.refusals == 0) {
            cluster.refusedSince = calls.now();
        }
        cluster.refusals++;
        Instant gone = cluster.refusedSince.plus(calls.endpoint().listingLag().multipliedBy(UNKNOWN_FOR));
        if (!unknown || cluster.refusals < UNKNOWN_FOR || calls.now().isBefore(gone)) {
            calls.warnIfLasting("Asking EMR about the cluster " + cluster.id, refused, cluster.refusals - 1);
            return;
        }
        List<StepSummary> lost = new ArrayList<>();
        synchronized (this) {
            cluster.steps
                    .keySet()
                    .forEach(id -> lost.add(StepSummary.builder()
                            .id(id)
                            .status(status -> status.state(StepState.RUNNING))
                            .build()));
        }
        cluster.goneSince = cluster.refusedSince;
        settle(cluster, UNKNOWN, lost);
    }

    private void look(EmrClient client, WatchedCluster cluster, @Nullable ClusterStatus swept) {
        Map<String, OpenStep> open;
        synchronized (this) {
            open = new LinkedHashMap<>(cluster.steps);
        }
        ClusterStatus status = swept == null ? describe(client, cluster) : swept;
        List<StepSummary> steps = open.isEmpty() ? List.of() : list(client, cluster.id, open);
        if (StatusMapper.cancelledBySomebody(steps)) {
            // The cluster may have ended between the sweep and this listing, and that would be the cause.
            status = describe(client, cluster);
        }
        settle(cluster, status, steps);
    }

    private static ClusterStatus describe(EmrClient client, WatchedCluster cluster) {
        Cluster described =
                client.describeCluster(request -> request.clusterId(cluster.id)).cluster();
        if (described == null || described.status() == null) {
            throw CallFailure.unreadable("DescribeCluster gave no status of " + cluster.id);
        }
        return described.status();
    }

    /** How the clusters stand that are alive, from one listing; those that it does not have are asked for by name. */
    private static Map<String, ClusterStatus> sweep(EmrClient client, List<WatchedCluster> watched) {
        Map<String, ClusterStatus> statuses = new LinkedHashMap<>();
        if (watched.size() == 1) {
            return statuses;
        }
        Set<String> wanted = new LinkedHashSet<>();
        watched.forEach(cluster -> wanted.add(cluster.id));
        // Without the states it would go through two months of history for a cluster that is not there.
        for (ClusterSummary summary : client.listClustersPaginator(request -> request.clusterStates(ALIVE))
                .clusters()) {
            if (wanted.remove(summary.id())) {
                statuses.put(summary.id(), summary.status());
            }
            if (wanted.isEmpty()) {
                break;
            }
        }
        return statuses;
    }

    private static List<StepSummary> list(EmrClient client, String clusterId, Map<String, OpenStep> open) {
        List<StepSummary> found = new ArrayList<>();
        if (open.size() <= IDS_PER_CALL) {
            found.addAll(
                    client.listSteps(request -> request.clusterId(clusterId).stepIds(open.keySet()))
                            .steps());
            return found;
        }
        Set<String> wanted = new LinkedHashSet<>(open.keySet());
        for (StepSummary step : client.listStepsPaginator(request -> request.clusterId(clusterId))
                .steps()) {
            if (wanted.remove(step.id())) {
                found.add(step);
            }
            if (wanted.isEmpty()) {
                return found;
            }
        }
        // Only the last 1,000 steps are listed, but each can be asked for by its id.
        for (List<String> ids : Lists.partition(List.copyOf(wanted), IDS_PER_CALL)) {
            found.addAll(
                    client.listSteps(request -> request.clusterId(clusterId).stepIds(ids))
                            .steps());
        }
        return found;
    }

    private void settle(WatchedCluster cluster, ClusterStatus status, List<StepSummary> steps) {
        List<Runnable> reports = new ArrayList<>();
        synchronized (this) {
            if (clusters.get(cluster.id) != cluster) {
                return;
            }
            Instant now = calls.now();
            boolean settled = settled(cluster, status, now);
            for (StepSummary step : steps) {
                OpenStep open = cluster.steps.get(step.id());
                Event event = open == null ? null : StatusMapper.ofStep(open, step, status, settled, now);
                if (open != null && event != null) {
                    if (event instanceof Event.AttemptRunning) {
                        open.running = true;
                    } else {
                        cluster.steps.remove(step.id());
                        if (!open.running && StatusMapper.isLoss(event) && StatusMapper.ran(step.status())) {
                            // That went by between two rounds. What never ran is sent again without asking, this is
                            // not.
                            Event ran = StatusMapper.running(open.command, step.status(), now);
                            reports.add(() -> open.reports.report(ran));
                        }
                    }
                    reports.add(() -> open.reports.report(event));
                }
            }
            settleCluster(cluster, status, now, reports);
            if (cluster.start == null && cluster.end == null && cluster.steps.isEmpty()) {
                clusters.remove(cluster.id);
            }
        }
        reports.forEach(Runnable::run);
    }

    /** Whether the cluster has been gone for so long that what its steps are listed as is their last state. */
    private boolean settled(WatchedCluster cluster, ClusterStatus status, Instant now) {
        if (!StatusMapper.gone(status)) {
            return false;
        }
        if (cluster.goneSince == null) {
            cluster.goneSince = now;
        }
        return !now.isBefore(cluster.goneSince.plus(calls.endpoint().listingLag()));
    }

    private void settleCluster(WatchedCluster cluster, ClusterStatus status, Instant now, List<Runnable> reports) {
        EmrCommand.ClusterWatch start = cluster.start;
        Reports startReports = cluster.startReports;
        if (start != null && startReports != null) {
            if (StatusMapper.up(status) && !cluster.up) {
                cluster.up = true;
                reports.add(() -> startReports.report(new Event.AttemptSucceeded(now, start.task(), start.attempt())));
            } else if (StatusMapper.gone(status) && cluster.steps.isEmpty()) {
                clusters.remove(cluster.id);
                // Which of the two fits depends on whether the start was journaled as done: the driver drops the other.
                reports.add(() -> startReports.report(StatusMapper.startFailed(start, status, now)));
                reports.add(() -> startReports.report(StatusMapper.lost(start, status, now)));
            }
        }
        EmrCommand.TerminationWatch end = cluster.end;
        Reports endReports = cluster.endReports;
        if (end != null && endReports != null && StatusMapper.gone(status)) {
            clusters.remove(cluster.id);
            reports.add(() -> endReports.report(new Event.AttemptSucceeded(now, end.task(), end.attempt())));
        }
    }
}
