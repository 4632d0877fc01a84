package dev.emrys.scheduler;

import dev.emrys.journal.FireRecord;
import java.util.concurrent.CompletableFuture;

/** Runs pipelines for the scheduler. Thread-safe. */
public interface FireRunner {
    /**
     * Starts the run of a fire, or continues it if it was begun, also by another process: there is one run of a fire,
     * whose name is {@link FireRecord#run()}. Does not block.
     *
     * @return completes when nothing is to be done for the fire any more, or not now; never exceptionally
     */
    CompletableFuture<FireResult> run(ServedSchedule schedule, FireRecord fire);

    /**
     * Asks for the cancellation of a run, whichever process drives it. Does not block.
     *
     * @param run its name
     */
    void cancel(String run);
}
