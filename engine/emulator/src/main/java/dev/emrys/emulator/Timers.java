package dev.emrys.emulator;

import java.time.Instant;

/** How the emulator asks to be called later. A test's implementation lets time pass by hand. Must be thread-safe. */
public interface Timers {

    /**
     * Runs {@code action} once, at {@code when} or as soon as possible after it (at once if it is in the past). The emulator
     * calls this without holding its lock; the action takes that lock itself and may run on any thread, also on the caller's.
     * An action that was asked for cannot be taken back: one that has become pointless does nothing.
     */
    void at(Instant when, Runnable action);
}
