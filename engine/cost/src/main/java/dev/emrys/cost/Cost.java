package dev.emrys.cost;

import java.time.Duration;

/**
 * What something has cost, by estimate, in US dollars.
 *
 * @param low at the smallest size that the script allows
 * @param high at the largest one
 */
public record Cost(double low, double high) {
    public static final Cost NOTHING = new Cost(0, 0);

    /** Amazon charges by the second, and for at least one minute. */
    private static final Duration LEAST = Duration.ofMinutes(1);

    private static final double SECONDS_OF_AN_HOUR = 3600;

    /** Of a cluster that was there for that long. */
    public static Cost of(HourlyRate rate, Duration time) {
        Duration charged = time.compareTo(LEAST) < 0 ? LEAST : time;
        double hours = charged.toSeconds() / SECONDS_OF_AN_HOUR;
        return new Cost(rate.low() * hours, rate.high() * hours);
    }

    public Cost plus(Cost other) {
        return new Cost(low + other.low, high + other.high);
    }
}
