package dev.emrys.drive;

import java.time.Instant;

/** The port to time that passes. Thread-safe. */
public interface Timers {
    /** Calls {@code action} once, not before {@code due}, at once when that has passed, from any thread. */
    void at(Instant due, Runnable action);
}
