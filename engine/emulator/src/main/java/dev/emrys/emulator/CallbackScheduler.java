package dev.emrys.emulator;

import java.time.Instant;

/** Calls the emulator back at a later time; tests control the time. Must be thread-safe. */
public interface CallbackScheduler {

    /**
     * Runs {@code action} once, at {@code when} or as soon as possible after it (at once if it is in the past). The
     * emulator calls this without holding its lock; the action takes that lock itself and may run on any thread,
     * including the caller's. An action cannot be cancelled: one that is no longer needed does nothing.
     */
    void at(Instant when, Runnable action);
}
