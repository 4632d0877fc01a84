package dev.emrys.journal;

import static com.google.common.collect.ImmutableList.toImmutableList;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Decides one {@link TokenRequest}: deals the tokens that are there to all who wait, one by one, and grants what the
 * process that asks was dealt. What others were dealt stays in the buckets until they ask.
 */
final class TokenDeal {
    /** The name of the bucket of all operations; no operation has it. */
    static final String ALL = "*";

    private static final Duration MAX_WAIT = Duration.ofSeconds(5);

    /** How long after the moment to ask again a process still counts as waiting. */
    private static final Duration GRACE = Duration.ofSeconds(2);

    /** Sums of fractions of tokens are not exact. */
    private static final double ROUNDING = 1e-6;

    /** A bucket as it is stored; one that is not stored is full. */
    record Stored(double tokens, Instant filledAt) {}

    /**
     * Calls of a process that wait.
     *
     * @param turn among equals the lowest is served first; each token that is granted moves its claim to the end
     * @param seenAt when the process asked last
     */
    record Claim(
            String process,
            String operation,
            int rank,
            int reserve,
            int count,
            long turn,
            Instant seenAt,
            Instant expiresAt) {
        private boolean isValid(Instant now) {
            // When the clock was set back, a process that still waits asks again and is seen anew.
            return !now.isBefore(seenAt) && now.isBefore(expiresAt);
        }

        private boolean isSame(String otherProcess, TokenRequest.Demand demand) {
            return process.equals(otherProcess) && operation.equals(demand.operation()) && rank == demand.rank();
        }
    }

    /**
     * What to store.
     *
     * @param buckets those that changed
     * @param claims of the process that asked, to be added or replaced
     * @param ended claims to be removed
     */
    record Result(
            ImmutableList<TokenGrant> grants,
            ImmutableMap<String, Stored> buckets,
            ImmutableList<Claim> claims,
            ImmutableList<Claim> ended) {}

    private static final class Bucket {
        private final TokenRequest.@Nullable Rate rate;
        private final boolean clockSetBack;
        /** What the bucket has; without a rate it is never empty. */
        private double tokens;
        /** What is left of them while they are dealt. */
        private double undealt;
        /** How many more the process that asks may get. */
        private int lot;

        private boolean changed;

        Bucket(TokenRequest.@Nullable Rate rate, @Nullable Stored stored, boolean exhausted, Instant now) {
            this.rate = rate;
            this.clockSetBack = stored != null && now.isBefore(stored.filledAt());
            if (rate == null) {
                this.tokens = Double.POSITIVE_INFINITY;
            } else if (exhausted) {
                this.tokens = 0;
                this.changed = true;
            } else {
                this.tokens = stored == null ? rate.burst() : filled(rate, stored, now);
            }
            this.undealt = tokens;
            this.lot = rate == null ? Integer.MAX_VALUE : Math.max(1, (int) Math.ceil(tokens / 2 - ROUNDING));
        }

        private static double filled(TokenRequest.Rate rate, Stored stored, Instant now) {
            double seconds =
                    Math.max(0, Duration.between(stored.filledAt(), now).toNanos() / 1e9);
            return Math.min(rate.burst(), stored.tokens() + seconds * rate.perSecond());
        }

        /** A bucket that is smaller than the reserve is never fuller. */
        private double possible(int reserve) {
            return rate == null ? reserve : Math.min(reserve, rate.burst() - 1);
        }

        boolean hasBeyond(int reserve) {
            return undealt >= 1 + possible(reserve) - ROUNDING;
        }

        void grant() {
            tokens--;
            lot--;
            changed = true;
        }

        Duration untilBeyond(int reserve) {
            if (rate == null || hasBeyond(reserve)) {
                return Duration.ZERO;
            }
            return Duration.ofNanos((long) Math.ceil((1 + possible(reserve) - undealt) / rate.perSecond() * 1e9));
        }

        Optional<Stored> toStore(Instant now) {
            return rate != null && (changed || clockSetBack) ? Optional.of(new Stored(tokens, now)) : Optional.empty();
        }
    }

    /** A claim while tokens are dealt. */
    private static final class Waiting {
        final Claim claim;
        final boolean asks;
        int count;
        long turn;
        int granted;

        Waiting(Claim claim, boolean asks) {
            this.claim = claim;
            this.asks = asks;
            this.count = claim.count();
            this.turn = claim.turn();
        }

        boolean isBefore(@Nullable Waiting other) {
            return other == null
                    || claim.rank() < other.claim.rank()
                    || (claim.rank() == other.claim.rank() && turn < other.turn);
        }
    }

    private final TokenRequest request;
    private final Instant now;
    private final Bucket all;
    private final Map<String, Bucket> buckets = new TreeMap<>();
    private final List<Waiting> own = new ArrayList<>();
    private final List<Waiting> waiting = new ArrayList<>();
    private final ImmutableList<Claim> known;
    private long lastTurn;

    private TokenDeal(TokenRequest request, Map<String, Stored> stored, ImmutableList<Claim> known, Instant now) {
        this.request = request;
        this.now = now;
        this.known = known;
        this.all = new Bucket(request.all(), stored.get(ALL), false, now);
        request.operations()
                .forEach((operation, rate) -> buckets.put(
                        operation,
                        new Bucket(
                                rate, stored.get(operation), request.exhausted().contains(operation), now)));
        this.lastTurn = known.stream().mapToLong(Claim::turn).max().orElse(0);
        known.stream()
                .filter(claim -> claim.isValid(now) && !claim.process().equals(request.process()))
                .forEach(claim -> waiting.add(new Waiting(claim, false)));
        request.demands().forEach(demand -> own.add(new Waiting(claim(demand), true)));
        waiting.addAll(own);
    }

    /**
     * @param stored the buckets of the endpoint
     * @param claims of all processes on the endpoint
     */
    static Result of(TokenRequest request, Map<String, Stored> stored, ImmutableList<Claim> claims, Instant now) {
        TokenDeal deal = new TokenDeal(request, stored, claims, now);
        deal.deal();
        return deal.result();
    }

    /** The claim that the process has for this already, or a new one, at the end. */
    private Claim claim(TokenRequest.Demand demand) {
        long turn = known.stream()
                .filter(claim -> claim.isSame(request.process(), demand) && claim.isValid(now))
                .mapToLong(Claim::turn)
                .findFirst()
                .orElseGet(() -> ++lastTurn);
        return new Claim(
                request.process(), demand.operation(), demand.rank(), demand.reserve(), demand.count(), turn, now, now);
    }

    private Bucket bucket(Waiting one) {
        return buckets.computeIfAbsent(one.claim.operation(), operation -> new Bucket(null, null, false, now));
    }

    private void deal() {
        for (Waiting next = next(); next != null; next = next()) {
            Bucket bucket = bucket(next);
            bucket.undealt--;
            all.undealt--;
            next.count--;
            next.turn = ++lastTurn;
            if (next.asks) {
                bucket.grant();
                all.grant();
                next.granted++;
            }
        }
    }

    private @Nullable Waiting next() {
        Waiting first = null;
        for (Waiting one : waiting) {
            if (one.count > 0 && isThereATokenFor(one) && (!one.asks || isWithinTheLot(one)) && one.isBefore(first)) {
                first = one;
            }
        }
        return first;
    }

    private boolean isThereATokenFor(Waiting one) {
        return all.hasBeyond(0) && bucket(one).hasBeyond(one.claim.reserve());
    }

    private boolean isWithinTheLot(Waiting one) {
        return all.lot > 0 && bucket(one).lot > 0;
    }

    private Duration retryAfter(Waiting one) {
        if (one.count == 0) {
            return Duration.ZERO;
        }
        Duration forAll = all.untilBeyond(0);
        Duration forOwn = bucket(one).untilBeyond(one.claim.reserve());
        Duration longer = forAll.compareTo(forOwn) > 0 ? forAll : forOwn;
        return longer.compareTo(MAX_WAIT) < 0 ? longer : MAX_WAIT;
    }

    private Result result() {
        ImmutableMap.Builder<String, Stored> changed = ImmutableMap.builder();
        all.toStore(now).ifPresent(stored -> changed.put(ALL, stored));
        buckets.forEach((operation, bucket) -> bucket.toStore(now).ifPresent(stored -> changed.put(operation, stored)));
        ImmutableList<Claim> claims = own.stream()
                .filter(one -> one.count > 0)
                .map(one -> new Claim(
                        request.process(),
                        one.claim.operation(),
                        one.claim.rank(),
                        one.claim.reserve(),
                        one.count,
                        one.turn,
                        now,
                        now.plus(retryAfter(one)).plus(GRACE)))
                .collect(toImmutableList());
        ImmutableList<Claim> ended = known.stream()
                .filter(claim ->
                        claim.process().equals(request.process()) ? !contains(claims, claim) : !claim.isValid(now))
                .collect(toImmutableList());
        return new Result(
                own.stream()
                        .map(one -> new TokenGrant(one.granted, retryAfter(one)))
                        .collect(toImmutableList()),
                changed.buildOrThrow(),
                claims,
                ended);
    }

    private static boolean contains(ImmutableList<Claim> claims, Claim one) {
        return claims.stream()
                .anyMatch(claim -> claim.operation().equals(one.operation()) && claim.rank() == one.rank());
    }
}
