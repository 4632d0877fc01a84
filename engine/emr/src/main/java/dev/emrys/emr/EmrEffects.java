package dev.emrys.emr;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.emrys.drive.Effects;
import dev.emrys.run.Command;
import dev.emrys.run.Event;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Brings the commands of one run about on an EMR endpoint. Thread-safe. */
public final class EmrEffects implements Effects {
    /** The keys of what must not be sent any more. */
    private final Set<String> withdrawn = ConcurrentHashMap.newKeySet();

    private final SecretValues secrets;
    private final RetryingCaller calls;
    private final ClusterLauncher clusters;
    private final StepSubmitter steps;
    private final StatusPoller poller;

    /** @param secrets the names of those that the pipeline uses: their values do not appear in what is reported */
    public EmrEffects(Endpoint endpoint, EmrDependencies dependencies, RunTags labels, ImmutableSet<String> secrets) {
        this.secrets = new SecretValues(dependencies.secrets(), secrets);
        this.calls = new RetryingCaller(
                endpoint,
                new EmrDependencies(
                        dependencies.calls(),
                        dependencies.clock(),
                        dependencies.timers(),
                        dependencies.secrets(),
                        text -> dependencies.warnings().accept(this.secrets.conceal(text))));
        RequestFactory requests = new RequestFactory(labels, this.secrets);
        this.clusters = new ClusterLauncher(calls, requests, withdrawn::contains);
        this.poller = new StatusPoller(calls);
        this.steps = new StepSubmitter(calls, requests, withdrawn::contains, poller::watches);
    }

    @Override
    public void perform(ImmutableList<Command.ForTarget> commands, Reports sink) {
        Reports reports = new RedactingReports(sink);
        calls.onBug(sink::fail);
        ImmutableList.Builder<EmrCommand.StepSubmission> together = ImmutableList.builder();
        ImmutableList.Builder<EmrCommand.StepCancellation> cancelled = ImmutableList.builder();
        for (Command.ForTarget each : commands) {
            EmrCommand command = EmrCommand.of(each);
            if (command instanceof EmrCommand.ClusterSubmission start) {
                clusters.start(start, reports);
            } else if (command instanceof EmrCommand.StepSubmission submit) {
                together.add(submit);
            } else if (command instanceof EmrCommand.Withdrawal withdrawal) {
                withdrawn.add(withdrawal.key());
            } else if (command instanceof EmrCommand.StepCancellation cancel) {
                cancelled.add(cancel);
            } else if (command instanceof EmrCommand.ClusterTermination end) {
                // From here on the end of the cluster is no loss.
                poller.forget(end.clusterId());
                clusters.end(end, reports);
            } else if (command instanceof EmrCommand.ClusterWatch watch) {
                poller.watch(watch, reports);
            } else if (command instanceof EmrCommand.StepWatch watch) {
                poller.watch(watch, reports);
            } else if (command instanceof EmrCommand.TerminationWatch watch) {
                poller.watch(watch, reports);
            }
        }
        steps.cancel(cancelled.build());
        steps.submit(together.build(), reports);
    }

    /** Reports nothing after the close, and no secret. */
    private final class RedactingReports implements Reports {
        private final Reports sink;

        RedactingReports(Reports sink) {
            this.sink = sink;
        }

        @Override
        public void report(Event event) {
            if (!calls.closed()) {
                sink.report(secrets.conceal(event));
            }
        }

        @Override
        public void fail(Throwable bug) {
            sink.fail(bug);
        }
    }

    @Override
    public CompletableFuture<@Nullable Void> whenIdle() {
        return calls.whenIdle();
    }

    @Override
    public void close() {
        calls.close();
        poller.close();
        // Not before: a call that is under way has its client.
        var unused = calls.whenIdle().thenRun(calls.endpoint()::close);
    }
}
