package dev.emrys.emr;

import com.google.common.collect.ImmutableList;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.model.ClusterState;
import software.amazon.awssdk.services.emr.model.StepState;

/**
 * Asks at once for the clusters and steps that an endpoint notifies of. Notifications that come before EMR is asked are served by one call for
 * each cluster. Its state, and that of {@link WatchedCluster}, is guarded by the lock of the {@link StatusPoller}.
 */
final class ChangeNotices implements Endpoint.ChangeListener {
    /** That a step runs is of interest for people; a step that ends sooner is asked for once, not twice. */
    private static final Duration RUNNING_DELAY = Duration.ofMillis(100);

    private final StatusPoller poller;
    private final RetryingCaller calls;

    /** Those to ask for. */
    private final Set<WatchedCluster> told = new LinkedHashSet<>();

    private Endpoint.@Nullable Subscription subscription;

    ChangeNotices(StatusPoller poller, RetryingCaller calls) {
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
    void watched(WatchedCluster cluster, WatchedCluster.WatchedStep step) {
        if (!isPushed()) {
            return;
        }
        // One that this process did not submit may have ended before the subscription.
        if (cluster.othersTold || !step.ordered) {
            cluster.othersTold = false;
            tellSteps(cluster);
        } else {
            checkSoon(cluster);
        }
    }

    @Override
    public void clusterChanged(String clusterId, ClusterState state) {
        synchronized (poller) {
            WatchedCluster cluster = poller.find(clusterId);
            if (cluster != null && !isWithoutConsequence(cluster, state)) {
                cluster.told = true;
                tell(cluster);
            }
        }
    }

    /** RUNNING and WAITING alternate with the steps; they matter only while the cluster starts. */
    private static boolean isWithoutConsequence(WatchedCluster cluster, ClusterState state) {
        return StatusMapper.up(state) && (cluster.up || cluster.start == null) && cluster.end == null;
    }

    @Override
    public void stepChanged(String clusterId, String stepId, StepState state) {
        synchronized (poller) {
            WatchedCluster cluster = poller.find(clusterId);
            if (cluster == null || state == StepState.PENDING || state == StepState.CANCEL_PENDING) {
                return;
            }
            WatchedCluster.WatchedStep step = cluster.steps().get(stepId);
            if (state == StepState.RUNNING) {
                if (step != null && !step.running) {
                    checkSoon(cluster);
                }
            } else if (step == null) {
                cluster.othersTold = true;
            } else {
                tellSteps(cluster);
            }
        }
    }

    @Override
    public void mayHaveMissed() {
        synchronized (poller) {
            poller.all().forEach(cluster -> {
                cluster.told = true;
                cluster.othersTold = true;
                tellSteps(cluster);
            });
        }
    }

    private void checkSoon(WatchedCluster cluster) {
        if (!cluster.runningCheckDue) {
            cluster.runningCheckDue = true;
            calls.later(ImmutableList.of(cluster.run), RUNNING_DELAY, () -> {
                synchronized (poller) {
                    cluster.runningCheckDue = false;
                    if (poller.isWatched(cluster)
                            && cluster.steps().values().stream().anyMatch(step -> !step.running)) {
                        tellSteps(cluster);
                    }
                }
            });
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
