package dev.emrys.emr;

import com.google.common.collect.ImmutableList;
import dev.emrys.drive.Effects.Reports;
import dev.emrys.emr.ApiBudget.Priority;
import dev.emrys.emr.KeyLookup.Found;
import dev.emrys.run.Event;
import dev.emrys.spec.FailureKind;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.EmrClient;
import software.amazon.awssdk.services.emr.model.ListClustersResponse;
import software.amazon.awssdk.services.emr.model.RunJobFlowRequest;

/**
 * Starts the clusters of all runs. RunJobFlow has no token that would make a repetition harmless, so a request that may
 * have been executed is looked up by its key before it is sent again.
 */
final class ClusterLauncher {
    /**
     * EMR's clock may differ from ours, by hours where ours or its zone is set wrong (the SDK corrects its signatures
     * for that). The key decides which cluster it is; the time only keeps the listing short.
     */
    static final Duration CLOCK_SKEW = Duration.ofDays(1);

    private final RetryingCaller calls;
    private final SurplusClusters surplus;
    private final KeyLookup<Start> lookup;

    ClusterLauncher(RetryingCaller calls, ClusterEnder ender) {
        this.calls = calls;
        this.surplus = new SurplusClusters(calls, ender);
        this.lookup = new KeyLookup<>(
                calls, EmrOperation.LIST_CLUSTERS, "Looking up clusters", new Starts(), ClusterLauncher::page);
    }

    /** A cluster is watched that this process may not have started: it may be there twice, too. */
    void watched(EmrCommand.ClusterWatch watch, EmrRun watching) {
        surplus.watched(watch, watching);
    }

    /** Starts clusters; those whose start may have been sent, also by a process that a restored journal does not know,
     * are looked up in one listing. */
    void start(ImmutableList<EmrCommand.ClusterSubmission> commands, EmrRun run, Reports reports) {
        ImmutableList.Builder<Start> uncertain = ImmutableList.builder();
        ImmutableList.Builder<Start> old = ImmutableList.builder();
        for (EmrCommand.ClusterSubmission command : commands) {
            Start start = new Start(command, run, reports);
            if (command.uncertain()) {
                uncertain.add(start);
            } else if (run.wasTakenOver()) {
                old.add(start);
            } else {
                calls.begin(start);
            }
        }
        lookup.add(uncertain.build());
        lookup.addOld(old.build());
    }

    private final class Start extends ApiCall<String> {
        final EmrCommand.ClusterSubmission command;
        final EmrRun run;
        final Reports reports;
        private Instant sent = Instant.MAX;

        Start(EmrCommand.ClusterSubmission command, EmrRun run, Reports reports) {
            super(EmrOperation.RUN_JOB_FLOW, Priority.MUTATION);
            this.command = command;
            this.run = run;
            this.reports = reports;
        }

        @Override
        String what() {
            return "Starting the cluster \"" + command.cluster().name() + "\"";
        }

        @Override
        ImmutableList<EmrRun> runs() {
            return ImmutableList.of(run);
        }

        @Override
        String send(EmrClient client) {
            if (run.isWithdrawn(command.key())) {
                fail(FailureKind.REFUSED, RequestFactory.WITHDRAWN);
                throw new NothingToSendException();
            }
            Instant expiry = LifeLeases.next(calls);
            sent = calls.remoteNow();
            String id = client.runJobFlow(request(expiry)).jobFlowId();
            if (id == null) {
                throw CallFailure.unreadable("RunJobFlow gave no id");
            }
            run.lease(id).renewed(expiry);
            return id;
        }

        Instant notCreatedBefore() {
            return run.wasTakenOver() ? run.begun() : command.intendedAt();
        }

        private RunJobFlowRequest request(Instant expiry) {
            try {
                return run.requests().cluster(command, expiry);
            } catch (SecretValues.MissingSecretException e) {
                fail(FailureKind.REFUSED, String.valueOf(e.getMessage()));
                throw new NothingToSendException();
            }
        }

        @Override
        void answered(String id) {
            accepted(id);
            surplus.started(started(id));
        }

        void accepted(String id) {
            var unused = run.isNewCluster(id);
            if (isProtected()) {
                run.protectedByAuthor(id);
            }
            reports.report(new Event.AttemptAccepted(calls.now(), command.task(), command.attempt(), id));
        }

        private boolean isProtected() {
            return command.cluster().optionsOrNone().protectsFromTermination();
        }

        SurplusClusters.Started started(String id) {
            return new SurplusClusters.Started(
                    run, command.key(), id, command.cluster().name(), isProtected(), sent);
        }

        @Override
        void refused(CallFailure.Refused refused) {
            fail(
                    QuotaTexts.isQuota(refused.text()) ? FailureKind.QUOTA : FailureKind.REFUSED,
                    calls.explained(refused));
        }

        @Override
        void uncertain(RetryingCaller ignored) {
            lookup.add(ImmutableList.of(this));
        }

        private void fail(FailureKind kind, String reason) {
            reports.report(CauseFinder.failed(calls.now(), command.task(), command.attempt(), kind, reason, null));
        }
    }

    private final class Starts implements KeyLookup.Requests<Start> {
        @Override
        public String key(Start start) {
            return start.command.key();
        }

        @Override
        public EmrRun run(Start start) {
            return start.run;
        }

        /** If there are several, the youngest are ended. */
        @Override
        public void found(Start start, List<Found> found) {
            ImmutableList<Found> byAge = found.stream()
                    .sorted(Comparator.comparing(one -> one.created() == null ? Instant.MAX : one.created()))
                    .collect(ImmutableList.toImmutableList());
            String used = byAge.get(0).id();
            if (byAge.size() > 1) {
                surplus.end(
                        start.started(used),
                        byAge.stream().skip(1).map(Found::id).collect(ImmutableList.toImmutableList()));
            }
            start.accepted(used);
        }

        @Override
        public void absent(List<Start> starts) {
            starts.forEach(calls::begin);
        }
    }

    private static KeyLookup.Page page(EmrClient client, List<Start> wanted, @Nullable String marker) {
        Instant since = wanted.stream()
                .map(Start::notCreatedBefore)
                .min(Comparator.naturalOrder())
                .orElseThrow()
                .minus(CLOCK_SKEW);
        ListClustersResponse response =
                client.listClusters(request -> request.createdAfter(since).marker(marker));
        ImmutableList<Found> found = response.clusters().stream()
                .map(cluster -> new Found(
                        RunTags.key(String.valueOf(cluster.name())),
                        cluster.id(),
                        cluster.name(),
                        cluster.status() == null || cluster.status().timeline() == null
                                ? null
                                : cluster.status().timeline().creationDateTime()))
                .collect(ImmutableList.toImmutableList());
        return new KeyLookup.Page(found, response.marker());
    }
}
