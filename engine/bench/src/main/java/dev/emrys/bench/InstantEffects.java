package dev.emrys.bench;

import com.google.common.collect.ImmutableList;
import dev.emrys.drive.Effects;
import dev.emrys.run.Command;
import dev.emrys.run.Event;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A target that does nothing and answers at once: what is submitted is accepted, what is watched has succeeded. So a
 * task costs three events (intended, accepted, succeeded), in three appends of which each waits for the answer to the
 * one before.
 */
final class InstantEffects implements Effects {
    @Override
    public void perform(ImmutableList<Command.ForTarget> commands, Reports reports) {
        Instant now = Instant.now();
        for (Command.ForTarget command : commands) {
            if (command instanceof Command.Submit || command instanceof Command.Release) {
                reports.report(
                        new Event.AttemptAccepted(now, command.task(), command.attempt(), "id-" + command.task()));
            } else if (command instanceof Command.Watch) {
                reports.report(new Event.AttemptSucceeded(now, command.task(), command.attempt()));
            }
        }
    }

    @Override
    public void takenOver() {}

    @Override
    public CompletableFuture<@Nullable Void> endLeftovers() {
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletableFuture<@Nullable Void> endEverything() {
        return endLeftovers();
    }

    @Override
    public void close() {}
}
