package dev.emrys.journal;

import java.time.Instant;
import java.time.LocalDateTime;
import org.jspecify.annotations.Nullable;

/**
 * A fire of a schedule, and what became of it. Immutable.
 *
 * @param schedule the schedule's id
 * @param at the fire's instant, before jitter; when a person has requested it; when the run that triggers it has ended;
 *     when an arrival was found
 * @param cause why it fires; with schedule and instant it is unique
 * @param nominal the local time that the expression names
 * @param zone the time zone by which it was computed
 * @param tzdb the version of that zone's rules; empty for a fixed offset
 * @param due when it is to start: its instant and the jitter
 * @param state what became of it
 * @param reason why it is in this state, for people; empty where the state says it
 * @param clockChange what a clock change did to it: {@code shifted}, {@code first-of-repeated}, {@code
 *     second-of-repeated}; empty for nothing
 * @param merged further nominal times that fall on the same instant, separated by spaces; empty for none
 * @param run the name of its run; empty when it has none
 * @param by who decided or requested it, for people
 * @param decidedAt when it was decided or requested
 * @param endedAt when its run has ended or it was decided that it has none; null until then
 */
public record FireRecord(
        String schedule,
        Instant at,
        Cause cause,
        LocalDateTime nominal,
        String zone,
        String tzdb,
        Instant due,
        State state,
        String reason,
        String clockChange,
        String merged,
        String run,
        String by,
        Instant decidedAt,
        @Nullable Instant endedAt) {

    /** Why a pipeline is started. The names in lower case are stored. */
    public enum Cause {
        /** The schedule's time has come. */
        SCHEDULE,
        /** A person asked for it. */
        TRIGGER,
        /** A person asked for a time that has passed. */
        BACKFILL,
        /** A run of another pipeline has succeeded. */
        SUCCESS,
        /** Files or objects have arrived. */
        ARRIVAL
    }

    /** What became of a fire. The names in lower case are stored. */
    public enum State {
        /** A person asked for it or something has triggered it, and it is not decided yet. */
        REQUESTED,
        /** It starts when other runs of the schedule have ended. */
        WAITING,
        /** Its run is started, or will be. */
        STARTED,
        /** Its run has succeeded. */
        SUCCEEDED,
        /** Its run has failed, or could not be started. */
        FAILED,
        /** Its run was cancelled. */
        CANCELLED,
        /** It has no run, because of other runs of the schedule. */
        SKIPPED;

        /** Whether nothing follows it. */
        public boolean isFinal() {
            return compareTo(STARTED) > 0;
        }
    }

    /**
     * What a fire is one of: there is one record for each.
     *
     * @param schedule the schedule's id
     * @param at the fire's instant
     * @param cause why it fires
     */
    public record Key(String schedule, Instant at, Cause cause) {

        /** As the generated one, which takes several times as long until C2 compiles it. */
        @Override
        public boolean equals(Object other) {
            return other instanceof Key that
                    && cause == that.cause
                    && at.equals(that.at)
                    && schedule.equals(that.schedule);
        }

        @Override
        public int hashCode() {
            return (31 * schedule.hashCode() + at.hashCode()) * 31 + cause.hashCode();
        }
    }

    /** What this is the record of. */
    public Key key() {
        return new Key(schedule, at, cause);
    }

    /** In another state, with its reason. */
    public FireRecord in(State changed, String why, Instant now) {
        return with(changed, why, run, changed.isFinal() ? now : null);
    }

    /** With the name of its run. */
    public FireRecord as(String runName) {
        return with(state, reason, runName, endedAt);
    }

    private FireRecord with(State changed, String why, String runName, @Nullable Instant end) {
        return new FireRecord(
                schedule,
                at,
                cause,
                nominal,
                zone,
                tzdb,
                due,
                changed,
                why,
                clockChange,
                merged,
                runName,
                by,
                decidedAt,
                end);
    }
}
