package dev.emrys.emr;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import dev.emrys.emr.ApiBudget.Priority;
import dev.emrys.emr.WatchedCluster.WatchedStep;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.EmrClient;
import software.amazon.awssdk.services.emr.model.ClusterStatus;
import software.amazon.awssdk.services.emr.model.ListStepsResponse;
import software.amazon.awssdk.services.emr.model.Step;
import software.amazon.awssdk.services.emr.model.StepState;
import software.amazon.awssdk.services.emr.model.StepSummary;

/**
 * Asks EMR for the states of open steps. Without quotas every cluster that has open steps is asked for in every round.
 * With quotas the clusters take turns, by how many of their steps are likely to have ended, and ListSteps and
 * DescribeStep are two budgets:
 *
 * <ul>
 *   <li>ListSteps by ids shows the ten oldest open steps. EMR starts steps in the order of their submission, so when
 *       one of the ten is pending, all younger ones are too.
 *   <li>DescribeStep shows the oldest open step.
 *   <li>The whole listing, 50 steps a page, is read where all of the ten run and something has ended, and now and then
 *       where all run.
 * </ul>
 */
final class StepPolling {
    /** EMR's limit for the ids that one ListSteps may name. */
    private static final int IDS_PER_CALL = 10;

    /** How many tokens are left for what is likely to have changed, and at most for whole listings. */
    private static final int RESERVE = 5;

    /** Sorts after every number of steps. */
    private static final double LAST = 1e9;

    private final StatusPoller poller;
    private final ClusterPolling clusters;
    private final SurplusSteps surplusSteps;
    private final RetryingCaller calls;
    private final ApiBudget budget;

    StepPolling(StatusPoller poller, ClusterPolling clusters, SurplusSteps surplusSteps, RetryingCaller calls) {
        this.poller = poller;
        this.clusters = clusters;
        this.surplusSteps = surplusSteps;
        this.calls = calls;
        this.budget = calls.budget();
        budget.whenLeased(() -> calls.soon(poller::pollSteps));
    }

    void poll(List<WatchedCluster> watched) {
        List<ApiCall<?>> queued = new ArrayList<>();
        List<ApiCall<?>> paid = new ArrayList<>();
        synchronized (poller) {
            watched.forEach(cluster -> askForUnknown(cluster, queued));
            List<WatchedCluster> due = new ArrayList<>(watched.stream()
                    .filter(cluster -> !cluster.checking && !cluster.oldest(1).isEmpty())
                    .toList());
            if (budget.isLimited()) {
                affordable(due, paid);
                watched.stream()
                        .filter(cluster -> !cluster.checking
                                && cluster.oldest(1).isEmpty()
                                && surplusSteps.isLookDue(cluster)
                                && budget.tryAcquire(EmrOperation.LIST_STEPS, RESERVE))
                        .forEach(cluster -> paid.add(look(cluster)));
            } else {
                due.forEach(cluster -> queued.add(everything(cluster)));
            }
        }
        queued.forEach(calls::begin);
        paid.forEach(calls::beginNow);
    }

    /** How long it takes to ask for every cluster once. */
    private Duration turn(int count) {
        double perSecond = budget.perSecond(EmrOperation.LIST_STEPS) + budget.perSecond(EmrOperation.DESCRIBE_STEP);
        return Duration.ofMillis((long) (1000 * count / perSecond));
    }

    private static Check begin(WatchedCluster cluster, Check check) {
        cluster.checking = true;
        cluster.stepsTold = false;
        return check;
    }

    private ApiCall<?> look(WatchedCluster cluster) {
        cluster.checking = true;
        cluster.stepsTold = false;
        return surplusSteps.look(cluster);
    }

    /** Steps that EMR does not know are asked for one by one: one unknown id makes EMR refuse the others. */
    private void askForUnknown(WatchedCluster cluster, List<ApiCall<?>> queued) {
        Duration lag = calls.endpoint().listingLag();
        cluster.steps().forEach((id, step) -> {
            Duration pause = calls.endpoint().retryPause().multipliedBy(1L << Math.min(step.unknown, 10));
            Duration bounded = pause.compareTo(lag) < 0 ? pause : lag;
            if (step.unknown > 0 && !calls.now().isBefore(step.askedWhileUnknown.plus(bounded))) {
                step.askedWhileUnknown = calls.now();
                queued.add(new ByIds(cluster, ImmutableList.of(id), false));
            }
        });
    }

    private Check everything(WatchedCluster cluster) {
        ImmutableList<String> ids = cluster.oldest(IDS_PER_CALL + 1);
        return begin(cluster, ids.size() <= IDS_PER_CALL ? new ByIds(cluster, ids, true) : listing(cluster));
    }

    /**
     * Adds the calls for which there are tokens. ListSteps goes to the clusters in which the most steps are likely to
     * have ended, because it shows all of them; DescribeStep, which shows one, to those in which one has.
     */
    private void affordable(List<WatchedCluster> due, List<ApiCall<?>> paid) {
        Instant now = calls.now();
        budget.forgetTried();
        Duration turn = turn(due.size());
        Map<WatchedCluster, Double> likely = new LinkedHashMap<>();
        due.forEach(cluster -> likely.put(cluster, cluster.likelyEnded(now, turn)));
        int wide = (int) due.stream().filter(cluster -> cluster.wide).count();
        List<WatchedCluster> left = new ArrayList<>();
        likely.entrySet().stream()
                .sorted(Comparator.comparingDouble(entry -> -entry.getKey().worthOfListing(entry.getValue())))
                .forEach(entry -> {
                    ApiCall<?> check = listSteps(entry.getKey(), wide, entry.getValue() >= 1);
                    if (check == null) {
                        left.add(entry.getKey());
                    } else {
                        paid.add(check);
                    }
                });
        left.sort(Comparator.comparingDouble((WatchedCluster cluster) -> {
            double ended = likely.getOrDefault(cluster, 0.0);
            return ended >= 1 ? ended : LAST - ended;
        }));
        for (WatchedCluster cluster : left) {
            int reserve = likely.getOrDefault(cluster, 0.0) >= 1 ? 0 : RESERVE;
            if (budget.tryAcquire(EmrOperation.DESCRIBE_STEP, reserve)) {
                paid.add(begin(cluster, new Oldest(cluster, cluster.oldest(1).get(0))));
            }
        }
    }

    /** Null without a token. */
    private @Nullable ApiCall<?> listSteps(WatchedCluster cluster, int wideClusters, boolean likely) {
        if (surplusSteps.isLookDue(cluster)) {
            return budget.tryAcquire(EmrOperation.LIST_STEPS, likely ? 0 : RESERVE) ? look(cluster) : null;
        }
        boolean many = cluster.oldest(IDS_PER_CALL + 1).size() > IDS_PER_CALL;
        boolean changed = cluster.wide && (cluster.changed || cluster.stepsTold || isListingDue(cluster, wideClusters));
        if (many && (changed || !cluster.isOrdered())) {
            return budget.tryAcquire(EmrOperation.LIST_STEPS, 0) ? begin(cluster, listing(cluster)) : null;
        }
        int forListing = many && cluster.wide ? Math.min(cluster.pages(), RESERVE) : 0;
        return budget.tryAcquire(EmrOperation.LIST_STEPS, likely ? forListing : RESERVE)
                ? begin(cluster, new ByIds(cluster, cluster.oldest(IDS_PER_CALL), true))
                : null;
    }

    /** Whole listings of clusters in which nothing seems to change may take half of the budget. */
    private boolean isListingDue(WatchedCluster cluster, int wideClusters) {
        double perSecond = budget.perSecond(EmrOperation.LIST_STEPS) / 2;
        long millis = (long) (1000 * cluster.pages() * Math.max(1, wideClusters) / perSecond);
        return !calls.now().isBefore(cluster.lastListing.plusMillis(millis));
    }

    private Check listing(WatchedCluster cluster) {
        Set<String> wanted = new LinkedHashSet<>();
        Set<String> unlisted = new LinkedHashSet<>();
        for (Map.Entry<String, WatchedStep> entry : cluster.steps().entrySet()) {
            if (entry.getValue().unknown == 0) {
                (entry.getValue().unlisted ? unlisted : wanted).add(entry.getKey());
            }
        }
        if (wanted.isEmpty()) {
            return rest(cluster, unlisted);
        }
        return new Listing(cluster, wanted, unlisted);
    }

    /** Asks for steps that the listing does not show any more: EMR lists the newest 1,000. */
    private Check rest(WatchedCluster cluster, Set<String> ids) {
        List<List<String>> parts = Lists.partition(List.copyOf(ids), IDS_PER_CALL);
        ByIds first = new ByIds(cluster, ImmutableList.copyOf(parts.get(0)), true);
        parts.subList(1, parts.size())
                .forEach(part -> first.more.add(new ByIds(cluster, ImmutableList.copyOf(part), true)));
        return first;
    }

    /** Asks EMR for steps of one cluster. */
    private abstract class Check extends ApiCall<List<StepSummary>> {
        final WatchedCluster cluster;
        private StatusPoller.Known known;

        Check(EmrOperation operation, WatchedCluster cluster) {
            super(operation, Priority.STATUS);
            this.cluster = cluster;
            this.known = new StatusPoller.Known(cluster.status, false);
        }

        @Override
        String what() {
            return "Asking EMR for the states of the steps of " + cluster.id;
        }

        @Override
        ImmutableList<EmrRun> runs() {
            return ImmutableList.of(cluster.run);
        }

        abstract List<StepSummary> ask(EmrClient client);

        /** Called when what was found is reported. */
        abstract void taken(List<StepSummary> found, boolean ended);

        @Override
        List<StepSummary> send(EmrClient client) {
            known = poller.known(cluster);
            return ask(client);
        }

        @Override
        void answered(List<StepSummary> found) {
            boolean cancelled = found.stream().anyMatch(step -> StatusMapper.cancelledOutside(step.status()));
            if (cancelled && !StatusMapper.ending(known.status())) {
                // The cluster may have ended before its steps were listed, and that would be the cause.
                clusters.describe(cluster, status -> take(found, status), this::done);
            } else {
                take(found, known.status());
            }
        }

        private void take(List<StepSummary> found, ClusterStatus latest) {
            boolean ended = poller.take(cluster, found, known, latest);
            synchronized (poller) {
                cluster.stepRefusals = 0;
                cluster.lastCheck = calls.now();
                ImmutableList<String> oldest = cluster.oldest(1);
                found.stream()
                        .filter(step -> oldest.contains(step.id()))
                        .forEach(step -> cluster.oldestIs(step.status(), calls.now()));
            }
            taken(found, ended);
        }

        @Override
        void refused(CallFailure.Refused refused) {
            if (refused.missing() != CallFailure.Missing.CLUSTER) {
                int refusals;
                synchronized (poller) {
                    refusals = cluster.stepRefusals++;
                }
                calls.warnIfLasting(runs(), what(), refused, refusals);
            }
            done();
        }

        void done() {
            synchronized (poller) {
                cluster.checking = false;
            }
        }

        /**
         * What has changed may be more than was seen: the steps are asked for again if there is budget. So they are
         * when a change was told after this check had begun.
         */
        void goOn() {
            ApiCall<?> next = null;
            synchronized (poller) {
                cluster.checking = false;
                if (poller.isWatched(cluster)
                        && !cluster.oldest(1).isEmpty()
                        && (cluster.stepsTold || (budget.isLimited() && cluster.wide && cluster.changed))
                        && budget.tryAcquire(EmrOperation.LIST_STEPS, 0)) {
                    next = everything(cluster);
                }
            }
            if (next != null) {
                calls.beginNow(next);
            }
        }
    }

    private final class ByIds extends Check {
        private final ImmutableList<String> ids;
        private final boolean ofCheck;
        private final List<ByIds> more = new ArrayList<>();

        /** @param ofCheck whether it is, or is part of, the cluster's one check that is under way */
        ByIds(WatchedCluster cluster, ImmutableList<String> ids, boolean ofCheck) {
            super(EmrOperation.LIST_STEPS, cluster);
            this.ids = ids;
            this.ofCheck = ofCheck;
        }

        @Override
        List<StepSummary> ask(EmrClient client) {
            return client.listSteps(request -> request.clusterId(cluster.id).stepIds(ids))
                    .steps();
        }

        @Override
        void taken(List<StepSummary> found, boolean ended) {
            List<String> there = found.stream().map(StepSummary::id).toList();
            ids.stream().filter(id -> !there.contains(id)).forEach(id -> poller.unknown(cluster, id));
            synchronized (poller) {
                boolean pending = found.stream().anyMatch(step -> step.status().state() == StepState.PENDING);
                boolean all = cluster.oldest(IDS_PER_CALL + 1).stream().allMatch(ids::contains);
                cluster.wide = !pending && !all;
                cluster.changed = cluster.wide && (cluster.changed || ended);
            }
            done();
        }

        @Override
        void refused(CallFailure.Refused refused) {
            if (refused.missing() != CallFailure.Missing.STEP) {
                super.refused(refused);
            } else if (ids.size() == 1) {
                poller.unknown(cluster, ids.get(0));
                done();
            } else {
                // EMR refuses all for one: halves find out which.
                List<List<String>> halves = Lists.partition(ids, (ids.size() + 1) / 2);
                more.add(new ByIds(cluster, ImmutableList.copyOf(halves.get(0)), ofCheck));
                more.add(new ByIds(cluster, ImmutableList.copyOf(halves.get(1)), ofCheck));
                done();
            }
        }

        @Override
        void done() {
            if (!more.isEmpty()) {
                ByIds next = more.remove(0);
                next.more.addAll(more);
                calls.begin(next);
            } else if (ofCheck) {
                goOn();
            }
        }
    }

    private final class Oldest extends Check {
        private final String id;

        Oldest(WatchedCluster cluster, String id) {
            super(EmrOperation.DESCRIBE_STEP, cluster);
            this.id = id;
        }

        @Override
        List<StepSummary> ask(EmrClient client) {
            Step step = client.describeStep(
                            request -> request.clusterId(cluster.id).stepId(id))
                    .step();
            if (step == null || step.status() == null) {
                throw CallFailure.unreadable("DescribeStep gave no status of " + id);
            }
            return ImmutableList.of(StepSummary.builder()
                    .id(id)
                    .name(step.name())
                    .status(step.status())
                    .build());
        }

        @Override
        void taken(List<StepSummary> found, boolean ended) {
            synchronized (poller) {
                cluster.changed |= cluster.wide && ended;
            }
            goOn();
        }

        @Override
        void refused(CallFailure.Refused refused) {
            if (refused.missing() == CallFailure.Missing.STEP) {
                poller.unknown(cluster, id);
                done();
            } else {
                super.refused(refused);
            }
        }
    }

    /** Reads the listing from its newest page until all open steps are found. Each page is reported when it is read. */
    private final class Listing extends Check {
        private final Set<String> wanted;
        private final Set<String> unlisted;
        private final List<String> seen = new ArrayList<>();
        private @Nullable String marker;
        private @Nullable String next;

        Listing(WatchedCluster cluster, Set<String> wanted, Set<String> unlisted) {
            super(EmrOperation.LIST_STEPS, cluster);
            this.wanted = wanted;
            this.unlisted = unlisted;
        }

        @Override
        List<StepSummary> ask(EmrClient client) {
            ListStepsResponse response =
                    client.listSteps(request -> request.clusterId(cluster.id).marker(marker));
            next = response.marker();
            return response.steps();
        }

        @Override
        void taken(List<StepSummary> found, boolean ended) {
            found.stream().map(StepSummary::id).filter(wanted::remove).forEach(seen::add);
            marker = next;
            if (marker != null && !wanted.isEmpty()) {
                calls.begin(this);
                return;
            }
            synchronized (poller) {
                wanted.forEach(id -> {
                    WatchedStep step = cluster.steps().get(id);
                    if (step != null) {
                        step.unlisted = true;
                    }
                });
                cluster.order(ImmutableList.copyOf(seen));
                cluster.lastListing = calls.now();
                cluster.changed = false;
            }
            unlisted.addAll(wanted);
            if (unlisted.isEmpty()) {
                done();
            } else {
                calls.begin(rest(cluster, unlisted));
            }
        }
    }
}
