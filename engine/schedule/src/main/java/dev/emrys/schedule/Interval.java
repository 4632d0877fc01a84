package dev.emrys.schedule;

import java.time.Duration;

/**
 * Fires in equal intervals of elapsed time, which clock changes do not affect. The first fire is at the schedule's
 * start; without a start, fires are at the multiples of the period since 1970-01-01T00:00:00Z.
 *
 * @param period the time from fire to fire, at least one second and in whole seconds
 */
public record Interval(Duration period) implements Timing {
    private static final Duration LONGEST = Duration.ofDays(36_500);

    /** @throws IllegalArgumentException if the period is not a whole number of seconds from 1 second to 36,500 days */
    public Interval {
        if (!period.equals(Duration.ofSeconds(period.toSeconds()))
                || period.compareTo(Duration.ofSeconds(1)) < 0
                || period.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "The interval " + period + " is not a whole number of seconds from 1 second to 36,500 days.");
        }
    }

    @Override
    public <R> R accept(Cases<R> cases) {
        return cases.interval(this);
    }

    /** Fires every {@code period}. */
    public static Interval every(Duration period) {
        return new Interval(period);
    }
}
