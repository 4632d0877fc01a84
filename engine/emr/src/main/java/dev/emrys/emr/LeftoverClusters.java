package dev.emrys.emr;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.EmrClient;
import software.amazon.awssdk.services.emr.model.ClusterState;
import software.amazon.awssdk.services.emr.model.ClusterSummary;
import software.amazon.awssdk.services.emr.model.ListClustersResponse;

/**
 * Ends the clusters of a run whose tasks have all ended: those that are up and that its journal does not know, because it was restored from
 * an older copy. Clusters that the journal knows have a task that ends them.
 */
final class LeftoverClusters {
    private static final ImmutableList<ClusterState> UP = ImmutableList.of(
            ClusterState.STARTING, ClusterState.BOOTSTRAPPING, ClusterState.RUNNING, ClusterState.WAITING);

    private final RetryingCaller calls;
    private final ClusterEnder ender;
    private final EmrRun run;

    LeftoverClusters(RetryingCaller calls, ClusterEnder ender, EmrRun run) {
        this.calls = calls;
        this.ender = ender;
        this.run = run;
    }

    /** @return completes when EMR has accepted the end of each, or refused it */
    CompletableFuture<@Nullable Void> end() {
        Listing listing = new Listing();
        calls.begin(listing);
        return listing.found.thenCompose(clusters ->
                CompletableFuture.allOf(clusters.stream().map(this::end).toArray(CompletableFuture<?>[]::new)));
    }

    private CompletableFuture<@Nullable Void> end(ClusterSummary cluster) {
        CompletableFuture<@Nullable Void> over = new CompletableFuture<>();
        calls.warn(
                ImmutableList.of(run),
                "The cluster " + cluster.id() + " (\"" + cluster.name()
                        + "\") of this run is up, and its journal does not"
                        + " know it: it is being ended. Was the journal restored from a copy?");
        ender.end(run, cluster.id(), () -> over.complete(null), refused -> {
            calls.warn(
                    ImmutableList.of(run),
                    "The cluster " + cluster.id() + " could not be ended, and costs money until it is ended"
                            + " (aws emr terminate-clusters --cluster-ids " + cluster.id() + "): " + refused);
            over.complete(null);
        });
        return over;
    }

    /** Reads ListClusters from its first page to its last. */
    private final class Listing extends ApiCall<ListClustersResponse> {
        final CompletableFuture<List<ClusterSummary>> found = new CompletableFuture<>();
        private final List<ClusterSummary> clusters = new ArrayList<>();
        private @Nullable String marker;

        Listing() {
            super(EmrOperation.LIST_CLUSTERS, ApiBudget.Priority.MUTATION);
        }

        @Override
        String what() {
            return "Looking for clusters that are left of the run";
        }

        @Override
        ImmutableList<EmrRun> runs() {
            return ImmutableList.of(run);
        }

        @Override
        ListClustersResponse send(EmrClient client) {
            return client.listClusters(
                    request -> request.createdAfter(run.begun().minus(ClusterLauncher.CLOCK_SKEW))
                            .clusterStates(UP)
                            .marker(marker));
        }

        @Override
        void answered(ListClustersResponse answer) {
            answer.clusters().stream()
                    .filter(cluster -> run.made(String.valueOf(cluster.name())) && !run.isKnown(cluster.id()))
                    .forEach(clusters::add);
            marker = answer.marker();
            if (marker == null) {
                found.complete(clusters);
            } else {
                calls.begin(this);
            }
        }

        /** Without the listing it is not known whether a cluster is left: it is tried again. */
        @Override
        void refused(CallFailure.Refused refused) {
            calls.warnIfLasting(this, refused);
            calls.repeatLater(this);
        }
    }
}
