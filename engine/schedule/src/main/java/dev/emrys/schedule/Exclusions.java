package dev.emrys.schedule;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableRangeSet;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Range;
import com.google.common.collect.TreeRangeSet;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.MonthDay;

/**
 * Calendar days in the schedule's zone on which it does not fire. The nominal date of a fire decides: 23:45 that a
 * clock change shifts into the next day belongs to the first day.
 */
public final class Exclusions {
    /** No day is excluded. */
    public static final Exclusions NONE = new Exclusions(ImmutableList.of(), ImmutableSet.of(), ImmutableSet.of());

    private final ImmutableRangeSet<Long> days;
    private final ImmutableSet<MonthDay> yearly;
    private final ImmutableSet<DayOfWeek> weekdays;

    private Exclusions(Iterable<DateRange> dates, ImmutableSet<MonthDay> yearly, ImmutableSet<DayOfWeek> weekdays) {
        TreeRangeSet<Long> merged = TreeRangeSet.create();
        for (DateRange range : dates) {
            merged.add(Range.closedOpen(range.first().toEpochDay(), range.last().toEpochDay() + 1));
        }
        this.days = ImmutableRangeSet.copyOf(merged);
        this.yearly = yearly;
        this.weekdays = weekdays;
    }

    /**
     * The days to leave out.
     *
     * @param dates single days and ranges of days
     * @param yearly days of every year; February 29 is excluded in leap years only
     * @param weekdays days of every week
     * @throws IllegalArgumentException if all seven days of the week are excluded
     */
    public static Exclusions of(Iterable<DateRange> dates, Iterable<MonthDay> yearly, Iterable<DayOfWeek> weekdays) {
        ImmutableSet<DayOfWeek> ofWeek = ImmutableSet.copyOf(weekdays);
        if (ofWeek.size() == DayOfWeek.values().length) {
            throw new IllegalArgumentException("All days of the week are excluded, so the schedule never fires.");
        }
        return new Exclusions(dates, ImmutableSet.copyOf(yearly), ofWeek);
    }

    boolean isEmpty() {
        return days.isEmpty() && yearly.isEmpty() && weekdays.isEmpty();
    }

    /** Whether the schedule does not fire on this day. */
    public boolean contains(LocalDate day) {
        return weekdays.contains(day.getDayOfWeek())
                || (!yearly.isEmpty() && yearly.contains(MonthDay.of(day.getMonth(), day.getDayOfMonth())))
                || days.contains(day.toEpochDay());
    }

    boolean contains(long epochDay) {
        return !isEmpty() && contains(LocalDate.ofEpochDay(epochDay));
    }

    /** The first day after this excluded one that is outside its range; other exclusions may hold for it. */
    long dayAfter(long epochDay) {
        Range<Long> range = days.rangeContaining(epochDay);
        return range == null ? epochDay + 1 : range.upperEndpoint();
    }

    /** The last day before this excluded one that is outside its range; other exclusions may hold for it. */
    long dayBefore(long epochDay) {
        Range<Long> range = days.rangeContaining(epochDay);
        return range == null ? epochDay - 1 : range.lowerEndpoint() - 1;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Exclusions that
                && days.equals(that.days)
                && yearly.equals(that.yearly)
                && weekdays.equals(that.weekdays);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * days.hashCode() + yearly.hashCode()) + weekdays.hashCode();
    }

    @Override
    public String toString() {
        return "Exclusions[days=" + days + ", yearly=" + yearly + ", weekdays=" + weekdays + "]";
    }
}
