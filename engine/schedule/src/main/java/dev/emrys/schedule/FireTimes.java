package dev.emrys.schedule;

import java.time.LocalDate;
import java.util.Iterator;

/**
 * The fires of one kind of timing without the limits of start and end. Instants are seconds since the epoch, and
 * arguments are from {@link #FIRST} to {@link #LAST}.
 */
sealed interface FireTimes permits CronTimes, IntervalTimes, NoTimes {
    /** No later fire. */
    long NONE_AFTER = Long.MAX_VALUE;

    /** No earlier fire. */
    long NONE_BEFORE = Long.MIN_VALUE;

    /** The start of the year 1, and a year before it for the offset of any zone. */
    long FIRST = LocalDate.of(0, 1, 1).toEpochDay() * CronFields.DAY;

    /** The end of the year 9999, and a year after it for the offset of any zone. */
    long LAST = LocalDate.of(10_001, 1, 1).toEpochDay() * CronFields.DAY;

    /** The first fire at or after {@code at}, or {@link #NONE_AFTER}. */
    long next(long at);

    /** The last fire at or before {@code at}, or {@link #NONE_BEFORE}. */
    long previous(long at);

    /** How many fires are from {@code from}, inclusive, to {@code to}, exclusive. */
    long count(long from, long to);

    /** The fire at an instant that {@link #next} or {@link #previous} gave. */
    Fire fire(long at);

    /** Fires and omissions from {@code from}, inclusive, to {@code to}, exclusive, by instant and nominal time. */
    Iterator<Occurrence> occurrences(long from, long to);
}
