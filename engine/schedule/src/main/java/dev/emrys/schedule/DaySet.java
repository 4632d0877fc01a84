package dev.emrys.schedule;

/**
 * Days of a month, as bits 1 to 31, that follow from the month's length and the weekday of its first day; Sunday is 0.
 */
final class DaySet {
    private static final int SATURDAY = 6;

    private DaySet() {}

    /** Days by number, as far as the month has them. */
    static CronFields.MonthDays numbers(long bits) {
        return (length, firstWeekday) -> (int) (bits & upTo(length));
    }

    /** All days that fall on one of the weekdays. */
    static CronFields.MonthDays weekdays(long bits) {
        return (length, firstWeekday) -> {
            long week = (bits | bits << 7) >> firstWeekday & 0b111_1111;
            return (int) ((week | week << 7 | week << 14 | week << 21 | week << 28) << 1 & upTo(length));
        };
    }

    /** The day that is {@code before} days before the last one. */
    static CronFields.MonthDays last(int before) {
        return (length, firstWeekday) -> length > before ? 1 << (length - before) : 0;
    }

    /** The last day from Monday to Friday. */
    static CronFields.MonthDays lastWorkday() {
        return (length, firstWeekday) -> nearestWorkday(length, length, firstWeekday);
    }

    /** The day from Monday to Friday of the same month that is nearest to the day; none in a month without that day. */
    static CronFields.MonthDays nearestWorkday(int day) {
        return (length, firstWeekday) -> day > length ? 0 : nearestWorkday(day, length, firstWeekday);
    }

    private static int nearestWorkday(int day, int length, int firstWeekday) {
        int weekday = weekday(day, firstWeekday);
        if (weekday == SATURDAY) {
            return 1 << (day > 1 ? day - 1 : day + 2);
        }
        if (weekday == 0) {
            return 1 << (day < length ? day + 1 : day - 2);
        }
        return 1 << day;
    }

    /** The weekday's occurrence number {@code nth}; none in a month that has fewer. */
    static CronFields.MonthDays nth(int weekday, int nth) {
        return (length, firstWeekday) -> {
            int day = first(weekday, firstWeekday) + 7 * (nth - 1);
            return day <= length ? 1 << day : 0;
        };
    }

    /** The weekday's last occurrence. */
    static CronFields.MonthDays lastOf(int weekday) {
        return (length, firstWeekday) -> {
            int first = first(weekday, firstWeekday);
            return 1 << (first + (length - first) / 7 * 7);
        };
    }

    static CronFields.MonthDays either(CronFields.MonthDays one, CronFields.MonthDays other) {
        return (length, firstWeekday) -> one.of(length, firstWeekday) | other.of(length, firstWeekday);
    }

    static CronFields.MonthDays both(CronFields.MonthDays one, CronFields.MonthDays other) {
        return (length, firstWeekday) -> one.of(length, firstWeekday) & other.of(length, firstWeekday);
    }

    private static long upTo(int length) {
        return (1L << (length + 1)) - 2;
    }

    private static int weekday(int day, int firstWeekday) {
        return (firstWeekday + day - 1) % 7;
    }

    private static int first(int weekday, int firstWeekday) {
        return 1 + (weekday - firstWeekday + 7) % 7;
    }
}
