package dev.emrys.emr;

import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;

/**
 * Which share of its quota each operation is called at. EMR may grant less than is documented, or others may use the
 * account too, which shows only in throttles. So a throttle halves the share of its operation, down to 1/16, and each
 * minute without one adds 1/16 of the quota: additive increase, multiplicative decrease. Not thread-safe.
 */
final class LoweredRates {
    private static final double LOWEST = 1.0 / 16;
    private static final double ADDED_PER_MINUTE = 1.0 / 16;

    /** Calls that were under way together are throttled together: that counts once. */
    private static final Duration TOGETHER = Duration.ofSeconds(5);

    private final Map<EmrOperation, Lowered> lowered = new EnumMap<>(EmrOperation.class);

    private static final class Lowered {
        double share;
        Instant at;
        Instant throttled;

        Lowered(Instant now) {
            this.share = 0.5;
            this.at = now;
            this.throttled = now;
        }

        /** A clock that was set back must not stop the rise until it has caught up. */
        void rise(Instant now) {
            if (now.isAfter(at)) {
                double minutes = Duration.between(at, now).toMillis() / 60_000.0;
                share = Math.min(1, share + minutes * ADDED_PER_MINUTE);
            }
            at = now;
        }
    }

    void throttled(EmrOperation operation, Instant now) {
        Lowered known = lowered.get(operation);
        if (known == null) {
            lowered.put(operation, new Lowered(now));
            return;
        }
        known.rise(now);
        if (Duration.between(known.throttled, now).abs().compareTo(TOGETHER) >= 0) {
            known.share = Math.max(LOWEST, known.share / 2);
            known.throttled = now;
        }
    }

    /** From 1/16 to 1. */
    double share(EmrOperation operation, Instant now) {
        Lowered known = lowered.get(operation);
        if (known == null) {
            return 1;
        }
        known.rise(now);
        if (known.share >= 1) {
            lowered.remove(operation);
        }
        return known.share;
    }
}
