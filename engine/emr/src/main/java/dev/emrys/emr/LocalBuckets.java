package dev.emrys.emr;

import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The token buckets of a quota that this process alone spends. Not thread-safe. */
final class LocalBuckets {
    /** Sums of fractions of tokens are not exact. */
    private static final double ROUNDING = 1e-6;

    private final @Nullable Bucket all;
    private final Map<EmrOperation, Bucket> buckets = new EnumMap<>(EmrOperation.class);

    private final LoweredRates lowered;

    private LocalBuckets(Quotas quotas, boolean full, LoweredRates lowered, Instant now) {
        this.lowered = lowered;
        Quotas.Rate rateOfAll = quotas.all();
        this.all = rateOfAll == null ? null : new Bucket(rateOfAll, full, now);
        quotas.operations().forEach((operation, rate) -> buckets.put(operation, new Bucket(rate, full, now)));
    }

    static LocalBuckets full(Quotas quotas, LoweredRates lowered, Instant now) {
        return new LocalBuckets(quotas, true, lowered, now);
    }

    static LocalBuckets empty(Quotas quotas, LoweredRates lowered, Instant now) {
        return new LocalBuckets(quotas, false, lowered, now);
    }

    private static final class Bucket {
        final Quotas.Rate rate;
        double tokens;
        Instant filled;

        /** Of the rate and of the burst. */
        double share = 1;

        Bucket(Quotas.Rate rate, boolean full, Instant now) {
            this.rate = rate;
            this.tokens = full ? rate.burst() : 0;
            this.filled = now;
        }

        private double burst() {
            return Math.max(1, share * rate.burst());
        }

        void refill(Instant now) {
            if (now.isAfter(filled)) {
                double seconds = Duration.between(filled, now).toNanos() / 1e9;
                tokens = Math.min(burst(), tokens + seconds * share * rate.perSecond());
            }
            // A clock that was set back must not stop the refill until it has caught up.
            filled = now;
        }

        boolean hasBeyond(int reserve) {
            return tokens >= 1 + Math.min(reserve, burst() - 1) - ROUNDING;
        }

        Duration untilToken() {
            double seconds = Math.max(0, 1 - tokens) / (share * rate.perSecond());
            return Duration.ofNanos((long) Math.ceil(seconds * 1e9));
        }
    }

    void refill(Instant now) {
        buckets.forEach((operation, bucket) -> {
            bucket.share = lowered.share(operation, now);
            bucket.refill(now);
        });
        if (all != null) {
            all.refill(now);
        }
    }

    /**
     * Whether there is a token for a call of the operation and, besides it, {@code reserve} more of the operation's
     * own.
     */
    boolean has(EmrOperation operation, int reserve) {
        Bucket own = buckets.get(operation);
        return (all == null || all.hasBeyond(0)) && (own == null || own.hasBeyond(reserve));
    }

    void take(EmrOperation operation) {
        Bucket own = buckets.get(operation);
        if (own != null) {
            own.tokens--;
        }
        if (all != null) {
            all.tokens--;
        }
    }

    void exhausted(EmrOperation operation) {
        Bucket own = buckets.get(operation);
        if (own != null) {
            own.tokens = 0;
        }
    }

    Duration untilToken(EmrOperation operation) {
        Bucket own = buckets.get(operation);
        Duration wait = own == null ? Duration.ZERO : own.untilToken();
        Duration waitForAll = all == null ? Duration.ZERO : all.untilToken();
        return wait.compareTo(waitForAll) > 0 ? wait : waitForAll;
    }
}
