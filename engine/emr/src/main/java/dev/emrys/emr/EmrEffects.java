package dev.emrys.emr;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.emrys.drive.Effects;
import dev.emrys.run.Command;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Carries out the commands of one run on an EMR endpoint. Thread-safe. */
public final class EmrEffects implements Effects {
    private final EmrAccount account;
    private final EmrRun run;
    private final StepSubmitter steps;
    private final StepCanceller cancellations;

    /**
     * @param account is shared with the other runs, and stays open
     * @param begun when the run was recorded: nothing that EMR has of it is older
     * @param secrets the names of those that the pipeline uses: their values do not appear in what is reported
     */
    public EmrEffects(EmrAccount account, RunTags tags, Instant begun, ImmutableSet<String> secrets) {
        this(account, tags, begun, secrets, duration -> true);
    }

    /**
     * As the other, for a run whose lease is timed.
     *
     * @param drivenFor whether this process is certain to drive the run for a time from now on: what changes something
     *     and may take longer is not sent until then
     */
    public EmrEffects(
            EmrAccount account,
            RunTags tags,
            Instant begun,
            ImmutableSet<String> secrets,
            Predicate<Duration> drivenFor) {
        this.account = account;
        this.run =
                new EmrRun(tags, begun, new SecretValues(account.dependencies().secrets(), secrets), drivenFor);
        this.steps = new StepSubmitter(account.calls(), run);
        this.cancellations = new StepCanceller(
                account.calls(),
                run,
                account.ender(),
                (clusterId, stepId) -> account.poller().watches(clusterId, stepId, run));
        account.open(run);
    }

    @Override
    public void perform(ImmutableList<Command.ForTarget> commands, Reports sink) {
        if (run.closed()) {
            return;
        }
        Reports reports = run.reportsTo(sink);
        StatusPoller poller = account.poller();
        ImmutableList.Builder<EmrCommand.ClusterSubmission> starts = ImmutableList.builder();
        ImmutableList.Builder<EmrCommand.StepSubmission> submissions = ImmutableList.builder();
        ImmutableList.Builder<EmrCommand.StepCancellation> cancelled = ImmutableList.builder();
        for (Command.ForTarget each : commands) {
            EmrCommand command = EmrCommand.of(each);
            if (command instanceof EmrCommand.ClusterSubmission start) {
                starts.add(start);
            } else if (command instanceof EmrCommand.ClusterSearch search) {
                account.finder().find(search, run, reports);
            } else if (command instanceof EmrCommand.StepSubmission submit) {
                submissions.add(submit);
            } else if (command instanceof EmrCommand.OperationSubmission operation) {
                account.operations().begin(operation, run, reports);
            } else if (command instanceof EmrCommand.OperationWatch watch) {
                account.operations().watch(watch, run, reports);
            } else if (command instanceof EmrCommand.OperationCancellation cancel) {
                account.operations().cancel(cancel, run, reports);
            } else if (command instanceof EmrCommand.Withdrawal withdrawal) {
                run.withdraw(withdrawal.key());
            } else if (command instanceof EmrCommand.StepCancellation cancel) {
                // A step that has failed needs no cancellation, and what waits for its logs must not wait on.
                if (!poller.reportHeld(cancel.clusterId(), cancel.stepId(), run)) {
                    cancelled.add(cancel);
                }
            } else if (command instanceof EmrCommand.ClusterTermination end) {
                run.knows(end.clusterId());
                if (end.isProtected()) {
                    run.protectedByAuthor(end.clusterId());
                }
                // From here on the end of the cluster is no loss.
                poller.forget(end.clusterId(), run);
                account.ender().end(end, run, reports);
            } else if (command instanceof EmrCommand.ClusterWatch watch) {
                run.knows(watch.clusterId());
                if (!watch.isOwn()) {
                    var unused = run.use(watch.clusterId(), watch.task());
                }
                account.clusters().watched(watch, run);
                poller.watch(watch, run, reports);
            } else if (command instanceof EmrCommand.StepWatch watch) {
                poller.watch(watch, run, reports);
            } else if (command instanceof EmrCommand.TerminationWatch watch) {
                poller.watch(watch, run, reports);
            }
        }
        cancellations.cancel(cancelled.build());
        account.clusters().start(starts.build(), run, reports);
        steps.submit(submissions.build(), reports);
    }

    @Override
    public void takenOver() {
        run.takenOver();
    }

    @Override
    public CompletableFuture<@Nullable Void> endLeftovers() {
        return new LeftoverClusters(account.calls(), account.ender(), run).endUnknown();
    }

    @Override
    public CompletableFuture<@Nullable Void> endEverything() {
        return new LeftoverClusters(account.calls(), account.ender(), run).endAll();
    }

    @Override
    public CompletableFuture<@Nullable Void> whenIdle() {
        return run.whenIdle();
    }

    @Override
    public void close() {
        account.close(run);
    }
}
