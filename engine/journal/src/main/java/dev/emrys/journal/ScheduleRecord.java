package dev.emrys.journal;

import java.time.Instant;
import java.time.LocalDateTime;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is recorded of a schedule. Immutable.
 *
 * @param id the pipeline's name and the schedule's own, as {@code daily-etl/main}
 * @param declaration what the script says
 * @param version how often this record was changed: the first one has 1
 * @param handledTo every fire up to this instant, inclusive, is decided
 * @param lastNominal the nominal local time of the newest decided fire; null while there is none
 * @param pause since when, by whom and why no fire is started; null while it is active
 * @param failures how many of its runs have failed one after the other
 */
public record ScheduleRecord(
        String id,
        Declaration declaration,
        long version,
        Instant handledTo,
        @Nullable LocalDateTime lastNominal,
        @Nullable Pause pause,
        int failures) {

    /**
     * What a script says about a schedule.
     *
     * @param pipeline the pipeline's name
     * @param script the path of the script
     * @param timing the expression or the interval, for people
     * @param zone the name of its time zone
     * @param tzdb the version of the time-zone database by which the fires are computed; empty for a fixed offset
     * @param definition equal for equal fires by the same time-zone database
     */
    public record Declaration(
            String pipeline, String script, String timing, String zone, String tzdb, String definition) {

        /** As the generated one, which takes several times as long until C2 compiles it. */
        @Override
        public boolean equals(Object other) {
            return other instanceof Declaration that
                    && definition.equals(that.definition)
                    && pipeline.equals(that.pipeline)
                    && script.equals(that.script)
                    && timing.equals(that.timing)
                    && zone.equals(that.zone)
                    && tzdb.equals(that.tzdb);
        }

        @Override
        public int hashCode() {
            return Objects.hash(pipeline, script, timing, zone, tzdb, definition);
        }
    }

    /**
     * Why a schedule does not fire.
     *
     * @param since when it was paused
     * @param by who paused it, for people
     * @param reason why, for people; may be empty
     */
    public record Pause(Instant since, String by, String reason) {}

    /** A schedule that is recorded for the first time: it fires from now on. */
    public static ScheduleRecord declared(String id, Declaration declaration, Instant now) {
        return new ScheduleRecord(id, declaration, 1, now, null, null, 0);
    }

    /** The record after one more change. */
    public ScheduleRecord next() {
        return new ScheduleRecord(id, declaration, version + 1, handledTo, lastNominal, pause, failures);
    }

    /** With another declaration. */
    public ScheduleRecord with(Declaration changed) {
        return new ScheduleRecord(id, changed, version, handledTo, lastNominal, pause, failures);
    }

    /** With fires decided up to an instant. */
    public ScheduleRecord handled(Instant to, @Nullable LocalDateTime nominal) {
        return new ScheduleRecord(id, declaration, version, to, nominal, pause, failures);
    }

    /** Paused, or active when the pause is null. */
    public ScheduleRecord paused(@Nullable Pause changed) {
        return new ScheduleRecord(id, declaration, version, handledTo, lastNominal, changed, failures);
    }

    /** With another number of consecutive failures. */
    public ScheduleRecord failed(int consecutive) {
        return new ScheduleRecord(id, declaration, version, handledTo, lastNominal, pause, consecutive);
    }

    /** The pause, if it is paused. */
    public Optional<Pause> paused() {
        return Optional.ofNullable(pause);
    }
}
