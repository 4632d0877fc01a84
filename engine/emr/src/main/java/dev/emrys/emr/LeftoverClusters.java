package dev.emrys.emr;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.EmrClient;
import software.amazon.awssdk.services.emr.model.ClusterState;
import software.amazon.awssdk.services.emr.model.ClusterSummary;
import software.amazon.awssdk.services.emr.model.ListClustersResponse;

/**
 * Ends the clusters of a run that no task of it will end, because its journal was restored from an older copy, or is
 * lost.
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

    /**
     * Ends those that are up and that the journal does not know, for a run whose tasks have all ended.
     *
     * @return completes when EMR has accepted the end of each, or refused it
     */
    CompletableFuture<@Nullable Void> endUnknown() {
        return end(
                cluster -> !run.isKnown(cluster.id()),
                "is up, and its journal does not know it: it is being ended. Was the journal restored from a copy?");
    }

    /** As {@link #endUnknown}, for all that are up. */
    CompletableFuture<@Nullable Void> endAll() {
        return end(cluster -> true, "is being ended, since nothing can end it later.");
    }

    private CompletableFuture<@Nullable Void> end(Predicate<ClusterSummary> wanted, String why) {
        Listing listing = new Listing(wanted);
        calls.begin(listing);
        return listing.found.thenCompose(clusters -> CompletableFuture.allOf(
                clusters.stream().map(cluster -> end(cluster, why)).toArray(CompletableFuture<?>[]::new)));
    }

    private CompletableFuture<@Nullable Void> end(ClusterSummary cluster, String why) {
        CompletableFuture<@Nullable Void> over = new CompletableFuture<>();
        calls.warn(
                ImmutableList.of(run),
                "The cluster " + cluster.id() + " (\"" + cluster.name() + "\") of this run " + why);
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
        private final Predicate<ClusterSummary> wanted;
        private @Nullable String marker;

        Listing(Predicate<ClusterSummary> wanted) {
            super(EmrOperation.LIST_CLUSTERS, ApiBudget.Priority.MUTATION);
            this.wanted = wanted;
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
                    .filter(cluster -> run.made(String.valueOf(cluster.name())) && wanted.test(cluster))
                    .forEach(clusters::add);
            marker = answer.marker();
            if (marker == null) {
                found.complete(clusters);
            } else {
                calls.begin(this);
            }
        }

        @Override
        void uncertain(RetryingCaller ignored) {
            if (calls.endpoint().isGone()) {
                found.complete(List.of());
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
