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
 * How many calls may still be made to one endpoint: a token bucket for each operation and one for all, which are this
 * process's own or leased from those that all processes on the account share. Requests for a token wait in a queue; no
 * thread waits. Thread-safe.
 */
final class ApiBudget {
    /** Who gets a token first. */
    enum Priority {
        /** Starts, submissions, cancellations, ends, and the lookups that must precede them. */
        MUTATION(0),
        STATUS(100),
        DISPLAY(200);

        /** In the shared budget, and the same in every version; a reserve is added to it. */
        private final int rank;

        Priority(int rank) {
            this.rank = rank;
        }
    }

    private final Quotas quotas;
    private final InstantSource clock;
    private final Timers timers;
    private final LoweredRates lowered = new LoweredRates();
    /** Where the tokens come from without a shared budget. */
    private final LocalBuckets own;

    private final @Nullable SharedBudget shared;
    /** Where the tokens come from with a shared budget. */
    private final @Nullable TokenLeases leases;

    private final Map<Priority, Map<EmrOperation, Queue<Waiting>>> waiting = new EnumMap<>(Priority.class);
    private Runnable onLeftTokens = () -> {};
    private long arrivals;
    private @Nullable Instant wakeUp;

    private record Waiting(long arrival, Runnable granted) {}

    /** With the whole quota. */
    ApiBudget(Quotas quotas, InstantSource clock, Timers timers) {
        this(quotas, clock, timers, null, "");
    }

    /**
     * With a part of a quota that other processes use too.
     *
     * @param account whose quota it is
     */
    ApiBudget(Quotas quotas, InstantSource clock, Timers timers, @Nullable SharedBudget shared, String account) {
        this.quotas = quotas;
        this.clock = clock;
        this.timers = timers;
        Instant now = clock.instant();
        this.own = LocalBuckets.full(quotas, lowered, now);
        this.shared = isLimited() ? shared : null;
        this.leases = this.shared == null ? null : new TokenLeases(account, quotas, lowered, now);
        for (Priority priority : Priority.values()) {
            waiting.put(priority, new EnumMap<>(EmrOperation.class));
        }
    }

    boolean isLimited() {
        return !quotas.equals(Quotas.NONE);
    }

    /** Called when tokens came that {@link #tryAcquire} had not found. It must be quick. */
    synchronized void whenLeased(Runnable action) {
        onLeftTokens = action;
    }

    /**
     * Runs {@code granted} once a call of the operation may be made: at once, or later from a timer. It must be quick.
     */
    void acquire(EmrOperation operation, Priority priority, Runnable granted) {
        synchronized (this) {
            Objects.requireNonNull(waiting.get(priority))
                    .computeIfAbsent(operation, key -> new ArrayDeque<>())
                    .add(new Waiting(arrivals++, granted));
        }
        grant();
    }

    /** What was tried for before, without success, will be tried for again if it is still needed. */
    synchronized void forgetTried() {
        if (leases != null) {
            leases.forgetTried();
        }
    }

    /**
     * Takes a token if one is there and, besides it, {@code reserve} more of the operation's own are left. Of a shared
     * budget the tokens are asked for: {@link #whenLeased} tells when some came.
     */
    synchronized boolean tryAcquire(EmrOperation operation, int reserve) {
        Instant now = clock.instant();
        refill(now);
        if (hasWaiting(operation)) {
            return false;
        }
        if (has(operation, reserve)) {
            take(operation);
            return true;
        }
        if (leases != null) {
            if (leases.tried(operation, rank(Priority.STATUS, reserve), reserve, now)) {
                var unused = timers.at(now.plus(TokenLeases.LINGER), this::grant);
            }
        }
        return false;
    }

    private static int rank(Priority priority, int reserve) {
        return priority.rank + reserve;
    }

    /** How many calls in a second are made for long, which is the quota until a throttle; infinite without a limit. */
    synchronized double perSecond(EmrOperation operation) {
        Quotas.Rate rate = quotas.of(operation);
        return rate == null ? Double.POSITIVE_INFINITY : lowered.share(operation, clock.instant()) * rate.perSecond();
    }

    /**
     * EMR refused a call as one too many: others use the account too, or it grants less than is documented. Fewer of its
     * tokens are left than are counted here, and this process makes fewer calls of the operation for a while.
     */
    void throttled(EmrOperation operation) {
        synchronized (this) {
            Instant now = clock.instant();
            refill(now);
            lowered.throttled(operation, now);
            if (leases == null) {
                own.exhausted(operation);
            } else {
                leases.exhausted(operation);
            }
        }
        grant();
    }

    private boolean hasWaiting(EmrOperation operation) {
        return waiting.values().stream().anyMatch(queues -> {
            Queue<Waiting> queue = queues.get(operation);
            return queue != null && !queue.isEmpty();
        });
    }

    private void refill(Instant now) {
        if (leases == null) {
            own.refill(now);
        } else {
            leases.refill(now);
        }
    }

    private boolean has(EmrOperation operation, int reserve) {
        return leases == null ? own.has(operation, reserve) : leases.has(operation, reserve);
    }

    private void take(EmrOperation operation) {
        if (leases == null) {
            own.take(operation);
        } else {
            leases.take(operation);
        }
    }

    private void grant() {
        List<Runnable> granted = new ArrayList<>();
        SharedBudget.Request request;
        synchronized (this) {
            Instant now = clock.instant();
            refill(now);
            Runnable next = next();
            while (next != null) {
                granted.add(next);
                next = next();
            }
            request = leases == null ? null : leases.request(demands(), now);
            setTimer(now);
        }
        granted.forEach(Runnable::run);
        if (request != null) {
            lease(request);
        }
    }

    /** The one whose turn it is, with its token taken. */
    private @Nullable Runnable next() {
        for (Map<EmrOperation, Queue<Waiting>> queues : waiting.values()) {
            EmrOperation oldest = null;
            long arrival = Long.MAX_VALUE;
            for (Map.Entry<EmrOperation, Queue<Waiting>> entry : queues.entrySet()) {
                Waiting head = entry.getValue().peek();
                if (head != null && head.arrival() < arrival && has(entry.getKey(), 0)) {
                    oldest = entry.getKey();
                    arrival = head.arrival();
                }
            }
            if (oldest != null) {
                take(oldest);
                return Objects.requireNonNull(queues.get(oldest)).remove().granted();
            }
        }
        return null;
    }

    private List<SharedBudget.Demand> demands() {
        List<SharedBudget.Demand> demands = new ArrayList<>();
        waiting.forEach((priority, queues) -> queues.forEach((operation, queue) -> {
            if (!queue.isEmpty()) {
                demands.add(new SharedBudget.Demand(operation, rank(priority, 0), 0, queue.size()));
            }
        }));
        return demands;
    }

    private void lease(SharedBudget.Request request) {
        TokenLeases used = Objects.requireNonNull(leases);
        var unused = Objects.requireNonNull(shared).lease(request).whenComplete((lots, failure) -> {
            synchronized (this) {
                Instant now = clock.instant();
                if (failure == null) {
                    used.granted(request, lots, now);
                } else {
                    used.failed(request, now);
                }
            }
            grant();
            onLeftTokens().run();
        });
    }

    private synchronized Runnable onLeftTokens() {
        return leases != null && leases.isLeft() ? onLeftTokens : () -> {};
    }

    /** For the moment at which the next waiting request can have its token. */
    private void setTimer(Instant now) {
        Instant soonest = leases == null ? null : leases.wakeUp().orElse(null);
        for (Map<EmrOperation, Queue<Waiting>> queues : waiting.values()) {
            for (Map.Entry<EmrOperation, Queue<Waiting>> entry : queues.entrySet()) {
                Duration pause = entry.getValue().isEmpty() ? null : untilToken(entry.getKey());
                if (pause != null && (soonest == null || now.plus(pause).isBefore(soonest))) {
                    soonest = now.plus(pause);
                }
            }
        }
        if (soonest != null && (wakeUp == null || soonest.isBefore(wakeUp) || !wakeUp.isAfter(now))) {
            Instant due = soonest;
            wakeUp = due;
            var unused = timers.at(due, () -> wake(due));
        }
    }

    private void wake(Instant due) {
        synchronized (this) {
            if (!due.equals(wakeUp)) {
                // There is an earlier one by now: this one must not set another for itself.
                return;
            }
            wakeUp = null;
        }
        grant();
    }

    /** Null when only an answer of the shared budget can bring one. */
    private @Nullable Duration untilToken(EmrOperation operation) {
        return leases == null
                ? own.untilToken(operation)
                : leases.untilToken(operation).orElse(null);
    }
}
