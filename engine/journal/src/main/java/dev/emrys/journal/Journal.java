package dev.emrys.journal;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What the engine keeps about its runs: seven ports over one store. Several processes may use one store at the same
 * time. Each port is thread-safe; all of them block, except {@link EventLog#append}, {@link ControlInbox#acknowledge},
 * {@link SnapshotStore#write}, {@link ScheduleStore#apply} and {@link TokenBuckets#take}.
 *
 * <p>Every method of a port throws {@link JournalException} when the store cannot be used.
 */
public interface Journal extends AutoCloseable {
    /** The events of all runs. */
    EventLog events();

    /** The list of runs, and what is known of each besides its events. */
    RunCatalog runs();

    /** Which process drives a run. */
    RunLease leases();

    /** Requests to the driver of a run. */
    ControlInbox inbox();

    /** A cache of the states of runs. */
    SnapshotStore snapshots();

    /** The schedules, their fires and their history. */
    ScheduleStore schedules();

    /** How many calls the processes of this journal may still make to a service. */
    TokenBuckets tokens();

    /**
     * Completes exceptionally with a {@link JournalLostException} when what was written is gone while the journal is
     * open, such as by the removal of its file; found within a second while control requests are received. Does not
     * complete otherwise, and never for a store that cannot be lost, the default.
     */
    default CompletableFuture<@Nullable Void> lost() {
        return new CompletableFuture<>();
    }

    /**
     * Writes what was appended before, then closes the store. Leases stay held until they are closed or the process
     * ends. May be called more than once.
     */
    @Override
    void close();
}
