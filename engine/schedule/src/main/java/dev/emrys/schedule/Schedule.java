package dev.emrys.schedule;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * When a pipeline is started by itself.
 *
 * @param id identifies the schedule; the jitter depends on it
 * @param timing local times, an interval, or what it waits for
 * @param zone the zone of the local times and of the excluded days
 * @param gap what happens to a local time in a gap; null for the default of the expression, see {@link
 *     CronExpression#followsClock()}. It does not concern intervals
 * @param repeat what happens to a repeated local time; null for the default of the expression
 * @param start no fire is before it; null for none. A fraction of a second is rounded up, since fires are at whole
 *     seconds
 * @param end no fire is at or after it; null for none, rounded as the start
 * @param exclusions days without fires
 * @param jitter a fire is started later by less than this, and always before the next fire's instant; zero for no
 *     jitter
 */
public record Schedule(
        String id,
        Timing timing,
        ScheduleZone zone,
        @Nullable Gap gap,
        @Nullable Repeat repeat,
        @Nullable Instant start,
        @Nullable Instant end,
        Exclusions exclusions,
        Duration jitter) {

    /**
     * @throws IllegalArgumentException if the end is not after the start, the jitter is negative, or the expression
     *     names another zone
     */
    public Schedule {
        start = roundUp(start);
        end = roundUp(end);
        if (start != null && end != null && !end.isAfter(start)) {
            throw new IllegalArgumentException(
                    "The schedule ends at " + end + ", not after its start at " + start + ".");
        }
        if (jitter.isNegative()) {
            throw new IllegalArgumentException("The jitter " + jitter + " is negative.");
        }
        if (timing instanceof CronExpression cron) {
            String written = cron.zone().map(ZoneId::getId).orElse(zone.id());
            if (!written.equals(zone.id())) {
                throw new IllegalArgumentException(
                        "The expression says CRON_TZ=" + written + ", the schedule's zone is " + zone.id() + ".");
            }
        }
    }

    private static @Nullable Instant roundUp(@Nullable Instant instant) {
        return instant == null || instant.getNano() == 0
                ? instant
                : Instant.ofEpochSecond(instant.getEpochSecond() + 1);
    }

    /** Why a {@link Trigger} does not fire at an instant; empty when it does. */
    public Optional<Omission.Reason> omitted(Instant at) {
        if (start != null && at.isBefore(start)) {
            return Optional.of(Omission.Reason.BEFORE_START);
        }
        if (end != null && !at.isBefore(end)) {
            return Optional.of(Omission.Reason.AFTER_END);
        }
        return exclusions.contains(at.atZone(ZoneId.of(zone.id())).toLocalDate())
                ? Optional.of(Omission.Reason.EXCLUDED)
                : Optional.empty();
    }

    /** A schedule without limits and jitter, with the default treatment of clock changes. */
    public static Schedule of(String id, Timing timing, ScheduleZone zone) {
        return new Schedule(id, timing, zone, null, null, null, null, Exclusions.NONE, Duration.ZERO);
    }

    /** This schedule with other treatment of clock changes. */
    public Schedule withClockChanges(@Nullable Gap gap, @Nullable Repeat repeat) {
        return new Schedule(id, timing, zone, gap, repeat, start, end, exclusions, jitter);
    }

    /** This schedule with fires from {@code start}, inclusive, to {@code end}, exclusive. */
    public Schedule between(@Nullable Instant start, @Nullable Instant end) {
        return new Schedule(id, timing, zone, gap, repeat, start, end, exclusions, jitter);
    }

    /** This schedule without fires on these days. */
    public Schedule excluding(Exclusions exclusions) {
        return new Schedule(id, timing, zone, gap, repeat, start, end, exclusions, jitter);
    }

    /** This schedule with another jitter. */
    public Schedule withJitter(Duration jitter) {
        return new Schedule(id, timing, zone, gap, repeat, start, end, exclusions, jitter);
    }

    /** This schedule by the rules of another zone, or by other rules of the same zone. */
    public Schedule in(ScheduleZone zone) {
        return new Schedule(id, timing, zone, gap, repeat, start, end, exclusions, jitter);
    }
}
