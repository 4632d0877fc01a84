package dev.emrys.emr;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.emrys.emr.SharedBudget.Demand;
import dev.emrys.emr.SharedBudget.Lot;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The tokens that this process has leased from a budget that several processes share, and the requests for more. Not
 * thread-safe.
 *
 * <p>It asks for as many tokens as calls wait, at most four times a second, and uses a token within a second, or loses
 * it. So a process that dies loses the tokens of its last request at most. The shared buckets hold less than EMR's
 * burst by what the rate gives in {@link #SPREAD}: calls that come that much later than their tokens were granted still
 * fit into EMR's buckets.
 *
 * <p>While the shared budget fails, or does not answer within 5 s, calls are made at a quarter of the quotas' rates, so
 * that clusters can be ended although the journal is lost. More than four such processes at once may be throttled.
 */
final class TokenLeases {
    /** The time between two requests. */
    static final Duration PAUSE = Duration.ofMillis(250);

    /** How long a token may be used, from when the answer came. */
    private static final Duration VALIDITY = Duration.ofSeconds(1);

    /** The validity, and as much for the way of the answer and of the call. */
    private static final Duration SPREAD = VALIDITY.multipliedBy(2);

    /** After how long without an answer calls are made without one; the time between two requests after a failure. */
    private static final Duration GIVE_UP = Duration.ofSeconds(5);

    /** Tokens that are tried for within this time are asked for together. */
    static final Duration LINGER = Duration.ofMillis(20);

    /** Of the quotas' rates, without an answer. */
    private static final double CAUTIOUS_SHARE = 0.25;

    private final String account;
    private final Quotas quotas;
    private final Quotas sharedQuotas;
    private final LoweredRates lowered;
    private final Map<EmrOperation, Deque<Held>> stock = new EnumMap<>(EmrOperation.class);
    private final Map<Key, Integer> tried = new LinkedHashMap<>();
    private final Map<Key, Instant> notBefore = new LinkedHashMap<>();
    private final Set<EmrOperation> exhausted = EnumSet.noneOf(EmrOperation.class);
    private Instant lastRequest;
    private Instant nextRequest;
    private Instant triedSince;
    private boolean underWay;
    private @Nullable LocalBuckets withoutAnswer;
    private @Nullable Instant wakeUp;

    private record Key(EmrOperation operation, int rank, int reserve) {
        static Key of(Demand demand) {
            return new Key(demand.operation(), demand.rank(), demand.reserve());
        }
    }

    private static final class Held {
        final Instant until;
        int tokens;

        Held(Instant until, int tokens) {
            this.until = until;
            this.tokens = tokens;
        }
    }

    TokenLeases(String account, Quotas quotas, LoweredRates lowered, Instant now) {
        this.lowered = lowered;
        this.account = account;
        this.quotas = quotas;
        this.sharedQuotas = quotas.withLessBurst(SPREAD);
        this.lastRequest = now;
        this.nextRequest = now;
        this.triedSince = now;
    }

    /** To be called before the other methods, with the time of these calls. */
    void refill(Instant now) {
        if (now.isBefore(lastRequest)) {
            // The clock was set back: what was computed from it is worth nothing.
            stock.clear();
            notBefore.clear();
            lastRequest = now;
            nextRequest = now;
            triedSince = now;
        }
        stock.values().forEach(held -> held.removeIf(one -> !now.isBefore(one.until)));
        if (underWay && withoutAnswer == null && !now.isBefore(lastRequest.plus(GIVE_UP))) {
            withoutAnswer = cautious(now);
        }
        if (withoutAnswer != null) {
            withoutAnswer.refill(now);
        }
    }

    private LocalBuckets cautious(Instant now) {
        return LocalBuckets.empty(quotas.withPartOfTheRates(CAUTIOUS_SHARE), lowered, now);
    }

    boolean has(EmrOperation operation, int reserve) {
        return isInStock(operation) || (withoutAnswer != null && withoutAnswer.has(operation, reserve));
    }

    private boolean isInStock(EmrOperation operation) {
        Deque<Held> held = stock.get(operation);
        return held != null && !held.isEmpty();
    }

    /** Call when there is one. */
    void take(EmrOperation operation) {
        Deque<Held> held = stock.get(operation);
        if (held != null && !held.isEmpty()) {
            Held oldest = held.element();
            oldest.tokens--;
            if (oldest.tokens == 0) {
                held.remove();
            }
        } else if (withoutAnswer != null) {
            withoutAnswer.take(operation);
        }
    }

    /** A call of the operation was throttled. */
    void exhausted(EmrOperation operation) {
        stock.remove(operation);
        exhausted.add(operation);
        if (withoutAnswer != null) {
            withoutAnswer.exhausted(operation);
        }
    }

    /** Whether there are tokens that no call has waited for. */
    boolean isLeft() {
        return stock.values().stream().anyMatch(held -> !held.isEmpty());
    }

    /**
     * There was no token for a call that does not wait; it is asked for, for the next time.
     *
     * @return whether {@link #request} should be called after {@link #LINGER}, which is so for the first one
     */
    boolean tried(EmrOperation operation, int rank, int reserve, Instant now) {
        boolean first = tried.isEmpty();
        if (first) {
            triedSince = now;
        }
        tried.merge(new Key(operation, rank, reserve), 1, Integer::sum);
        return first;
    }

    /** What was tried for is not needed any more, or will be tried for again. */
    void forgetTried() {
        tried.clear();
    }

    /**
     * What is to be asked for now; {@link #granted} or {@link #failed} must follow.
     *
     * @param waiting the calls that wait
     * @return null when nothing is, or not yet: see {@link #wakeUp}
     */
    SharedBudget.@Nullable Request request(List<Demand> waiting, Instant now) {
        wakeUp = underWay && withoutAnswer == null ? lastRequest.plus(GIVE_UP) : null;
        List<Demand> demands = demands(waiting);
        if (underWay || (demands.isEmpty() && exhausted.isEmpty())) {
            return null;
        }
        Instant due = due(demands, now);
        if (due.isAfter(now)) {
            wakeUp = due;
            return null;
        }
        SharedBudget.Request request = new SharedBudget.Request(
                account,
                sharedQuotas.withShares(operation -> lowered.share(operation, now)),
                ImmutableList.copyOf(demands),
                ImmutableSet.copyOf(exhausted));
        tried.clear();
        exhausted.clear();
        underWay = true;
        lastRequest = now;
        nextRequest = now.plus(PAUSE);
        wakeUp = withoutAnswer == null ? now.plus(GIVE_UP) : null;
        return request;
    }

    private List<Demand> demands(List<Demand> waiting) {
        Map<Key, Integer> counts = new LinkedHashMap<>();
        waiting.forEach(demand -> counts.merge(Key.of(demand), demand.count(), Integer::sum));
        tried.forEach((key, count) -> counts.merge(key, count, Integer::sum));
        List<Demand> demands = new ArrayList<>();
        counts.forEach((key, count) -> demands.add(new Demand(key.operation(), key.rank(), key.reserve(), count)));
        return demands;
    }

    private Instant due(List<Demand> demands, Instant now) {
        Instant due = exhausted.isEmpty() ? Instant.MAX : now;
        for (Demand demand : demands) {
            Key key = Key.of(demand);
            Instant earliest = Optional.ofNullable(notBefore.get(key)).orElse(now);
            Instant linger = triedSince.plus(LINGER);
            Instant asked = tried.containsKey(key) && linger.isAfter(earliest) ? linger : earliest;
            due = asked.isBefore(due) ? asked : due;
        }
        return due.isAfter(nextRequest) ? due : nextRequest;
    }

    /** When {@link #request} is to be called again at the latest, also to notice that no answer comes. */
    Optional<Instant> wakeUp() {
        return Optional.ofNullable(wakeUp);
    }

    /** How long until there may be a token for a call that waits; empty when only an answer can bring one. */
    Optional<Duration> untilToken(EmrOperation operation) {
        return Optional.ofNullable(withoutAnswer).map(buckets -> buckets.untilToken(operation));
    }

    void granted(SharedBudget.Request request, ImmutableList<Lot> lots, Instant now) {
        underWay = false;
        notBefore.clear();
        boolean late = !now.isBefore(lastRequest.plus(GIVE_UP));
        if (late) {
            // Calls were made without the answer, and its tokens are too old.
            return;
        }
        withoutAnswer = null;
        for (int index = 0; index < lots.size(); index++) {
            Demand demand = request.demands().get(index);
            Lot lot = lots.get(index);
            if (lot.tokens() > 0) {
                stock.computeIfAbsent(demand.operation(), operation -> new ArrayDeque<>())
                        .add(new Held(now.plus(VALIDITY), lot.tokens()));
            }
            if (lot.tokens() < demand.count()) {
                notBefore.put(Key.of(demand), now.plus(lot.retryAfter()));
            }
        }
    }

    void failed(SharedBudget.Request request, Instant now) {
        underWay = false;
        exhausted.addAll(request.exhausted());
        nextRequest = now.plus(GIVE_UP);
        if (withoutAnswer == null) {
            withoutAnswer = cautious(now);
        }
    }
}
