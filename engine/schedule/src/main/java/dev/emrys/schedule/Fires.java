package dev.emrys.schedule;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Streams;
import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The fires of one schedule, in the years 1 to 9999; none for a {@link Trigger}. Immutable and thread-safe; make it
 * once for a schedule, since the streams and questions share what it prepares.
 */
public final class Fires {
    private final Schedule schedule;
    private final FireTimes times;

    /** The seconds of start and end, or bounds that no fire reaches. */
    private final long start;

    private final long end;

    private Fires(Schedule schedule) {
        this.schedule = schedule;
        this.times = schedule.timing().accept(new TimesOf(schedule));
        this.start = bound(schedule.start(), FireTimes.FIRST);
        this.end = bound(schedule.end(), FireTimes.LAST);
    }

    private record TimesOf(Schedule schedule) implements Timing.Cases<FireTimes> {
        @Override
        public FireTimes cron(CronExpression cron) {
            return new CronTimes(cron, schedule);
        }

        @Override
        public FireTimes interval(Interval interval) {
            return new IntervalTimes(interval, schedule);
        }

        @Override
        public FireTimes afterSuccess(AfterSuccess success) {
            return new NoTimes();
        }

        @Override
        public FireTimes arrival(Arrival arrival) {
            return new NoTimes();
        }
    }

    private static long bound(@Nullable Instant limit, long otherwise) {
        return limit == null ? otherwise : clamp(limit.getEpochSecond());
    }

    /** The fires of a schedule. */
    public static Fires of(Schedule schedule) {
        return new Fires(schedule);
    }

    public Schedule schedule() {
        return schedule;
    }

    /** The first fire strictly after an instant; empty after the schedule's end. */
    public Optional<Fire> next(Instant after) {
        long next = nextSecond(Math.max(start, clamp(after.getEpochSecond() + 1)));
        return next == FireTimes.NONE_AFTER ? Optional.empty() : Optional.of(times.fire(next));
    }

    /** The last fire strictly before an instant; empty before the schedule's start. */
    public Optional<Fire> previous(Instant before) {
        long previous = times.previous(Math.min(end, roundUp(before)) - 1);
        return previous < start ? Optional.empty() : Optional.of(times.fire(previous));
    }

    /**
     * All fires and everything that is left out, from {@code from}, inclusive, to {@code to}, exclusive, by instant and
     * then by nominal time. The stream is lazy; what lies before the schedule's start or after its end is in it as an
     * omission.
     */
    public Stream<Occurrence> between(Instant from, Instant to) {
        Iterator<Occurrence> occurrences = times.occurrences(roundUp(from), roundUp(to));
        return Streams.stream(occurrences).flatMap(occurrence -> limited(occurrence).stream());
    }

    /** The number of fires from {@code from}, inclusive, to {@code to}, exclusive, without looking at each. */
    public long count(Instant from, Instant to) {
        return times.count(Math.max(start, roundUp(from)), Math.min(end, roundUp(to)));
    }

    /**
     * The time whose data the fire processes: from the previous fire's instant to its own, both before jitter. Days
     * that are excluded are part of the interval of the fire after them. The schedule's start does not shorten the
     * first interval: it begins where the fire before it would have been.
     *
     * @param fire a fire of this schedule
     */
    public DataInterval dataInterval(Fire fire) {
        long previous = times.previous(clamp(fire.instant().getEpochSecond()) - 1);
        Instant from = previous == FireTimes.NONE_BEFORE ? fire.instant() : Instant.ofEpochSecond(previous);
        return new DataInterval(from, fire.instant());
    }

    /**
     * When to start the fire: its instant and the jitter, which depends on the schedule's id and the instant only. It
     * is before the next fire's instant, so that fires do not overtake each other.
     *
     * @param fire a fire of this schedule
     */
    public Instant due(Fire fire) {
        if (schedule.jitter().isZero()) {
            return fire.instant();
        }
        long at = fire.instant().getEpochSecond();
        long next = times.next(clamp(at + 1));
        Duration free = Duration.ofSeconds(next == FireTimes.NONE_AFTER ? FireTimes.LAST - at : next - at);
        Duration bound = schedule.jitter().compareTo(free) < 0 ? schedule.jitter() : free;
        long millis = bound.toMillis();
        return millis == 0 ? fire.instant() : fire.instant().plusMillis(Long.remainderUnsigned(hash(at), millis));
    }

    /** FarmHash's fingerprint never changes, so that a restart finds the same instant. */
    private long hash(long at) {
        return Hashing.farmHashFingerprint64()
                .hashString(schedule.id() + "@" + at, StandardCharsets.UTF_8)
                .asLong();
    }

    private long nextSecond(long at) {
        long next = times.next(at);
        return next < end ? next : FireTimes.NONE_AFTER;
    }

    /** An occurrence outside the start and the end is left out for that reason, each merged time for itself. */
    private ImmutableList<Occurrence> limited(Occurrence occurrence) {
        long at = occurrence.instant().getEpochSecond();
        if (at >= start && at < end) {
            return ImmutableList.of(occurrence);
        }
        Omission.Reason reason = at < start ? Omission.Reason.BEFORE_START : Omission.Reason.AFTER_END;
        ImmutableList.Builder<Occurrence> omitted = ImmutableList.builder();
        if (occurrence instanceof Fire fire) {
            fire.merged().forEach(merged -> omitted.add(new Omission(merged, fire.instant(), reason)));
        }
        return omitted.add(new Omission(occurrence.nominal(), occurrence.instant(), reason))
                .build();
    }

    private static long roundUp(Instant instant) {
        return clamp(instant.getEpochSecond() + (instant.getNano() > 0 ? 1 : 0));
    }

    private static long clamp(long second) {
        return Math.max(FireTimes.FIRST, Math.min(FireTimes.LAST, second));
    }
}
