package dev.emrys.emr;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.LinkedListMultimap;
import com.google.common.collect.ListMultimap;
import dev.emrys.emr.ApiBudget.Priority;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.EmrClient;
import software.amazon.awssdk.services.emr.model.ClusterState;
import software.amazon.awssdk.services.emr.model.ClusterSummary;
import software.amazon.awssdk.services.emr.model.ListClustersResponse;

/**
 * Ends clusters that EMR has started more than once for one start. A start whose answer was lost is looked up by its
 * key; but a request may also be doubled on its way and answered as if nothing had happened. So when the lag of EMR's
 * listings is over after starts, one listing of the clusters that are up is read for their keys, mostly one page for
 * all of them. A process that takes a run over does the same for the clusters that its journal knows. Only where EMR
 * has quotas: an emulator on this machine is reached without anything between. Thread-safe.
 */
final class SurplusClusters {
    private static final ImmutableList<ClusterState> UP = ImmutableList.of(
            ClusterState.STARTING, ClusterState.BOOTSTRAPPING, ClusterState.RUNNING, ClusterState.WAITING);

    /** How exactly the clock of EMR is known here. */
    private static final Duration CLOCK_ERROR = Duration.ofMinutes(5);

    private final RetryingCaller calls;
    private final ClusterEnder ender;

    /** By id, those that no listing is read for yet. */
    private final Map<String, Started> waiting = new LinkedHashMap<>();

    private boolean scheduled;

    /**
     * A cluster that EMR has started.
     *
     * @param key empty when only the cluster's own name tells it, since another process has started it
     * @param name the author's
     * @param sent when the request was sent, by EMR's clock
     */
    record Started(EmrRun run, String key, String id, String name, boolean isProtected, Instant sent) {}

    SurplusClusters(RetryingCaller calls, ClusterEnder ender) {
        this.calls = calls;
        this.ender = ender;
    }

    /** Looks later whether there is another one with the same key. */
    void started(Started cluster) {
        lookLater(cluster);
    }

    /** Looks later, too, unless this process has started it. */
    void watched(EmrCommand.ClusterWatch watch, EmrRun run) {
        if (watch.isOwn() && run.isNewCluster(watch.clusterId())) {
            lookLater(new Started(run, "", watch.clusterId(), watch.task(), watch.isProtected(), run.begun()));
        }
    }

    private void lookLater(Started cluster) {
        if (!calls.budget().isLimited()) {
            return;
        }
        synchronized (this) {
            waiting.put(cluster.id(), cluster);
            if (scheduled) {
                return;
            }
            scheduled = true;
        }
        calls.later(ImmutableList.of(), calls.endpoint().listingLag(), this::look);
    }

    private void look() {
        Map<String, Started> wanted;
        synchronized (this) {
            scheduled = false;
            waiting.values().removeIf(one -> one.run().closed());
            wanted = new LinkedHashMap<>(waiting);
            waiting.clear();
        }
        if (!wanted.isEmpty()) {
            calls.begin(new Listing(wanted));
        }
    }

    /** @param surplus the ids of those that are not used */
    void end(Started used, List<String> surplus) {
        ImmutableList<EmrRun> runs = ImmutableList.of(used.run());
        calls.warn(
                runs,
                "EMR has started the cluster \"" + used.name() + "\" more than once: " + surplus + " are being ended, "
                        + used.id() + " is used.");
        for (String id : surplus) {
            if (used.isProtected()) {
                // One that a person protects must not keep the run from the one that is used.
                used.run().protectedByAuthor(id);
            }
            ender.end(
                    used.run(),
                    id,
                    () -> {},
                    refused -> calls.warn(
                            runs,
                            "The surplus cluster " + id + " could not be ended, and costs money until it is ended"
                                    + " (aws emr terminate-clusters --cluster-ids " + id + "): " + refused));
        }
    }

    private final class Listing extends ApiCall<ListClustersResponse> {
        private final Map<String, Started> wanted;
        private final Instant since;
        /** By id. */
        private final Map<String, ClusterSummary> up = new LinkedHashMap<>();

        private @Nullable String marker;

        Listing(Map<String, Started> wanted) {
            super(EmrOperation.LIST_CLUSTERS, Priority.STATUS);
            this.wanted = wanted;
            this.since = wanted.values().stream()
                    .map(Started::sent)
                    .min(Comparator.naturalOrder())
                    .orElseThrow()
                    .minus(CLOCK_ERROR);
        }

        @Override
        String what() {
            return "Looking for clusters that were started twice";
        }

        @Override
        ImmutableList<EmrRun> runs() {
            return wanted.values().stream().map(Started::run).distinct().collect(ImmutableList.toImmutableList());
        }

        @Override
        ListClustersResponse send(EmrClient client) {
            return client.listClusters(
                    request -> request.createdAfter(since).clusterStates(UP).marker(marker));
        }

        @Override
        void answered(ListClustersResponse answer) {
            answer.clusters().forEach(cluster -> up.put(cluster.id(), cluster));
            marker = answer.marker();
            if (marker != null) {
                calls.begin(this);
                return;
            }
            ListMultimap<String, String> idsByKey = LinkedListMultimap.create();
            up.values().forEach(cluster -> idsByKey.put(key(cluster), cluster.id()));
            for (Started used : wanted.values()) {
                ClusterSummary itself = up.get(used.id());
                String key = used.key().isEmpty() && itself != null ? key(itself) : used.key();
                ImmutableList<String> surplus = idsByKey.get(key).stream()
                        .filter(id -> !id.equals(used.id()))
                        .collect(ImmutableList.toImmutableList());
                if (!key.isEmpty() && !surplus.isEmpty() && !used.run().closed()) {
                    end(used, surplus);
                }
            }
        }

        private String key(ClusterSummary cluster) {
            return RunTags.key(String.valueOf(cluster.name()));
        }

        @Override
        void refused(CallFailure.Refused refused) {
            calls.warnIfLasting(this, refused);
            calls.repeatLater(this);
        }
    }
}
