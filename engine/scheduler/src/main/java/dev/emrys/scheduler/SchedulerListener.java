package dev.emrys.scheduler;

import dev.emrys.journal.FireRecord;
import dev.emrys.journal.ScheduleEvent;
import java.time.Duration;

/**
 * Is told what the scheduler does, for logs, figures and notifications. The calls come from its thread: they must be
 * quick and not throw.
 */
public interface SchedulerListener {
    /**
     * A fire is decided and recorded by this process.
     *
     * @param late by how much after its due time
     */
    void decided(FireRecord fire, Duration late);

    /**
     * The end of a fire's run is recorded by this process.
     *
     * @param failures how many runs of the schedule have failed one after the other now
     * @param before how many had failed before this one
     */
    void ended(FireRecord fire, int failures, int before);

    /** Something else was recorded by this process. */
    void happened(ScheduleEvent event);

    /** A fire that could not be started now is tried again. */
    void notNow(FireRecord fire, String reason);

    /** The journal cannot be used now; it is tried again. */
    void journalFailed(Throwable failure);
}
