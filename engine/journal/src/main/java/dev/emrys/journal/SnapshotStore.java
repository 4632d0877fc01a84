package dev.emrys.journal;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The newest snapshot of each run: a cache of what the run's events say, so that a reader need not read all of them.
 * Everything works without it. Thread-safe.
 */
public interface SnapshotStore {
    /**
     * Stores a snapshot in place of the run's earlier ones. Never blocks, and never delays an append by more than the
     * write of a small part. The future completes exceptionally with a {@link JournalException} when the snapshot is
     * not stored: with a {@link LeaseLostException} when the run was acquired again since; also when the run has no
     * event {@link Snapshot#seq} yet.
     */
    CompletableFuture<@Nullable Void> write(Lease lease, Snapshot snapshot);

    /**
     * The newest snapshot of a run. Its bytes may be damaged: it is for the reader of the form to see that.
     *
     * @param version of the form; a snapshot of any other version is ignored
     */
    Optional<Snapshot> newest(String run, int version);
}
