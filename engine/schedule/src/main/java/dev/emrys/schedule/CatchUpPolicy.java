package dev.emrys.schedule;

import com.google.common.collect.ImmutableList;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * What happens to fires that nothing started in time: the process was off, the machine slept, the clock was set
 * forward.
 *
 * @param mode which of them are started
 * @param window how late a fire may be and still be started
 * @param tolerance a fire that is late by at most this is on time and started in every mode
 */
public record CatchUpPolicy(CatchUp mode, Duration window, Duration tolerance) {
    private static final Duration LONGEST_TOLERANCE = Duration.ofHours(1);

    /** The last missed fire of the last 24 hours; on time is one minute, as Quartz's misfire threshold. */
    public static final CatchUpPolicy DEFAULT =
            new CatchUpPolicy(new CatchUp.Last(), Duration.ofHours(24), Duration.ofMinutes(1));

    /** How many missed fires of one reason are listed; more are only counted. */
    public static final int MAX_LISTED = 100;

    /** @throws IllegalArgumentException if a duration is negative, or the tolerance is longer than one hour */
    public CatchUpPolicy {
        if (window.isNegative()) {
            throw new IllegalArgumentException("The window " + window + " is negative.");
        }
        if (tolerance.isNegative() || tolerance.compareTo(LONGEST_TOLERANCE) > 0) {
            throw new IllegalArgumentException("The tolerance " + tolerance + " is not between 0 and 1 hour.");
        }
    }

    /**
     * Decides about the fires that are due since the last handled one. The cost depends on how many fires are started
     * and listed, and on the number of months and of clock changes since then, not on the number of fires missed.
     *
     * @param fires the schedule's fires
     * @param lastHandled the instant of the last fire that was started or counted as missed, before jitter
     * @param now the time; if it is before {@code lastHandled}, because the clock was set back, nothing is due
     */
    public CatchUpPlan plan(Fires fires, Instant lastHandled, Instant now) {
        Instant from = lastHandled.plusNanos(1);
        Instant end = endOfDue(fires, now);
        if (!from.isBefore(end)) {
            return new CatchUpPlan(ImmutableList.of(), ImmutableList.of());
        }
        Duration longest = window.compareTo(tolerance) < 0 ? tolerance : window;
        Instant windowStart = max(from, firstDue(fires, now.minus(longest)));
        Instant onTimeStart = max(from, firstDue(fires, now.minus(tolerance)));
        ImmutableList<Fire> onTime = newest(fires, onTimeStart, end, Integer.MAX_VALUE);
        ImmutableList<Fire> late = newest(fires, windowStart, onTimeStart, mode.accept(new LateFires(onTime)));
        Instant lateStart = late.isEmpty() ? onTimeStart : late.get(0).instant();
        ImmutableList.Builder<MissedFires> missed = ImmutableList.builder();
        missed(fires, from, windowStart, MissedFires.Reason.OUTSIDE_WINDOW).ifPresent(missed::add);
        missed(fires, windowStart, lateStart, mode.accept(REASONS)).ifPresent(missed::add);
        ImmutableList<Fire> start =
                ImmutableList.<Fire>builder().addAll(late).addAll(onTime).build();
        return new CatchUpPlan(start, missed.build());
    }

    /** How many late fires are started. */
    private record LateFires(ImmutableList<Fire> onTime) implements CatchUp.Cases<Integer> {
        @Override
        public Integer none() {
            return 0;
        }

        @Override
        public Integer last() {
            return onTime.isEmpty() ? 1 : 0;
        }

        @Override
        public Integer all(CatchUp.All all) {
            return Math.max(0, all.max() - onTime.size());
        }
    }

    private static final CatchUp.Cases<MissedFires.Reason> REASONS = new CatchUp.Cases<>() {
        @Override
        public MissedFires.Reason none() {
            return MissedFires.Reason.NO_CATCH_UP;
        }

        @Override
        public MissedFires.Reason last() {
            return MissedFires.Reason.SUPERSEDED;
        }

        @Override
        public MissedFires.Reason all(CatchUp.All all) {
            return MissedFires.Reason.OVER_MAXIMUM;
        }
    };

    /**
     * The instant after the last fire that is due. Only the last fire at or before now can be not yet due: jitter never
     * reaches the next fire.
     */
    private static Instant endOfDue(Fires fires, Instant now) {
        Instant end = now.plusNanos(1);
        return fires.previous(end)
                .filter(last -> fires.due(last).isAfter(now))
                .map(Fire::instant)
                .orElse(end);
    }

    /**
     * Where the fires begin that are due at or after {@code earliest}: at the fire before it, if its jitter is long
     * enough.
     */
    private static Instant firstDue(Fires fires, Instant earliest) {
        return fires.previous(earliest)
                .filter(before -> !fires.due(before).isBefore(earliest))
                .map(Fire::instant)
                .orElse(earliest);
    }

    private static ImmutableList<Fire> newest(Fires fires, Instant from, Instant to, int max) {
        Deque<Fire> found = new ArrayDeque<>();
        Instant before = to;
        while (found.size() < max) {
            Optional<Fire> previous = fires.previous(before);
            if (previous.isEmpty() || previous.get().instant().isBefore(from)) {
                break;
            }
            found.addFirst(previous.get());
            before = previous.get().instant();
        }
        return ImmutableList.copyOf(found);
    }

    private static Optional<MissedFires> missed(Fires fires, Instant from, Instant to, MissedFires.Reason reason) {
        if (!from.isBefore(to)) {
            return Optional.empty();
        }
        ImmutableList<Fire> newest = newest(fires, from, to, MAX_LISTED);
        if (newest.isEmpty()) {
            return Optional.empty();
        }
        Instant first = fires.next(from.minusNanos(1)).orElseThrow().instant();
        Instant last = newest.get(newest.size() - 1).instant();
        return Optional.of(new MissedFires(reason, first, last, fires.count(from, to), newest));
    }

    private static Instant max(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }
}
