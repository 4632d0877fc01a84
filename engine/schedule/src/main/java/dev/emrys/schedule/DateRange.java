package dev.emrys.schedule;

import java.time.LocalDate;

/**
 * Calendar days, both ends included.
 *
 * @param first the first day
 * @param last the last day, not before the first
 */
public record DateRange(LocalDate first, LocalDate last) {

    /** @throws IllegalArgumentException if the last day is before the first */
    public DateRange {
        if (last.isBefore(first)) {
            throw new IllegalArgumentException("The range of dates ends before it starts: " + first + " to " + last);
        }
    }

    /** A range of one day. */
    public static DateRange of(LocalDate day) {
        return new DateRange(day, day);
    }
}
