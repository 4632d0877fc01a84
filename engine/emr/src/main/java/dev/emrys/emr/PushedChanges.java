package dev.emrys.emr;

import com.google.common.collect.ImmutableList;
import dev.emrys.emr.WatchedCluster.WatchedStep;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.model.ClusterState;
import software.amazon.awssdk.services.emr.model.StepState;
import software.amazon.awssdk.services.emr.model.StepSummary;

/**
 * Takes what an endpoint notifies of, and asks at once for what a notification does not tell. Notifications that come
 * before EMR is asked are served by one call for each cluster. What is pushed about a step is kept although it is not
 * watched yet: it may end before its submission is journaled. Its state, and that of {@link WatchedCluster}, is guarded
 * by the lock of the {@link StatusPoller}.
 */
final class PushedChanges implements Endpoint.ChangeListener {
    /** That a step runs is of interest for people: of one that ends sooner it is reported together with its end. */
    private static final Duration RUNNING_DELAY = Duration.ofMillis(100);

    /** For each cluster. */
    private static final int MAX_PUSHED = 1_000;

    private final StatusPoller poller;
    private final RetryingCaller calls;

    /** Those to ask for. */
    private final Set<WatchedCluster> told = new LinkedHashSet<>();

    private Endpoint.@Nullable Subscription subscription;

    PushedChanges(StatusPoller poller, RetryingCaller calls) {
        this.poller = poller;
        this.calls = calls;
    }

    /** Called under the poller's lock. */
    void subscribe() {
        if (subscription == null) {
            subscription = calls.endpoint().subscribe(this);
        }
    }

    /** Called under the poller's lock. */
    void unsubscribe() {
        if (subscription != null) {
            subscription.close();
            subscription = null;
        }
    }

    private boolean isPushed() {
        return subscription != null && subscription != Endpoint.Subscription.NONE;
    }

    /** What happened to a cluster before it was watched was not noted. Called under the poller's lock. */
    void watched(WatchedCluster cluster) {
        if (isPushed()) {
            cluster.told = true;
            tellSteps(cluster);
        }
    }

    /** As {@link #watched(WatchedCluster)}, for one more step of the cluster. */
    void watched(WatchedCluster cluster, WatchedStep step) {
        if (!isPushed()) {
            return;
        }
        // One that this process did not submit may have ended before the subscription.
        if (cluster.mayHaveMissedSteps || !step.ordered) {
            cluster.mayHaveMissedSteps = false;
            tellSteps(cluster);
        }
        StepSummary early = cluster.pushedSteps.remove(step.command.stepId());
        if (early != null) {
            calls.soon(() -> stepChanged(cluster, early));
        }
    }

    @Override
    public void clusterChanged(String clusterId, ClusterState state) {
        synchronized (poller) {
            for (WatchedCluster cluster : poller.find(clusterId)) {
                if (!isWithoutConsequence(cluster, state)) {
                    cluster.told = true;
                    tell(cluster);
                }
            }
        }
    }

    /** RUNNING and WAITING alternate with the steps; they matter only while the cluster starts. */
    private static boolean isWithoutConsequence(WatchedCluster cluster, ClusterState state) {
        return StatusMapper.up(state) && (cluster.up || cluster.start == null) && cluster.end == null;
    }

    @Override
    public void stepChanged(String clusterId, StepSummary step) {
        StepState state = step.status().state();
        if (state != StepState.PENDING && state != StepState.CANCEL_PENDING) {
            ImmutableList<WatchedCluster> found;
            synchronized (poller) {
                found = poller.find(clusterId);
            }
            found.forEach(cluster -> stepChanged(cluster, step));
        }
    }

    private void stepChanged(WatchedCluster cluster, StepSummary step) {
        StepState state = step.status().state();
        synchronized (poller) {
            WatchedStep watched = cluster.steps().get(step.id());
            if (watched == null) {
                keep(cluster, step);
                return;
            } else if (state == StepState.RUNNING) {
                keep(cluster, step);
                reportRunningSoon(cluster);
                return;
            }
            cluster.pushedSteps.remove(step.id());
            if (state != StepState.COMPLETED) {
                tellSteps(cluster);
                return;
            }
        }
        take(cluster, ImmutableList.of(step));
    }

    private void take(WatchedCluster cluster, ImmutableList<StepSummary> steps) {
        calls.run(ImmutableList.of(cluster.run), () -> {
            StatusPoller.Known known = poller.known(cluster);
            boolean unused = poller.take(cluster, steps, known, known.status());
        });
    }

    private static void keep(WatchedCluster cluster, StepSummary step) {
        cluster.pushedSteps.put(step.id(), step);
        if (cluster.pushedSteps.size() > MAX_PUSHED) {
            cluster.pushedSteps.remove(cluster.pushedSteps.keySet().iterator().next());
            cluster.mayHaveMissedSteps = true;
        }
    }

    @Override
    public void mayHaveMissed() {
        synchronized (poller) {
            poller.all().forEach(cluster -> {
                cluster.told = true;
                cluster.pushedSteps.clear();
                cluster.mayHaveMissedSteps = true;
                tellSteps(cluster);
            });
        }
    }

    private void reportRunningSoon(WatchedCluster cluster) {
        if (!cluster.runningDue) {
            cluster.runningDue = true;
            calls.later(ImmutableList.of(cluster.run), RUNNING_DELAY, () -> take(cluster, running(cluster)));
        }
    }

    /** The watched steps that were pushed as running. */
    private ImmutableList<StepSummary> running(WatchedCluster cluster) {
        synchronized (poller) {
            cluster.runningDue = false;
            ImmutableList<StepSummary> running = cluster.pushedSteps.values().stream()
                    .filter(step -> cluster.steps().containsKey(step.id()))
                    .collect(ImmutableList.toImmutableList());
            running.forEach(step -> cluster.pushedSteps.remove(step.id()));
            return running;
        }
    }

    private void tellSteps(WatchedCluster cluster) {
        cluster.stepsTold = true;
        tell(cluster);
    }

    private void tell(WatchedCluster cluster) {
        if (told.add(cluster) && told.size() == 1) {
            calls.soon(() -> poller.pollTold(taken()));
        }
    }

    private ImmutableList<WatchedCluster> taken() {
        synchronized (poller) {
            ImmutableList<WatchedCluster> taken =
                    told.stream().filter(poller::isWatched).collect(ImmutableList.toImmutableList());
            told.clear();
            return taken;
        }
    }
}
