package dev.emrys.schedule;

import java.time.Instant;
import java.time.LocalDateTime;

/** One nominal local time of a schedule: it fires, or it is left out for a reason. */
public sealed interface Occurrence permits Fire, Omission {

    /** One method per kind. */
    interface Cases<R> {
        R fire(Fire fire);

        R omission(Omission omission);
    }

    <R> R accept(Cases<R> cases);

    /** The local time that the expression names. */
    LocalDateTime nominal();

    /** The position in the sequence. For {@link Omission.Reason#GAP} it is the instant of the clock change. */
    Instant instant();
}
