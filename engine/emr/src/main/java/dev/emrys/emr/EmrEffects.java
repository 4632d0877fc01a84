package dev.emrys.emr;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.emrys.drive.Effects;
import dev.emrys.run.Command;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Brings the commands of one run about on an EMR endpoint. Thread-safe. */
public final class EmrEffects implements Effects {
    /** The keys of what must not be sent any more. */
    private final Set<String> withdrawn = ConcurrentHashMap.newKeySet();

    private final Secrets secrets;
    private final Calls calls;
    private final Clusters clusters;
    private final Steps steps;
    private final StatusRounds rounds;

    /** @param secrets the names of those that the pipeline uses: their values do not appear in what is reported */
    public EmrEffects(Endpoint endpoint, World world, Labels labels, ImmutableSet<String> secrets) {
        this.secrets = new Secrets(world.secrets(), secrets);
        this.calls = new Calls(
                endpoint,
                new World(
                        world.calls(),
                        world.clock(),
                        world.timers(),
                        world.secrets(),
                        text -> world.trouble().accept(this.secrets.conceal(text))));
        Requests requests = new Requests(labels, this.secrets);
        this.clusters = new Clusters(calls, requests, withdrawn::contains);
        this.rounds = new StatusRounds(calls);
        this.steps = new Steps(calls, requests, withdrawn::contains, rounds::watches);
    }

    @Override
    public void perform(ImmutableList<Command> commands, Reports sink) {
        Reports reports = fact -> {
            if (!calls.closed()) {
                sink.report(secrets.conceal(fact));
            }
        };
        ImmutableList.Builder<Command.SubmitStep> together = ImmutableList.builder();
        ImmutableList.Builder<Command.CancelStep> cancelled = ImmutableList.builder();
        for (Command command : commands) {
            if (command instanceof Command.StartCluster start) {
                clusters.start(start, reports);
            } else if (command instanceof Command.SubmitStep submit) {
                together.add(submit);
            } else if (command instanceof Command.Withdraw withdraw) {
                withdrawn.add(withdraw.key());
            } else if (command instanceof Command.CancelStep cancel) {
                cancelled.add(cancel);
            } else if (command instanceof Command.EndCluster end) {
                // From here on that the cluster is gone is no loss.
                rounds.forget(end.clusterId());
                clusters.end(end, reports);
            } else if (command instanceof Command.WatchCluster watch) {
                rounds.watch(watch, reports);
            } else if (command instanceof Command.WatchStep watch) {
                rounds.watch(watch, reports);
            } else if (command instanceof Command.WatchEnd watch) {
                rounds.watch(watch, reports);
            }
        }
        steps.cancel(cancelled.build());
        steps.submit(together.build(), reports);
    }

    @Override
    public CompletableFuture<@Nullable Void> quiet() {
        return calls.quiet();
    }

    @Override
    public void close() {
        calls.close();
        rounds.close();
        // Not before: a call that is under way has its client.
        var unused = calls.quiet().thenRun(calls.endpoint()::close);
    }
}
