package dev.emrys.schedule;

import java.time.Instant;

/**
 * The time whose data a fire processes: from the previous fire's instant to its own. Intervals of consecutive fires
 * have neither gaps nor overlaps.
 *
 * @param start the previous fire's instant, inclusive
 * @param end this fire's instant, exclusive
 */
public record DataInterval(Instant start, Instant end) {}
