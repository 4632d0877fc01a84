package dev.emrys.drive;

import dev.emrys.journal.LeaseLostException;
import dev.emrys.journal.Snapshot;
import dev.emrys.run.RunSnapshot;
import dev.emrys.run.RunState;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Stores snapshots of the state of one run while it is driven, one at a time. Only the copy of the state is made within
 * an action of the driver. A snapshot that cannot be encoded or stored is dropped with a warning, once per driver; the
 * run continues, and the next snapshot follows as after any other.
 */
final class SnapshotWriter {
    private final Ports ports;
    private final SnapshotPolicy policy;
    /** The newest event in the newest snapshot that was begun. */
    private long lastSeq;

    private Instant lastBegan;
    /** By the clock of the driver; set by any thread before {@link #writing} completes. */
    private volatile Duration lastTook = Duration.ZERO;
    /** Of the newest snapshot; never completes exceptionally. */
    private CompletableFuture<@Nullable Void> writing = CompletableFuture.completedFuture(null);

    private volatile boolean warned;

    /** @param lastSeq the newest event in the newest snapshot that is stored; 0 when there is none */
    SnapshotWriter(Ports ports, long lastSeq) {
        this.ports = ports;
        this.policy = ports.snapshots();
        this.lastSeq = lastSeq;
        this.lastBegan = ports.clock().instant();
    }

    /**
     * Takes a snapshot if one is due. To be called within an action, after an append.
     *
     * @param state with every event up to {@code seq}, and no other
     * @param seq the number of the newest event that was appended; it need not be durable yet, since the journal writes
     *     in order
     */
    void appended(RunState state, long seq) {
        if (hasEnoughEvents(seq) && writing.isDone() && hasPaused()) {
            write(state, seq);
        }
    }

    /**
     * Takes a last snapshot if enough events came since the one before. To be called within an action, when no event
     * follows; parameters as for {@link #appended}.
     */
    void stopped(RunState state, long seq) {
        if (hasEnoughEvents(seq)) {
            write(state, seq);
        }
    }

    /** Completes when no snapshot is in work, never exceptionally. To be called within an action. */
    CompletableFuture<@Nullable Void> whenIdle() {
        return writing;
    }

    private boolean hasEnoughEvents(long seq) {
        return seq - lastSeq >= policy.interval();
    }

    private boolean hasPaused() {
        Instant now = ports.clock().instant();
        if (now.isBefore(lastBegan)) {
            // The clock was set back: without this there would be no snapshot until it shows the same time again.
            lastBegan = now;
        }
        return Duration.between(lastBegan, now).compareTo(policy.pauseAfter(lastTook)) >= 0;
    }

    private void write(RunState state, long seq) {
        Instant began = ports.clock().instant();
        lastSeq = seq;
        lastBegan = began;
        RunSnapshot copy = RunSnapshot.of(state);
        writing = writing.thenApplyAsync(nothing -> copy.toBytes(), policy.executor())
                .thenCompose(bytes ->
                        ports.journal().snapshots().write(ports.lease(), new Snapshot(seq, RunSnapshot.VERSION, bytes)))
                .handle((nothing, failure) -> {
                    lastTook = Duration.between(began, ports.clock().instant());
                    if (failure != null) {
                        warn(failure);
                    }
                    return null;
                });
    }

    private void warn(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        // Another process that drives the run takes its snapshots; and a closed executor means that this process is
        // ending.
        if (!warned && !(cause instanceof LeaseLostException) && !(cause instanceof RejectedExecutionException)) {
            warned = true;
            ports.warnings()
                    .accept(
                            "The state of run " + ports.lease().run() + " could not be stored as a snapshot: " + cause
                                    + "\n    The run continues. To resume or show it takes longer, since more of its events are read.");
        }
    }
}
