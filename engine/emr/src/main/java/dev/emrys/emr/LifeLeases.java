package dev.emrys.emr;

import com.google.common.collect.ImmutableList;
import dev.emrys.emr.ApiBudget.Priority;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.EmrClient;
import software.amazon.awssdk.services.emr.model.AddTagsResponse;

/**
 * Renews the life leases of the clusters that are watched: each cluster has a tag with the time after which it is
 * counted as left over, and while a process drives its run that process sets the tag anew.
 *
 * <p>A lease lasts 6 hours and is renewed when less than half of it is left: EMR's 500 clusters of an account need 500
 * calls in 3 hours, a tenth of what EMR grants for AddTags and a hundredth of what it grants for all calls. Such a call
 * has the priority of a status call: it never delays a start, a submission or an end. It cannot wait for hours either,
 * since the quotas of those operations together are below that of the account. A renewal that fails has no effect on
 * the run.
 *
 * @see <a href="https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-plan-tags.html">Tags of clusters</a>
 */
final class LifeLeases {
    private final RetryingCaller calls;

    LifeLeases(RetryingCaller calls) {
        this.calls = calls;
    }

    /** The expiry of a lease that begins now, by the endpoint's clock. */
    static Instant next(RetryingCaller calls) {
        return calls.remoteNow().plus(LifeLease.LENGTH).truncatedTo(ChronoUnit.SECONDS);
    }

    /** Renews what is due, for those clusters whose runs this process is certain to drive. */
    void renew(List<WatchedCluster> up) {
        Instant now = calls.remoteNow();
        Map<EmrRun, List<String>> warnings = new LinkedHashMap<>();
        for (WatchedCluster cluster : up) {
            LifeLease lease = cluster.run.lease(cluster.id);
            if (!cluster.run.isDrivenFor(calls.endpoint().callTimeout())) {
                continue;
            }
            if (lease.begin(now)) {
                calls.begin(new Renewal(cluster, lease));
            }
            String warning = lease.warning(now);
            if (warning != null) {
                warnings.computeIfAbsent(cluster.run, run -> new ArrayList<>())
                        .add("The life lease of the cluster " + cluster.id + " could not be renewed: " + warning);
            }
        }
        warnings.forEach((run, texts) -> calls.warn(ImmutableList.of(run), text(texts)));
    }

    private static String text(List<String> texts) {
        return texts.get(0)
                + (texts.size() == 1 ? "" : " So it is for " + (texts.size() - 1) + " more clusters of the run.")
                + " The run goes on; after the expiry `emrys reap` counts such a cluster as left over.";
    }

    private final class Renewal extends ApiCall<AddTagsResponse> {
        private final WatchedCluster cluster;
        private final LifeLease lease;
        private @Nullable Instant expiry;

        Renewal(WatchedCluster cluster, LifeLease lease) {
            super(EmrOperation.ADD_TAGS, Priority.STATUS);
            this.cluster = cluster;
            this.lease = lease;
        }

        @Override
        String what() {
            return "Renewing the life lease of the cluster " + cluster.id;
        }

        @Override
        ImmutableList<EmrRun> runs() {
            return ImmutableList.of(cluster.run);
        }

        /** Only an expiry that comes near is worth a message. */
        @Override
        boolean warnsIfLasting() {
            return false;
        }

        @Override
        AddTagsResponse send(EmrClient client) {
            Instant next = next(calls);
            expiry = next;
            return client.addTags(
                    request -> request.resourceId(cluster.id).tags(RunTags.tag(RunTags.EXPIRES_AT, next.toString())));
        }

        @Override
        void answered(AddTagsResponse answer) {
            if (expiry != null) {
                lease.renewed(expiry);
            }
        }

        @Override
        void refused(CallFailure.Refused refused) {
            lease.refused(calls.explained(refused), calls.remoteNow());
        }
    }
}
