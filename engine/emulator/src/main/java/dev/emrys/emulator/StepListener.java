package dev.emrys.emulator;

import java.time.Instant;

/**
 * Receives the reports of a {@link StepRunner}. Thread-safe; may be called from within {@link StepRunner#start}.
 * Reports about a step that has already ended are ignored.
 */
public interface StepListener {

    /**
     * The step's process has run since {@code at}. Optional: by default a step's start time is when it was launched.
     * The first report counts; later ones, as after a restart, do not change the start time, from which timeouts count.
     */
    void running(Instant at);

    /** The step's process has ended. Durable when this returns, or retried through the {@link CallbackScheduler}. */
    void ended(StepExit exit);
}
