package dev.emrys.runtime;

import dev.emrys.drive.Timers;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * Timers that neither a laptop's sleep nor a clock that is set can hold up: an action is called when the wall clock has come to its
 * moment, or when as much time has passed as lay before it, whichever is first. The first is for the sleep, in which a timer's own clock
 * stands still; the second for a wall clock that is set back, by an hour say, in which nothing would be asked and nothing cancelled.
 * Thread-safe.
 */
final class HonestTimers implements Timers {
    /** How long a sleep may go unnoticed. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

    /** What waits, by a clock that nobody sets. */
    interface Waits {
        void in(Duration wait, Runnable action);
    }

    private final InstantSource clock;
    private final LongSupplier nanos;
    private final Waits waits;

    /** @param nanos as {@link System#nanoTime()} */
    HonestTimers(InstantSource clock, LongSupplier nanos, Waits waits) {
        this.clock = clock;
        this.nanos = nanos;
        this.waits = waits;
    }

    @Override
    public void at(Instant due, Runnable action) {
        Duration whole = Duration.between(clock.instant(), due);
        await(due, nanos.getAsLong(), whole, action);
    }

    private void await(Instant due, long since, Duration whole, Runnable action) {
        Duration byWall = Duration.between(clock.instant(), due);
        Duration passed = Duration.ofNanos(nanos.getAsLong() - since);
        Duration left = shorter(byWall, whole.minus(passed));
        Duration wait = left.isNegative() ? Duration.ZERO : shorter(left, LONGEST_WAIT);
        waits.in(wait, () -> {
            boolean over = !clock.instant().isBefore(due)
                    || Duration.ofNanos(nanos.getAsLong() - since).compareTo(whole) >= 0;
            if (over) {
                action.run();
            } else {
                await(due, since, whole, action);
            }
        });
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
