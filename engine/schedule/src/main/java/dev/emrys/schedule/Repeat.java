package dev.emrys.schedule;

/** What happens to a local time that a clock change repeats, as 02:30 on the day when 03:00 becomes 02:00. */
public enum Repeat {
    /** It fires at the first occurrence only. */
    FIRST,
    /** It fires at the last occurrence only. */
    LAST,
    /** It fires at both occurrences. */
    BOTH
}
