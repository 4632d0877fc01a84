package dev.emrys.view;

import java.time.Instant;

/** One line of the history of schedules: a fire, or something else that happened to a schedule. Immutable. */
public sealed interface ScheduleEntry permits FireView, ScheduleEventView {
    /** The schedule's id, as {@code daily-etl/main}. */
    String schedule();

    /** When it happened; of a fire its instant. */
    Instant at();
}
