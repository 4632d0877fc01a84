package dev.emrys.journal;

import com.google.common.base.Preconditions;
import com.google.common.collect.ImmutableList;

/**
 * A change of a schedule, its fires and its history, which is recorded as a whole or not at all.
 *
 * @param record the record after the change; its version is one more than that of the record it was made from, or 1 for a new schedule
 * @param fires new fires, and fires in new states
 * @param events what happened besides
 */
public record ScheduleChange(
        ScheduleRecord record, ImmutableList<FireRecord> fires, ImmutableList<ScheduleEvent> events) {

    /** @throws IllegalArgumentException if a fire or an event belongs to another schedule */
    public ScheduleChange {
        String id = record.id();
        Preconditions.checkArgument(
                fires.stream().allMatch(fire -> fire.schedule().equals(id))
                        && events.stream().allMatch(event -> event.schedule().equals(id)),
                "A change of %s with a fire or an event of another schedule.",
                id);
    }

    /** Without fires. */
    public static ScheduleChange of(ScheduleRecord record, ScheduleEvent event) {
        return new ScheduleChange(record, ImmutableList.of(), ImmutableList.of(event));
    }
}
