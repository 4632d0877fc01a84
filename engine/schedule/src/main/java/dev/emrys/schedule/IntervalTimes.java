package dev.emrys.schedule;

import com.google.common.collect.AbstractIterator;
import com.google.common.collect.ImmutableList;
import com.google.common.math.LongMath;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** The fires of an interval. The zone gives the local times and the excluded days only. */
final class IntervalTimes implements FireTimes {
    private final long period;
    private final long anchor;
    private final ScheduleZone zone;
    private final Exclusions exclusions;

    IntervalTimes(Interval interval, Schedule schedule) {
        period = interval.period().toSeconds();
        anchor = schedule.start() == null ? 0 : schedule.start().getEpochSecond();
        zone = schedule.zone();
        exclusions = schedule.exclusions();
    }

    @Override
    public long next(long at) {
        for (long from = at; from <= LAST; ) {
            long next = atOrAfter(from);
            long day = day(next);
            if (!exclusions.contains(day)) {
                return next;
            }
            OffsetPeriod offsets = zone.periodAt(next);
            from = Math.min(exclusions.dayAfter(day) * CronFields.DAY - offsets.offset(), offsets.end());
        }
        return NONE_AFTER;
    }

    @Override
    public long previous(long at) {
        for (long to = at; to >= FIRST; ) {
            long previous = anchor + Math.floorDiv(to - anchor, period) * period;
            long day = day(previous);
            if (!exclusions.contains(day)) {
                return previous;
            }
            OffsetPeriod offsets = zone.periodAt(previous);
            long dayEnd = (exclusions.dayBefore(day) + 1) * CronFields.DAY - offsets.offset();
            to = Math.max(dayEnd, offsets.start()) - 1;
        }
        return NONE_BEFORE;
    }

    @Override
    public long count(long from, long to) {
        if (exclusions.isEmpty()) {
            return from < to ? countAll(from, to) : 0;
        }
        long count = 0;
        for (long at = from; at < to; ) {
            OffsetPeriod offsets = zone.periodAt(at);
            long day = day(at);
            long dayEnd = Math.min(to, Math.min((day + 1) * CronFields.DAY - offsets.offset(), offsets.end()));
            count += exclusions.contains(day) ? 0 : countAll(at, dayEnd);
            at = dayEnd;
        }
        return count;
    }

    private long countAll(long from, long to) {
        return Math.floorDiv(to - 1 - anchor, period) - Math.floorDiv(from - 1 - anchor, period);
    }

    @Override
    public Fire fire(long at) {
        return new Fire(
                local(at),
                Instant.ofEpochSecond(at),
                ZoneOffset.ofTotalSeconds(zone.periodAt(at).offset()),
                new FireKind.Regular(),
                ImmutableList.of());
    }

    @Override
    public Iterator<Occurrence> occurrences(long from, long to) {
        return new AbstractIterator<>() {
            private long at = atOrAfter(from);

            @Override
            protected @Nullable Occurrence computeNext() {
                if (at >= to) {
                    return endOfData();
                }
                long current = at;
                at += period;
                return exclusions.contains(day(current))
                        ? new Omission(local(current), Instant.ofEpochSecond(current), Omission.Reason.EXCLUDED)
                        : fire(current);
            }
        };
    }

    private long atOrAfter(long at) {
        return anchor + LongMath.divide(at - anchor, period, RoundingMode.CEILING) * period;
    }

    private LocalDateTime local(long at) {
        return CronTimes.local(at + zone.periodAt(at).offset());
    }

    private long day(long at) {
        return Math.floorDiv(at + zone.periodAt(at).offset(), (long) CronFields.DAY);
    }
}
