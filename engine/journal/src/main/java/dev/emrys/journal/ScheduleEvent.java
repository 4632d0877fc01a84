package dev.emrys.journal;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What happened to a schedule besides its fires. Immutable.
 *
 * @param schedule the schedule's id
 * @param at when
 * @param type what
 * @param reason why, as a word or a sentence; may be empty
 * @param first the instant of the first fire that it concerns; null for none
 * @param last the instant of the last one; null for none
 * @param count how many fires or local times it concerns
 * @param by who, for people
 */
public record ScheduleEvent(
        String schedule,
        Instant at,
        Type type,
        String reason,
        @Nullable Instant first,
        @Nullable Instant last,
        long count,
        String by) {

    /** What happened. The names in lower case are stored. */
    public enum Type {
        /** A script declares it for the first time. */
        DECLARED,
        /** The script declares it otherwise: it fires by the new declaration from now on. */
        CHANGED,
        /** Its fires are computed by another version of the time-zone database. */
        TZDATA,
        /** It does not fire until it is resumed. */
        PAUSED,
        /** It fires again. */
        RESUMED,
        /** Fires that were due are not started. */
        MISSED,
        /** Local times do not fire: excluded, in a gap, or the other one of a repeated time fires. */
        OMITTED,
        /** What it waits for cannot be looked at. */
        UNREADABLE,
        /** What it waits for can be looked at again. */
        READABLE
    }

    /** Without fires. */
    public static ScheduleEvent of(String schedule, Instant at, Type type, String reason, String by) {
        return new ScheduleEvent(schedule, at, type, reason, null, null, 0, by);
    }
}
