package dev.emrys.runtime;

import dev.emrys.drive.Timers;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Timers that are delayed neither by a suspended machine nor by a clock that is set back: an action is called when the
 * wall clock has reached its time, or when as much time has passed as was left until then, whichever is first. The
 * first is for suspension, during which the monotonic clock stops; the second for a wall clock that is set back.
 * Thread-safe.
 */
final class SuspendAwareTimers implements Timers {
    /** How long a suspension may go unnoticed. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

    /** Waits by the monotonic clock. */
    interface Waits {
        void in(Duration wait, Runnable action);
    }

    private final InstantSource clock;
    private final LongSupplier nanos;
    private final Waits waits;

    /** @param nanos as {@link System#nanoTime()} */
    SuspendAwareTimers(InstantSource clock, LongSupplier nanos, Waits waits) {
        this.clock = clock;
        this.nanos = nanos;
        this.waits = waits;
    }

    @Override
    public Scheduled at(Instant due, Runnable action) {
        Entry entry = new Entry(due, nanos.getAsLong(), Duration.between(clock.instant(), due), action);
        entry.await();
        return entry;
    }

    /** An action that is not due; once it is cancelled it refers to nothing, though its wait may last for days. */
    private final class Entry implements Scheduled {
        private final Instant due;
        private final long since;
        private final Duration whole;
        private volatile @Nullable Runnable action;

        Entry(Instant due, long since, Duration whole, Runnable action) {
            this.due = due;
            this.since = since;
            this.whole = whole;
            this.action = action;
        }

        void await() {
            Duration byWall = Duration.between(clock.instant(), due);
            Duration left = shorter(byWall, whole.minus(passed()));
            Duration wait = left.isNegative() ? Duration.ZERO : shorter(left, LONGEST_WAIT);
            waits.in(wait, () -> {
                Runnable current = action;
                if (current == null) {
                    return;
                }
                if (!clock.instant().isBefore(due) || passed().compareTo(whole) >= 0) {
                    current.run();
                } else {
                    await();
                }
            });
        }

        private Duration passed() {
            return Duration.ofNanos(nanos.getAsLong() - since);
        }

        @Override
        public void cancel() {
            action = null;
        }
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
