package dev.emrys.drive;

import java.time.Instant;

/** The port to time that passes. Thread-safe. */
public interface Timers {
    /**
     * Calls {@code action} once, from any thread: at {@code due}, at once when that has passed, or when as much time has passed as lay
     * before it, though the clock was set back meanwhile.
     */
    void at(Instant due, Runnable action);
}
