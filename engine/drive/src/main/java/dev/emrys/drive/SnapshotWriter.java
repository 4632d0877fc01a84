package dev.emrys.drive;

import dev.emrys.journal.Snapshot;
import dev.emrys.run.RunSnapshot;
import dev.emrys.run.RunState;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Stores snapshots of the state of one run while it is driven, one at a time. Only the copy of the state is made within the driver's turn. A
 * snapshot that cannot be stored is dropped: the next follows after as many events.
 */
final class SnapshotWriter {
    private final Ports ports;
    private final AtomicBoolean isWriting = new AtomicBoolean();
    /** The newest event in the newest snapshot that was begun. */
    private long lastSeq;

    /** @param lastSeq the newest event in the newest snapshot that is stored; 0 when there is none */
    SnapshotWriter(Ports ports, long lastSeq) {
        this.ports = ports;
        this.lastSeq = lastSeq;
    }

    /**
     * To be called within a turn, after an append.
     *
     * @param state with every event up to {@code seq}, and no other
     * @param seq the number of the newest event that was appended; it need not be durable yet, since the journal writes in order
     */
    void appended(RunState state, long seq) {
        if (seq - lastSeq < ports.snapshots().interval() || !isWriting.compareAndSet(false, true)) {
            return;
        }
        lastSeq = seq;
        RunSnapshot copy = RunSnapshot.of(state);
        try {
            var unused = CompletableFuture.supplyAsync(
                            copy::toBytes, ports.snapshots().executor())
                    .thenCompose(bytes -> ports.journal()
                            .snapshots()
                            .write(ports.lease(), new Snapshot(seq, RunSnapshot.VERSION, bytes)))
                    .whenComplete((nothing, failure) -> isWriting.set(false));
        } catch (RejectedExecutionException e) {
            // The process is ending.
            isWriting.set(false);
        }
    }
}
