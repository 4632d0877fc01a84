package dev.emrys.emr;

import com.google.common.collect.ImmutableList;
import dev.emrys.drive.Effects.Reports;
import dev.emrys.run.Event;
import dev.emrys.spec.AwsCode;
import dev.emrys.spec.Diagnostic;
import dev.emrys.spec.ExistingCluster;
import dev.emrys.spec.FailureKind;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.EmrClient;
import software.amazon.awssdk.services.emr.model.Cluster;
import software.amazon.awssdk.services.emr.model.ClusterState;
import software.amazon.awssdk.services.emr.model.ClusterStatus;
import software.amazon.awssdk.services.emr.model.ClusterSummary;
import software.amazon.awssdk.services.emr.model.DescribeClusterResponse;
import software.amazon.awssdk.services.emr.model.ListClustersResponse;

/**
 * Finds clusters that are there already, by id with DescribeCluster and by name with ListClusters. Exactly one must
 * fit. Of the clusters that runs have started only those that they keep count by name: the others end with their runs.
 * It only reads, so that a repetition after a crash does no harm. Thread-safe.
 */
final class ClusterFinder {
    /** So many of several clusters are named in a message. */
    private static final int MOST_NAMED = 10;

    private final RetryingCaller calls;

    ClusterFinder(RetryingCaller calls) {
        this.calls = calls;
    }

    void find(EmrCommand.ClusterSearch command, EmrRun run, Reports reports) {
        calls.begin(
                command.cluster().id() == null ? new ByName(command, run, reports) : new ById(command, run, reports));
    }

    private abstract class Search<R> extends ApiCall<R> {
        final EmrCommand.ClusterSearch command;
        final ExistingCluster wanted;
        private final EmrRun run;
        private final Reports reports;

        Search(EmrOperation operation, EmrCommand.ClusterSearch command, EmrRun run, Reports reports) {
            super(operation, ApiBudget.Priority.MUTATION);
            this.command = command;
            this.wanted = command.cluster();
            this.run = run;
            this.reports = reports;
        }

        /** A further call of a search. */
        Search(EmrOperation operation, Search<?> of) {
            this(operation, of.command, of.run, of.reports);
        }

        @Override
        String what() {
            return "Looking for the existing cluster \"" + wanted.name() + "\" (" + wanted.identity() + ")";
        }

        @Override
        ImmutableList<EmrRun> runs() {
            return ImmutableList.of(run);
        }

        @Override
        R send(EmrClient client) {
            if (run.isWithdrawn(command.key())) {
                fail(FailureKind.REFUSED, RequestFactory.WITHDRAWN);
                throw new NothingToSendException();
            }
            return ask(client);
        }

        abstract R ask(EmrClient client);

        void use(String id) {
            String user = run.use(id, command.task());
            if (user.equals(command.task())) {
                reports.report(new Event.AttemptAccepted(calls.now(), command.task(), command.attempt(), id));
            } else {
                fail(
                        FailureKind.REFUSED,
                        AwsCode.CLUSTER_USED_TWICE.of(id, user.substring(user.indexOf(':') + 1), wanted.name()));
            }
        }

        void fail(FailureKind kind, Diagnostic diagnostic) {
            fail(kind, diagnostic.code().id() + ": " + diagnostic.what() + " " + diagnostic.advice());
        }

        void fail(FailureKind kind, String reason) {
            reports.report(new Event.AttemptFailed(
                    calls.now(), command.task(), command.attempt(), kind, reason.strip(), null));
        }

        /** How to find one, or to make one. */
        String advice() {
            String ofEndpoint = calls.endpoint().newClusterAdvice();
            return ofEndpoint.isEmpty()
                    ? "Look for it with aws emr list-clusters --active, in the region and the account of the run."
                    : ofEndpoint;
        }
    }

    private final class ById extends Search<DescribeClusterResponse> {
        private final String id;

        ById(EmrCommand.ClusterSearch command, EmrRun run, Reports reports) {
            super(EmrOperation.DESCRIBE_CLUSTER, command, run, reports);
            this.id = Objects.requireNonNull(wanted.id());
        }

        @Override
        DescribeClusterResponse ask(EmrClient client) {
            DescribeClusterResponse response = client.describeCluster(request -> request.clusterId(id));
            if (state(response.cluster()) == null) {
                throw CallFailure.unreadable("DescribeCluster gave no state of " + id);
            }
            return response;
        }

        private static @Nullable ClusterStatus status(@Nullable Cluster cluster) {
            return cluster == null ? null : cluster.status();
        }

        private static @Nullable ClusterState state(@Nullable Cluster cluster) {
            ClusterStatus status = status(cluster);
            return status == null ? null : status.state();
        }

        /** A state that this version does not know is waited for: {@link StatusPoller} tells what becomes of it. */
        @Override
        void answered(DescribeClusterResponse answer) {
            ClusterStatus status = Objects.requireNonNull(status(answer.cluster()));
            if (StatusMapper.ending(status)) {
                fail(FailureKind.REFUSED, AwsCode.CLUSTER_NOT_USABLE.of(id, status.stateAsString(), advice()));
            } else {
                use(id);
            }
        }

        @Override
        void refused(CallFailure.Refused refused) {
            if (refused.missing() == CallFailure.Missing.CLUSTER) {
                fail(FailureKind.REFUSED, AwsCode.EXISTING_CLUSTER_UNKNOWN.of(id, refused.text(), advice()));
            } else {
                fail(FailureKind.REFUSED, calls.explained(refused));
            }
        }
    }

    /** Whether the run that has started a cluster keeps it. */
    private final class OfRun extends Search<DescribeClusterResponse> {
        private final ByName of;
        private final ClusterSummary summary;

        OfRun(ByName of, ClusterSummary summary) {
            super(EmrOperation.DESCRIBE_CLUSTER, of);
            this.of = of;
            this.summary = summary;
        }

        @Override
        DescribeClusterResponse ask(EmrClient client) {
            return client.describeCluster(request -> request.clusterId(summary.id()));
        }

        @Override
        void answered(DescribeClusterResponse answer) {
            LeasedCluster cluster = answer.cluster() == null ? null : LeasedCluster.of(answer.cluster());
            // Somebody may have chosen such a name.
            of.described(summary, cluster == null || cluster.isKept() ? null : cluster.run());
        }

        /** It has ended, and EMR does not know it any more. */
        @Override
        void refused(CallFailure.Refused refused) {
            if (refused.missing() == CallFailure.Missing.CLUSTER) {
                of.conclude();
            } else {
                fail(FailureKind.REFUSED, calls.explained(refused));
            }
        }
    }

    /** Reads ListClusters to its end: whether the name is unique is known then only. */
    private final class ByName extends Search<ListClustersResponse> {
        private final String clusterName;
        /** By id: a listing that changes while it is read may show one twice. */
        private final Map<String, ClusterSummary> found = new LinkedHashMap<>();
        /** By id, those that runs have started and that are not described yet. */
        private final Map<String, ClusterSummary> ofRuns = new LinkedHashMap<>();
        /** The newest cluster that fits but for its end, and its run; empty for none. */
        private String endsWithItsRun = "";

        private @Nullable String marker;

        ByName(EmrCommand.ClusterSearch command, EmrRun run, Reports reports) {
            super(EmrOperation.LIST_CLUSTERS, command, run, reports);
            this.clusterName = Objects.requireNonNull(wanted.clusterName());
        }

        @Override
        ListClustersResponse ask(EmrClient client) {
            return client.listClusters(request -> request.clusterStatesWithStrings(
                            wanted.states().stream().map(Enum::name).toList())
                    .marker(marker));
        }

        @Override
        void answered(ListClustersResponse answer) {
            for (ClusterSummary cluster : answer.clusters()) {
                String name = String.valueOf(cluster.name());
                if (clusterName.equals(name)) {
                    found.putIfAbsent(cluster.id(), cluster);
                } else if (name.equals(RunTags.name(clusterName, RunTags.key(name)))) {
                    ofRuns.putIfAbsent(cluster.id(), cluster);
                }
            }
            marker = answer.marker();
            if (marker != null) {
                calls.begin(this);
            } else {
                conclude();
            }
        }

        /** A listing has no tags: those of the clusters of runs are asked for one by one. */
        private void conclude() {
            Iterator<ClusterSummary> next = ofRuns.values().iterator();
            if (next.hasNext()) {
                ClusterSummary cluster = next.next();
                next.remove();
                calls.begin(new OfRun(this, cluster));
                return;
            }
            ImmutableList<String> ids = ImmutableList.copyOf(found.keySet());
            if (ids.size() == 1) {
                use(ids.get(0));
            } else if (ids.isEmpty() && !endsWithItsRun.isEmpty()) {
                fail(FailureKind.CLUSTER_LOST, AwsCode.CLUSTER_ENDS_WITH_RUN.of(clusterName, endsWithItsRun));
            } else if (ids.isEmpty()) {
                fail(FailureKind.CLUSTER_LOST, AwsCode.CLUSTER_NOT_FOUND.of(clusterName, states(), advice()));
            } else {
                fail(
                        FailureKind.REFUSED,
                        AwsCode.CLUSTER_NOT_UNIQUE.of(ids.size(), clusterName, states(), described()));
            }
        }

        /** @param endedBy the run that ends it; null for one that stays */
        void described(ClusterSummary cluster, @Nullable RunTags endedBy) {
            if (endedBy == null) {
                found.putIfAbsent(cluster.id(), cluster);
            } else if (endsWithItsRun.isEmpty()) {
                endsWithItsRun = cluster.id() + " of the run " + endedBy.runName();
            }
            conclude();
        }

        private String states() {
            return wanted.states().stream()
                    .map(state -> state.name().toLowerCase(Locale.ROOT))
                    .collect(Collectors.joining(" or "));
        }

        private String described() {
            String named = found.values().stream()
                    .limit(MOST_NAMED)
                    .map(ByName::described)
                    .collect(Collectors.joining(", "));
            return found.size() > MOST_NAMED ? named + " and " + (found.size() - MOST_NAMED) + " more" : named;
        }

        private static String described(ClusterSummary cluster) {
            ClusterStatus status = cluster.status();
            String state = status == null ? "of an unknown state" : status.stateAsString();
            String created = status == null || status.timeline() == null
                    ? ""
                    : ", created " + status.timeline().creationDateTime();
            return cluster.id() + " (" + state + created + ")";
        }

        @Override
        void refused(CallFailure.Refused refused) {
            fail(FailureKind.REFUSED, calls.explained(refused));
        }
    }
}
