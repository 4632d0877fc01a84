package dev.emrys.view;

import dev.emrys.journal.ScheduleEvent;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What happened to a schedule besides its fires. Immutable.
 *
 * @param schedule the schedule's id
 * @param at when
 * @param type what
 * @param reason why, as a word or a sentence; null for none
 * @param first the instant of the first fire that it concerns; null for none
 * @param last the instant of the last one; null for none
 * @param count how many fires or local times it concerns
 * @param by who, for people
 */
public record ScheduleEventView(
        String schedule,
        Instant at,
        ScheduleEvent.Type type,
        @Nullable String reason,
        @Nullable Instant first,
        @Nullable Instant last,
        long count,
        String by)
        implements ScheduleEntry {
    /** What is recorded of an event. */
    public static ScheduleEventView of(ScheduleEvent event) {
        return new ScheduleEventView(
                event.schedule(),
                event.at(),
                event.type(),
                event.reason().isEmpty() ? null : event.reason(),
                event.first(),
                event.last(),
                event.count(),
                event.by());
    }
}
