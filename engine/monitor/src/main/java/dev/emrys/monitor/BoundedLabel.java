package dev.emrys.monitor;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What belongs to each value of one label, for at most a number of values: the first ones have their own, all others
 * share that of {@code other}. Each value is a time series, which stays in memory here and in Prometheus. Thread-safe.
 */
final class BoundedLabel<T> {
    private static final String OTHER = "other";

    private final int max;
    private final Function<String, T> make;
    private final Map<String, T> values = new ConcurrentHashMap<>();
    private @Nullable T other;

    /** @param make called once for each value; it must return the same for the same value */
    BoundedLabel(int max, Function<String, T> make) {
        this.max = max;
        this.make = make;
    }

    T of(String value) {
        T known = values.get(value);
        return known == null ? add(value) : known;
    }

    private synchronized T add(String value) {
        if (values.size() < max || values.containsKey(value)) {
            return values.computeIfAbsent(value, make);
        }
        if (other == null) {
            other = make.apply(OTHER);
        }
        return other;
    }
}
