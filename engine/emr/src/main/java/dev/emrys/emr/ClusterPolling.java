package dev.emrys.emr;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.LinkedListMultimap;
import com.google.common.collect.ListMultimap;
import dev.emrys.emr.ApiBudget.Priority;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.EmrClient;
import software.amazon.awssdk.services.emr.model.Cluster;
import software.amazon.awssdk.services.emr.model.ClusterState;
import software.amazon.awssdk.services.emr.model.ClusterStatus;
import software.amazon.awssdk.services.emr.model.ClusterSummary;
import software.amazon.awssdk.services.emr.model.ListClustersResponse;

/**
 * Asks EMR for the states of clusters: one ListClusters sweep for those of all runs, which is read page by page and
 * goes on where a throttle stopped it, and DescribeCluster for those that it does not list.
 */
final class ClusterPolling {
    private static final ImmutableList<ClusterState> ALIVE = ImmutableList.of(
            ClusterState.STARTING,
            ClusterState.BOOTSTRAPPING,
            ClusterState.RUNNING,
            ClusterState.WAITING,
            ClusterState.TERMINATING);

    private final StatusPoller poller;
    private final RetryingCaller calls;
    private boolean sweeping;

    ClusterPolling(StatusPoller poller, RetryingCaller calls) {
        this.poller = poller;
        this.calls = calls;
    }

    /** Begins a sweep, unless the last one is under way. */
    void poll(List<WatchedCluster> watched) {
        List<WatchedCluster> wanted;
        synchronized (poller) {
            wanted = watched.stream().filter(one -> one.goneSince == null).toList();
            if (wanted.isEmpty() || (wanted.size() > 1 && sweeping)) {
                return;
            }
            sweeping |= wanted.size() > 1;
            if (wanted.size() > 1) {
                wanted.forEach(one -> one.told = false);
            }
        }
        if (wanted.size() > 1) {
            calls.begin(new Sweep(wanted));
        } else {
            describe(wanted.get(0));
        }
    }

    private void describe(WatchedCluster cluster) {
        synchronized (poller) {
            if (cluster.describing) {
                return;
            }
            cluster.describing = true;
            cluster.told = false;
        }
        describe(cluster, status -> {}, () -> {});
    }

    /** Asks again for a cluster of which a change was told while it was asked for. */
    private void describeIfTold(WatchedCluster cluster) {
        boolean again;
        synchronized (poller) {
            again = cluster.told && poller.isWatched(cluster);
        }
        if (again) {
            describe(cluster);
        }
    }

    /**
     * Asks for the state of one cluster.
     *
     * @param then called with it
     * @param otherwise called when EMR refuses
     */
    void describe(WatchedCluster cluster, Consumer<ClusterStatus> then, Runnable otherwise) {
        calls.begin(new Description(cluster, then, otherwise));
    }

    private final class Sweep extends ApiCall<ListClustersResponse> {
        private final ImmutableList<WatchedCluster> watched;
        private final ListMultimap<String, WatchedCluster> wanted = LinkedListMultimap.create();
        private @Nullable String marker;

        Sweep(List<WatchedCluster> watched) {
            super(EmrOperation.LIST_CLUSTERS, Priority.STATUS);
            this.watched = ImmutableList.copyOf(watched);
            watched.forEach(cluster -> wanted.put(cluster.id, cluster));
        }

        @Override
        String what() {
            return "Asking EMR for the states of the clusters";
        }

        @Override
        ListClustersResponse send(EmrClient client) {
            // Without the states it would read two months of history for a cluster that has ended.
            return client.listClusters(request -> request.clusterStates(ALIVE).marker(marker));
        }

        @Override
        void answered(ListClustersResponse answer) {
            for (ClusterSummary summary : answer.clusters()) {
                wanted.removeAll(summary.id()).forEach(cluster -> poller.take(cluster, summary.status()));
            }
            marker = answer.marker();
            if (marker != null && !wanted.isEmpty()) {
                calls.begin(this);
                return;
            }
            synchronized (poller) {
                sweeping = false;
            }
            wanted.values().forEach(ClusterPolling.this::describe);
            watched.forEach(ClusterPolling.this::describeIfTold);
        }

        @Override
        void refused(CallFailure.Refused refused) {
            calls.warnIfLasting(this, refused);
            calls.repeatLater(this);
        }
    }

    private final class Description extends ApiCall<ClusterStatus> {
        private final WatchedCluster cluster;
        private final Consumer<ClusterStatus> then;
        private final Runnable otherwise;

        Description(WatchedCluster cluster, Consumer<ClusterStatus> then, Runnable otherwise) {
            super(EmrOperation.DESCRIBE_CLUSTER, Priority.STATUS);
            this.cluster = cluster;
            this.then = then;
            this.otherwise = otherwise;
        }

        @Override
        String what() {
            return "Asking EMR for the state of the cluster " + cluster.id;
        }

        @Override
        ImmutableList<EmrRun> runs() {
            return ImmutableList.of(cluster.run);
        }

        @Override
        ClusterStatus send(EmrClient client) {
            Cluster described = client.describeCluster(request -> request.clusterId(cluster.id))
                    .cluster();
            if (described == null || described.status() == null) {
                throw CallFailure.unreadable("DescribeCluster gave no status of " + cluster.id);
            }
            return described.status();
        }

        @Override
        void answered(ClusterStatus status) {
            synchronized (poller) {
                cluster.describing = false;
            }
            poller.take(cluster, status);
            then.accept(status);
            describeIfTold(cluster);
        }

        @Override
        void refused(CallFailure.Refused refused) {
            synchronized (poller) {
                cluster.describing = false;
            }
            poller.refused(cluster, refused);
            otherwise.run();
        }
    }
}
