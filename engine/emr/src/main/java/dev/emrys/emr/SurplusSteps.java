package dev.emrys.emr;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.emrys.emr.ApiBudget.Priority;
import dev.emrys.emr.SurplusCancellation.Surplus;
import dev.emrys.emr.WatchedCluster.WatchedStep;
import dev.emrys.run.Event;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.EmrClient;
import software.amazon.awssdk.services.emr.model.ListStepsResponse;
import software.amazon.awssdk.services.emr.model.StepState;
import software.amazon.awssdk.services.emr.model.StepSummary;

/**
 * Finds steps that EMR has more than once, since the request that added them was doubled on its way and answered as if
 * nothing had happened, and cancels the surplus ones.
 *
 * <p>EMR starts the older of the two first. While the one that the journal knows has not begun, the older one is used:
 * it may begin at any moment, and then cancelling it would end what runs, and the other would do the same work again.
 * The journal learns its id first ({@link Event.AttemptAccepted} once more), and only then is the other one cancelled.
 * When the one that the journal knows has begun, it is used. Thread-safe.
 */
final class SurplusSteps {
    /** Steps that are replaced within this time are cancelled by one call. */
    private static final Duration LINGER = Duration.ofMillis(200);

    /**
     * What looks at many steps of a cluster may take of the budget. They take several pages each, and the second ones of
     * many steps wait behind all the first ones.
     */
    private static final double SHARE_FOR_MANY = 0.25;

    private final StatusPoller poller;
    private final RetryingCaller calls;
    private Instant manyNotBefore = Instant.EPOCH;

    SurplusSteps(StatusPoller poller, RetryingCaller calls) {
        this.poller = poller;
        this.calls = calls;
    }

    /** Called with the poller's lock. */
    boolean isLookDue(WatchedCluster cluster) {
        Instant now = calls.now();
        return cluster.unproven.isDue(now, calls.endpoint().listingLag())
                && (cluster.unproven.areFew() || !now.isBefore(manyNotBefore));
    }

    /**
     * A look at the cluster's newest steps, until all that are not proven are seen. What it shows of open steps is
     * reported, too, so that it takes the place of a check of their states. Called with the poller's lock.
     */
    ApiCall<?> look(WatchedCluster cluster) {
        if (!cluster.unproven.areFew()) {
            double perSecond = calls.budget().perSecond(EmrOperation.LIST_STEPS) * SHARE_FOR_MANY;
            manyNotBefore = calls.now().plusMillis((long) (1000 * cluster.unproven.pages() / perSecond));
        }
        return new Look(cluster, cluster.unproven.begin());
    }

    /** The journal knows the other step of this attempt now. Called with the poller's lock. */
    void cancel(WatchedCluster cluster, String surplusId, EmrCommand.StepWatch used) {
        cluster.surplus.add(surplusId);
        cluster.replaced.add(new Surplus(surplusId, used.stepId(), used.task()));
        if (cluster.replaced.size() == 1) {
            calls.later(ImmutableList.of(cluster.run), LINGER, () -> cancelReplaced(cluster));
        }
    }

    private void cancelReplaced(WatchedCluster cluster) {
        ImmutableList<Surplus> replaced;
        synchronized (poller) {
            replaced = ImmutableList.copyOf(cluster.replaced);
            cluster.replaced.clear();
        }
        SurplusCancellation.begin(calls, cluster.run, cluster.id, replaced);
    }

    private static String key(StepSummary step) {
        return RunTags.key(String.valueOf(step.name()));
    }

    private static boolean isActive(StepSummary step) {
        StepState state = step.status().state();
        return state == StepState.PENDING || state == StepState.RUNNING;
    }

    /** It waits, it runs or it has ended by itself. */
    private static boolean isUsable(StepSummary step) {
        StepState state = step.status().state();
        return isActive(step) || state == StepState.COMPLETED || state == StepState.FAILED;
    }

    private final class Look extends ApiCall<ListStepsResponse> {
        private final WatchedCluster cluster;
        private final ImmutableSet<String> wanted;
        private final Set<String> left;
        /** The keys of those that are wanted. */
        private final Set<String> keys = new LinkedHashSet<>();
        /** By id, newest first. */
        private final Map<String, StepSummary> listed = new LinkedHashMap<>();

        private final Instant sent;
        private StatusPoller.Known known;
        private @Nullable String marker;

        Look(WatchedCluster cluster, ImmutableSet<String> wanted) {
            super(EmrOperation.LIST_STEPS, Priority.STATUS);
            this.cluster = cluster;
            this.wanted = wanted;
            this.left = new LinkedHashSet<>(wanted);
            this.sent = calls.now();
            this.known = new StatusPoller.Known(cluster.status, false);
        }

        @Override
        String what() {
            return "Looking for steps that " + cluster.id + " has twice";
        }

        @Override
        ImmutableList<EmrRun> runs() {
            return ImmutableList.of(cluster.run);
        }

        @Override
        ListStepsResponse send(EmrClient client) {
            known = poller.known(cluster);
            return client.listSteps(request -> request.clusterId(cluster.id).marker(marker));
        }

        @Override
        void answered(ListStepsResponse answer) {
            boolean enough = false;
            for (StepSummary step : answer.steps()) {
                listed.put(step.id(), step);
                if (left.remove(step.id())) {
                    if (!key(step).isEmpty()) {
                        keys.add(key(step));
                    }
                } else if (left.isEmpty() && !keys.contains(key(step))) {
                    // It is older than all that are wanted, and than the others of their keys.
                    enough = true;
                }
            }
            report(answer.steps());
            marker = answer.marker();
            if (marker != null && !enough) {
                calls.begin(this);
            } else {
                finish();
            }
        }

        /** Without those that were cancelled: why is asked by the next check. */
        private void report(List<StepSummary> steps) {
            List<StepSummary> certain = steps.stream()
                    .filter(step -> !StatusMapper.cancelledOutside(step.status()))
                    .toList();
            poller.take(cluster, certain, known, known.status());
        }

        private void finish() {
            Map<String, List<StepSummary>> byKey = new LinkedHashMap<>();
            listed.values().stream()
                    .filter(step -> keys.contains(key(step)))
                    .forEach(step -> byKey.computeIfAbsent(key(step), key -> new ArrayList<>())
                            .add(step));
            List<Surplus> surplus = new ArrayList<>();
            List<Runnable> reports = new ArrayList<>();
            Set<String> proven = new LinkedHashSet<>(wanted);
            synchronized (poller) {
                if (poller.isWatched(cluster)) {
                    byKey.values().stream()
                            .filter(steps -> steps.size() > 1)
                            .forEach(steps -> decide(steps, surplus, reports, proven));
                }
                cluster.unproven.looked(proven, sent, calls.endpoint().listingLag());
                cluster.stepRefusals = 0;
                done();
            }
            reports.forEach(Runnable::run);
            if (!surplus.isEmpty()) {
                SurplusCancellation.begin(calls, cluster.run, cluster.id, surplus);
            }
        }

        private void decide(List<StepSummary> same, List<Surplus> surplus, List<Runnable> reports, Set<String> proven) {
            StepSummary used = same.stream()
                    .filter(step -> wanted.contains(step.id()))
                    .findFirst()
                    .orElseThrow();
            WatchedStep watched = cluster.steps().get(used.id());
            if (watched != null && !watched.running && used.status().state() == StepState.PENDING) {
                List<StepSummary> usable =
                        same.stream().filter(SurplusSteps::isUsable).toList();
                String oldest = usable.get(usable.size() - 1).id();
                if (!oldest.equals(used.id())) {
                    proven.remove(used.id());
                    EmrCommand.StepWatch command = watched.command;
                    cluster.replacements.put(oldest, used.id());
                    reports.add(() -> watched.reports.report(
                            new Event.AttemptAccepted(calls.now(), command.task(), command.attempt(), oldest)));
                    return;
                }
            }
            same.stream()
                    .filter(step -> !step.id().equals(used.id()) && isActive(step) && cluster.surplus.add(step.id()))
                    .forEach(step -> surplus.add(new Surplus(step.id(), used.id(), used.name())));
        }

        private void done() {
            cluster.lastCheck = calls.now();
            cluster.checking = false;
        }

        @Override
        void refused(CallFailure.Refused refused) {
            int refusals;
            synchronized (poller) {
                refusals = cluster.stepRefusals++;
                cluster.unproven.looked(
                        ImmutableSet.of(), calls.now(), calls.endpoint().listingLag());
                done();
            }
            if (refused.missing() != CallFailure.Missing.CLUSTER) {
                calls.warnIfLasting(runs(), what(), refused, refusals);
            }
        }
    }
}
