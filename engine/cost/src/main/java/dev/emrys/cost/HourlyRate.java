package dev.emrys.cost;

import com.google.common.collect.ImmutableSet;

/**
 * What an hour costs, by estimate.
 *
 * @param low US dollars at the smallest size that the script allows
 * @param high US dollars at the largest one, Spot instances at the highest price that the script allows
 * @param unpriced the instance and volume types without a price, which are not counted
 */
public record HourlyRate(double low, double high, ImmutableSet<String> unpriced) {
    public static final HourlyRate ZERO = new HourlyRate(0, 0, ImmutableSet.of());

    HourlyRate plus(HourlyRate other) {
        return new HourlyRate(
                low + other.low,
                high + other.high,
                ImmutableSet.<String>builder()
                        .addAll(unpriced)
                        .addAll(other.unpriced)
                        .build());
    }

    /** One of the two; it is not known which. */
    HourlyRate or(HourlyRate other) {
        return new HourlyRate(
                Math.min(low, other.low),
                Math.max(high, other.high),
                ImmutableSet.<String>builder()
                        .addAll(unpriced)
                        .addAll(other.unpriced)
                        .build());
    }

    HourlyRate times(double least, double most) {
        return new HourlyRate(low * least, high * most, unpriced);
    }

    /** Whether the script leaves the size open. */
    public boolean isRange() {
        return high > low;
    }
}
