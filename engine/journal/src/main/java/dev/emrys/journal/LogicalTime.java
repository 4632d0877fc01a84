package dev.emrys.journal;

import java.time.Instant;
import java.time.LocalDate;

/**
 * The day and the time that a run is for, on which its params may depend. Immutable.
 *
 * @param date the day
 * @param time the moment, which is the end of the time whose data the run processes
 * @param zone the name of the time zone in which people read these times
 * @param intervalStart where the time whose data the run processes begins
 */
public record LogicalTime(LocalDate date, Instant time, String zone, Instant intervalStart) {}
