package dev.emrys.emr;

import com.google.common.collect.ImmutableList;
import dev.emrys.drive.Effects.Reports;
import dev.emrys.run.Event;
import dev.emrys.spec.FailureKind;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.emr.EmrClient;
import software.amazon.awssdk.services.emr.model.ClusterSummary;
import software.amazon.awssdk.services.emr.model.InstanceGroupType;
import software.amazon.awssdk.services.emr.model.ListClustersRequest;
import software.amazon.awssdk.services.emr.model.RunJobFlowRequest;

/**
 * Starts and ends clusters. RunJobFlow has no token that would make a repetition harmless, so whenever a request may have been
 * sent, the clusters made since are searched for the key: twice, with the listing's lag between, before it is sent again.
 */
final class ClusterLauncher {
    /**
     * Clocks differ: what we date at noon may be listed as made before, by hours where a clock or its zone is set wrong (the SDK corrects
     * its signatures for that). The key decides what is ours; the time only keeps the listing short.
     */
    static final Duration CLOCK_SKEW = Duration.ofDays(1);

    private static final int LOOKUPS = 2;

    /** How often EMR must say that it does not know a cluster before its end is taken for reached. */
    private static final int UNKNOWN_TRIES = 6;

    private final RetryingCaller calls;
    private final RequestFactory requests;
    private final Predicate<String> withdrawn;

    /** @param withdrawn whether what has the key must not be sent any more */
    ClusterLauncher(RetryingCaller calls, RequestFactory requests, Predicate<String> withdrawn) {
        this.calls = calls;
        this.requests = requests;
        this.withdrawn = withdrawn;
    }

    void start(EmrCommand.ClusterSubmission command, Reports reports) {
        // How many looks found nothing since the last request that may have arrived; certain at first, if nobody sent
        // one.
        AtomicInteger lookups = new AtomicInteger(command.uncertain() ? 0 : LOOKUPS);
        begin(command, lookups, reports, 0);
    }

    private void begin(EmrCommand.ClusterSubmission command, AtomicInteger lookups, Reports reports, int before) {
        calls.begin(
                "Starting the cluster \"" + command.cluster().name() + "\"",
                (client, tries) -> {
                    if (isProvenAbsent(client, command, lookups, reports, tries)) {
                        send(client, command, lookups, reports);
                    }
                },
                refused -> reports.report(failed(command, refused.text())),
                before);
    }

    /** Whether it may be sent now, because it is certain that it is not there. */
    private boolean isProvenAbsent(
            EmrClient client, EmrCommand.ClusterSubmission command, AtomicInteger lookups, Reports reports, int tries) {
        if (lookups.get() < LOOKUPS) {
            Optional<String> found = lookup(client, command);
            if (found.isPresent()) {
                reports.report(accepted(command, found.get()));
                return false;
            }
            if (lookups.incrementAndGet() < LOOKUPS) {
                calls.later(calls.endpoint().listingLag(), () -> begin(command, lookups, reports, tries));
                return false;
            }
        }
        // The look took its time: whoever closed us meanwhile relies on nothing being sent.
        return !calls.closed();
    }

    private void send(EmrClient client, EmrCommand.ClusterSubmission command, AtomicInteger lookups, Reports reports) {
        if (withdrawn.test(command.key())) {
            reports.report(failed(command, RequestFactory.WITHDRAWN));
            return;
        }
        RunJobFlowRequest request;
        try {
            request = requests.cluster(command);
        } catch (SecretValues.MissingSecretException e) {
            reports.report(failed(command, String.valueOf(e.getMessage())));
            return;
        }
        // Whatever goes wrong from here on, it may have arrived.
        lookups.set(0);
        reports.report(accepted(command, client.runJobFlow(request).jobFlowId()));
    }

    private Optional<String> lookup(EmrClient client, EmrCommand.ClusterSubmission command) {
        try {
            return search(client, command);
        } catch (AwsServiceException e) {
            throw CallFailure.ofLookup(e);
        }
    }

    /** Finds the cluster with the command's key. If there are several, the youngest are ended: one is enough. */
    private Optional<String> search(EmrClient client, EmrCommand.ClusterSubmission command) {
        ListClustersRequest request = ListClustersRequest.builder()
                .createdAfter(command.intendedAt().minus(CLOCK_SKEW))
                .build();
        List<ClusterSummary> found = client.listClustersPaginator(request).clusters().stream()
                .filter(cluster -> RunTags.carries(cluster.name(), command.key()))
                .sorted(Comparator.comparing(
                        (ClusterSummary cluster) -> cluster.status().timeline().creationDateTime()))
                .toList();
        if (found.size() > 1) {
            ImmutableList<String> surplus =
                    found.stream().skip(1).map(ClusterSummary::id).collect(ImmutableList.toImmutableList());
            calls.dependencies()
                    .warnings()
                    .accept("EMR has started the cluster \"" + command.cluster().name() + "\" more than once: "
                            + surplus + " are being ended, " + found.get(0).id() + " is used.");
            // One that a person protects must not keep the run from the one that is used.
            surplus.forEach(id -> calls.requestOrWarn(
                    "The surplus cluster " + id + " could not be ended, and costs money until somebody does"
                            + " (aws emr terminate-clusters --cluster-ids " + id + ")",
                    () -> terminate(client, ImmutableList.of(id))));
        }
        return found.stream().findFirst().map(ClusterSummary::id);
    }

    void end(EmrCommand.ClusterTermination command, Reports reports) {
        calls.begin(
                "Ending the cluster " + command.clusterId(),
                (client, tries) -> {
                    endOne(client, command.clusterId(), tries);
                    reports.report(new Event.AttemptAccepted(
                            calls.now(), command.task(), command.attempt(), command.clusterId()));
                },
                refused -> reports.report(new Event.AttemptFailed(
                        calls.now(),
                        command.task(),
                        command.attempt(),
                        FailureKind.REFUSED,
                        "The cluster " + command.clusterId() + " could not be ended and may still cost money: "
                                + refused.text(),
                        null)));
    }

    /** A cluster that EMR has forgotten has ended; one that it does not know yet must not be taken for that. */
    private static void endOne(EmrClient client, String id, int tries) {
        try {
            terminate(client, ImmutableList.of(id));
        } catch (AwsServiceException e) {
            if (!CallFailure.unknownCluster(e)) {
                throw e;
            }
            if (tries < UNKNOWN_TRIES) {
                throw CallFailure.ofLookup(e);
            }
        }
    }

    /**
     * Ends clusters. EMR protects every cluster with several primary instances, whatever the request says (Management Guide, "Plan,
     * configure, and launch ... with multiple primary nodes"): that protection is taken off. One that a person has set stays.
     */
    private static void terminate(EmrClient client, ImmutableList<String> ids) {
        try {
            client.terminateJobFlows(request -> request.jobFlowIds(ids));
        } catch (AwsServiceException e) {
            ImmutableList<String> unwanted = CallFailure.of(e).text().contains("termination protected")
                    ? ids.stream().filter(id -> severalPrimaries(client, id)).collect(ImmutableList.toImmutableList())
                    : ImmutableList.of();
            if (unwanted.isEmpty()) {
                throw e;
            }
            client.setTerminationProtection(
                    request -> request.jobFlowIds(unwanted).terminationProtected(false));
            client.terminateJobFlows(request -> request.jobFlowIds(ids));
        }
    }

    private static boolean severalPrimaries(EmrClient client, String id) {
        return client.listInstanceGroupsPaginator(request -> request.clusterId(id)).instanceGroups().stream()
                .anyMatch(group ->
                        group.instanceGroupType() == InstanceGroupType.MASTER && group.requestedInstanceCount() > 1);
    }

    private Event accepted(EmrCommand.ClusterSubmission command, String id) {
        return new Event.AttemptAccepted(calls.now(), command.task(), command.attempt(), id);
    }

    private Event failed(EmrCommand.ClusterSubmission command, String reason) {
        return new Event.AttemptFailed(
                calls.now(), command.task(), command.attempt(), FailureKind.REFUSED, reason, null);
    }
}
