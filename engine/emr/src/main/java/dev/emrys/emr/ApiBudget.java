package dev.emrys.emr;

import dev.emrys.drive.Timers;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * How many calls may still be made to one endpoint: a token bucket for each operation and one for all. Requests for a token wait in a
 * queue; no thread waits. Thread-safe.
 */
final class ApiBudget {
    /** Who gets a token first. */
    enum Priority {
        /** Starts, submissions, cancellations, ends, and the lookups that must precede them. */
        MUTATION,
        STATUS,
        DISPLAY
    }

    /** Sums of fractions of tokens are not exact. */
    private static final double ROUNDING = 1e-6;

    private final Quotas quotas;
    private final InstantSource clock;
    private final Timers timers;
    private final @Nullable Bucket all;
    private final Map<EmrOperation, Bucket> buckets = new EnumMap<>(EmrOperation.class);
    private final Map<Priority, Map<EmrOperation, Queue<Waiting>>> waiting = new EnumMap<>(Priority.class);
    private long arrivals;
    private @Nullable Instant wakeUp;

    private record Waiting(long arrival, Runnable granted) {}

    ApiBudget(Quotas quotas, InstantSource clock, Timers timers) {
        this.quotas = quotas;
        this.clock = clock;
        this.timers = timers;
        Instant now = clock.instant();
        Quotas.Rate rateOfAll = quotas.all();
        this.all = rateOfAll == null ? null : new Bucket(rateOfAll, now);
        quotas.operations().forEach((operation, rate) -> buckets.put(operation, new Bucket(rate, now)));
        for (Priority priority : Priority.values()) {
            waiting.put(priority, new EnumMap<>(EmrOperation.class));
        }
    }

    private static final class Bucket {
        final Quotas.Rate rate;
        double tokens;
        Instant filled;

        Bucket(Quotas.Rate rate, Instant now) {
            this.rate = rate;
            this.tokens = rate.burst();
            this.filled = now;
        }

        void refill(Instant now) {
            if (now.isAfter(filled)) {
                double seconds = Duration.between(filled, now).toNanos() / 1e9;
                tokens = Math.min(rate.burst(), tokens + seconds * rate.perSecond());
            }
            // A clock that was set back must not stop the refill until it has caught up.
            filled = now;
        }

        boolean hasToken() {
            return tokens >= 1 - ROUNDING;
        }

        Duration untilToken() {
            double seconds = Math.max(0, 1 - tokens) / rate.perSecond();
            return Duration.ofNanos((long) Math.ceil(seconds * 1e9));
        }
    }

    boolean isLimited() {
        return !quotas.equals(Quotas.NONE);
    }

    /** Runs {@code granted} once a call of the operation may be made: at once, or later from a timer. It must be quick. */
    void acquire(EmrOperation operation, Priority priority, Runnable granted) {
        synchronized (this) {
            Objects.requireNonNull(waiting.get(priority))
                    .computeIfAbsent(operation, key -> new ArrayDeque<>())
                    .add(new Waiting(arrivals++, granted));
        }
        grant();
    }

    /** Takes a token if one is there and, besides it, {@code reserve} more of the operation's own are left. */
    synchronized boolean tryAcquire(EmrOperation operation, int reserve) {
        Bucket own = buckets.get(operation);
        Instant now = clock.instant();
        if (own != null) {
            own.refill(now);
            if (own.tokens < 1 + Math.min(reserve, own.rate.burst() - 1) - ROUNDING || hasWaiting(operation)) {
                return false;
            }
        }
        if (all != null) {
            all.refill(now);
            if (!all.hasToken()) {
                return false;
            }
        }
        take(own);
        return true;
    }

    /** How many calls in a second the operation's quota grants for long; infinite without a limit. */
    double perSecond(EmrOperation operation) {
        Quotas.Rate rate = quotas.of(operation);
        return rate == null ? Double.POSITIVE_INFINITY : rate.perSecond();
    }

    /** EMR refused a call as one too many: others use the account too, and fewer of its tokens are left than are counted here. */
    synchronized void throttled(EmrOperation operation) {
        Bucket own = buckets.get(operation);
        if (own != null) {
            own.refill(clock.instant());
            own.tokens = 0;
        }
    }

    private boolean hasWaiting(EmrOperation operation) {
        return waiting.values().stream().anyMatch(queues -> {
            Queue<Waiting> queue = queues.get(operation);
            return queue != null && !queue.isEmpty();
        });
    }

    private void take(@Nullable Bucket own) {
        if (own != null) {
            own.tokens--;
        }
        if (all != null) {
            all.tokens--;
        }
    }

    private void grant() {
        List<Runnable> granted = new ArrayList<>();
        synchronized (this) {
            Instant now = clock.instant();
            buckets.values().forEach(bucket -> bucket.refill(now));
            if (all != null) {
                all.refill(now);
            }
            Runnable next = next();
            while (next != null) {
                granted.add(next);
                next = next();
            }
            setTimer(now);
        }
        granted.forEach(Runnable::run);
    }

    /** The one whose turn it is, with its token taken. */
    private @Nullable Runnable next() {
        if (all != null && !all.hasToken()) {
            return null;
        }
        for (Map<EmrOperation, Queue<Waiting>> queues : waiting.values()) {
            EmrOperation oldest = null;
            long arrival = Long.MAX_VALUE;
            for (Map.Entry<EmrOperation, Queue<Waiting>> entry : queues.entrySet()) {
                Waiting head = entry.getValue().peek();
                Bucket own = buckets.get(entry.getKey());
                if (head != null && head.arrival() < arrival && (own == null || own.hasToken())) {
                    oldest = entry.getKey();
                    arrival = head.arrival();
                }
            }
            if (oldest != null) {
                take(buckets.get(oldest));
                return Objects.requireNonNull(queues.get(oldest)).remove().granted();
            }
        }
        return null;
    }

    /** For the moment at which the next waiting request can have its token. */
    private void setTimer(Instant now) {
        Duration soonest = null;
        for (Map<EmrOperation, Queue<Waiting>> queues : waiting.values()) {
            for (Map.Entry<EmrOperation, Queue<Waiting>> entry : queues.entrySet()) {
                if (!entry.getValue().isEmpty()) {
                    Duration pause = untilToken(entry.getKey());
                    soonest = soonest == null || pause.compareTo(soonest) < 0 ? pause : soonest;
                }
            }
        }
        if (soonest == null) {
            return;
        }
        Instant due = now.plus(soonest);
        if (wakeUp == null || due.isBefore(wakeUp) || !wakeUp.isAfter(now)) {
            wakeUp = due;
            var unused = timers.at(due, this::wake);
        }
    }

    private void wake() {
        synchronized (this) {
            wakeUp = null;
        }
        grant();
    }

    private Duration untilToken(EmrOperation operation) {
        Bucket own = buckets.get(operation);
        Duration wait = own == null ? Duration.ZERO : own.untilToken();
        Duration waitForAll = all == null ? Duration.ZERO : all.untilToken();
        return wait.compareTo(waitForAll) > 0 ? wait : waitForAll;
    }
}
