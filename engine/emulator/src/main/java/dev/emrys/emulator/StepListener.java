package dev.emrys.emulator;

import java.time.Instant;

/**
 * Where a {@link StepRunner} reports. Thread-safe; may be called from within {@link StepRunner#start}; what is reported about a
 * step that has already ended is ignored.
 */
public interface StepListener {

    /** The step's process runs since {@code at}. Optional: without it the step's start time is when it was ordered. */
    void running(Instant at);

    /** The step's process is gone. Durable when this returns, or tried again through the {@link Timers}. */
    void ended(StepExit exit);
}
