package dev.emrys.journal;

import java.util.Optional;

/** The right to drive a run, which one process has at a time. Thread-safe. */
public interface RunLease {
    /**
     * Makes the caller the driver of a run, and raises the run's fencing token, durably. Where a lease is timed, this
     * blocks while it is not certain that the process which drove the run is alive: for as long as a lease lasts at
     * most.
     *
     * @return empty when the run is already driven; {@link #holder} says by which process
     * @throws JournalException when there is no such run
     */
    Optional<Lease> acquire(String run);

    /** The process that drives the run now; empty when there is none. */
    Optional<LockHolder> holder(String run);
}
