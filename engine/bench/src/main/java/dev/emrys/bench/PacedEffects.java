package dev.emrys.bench;

import com.google.common.collect.ImmutableList;
import dev.emrys.drive.Effects;
import dev.emrys.run.Command;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * As {@link InstantEffects}, for 500 commands a second: about 1,000 events, since another task is submitted for each
 * that ends.
 */
final class PacedEffects implements Effects {
    private static final int COMMANDS_PER_TICK = 5;
    private static final int TICK_MILLIS = 10;

    private record Queued(Command.ForTarget command, Reports reports) {}

    private final InstantEffects instant = new InstantEffects();
    private final ConcurrentLinkedQueue<Queued> queue = new ConcurrentLinkedQueue<>();
    private final ScheduledExecutorService ticks = Executors.newSingleThreadScheduledExecutor();

    PacedEffects() {
        var unused = ticks.scheduleAtFixedRate(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void perform(ImmutableList<Command.ForTarget> commands, Reports reports) {
        commands.forEach(command -> queue.add(new Queued(command, reports)));
    }

    private void tick() {
        for (int i = 0; i < COMMANDS_PER_TICK; i++) {
            Queued next = queue.poll();
            if (next != null) {
                instant.perform(ImmutableList.of(next.command()), next.reports());
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
    public void close() {
        ticks.shutdownNow();
    }
}
