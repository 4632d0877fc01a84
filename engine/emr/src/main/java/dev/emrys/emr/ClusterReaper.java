package dev.emrys.emr;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.emrys.drive.Effects.Reports;
import dev.emrys.emr.ApiBudget.Priority;
import dev.emrys.run.Event;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.EmrClient;
import software.amazon.awssdk.services.emr.model.Cluster;
import software.amazon.awssdk.services.emr.model.ClusterState;
import software.amazon.awssdk.services.emr.model.ListClustersResponse;

/**
 * Finds the clusters of an account that runs of Emrys have started, whichever journal has these runs, and ends those
 * whose life lease is over. It touches no cluster without Emrys's tags. Its calls take their turns with those of the
 * runs, so that a listing of hundreds of clusters takes minutes: EMR grants one description in a second. Thread-safe.
 *
 * @see <a href="https://docs.aws.amazon.com/emr/latest/APIReference/API_ListClusters.html">ListClusters</a>
 */
public final class ClusterReaper implements AutoCloseable {
    private static final ImmutableSet<ClusterState> UP = ImmutableSet.of(
            ClusterState.STARTING, ClusterState.BOOTSTRAPPING, ClusterState.RUNNING, ClusterState.WAITING);

    private final EmrAccount account;
    private final RetryingCaller calls;
    private final EmrRun run;
    private final CompletableFuture<Void> bug = new CompletableFuture<>();

    /** How the end of a cluster went. */
    public enum Ending {
        /** EMR has accepted it. */
        ACCEPTED,
        /** The cluster had ended meanwhile. */
        GONE,
        /** Its lease was renewed meanwhile: it was kept. */
        RENEWED,
        /** It is protected from termination: it was kept. */
        PROTECTED,
        /** EMR will not end it. */
        REFUSED
    }

    /** @param reason EMR's words for a refusal; else empty */
    public record Ended(Ending ending, String reason) {}

    /** EMR will not list or describe the clusters. */
    public static final class RefusedException extends RuntimeException {
        RefusedException(String message) {
            super(message);
        }
    }

    /** @param account stays open */
    public ClusterReaper(EmrAccount account) {
        this.account = account;
        this.calls = account.calls();
        this.run = new EmrRun(
                new RunTags("", "", ""),
                Instant.EPOCH,
                new SecretValues(name -> Optional.empty(), ImmutableSet.of()),
                duration -> true);
        var unused = run.reportsTo(new Reports() {
            @Override
            public void report(Event event) {}

            @Override
            public void fail(Throwable failure) {
                bug.completeExceptionally(failure);
            }
        });
        account.open(run);
    }

    /** The time by the endpoint's clock, as its last answer tells it. */
    public Instant now() {
        return calls.remoteNow();
    }

    /**
     * The clusters of Emrys that are up, the oldest first. An outage is waited for.
     *
     * @return fails with {@link RefusedException}
     */
    public CompletableFuture<ImmutableList<LeasedCluster>> clusters() {
        Listing listing = new Listing();
        calls.begin(listing);
        return orBug(listing.found.thenCompose(this::described));
    }

    private CompletableFuture<ImmutableList<LeasedCluster>> described(List<String> ids) {
        List<CompletableFuture<@Nullable Cluster>> asked =
                ids.stream().map(this::describe).toList();
        return CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new))
                .thenApply(nothing -> asked.stream()
                        .map(CompletableFuture::join)
                        .filter(Objects::nonNull)
                        .filter(ClusterReaper::isUp)
                        .map(LeasedCluster::of)
                        .filter(Objects::nonNull)
                        .sorted(Comparator.comparing(
                                (LeasedCluster one) -> one.started() == null ? Instant.MAX : one.started()))
                        .collect(ImmutableList.toImmutableList()));
    }

    /** Null when EMR does not know it any more. */
    private CompletableFuture<@Nullable Cluster> describe(String id) {
        CompletableFuture<@Nullable Cluster> described = new CompletableFuture<>();
        calls.begin(new Description(id, described));
        return described;
    }

    private static boolean isUp(Cluster cluster) {
        return cluster.status() != null && UP.contains(cluster.status().state());
    }

    private <T> CompletableFuture<T> orBug(CompletableFuture<T> result) {
        var unused = bug.whenComplete((nothing, failure) -> result.completeExceptionally(failure));
        return result;
    }

    /**
     * Ends a cluster, unless it has another expiry by now: it is described once more before.
     *
     * @param cluster from {@link #clusters}, with the verdict that it is overdue
     * @param unprotect whether its protection from termination is switched off
     * @return fails with {@link RefusedException} when EMR will not describe it
     */
    public CompletableFuture<Ended> end(LeasedCluster cluster, boolean unprotect) {
        return orBug(describe(cluster.id()).thenCompose(described -> {
            LeasedCluster now = described == null || !isUp(described) ? null : LeasedCluster.of(described);
            if (now == null) {
                return ended(Ending.GONE);
            }
            if (!Objects.equals(now.expiry(), cluster.expiry())) {
                return ended(Ending.RENEWED);
            }
            return now.isProtected() && !unprotect ? ended(Ending.PROTECTED) : terminate(now);
        }));
    }

    private static CompletableFuture<Ended> ended(Ending ending) {
        return CompletableFuture.completedFuture(new Ended(ending, ""));
    }

    private CompletableFuture<Ended> terminate(LeasedCluster cluster) {
        if (cluster.isProtected()) {
            run.protectedByAuthor(cluster.id());
        }
        CompletableFuture<Ended> over = new CompletableFuture<>();
        account.ender()
                .end(
                        run,
                        cluster.id(),
                        () -> over.complete(new Ended(Ending.ACCEPTED, "")),
                        refusal -> over.complete(new Ended(Ending.REFUSED, refusal)));
        return over;
    }

    @Override
    public void close() {
        account.close(run);
    }

    private abstract class Question<R> extends ApiCall<R> {
        Question(EmrOperation operation) {
            super(operation, Priority.STATUS);
        }

        @Override
        ImmutableList<EmrRun> runs() {
            return ImmutableList.of(run);
        }

        void refuse(CallFailure.Refused refused, Consumer<Throwable> result) {
            result.accept(new RefusedException(calls.explained(refused)));
        }
    }

    /** The ids of the clusters that are up and whose names carry a key: others need not be described. */
    private final class Listing extends Question<ListClustersResponse> {
        final CompletableFuture<List<String>> found = new CompletableFuture<>();
        private final List<String> ids = new ArrayList<>();
        private @Nullable String marker;

        Listing() {
            super(EmrOperation.LIST_CLUSTERS);
        }

        @Override
        String what() {
            return "Listing the clusters";
        }

        @Override
        ListClustersResponse send(EmrClient client) {
            return client.listClusters(request -> request.clusterStates(UP).marker(marker));
        }

        @Override
        void answered(ListClustersResponse answer) {
            answer.clusters().stream()
                    .filter(cluster ->
                            !RunTags.key(String.valueOf(cluster.name())).isEmpty())
                    .forEach(cluster -> ids.add(cluster.id()));
            marker = answer.marker();
            if (marker == null) {
                found.complete(ids);
            } else {
                calls.begin(this);
            }
        }

        @Override
        void refused(CallFailure.Refused refused) {
            refuse(refused, found::completeExceptionally);
        }
    }

    private final class Description extends Question<Cluster> {
        private final String id;
        private final CompletableFuture<@Nullable Cluster> described;

        Description(String id, CompletableFuture<@Nullable Cluster> described) {
            super(EmrOperation.DESCRIBE_CLUSTER);
            this.id = id;
            this.described = described;
        }

        @Override
        String what() {
            return "Describing the cluster " + id;
        }

        @Override
        Cluster send(EmrClient client) {
            Cluster cluster =
                    client.describeCluster(request -> request.clusterId(id)).cluster();
            if (cluster == null) {
                throw CallFailure.unreadable("DescribeCluster gave no cluster " + id);
            }
            return cluster;
        }

        @Override
        void answered(Cluster cluster) {
            described.complete(cluster);
        }

        @Override
        void refused(CallFailure.Refused refused) {
            if (refused.missing() == CallFailure.Missing.CLUSTER) {
                described.complete(null);
            } else {
                refuse(refused, described::completeExceptionally);
            }
        }
    }
}
