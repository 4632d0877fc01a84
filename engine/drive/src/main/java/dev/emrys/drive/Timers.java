package dev.emrys.drive;

import java.time.Instant;

/** The port to the passing of time. Thread-safe. */
public interface Timers {
    /** An action that is not due yet. */
    interface Scheduled {
        /** Drops the action, and everything that it refers to, unless it has run. */
        void cancel();
    }

    /**
     * Calls {@code action} once, from any thread: at {@code due}, at once when that has passed, or when as much time
     * has passed as was left until then, even if the clock was set back meanwhile.
     */
    Scheduled at(Instant due, Runnable action);
}
