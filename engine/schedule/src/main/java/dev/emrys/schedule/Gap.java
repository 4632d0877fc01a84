package dev.emrys.schedule;

/** What happens to a local time that a clock change leaves out, as 02:30 on the day when 02:00 becomes 03:00. */
public enum Gap {
    /**
     * It fires later by the length of the gap, as {@link java.time.ZonedDateTime#ofLocal} does: 02:30 becomes 03:30.
     */
    SHIFT,
    /** It does not fire. */
    SKIP
}
