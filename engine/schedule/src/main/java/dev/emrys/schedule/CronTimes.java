package dev.emrys.schedule;

import com.google.common.collect.AbstractIterator;
import com.google.common.collect.ImmutableList;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The fires of a cron expression in a zone.
 *
 * <p>Between two clock changes the offset is constant, so that local times are instants plus a constant. In such a
 * period a fire is a regular one, whose local time is counted with the period's own offset, or one that is shifted out
 * of the gap at the period's start, whose local time is counted with the offset before it. A repeated time that does
 * not fire shortens the period.
 *
 * <p>The next-execution arithmetic of cron-utils is not used: it leaves out a daily time in a gap, and has no choice
 * for repeated ones.
 */
final class CronTimes implements FireTimes {
    private final CronFields fields;
    private final ScheduleZone zone;
    private final Exclusions exclusions;
    private final Gap gap;
    private final Repeat repeat;

    CronTimes(CronExpression cron, Schedule schedule) {
        fields = cron.fields();
        zone = schedule.zone();
        exclusions = schedule.exclusions();
        gap = schedule.gap() != null ? schedule.gap() : cron.followsClock() ? Gap.SKIP : Gap.SHIFT;
        repeat = schedule.repeat() != null ? schedule.repeat() : cron.followsClock() ? Repeat.BOTH : Repeat.FIRST;
    }

    @Override
    public long next(long at) {
        for (OffsetPeriod period = zone.periodAt(at); ; period = zone.periodAt(period.end())) {
            long regular = nextLocal(Math.max(at, regularStart(period)), regularEnd(period), period.offset());
            long shifted = nextLocal(Math.max(at, period.start()), shiftedEnd(period), period.offsetBefore());
            long next = Math.min(regular, shifted);
            if (next != NONE_AFTER || period.end() > LAST) {
                return next;
            }
        }
    }

    @Override
    public long previous(long at) {
        for (OffsetPeriod period = zone.periodAt(at); ; period = zone.periodAt(period.start() - 1)) {
            long regular = previousLocal(regularStart(period), Math.min(at + 1, regularEnd(period)), period.offset());
            long shifted = previousLocal(period.start(), Math.min(at + 1, shiftedEnd(period)), period.offsetBefore());
            long previous = Math.max(regular, shifted);
            if (previous != NONE_BEFORE || period.start() < FIRST) {
                return previous;
            }
        }
    }

    @Override
    public long count(long from, long to) {
        long count = 0;
        for (long at = from; at < to; ) {
            OffsetPeriod period = zone.periodAt(at);
            long start = Math.max(at, regularStart(period));
            long end = Math.min(to, regularEnd(period));
            count += countLocal(start, end, period.offset());
            long shiftedEnd = Math.min(to, shiftedEnd(period));
            for (long next = Math.max(at, period.start());
                    (next = nextLocal(next, shiftedEnd, period.offsetBefore())) != NONE_AFTER;
                    next++) {
                if (next < regularStart(period) || next >= regularEnd(period) || !isIncluded(next + period.offset())) {
                    count++;
                }
            }
            at = period.end();
        }
        return count;
    }

    @Override
    public Fire fire(long at) {
        OffsetPeriod period = zone.periodAt(at);
        long regular = at + period.offset();
        long shifted = at + period.offsetBefore();
        boolean isRegular = at >= regularStart(period) && at < regularEnd(period) && isIncluded(regular);
        boolean isShifted = at < shiftedEnd(period) && isIncluded(shifted);
        if (!isRegular) {
            return fire(
                    at, period, shifted, new FireKind.Shifted(Duration.ofSeconds(period.gap())), ImmutableList.of());
        }
        return fire(
                at,
                period,
                regular,
                kind(at, period),
                isShifted ? ImmutableList.of(local(shifted)) : ImmutableList.of());
    }

    private static Fire fire(
            long at, OffsetPeriod period, long local, FireKind kind, ImmutableList<LocalDateTime> merged) {
        return new Fire(
                local(local), Instant.ofEpochSecond(at), ZoneOffset.ofTotalSeconds(period.offset()), kind, merged);
    }

    private static FireKind kind(long at, OffsetPeriod period) {
        if (at < period.firstUnrepeated()) {
            return new FireKind.SecondOfRepeated();
        }
        return at >= period.lastUnrepeated() ? new FireKind.FirstOfRepeated() : new FireKind.Regular();
    }

    @Override
    public Iterator<Occurrence> occurrences(long from, long to) {
        return new Occurrences(from, to);
    }

    private boolean isExcluded(long local) {
        return exclusions.contains(Math.floorDiv(local, (long) CronFields.DAY));
    }

    private boolean skipsGaps() {
        return gap == Gap.SKIP;
    }

    /** Whether the regular time fires at this occurrence, if it is repeated. */
    private boolean isChosen(long at, OffsetPeriod period) {
        return at >= regularStart(period) && at < regularEnd(period);
    }

    /** Where the fires of a period start. */
    private long regularStart(OffsetPeriod period) {
        return repeat == Repeat.FIRST ? period.firstUnrepeated() : period.start();
    }

    /** Where the fires of a period end, exclusive. */
    private long regularEnd(OffsetPeriod period) {
        return repeat == Repeat.LAST ? period.lastUnrepeated() : period.end();
    }

    /** Where the fires that are shifted out of the gap at the period's start end, exclusive. */
    private long shiftedEnd(OffsetPeriod period) {
        return gap == Gap.SHIFT && period.gap() > 0 ? period.start() + period.gap() : period.start();
    }

    /** The first instant from {@code start} to before {@code end} whose local time fires, or {@link #NONE_AFTER}. */
    private long nextLocal(long start, long end, int offset) {
        long at = start;
        while (at < end) {
            long local = fields.next(at + offset);
            if (local == CronFields.NONE_AFTER || local - offset >= end) {
                return NONE_AFTER;
            }
            if (!isExcluded(local)) {
                return local - offset;
            }
            at = exclusions.dayAfter(Math.floorDiv(local, (long) CronFields.DAY)) * CronFields.DAY - offset;
        }
        return NONE_AFTER;
    }

    /** The last instant from {@code start} to before {@code end} whose local time fires, or {@link #NONE_BEFORE}. */
    private long previousLocal(long start, long end, int offset) {
        long before = end;
        while (before > start) {
            long local = fields.previous(before - 1 + offset);
            if (local == CronFields.NONE_BEFORE || local - offset < start) {
                return NONE_BEFORE;
            }
            if (!isExcluded(local)) {
                return local - offset;
            }
            before = (exclusions.dayBefore(Math.floorDiv(local, (long) CronFields.DAY)) + 1) * CronFields.DAY - offset;
        }
        return NONE_BEFORE;
    }

    private long countLocal(long start, long end, int offset) {
        if (start >= end) {
            return 0;
        }
        long count = fields.count(start + offset, end + offset);
        if (exclusions.isEmpty()) {
            return count;
        }
        long firstDay = Math.floorDiv(start + offset, (long) CronFields.DAY);
        long lastDay = Math.floorDiv(end + offset - 1, (long) CronFields.DAY);
        for (long day = firstDay; day <= lastDay; day++) {
            if (fields.matchesDay(day) && exclusions.contains(day)) {
                long from = Math.max(start + offset, day * CronFields.DAY);
                count -= fields.count(from, Math.min(end + offset, (day + 1) * CronFields.DAY));
            }
        }
        return count;
    }

    private boolean isIncluded(long local) {
        return fields.matches(local) && !isExcluded(local);
    }

    static LocalDateTime local(long second) {
        return LocalDateTime.ofEpochSecond(second, 0, ZoneOffset.UTC);
    }

    /** Fires and omissions in order. Not thread-safe. */
    private final class Occurrences extends AbstractIterator<Occurrence> {
        private final long to;

        private OffsetPeriod period;
        private long at;

        /** The next local time to look at in the gap that is skipped; {@link Long#MAX_VALUE} when it is done. */
        private long inGap;

        /** What one instant gave and is not returned yet. */
        private final Deque<Occurrence> pending = new ArrayDeque<>();

        Occurrences(long from, long to) {
            this.to = to;
            this.at = from;
            this.period = zone.periodAt(from);
            this.inGap = firstInGap();
        }

        @Override
        protected @Nullable Occurrence computeNext() {
            while (pending.isEmpty()) {
                Omission skipped = nextInGap();
                if (skipped != null) {
                    return skipped;
                }
                long next = nextInPeriod();
                if (next < to && next < period.end()) {
                    collect(next);
                    at = next + 1;
                } else if (period.end() < to) {
                    at = period.end();
                    period = zone.periodAt(at);
                    inGap = firstInGap();
                } else {
                    return endOfData();
                }
            }
            return pending.remove();
        }

        /**
         * The omissions of a skipped gap belong to the clock change, so they come only where the sequence reaches it.
         */
        private long firstInGap() {
            boolean skips = skipsGaps() && period.gap() > 0 && at == period.start() && at < to;
            return skips ? period.start() + period.offsetBefore() : Long.MAX_VALUE;
        }

        private @Nullable Omission nextInGap() {
            if (inGap == Long.MAX_VALUE) {
                return null;
            }
            long local = fields.next(inGap);
            if (local >= period.start() + period.offset()) {
                inGap = Long.MAX_VALUE;
                return null;
            }
            inGap = local + 1;
            return omission(local, period.start(), isExcluded(local) ? Omission.Reason.EXCLUDED : Omission.Reason.GAP);
        }

        private long nextInPeriod() {
            long regular = instant(fields.next(at + period.offset()), period.offset());
            if (skipsGaps() || period.gap() == 0 || at >= period.start() + period.gap()) {
                return regular;
            }
            long shifted = instant(fields.next(at + period.offsetBefore()), period.offsetBefore());
            return shifted < period.start() + period.gap() ? Math.min(regular, shifted) : regular;
        }

        private static long instant(long local, int offset) {
            return local == CronFields.NONE_AFTER ? local : local - offset;
        }

        private void collect(long instant) {
            List<Occurrence> found = new ArrayList<>();
            long shifted = instant + period.offsetBefore();
            boolean inShift = !skipsGaps() && period.gap() > 0 && instant < period.start() + period.gap();
            boolean fires = inShift && fields.matches(shifted) && !isOmitted(shifted, instant, true, found);
            long regular = instant + period.offset();
            if (fields.matches(regular)) {
                fires |= !isOmitted(regular, instant, isChosen(instant, period), found);
            }
            if (fires) {
                found.add(fire(instant));
            }
            found.sort(Comparator.comparing(Occurrence::nominal));
            pending.addAll(found);
        }

        private boolean isOmitted(long local, long instant, boolean chosen, List<Occurrence> found) {
            if (isExcluded(local)) {
                found.add(omission(local, instant, Omission.Reason.EXCLUDED));
                return true;
            }
            if (!chosen) {
                found.add(omission(local, instant, Omission.Reason.REPEATED));
            }
            return !chosen;
        }

        private static Omission omission(long local, long instant, Omission.Reason reason) {
            return new Omission(local(local), Instant.ofEpochSecond(instant), reason);
        }
    }
}
