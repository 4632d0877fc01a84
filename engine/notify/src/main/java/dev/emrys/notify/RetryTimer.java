package dev.emrys.notify;

import java.time.Instant;

/** The port to the passing of time. Thread-safe. */
public interface RetryTimer {
    /**
     * Calls {@code action} once, from any thread: at {@code due}, or at once when that has passed.
     *
     * @return drops the action, unless it has run
     */
    Runnable at(Instant due, Runnable action);
}
