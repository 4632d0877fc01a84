package dev.emrys.schedule;

import java.time.LocalDate;

/**
 * The local times at which an expression matches, as sets of bits. Local times are seconds since 1970-01-01T00:00:00,
 * without a zone.
 *
 * <p>The matching days of a month follow from its length and the weekday of its first day alone, also for L, W and #.
 * There are 28 such months, so their days are computed once.
 */
final class CronFields {
    /** No later match: a local time after every representable one. */
    static final long NONE_AFTER = Long.MAX_VALUE;

    /** No earlier match. */
    static final long NONE_BEFORE = Long.MIN_VALUE;

    static final int DAY = 86_400;

    private static final int FIRST_YEAR = 1;
    private static final int LAST_YEAR = 9999;
    private static final long FIRST_DAY = LocalDate.of(FIRST_YEAR, 1, 1).toEpochDay();
    private static final long LAST_DAY = LocalDate.of(LAST_YEAR, 12, 31).toEpochDay();
    private static final int SHORTEST_MONTH = 28;

    private final long seconds;
    private final long minutes;
    private final long hours;
    private final int months;
    private final int[] days;

    /**
     * The bit of a value is {@code 1 << value}.
     *
     * @param seconds bits 0 to 59
     * @param minutes bits 0 to 59
     * @param hours bits 0 to 23
     * @param months bits 1 to 12
     * @param days which days match in a month
     */
    CronFields(long seconds, long minutes, long hours, int months, MonthDays days) {
        this.seconds = seconds;
        this.minutes = minutes;
        this.hours = hours;
        this.months = months;
        this.days = new int[7 * 4];
        for (int length = SHORTEST_MONTH; length <= 31; length++) {
            for (int firstWeekday = 0; firstWeekday < 7; firstWeekday++) {
                this.days[index(length, firstWeekday)] = days.of(length, firstWeekday);
            }
        }
    }

    /** Which days of a month match. */
    @FunctionalInterface
    interface MonthDays {
        /**
         * Bits 1 to 31.
         *
         * @param length the number of days of the month
         * @param firstWeekday the weekday of day 1; Sunday is 0
         */
        int of(int length, int firstWeekday);
    }

    private static int index(int length, int firstWeekday) {
        return (length - SHORTEST_MONTH) * 7 + firstWeekday;
    }

    /** Whether any date matches. A month of any length begins with each weekday in some year. */
    boolean isPossible() {
        for (int month = 1; month <= 12; month++) {
            if ((months >> month & 1) == 1) {
                int longest =
                        month == 2 ? 29 : LocalDate.of(FIRST_YEAR, month, 1).lengthOfMonth();
                int shortest = month == 2 ? SHORTEST_MONTH : longest;
                for (int i = index(shortest, 0); i <= index(longest, 6); i++) {
                    if (days[i] != 0) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    boolean matches(long local) {
        int time = (int) Math.floorMod(local, (long) DAY);
        return (hours >> (time / 3600) & 1) == 1
                && (minutes >> (time / 60 % 60) & 1) == 1
                && (seconds >> (time % 60) & 1) == 1
                && matchesDay(Math.floorDiv(local, (long) DAY));
    }

    /** The first match at or after {@code local}, or {@link #NONE_AFTER}. */
    long next(long local) {
        long day = Math.floorDiv(local, (long) DAY);
        if (day < FIRST_DAY) {
            return next(FIRST_DAY * DAY);
        }
        if (matchesDay(day)) {
            int time = nextTime((int) Math.floorMod(local, (long) DAY));
            if (time >= 0) {
                return day * DAY + time;
            }
        }
        long next = nextDay(day + 1);
        return next == NONE_AFTER ? NONE_AFTER : next * DAY + firstTime();
    }

    /** The last match at or before {@code local}, or {@link #NONE_BEFORE}. */
    long previous(long local) {
        long day = Math.floorDiv(local, (long) DAY);
        if (day > LAST_DAY) {
            return previous((LAST_DAY + 1) * DAY - 1);
        }
        if (matchesDay(day)) {
            int time = previousTime((int) Math.floorMod(local, (long) DAY));
            if (time >= 0) {
                return day * DAY + time;
            }
        }
        long previous = previousDay(day - 1);
        return previous == NONE_BEFORE ? NONE_BEFORE : previous * DAY + lastTime();
    }

    /** How many local times from {@code from}, inclusive, to {@code to}, exclusive, match. */
    long count(long from, long to) {
        if (from >= to) {
            return 0;
        }
        long firstDay = Math.floorDiv(from, (long) DAY);
        long lastDay = Math.floorDiv(to, (long) DAY);
        long before = matchesDay(firstDay) ? countTimes((int) Math.floorMod(from, (long) DAY)) : 0;
        long last = matchesDay(lastDay) ? countTimes((int) Math.floorMod(to, (long) DAY)) : 0;
        return countDays(firstDay, lastDay) * countTimes(DAY) + last - before;
    }

    boolean matchesDay(long day) {
        if (day < FIRST_DAY || day > LAST_DAY) {
            return false;
        }
        LocalDate date = LocalDate.ofEpochDay(day);
        return (daysOf(date.getYear(), date.getMonthValue()) >> date.getDayOfMonth() & 1) == 1;
    }

    /** The matching days of a month as bits. */
    private int daysOf(int year, int month) {
        if ((months >> month & 1) == 0) {
            return 0;
        }
        LocalDate first = LocalDate.of(year, month, 1);
        // 1970-01-01 was a Thursday, which is 4.
        return days[index(first.lengthOfMonth(), (int) Math.floorMod(first.toEpochDay() + 4, 7L))];
    }

    private long nextDay(long from) {
        if (from > LAST_DAY) {
            return NONE_AFTER;
        }
        LocalDate date = LocalDate.ofEpochDay(from);
        int year = date.getYear();
        int month = date.getMonthValue();
        int found = daysOf(year, month) & -1 << date.getDayOfMonth();
        while (found == 0) {
            month = lowest(months, month + 1);
            if (month < 0) {
                month = lowest(months, 1);
                year++;
                if (year > LAST_YEAR) {
                    return NONE_AFTER;
                }
            }
            found = daysOf(year, month);
        }
        return LocalDate.of(year, month, lowest(found, 1)).toEpochDay();
    }

    private long previousDay(long from) {
        if (from < FIRST_DAY) {
            return NONE_BEFORE;
        }
        LocalDate date = LocalDate.ofEpochDay(from);
        int year = date.getYear();
        int month = date.getMonthValue();
        int found = daysOf(year, month) & -1 >>> (31 - date.getDayOfMonth());
        while (found == 0) {
            month = highest(months, month - 1);
            if (month < 0) {
                month = highest(months, 12);
                year--;
                if (year < FIRST_YEAR) {
                    return NONE_BEFORE;
                }
            }
            found = daysOf(year, month);
        }
        return LocalDate.of(year, month, highest(found, 31)).toEpochDay();
    }

    /** How many days from {@code from}, inclusive, to {@code to}, exclusive, match. */
    private long countDays(long from, long to) {
        long count = 0;
        long start = Math.max(from, FIRST_DAY);
        long end = Math.min(to, LAST_DAY + 1);
        while (start < end) {
            LocalDate date = LocalDate.ofEpochDay(start);
            long monthEnd = start - date.getDayOfMonth() + 1 + date.lengthOfMonth();
            int bits = daysOf(date.getYear(), date.getMonthValue()) & -1 << date.getDayOfMonth();
            if (end < monthEnd) {
                bits &= ~(-1 << LocalDate.ofEpochDay(end).getDayOfMonth());
            }
            count += Integer.bitCount(bits);
            start = monthEnd;
        }
        return count;
    }

    private int firstTime() {
        return time(lowest(hours, 0), lowest(minutes, 0), lowest(seconds, 0));
    }

    private int lastTime() {
        return time(highest(hours, 23), highest(minutes, 59), highest(seconds, 59));
    }

    /** The first matching second of the day at or after {@code time}, or -1. */
    private int nextTime(int time) {
        int hour = time / 3600;
        int minute = time / 60 % 60;
        if ((hours >> hour & 1) == 1) {
            if ((minutes >> minute & 1) == 1) {
                int second = lowest(seconds, time % 60);
                if (second >= 0) {
                    return time(hour, minute, second);
                }
            }
            int next = lowest(minutes, minute + 1);
            if (next >= 0) {
                return time(hour, next, lowest(seconds, 0));
            }
        }
        int next = lowest(hours, hour + 1);
        return next < 0 ? -1 : time(next, lowest(minutes, 0), lowest(seconds, 0));
    }

    /** The last matching second of the day at or before {@code time}, or -1. */
    private int previousTime(int time) {
        int hour = time / 3600;
        int minute = time / 60 % 60;
        if ((hours >> hour & 1) == 1) {
            if ((minutes >> minute & 1) == 1) {
                int second = highest(seconds, time % 60);
                if (second >= 0) {
                    return time(hour, minute, second);
                }
            }
            int previous = highest(minutes, minute - 1);
            if (previous >= 0) {
                return time(hour, previous, highest(seconds, 59));
            }
        }
        int previous = highest(hours, hour - 1);
        return previous < 0 ? -1 : time(previous, highest(minutes, 59), highest(seconds, 59));
    }

    /** How many seconds of the day before {@code time} match. */
    private long countTimes(int time) {
        int hour = time / 3600;
        int minute = time / 60 % 60;
        long perMinute = Long.bitCount(seconds);
        long count = perMinute * Long.bitCount(minutes) * Long.bitCount(hours & below(hour));
        if ((hours >> hour & 1) == 1) {
            count += Long.bitCount(minutes & below(minute)) * perMinute;
            if ((minutes >> minute & 1) == 1) {
                count += Long.bitCount(seconds & below(time % 60));
            }
        }
        return count;
    }

    private static int time(int hour, int minute, int second) {
        return hour * 3600 + minute * 60 + second;
    }

    private static long below(int bit) {
        return (1L << bit) - 1;
    }

    /** The lowest bit that is set, at or above {@code from}, or -1. */
    private static int lowest(long bits, int from) {
        long rest = bits & -1L << from;
        return rest == 0 ? -1 : Long.numberOfTrailingZeros(rest);
    }

    /** The highest bit that is set, at or below {@code to}, or -1. */
    private static int highest(long bits, int to) {
        long rest = to < 0 ? 0 : bits & -1L >>> (63 - to);
        return rest == 0 ? -1 : 63 - Long.numberOfLeadingZeros(rest);
    }
}
