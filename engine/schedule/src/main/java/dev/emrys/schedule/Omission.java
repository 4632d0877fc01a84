package dev.emrys.schedule;

import java.time.Instant;
import java.time.LocalDateTime;

/**
 * A nominal time that does not fire. Where several reasons hold, the first in the order of {@link Reason} is given.
 *
 * @param nominal the local time that the expression names
 * @param instant when it would have fired; for {@link Reason#GAP} the instant of the clock change
 * @param reason why it does not fire
 */
public record Omission(LocalDateTime nominal, Instant instant, Reason reason) implements Occurrence {

    @Override
    public <R> R accept(Cases<R> cases) {
        return cases.omission(this);
    }

    /** Why a nominal time does not fire. */
    public enum Reason {
        /** Before the schedule's start. */
        BEFORE_START,
        /** At or after the schedule's end. */
        AFTER_END,
        /** Its day is excluded. */
        EXCLUDED,
        /** The local time does not exist on that day, and the schedule skips gaps. */
        GAP,
        /** The other occurrence of this repeated local time fires. */
        REPEATED
    }
}
