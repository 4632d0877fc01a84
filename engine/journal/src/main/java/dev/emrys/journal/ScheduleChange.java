package dev.emrys.journal;

import com.google.common.base.Preconditions;
import com.google.common.collect.ImmutableList;
import org.jspecify.annotations.Nullable;

/**
 * A change of a schedule, its fires and its history, which is recorded as a whole or not at all.
 *
 * @param record the record after the change; its version is one more than that of the record it was made from, or 1 for
 *     a new schedule
 * @param fires new fires, and fires in new states
 * @param events what happened besides
 * @param keepsDeclaration whether the declaration of an existing schedule is left as it is recorded; that of the record
 *     is then not read
 * @param trigger what is recorded of that which the schedule waits for; null for nothing
 */
public record ScheduleChange(
        ScheduleRecord record,
        ImmutableList<FireRecord> fires,
        ImmutableList<ScheduleEvent> events,
        boolean keepsDeclaration,
        @Nullable TriggerChange trigger) {

    /** @throws IllegalArgumentException if a fire or an event belongs to another schedule */
    public ScheduleChange {
        String id = record.id();
        for (FireRecord fire : fires) {
            checkSchedule(id, fire.schedule());
        }
        for (ScheduleEvent event : events) {
            checkSchedule(id, event.schedule());
        }
    }

    private static void checkSchedule(String id, String other) {
        Preconditions.checkArgument(
                other.equals(id), "A change of %s with a fire or an event of another schedule.", id);
    }

    /** One that also records the declaration. */
    public ScheduleChange(ScheduleRecord record, ImmutableList<FireRecord> fires, ImmutableList<ScheduleEvent> events) {
        this(record, fires, events, false, null);
    }

    /** Without fires. */
    public static ScheduleChange of(ScheduleRecord record, ScheduleEvent event) {
        return new ScheduleChange(record, ImmutableList.of(), ImmutableList.of(event));
    }

    /** One that keeps the declaration, which is cheaper to record. */
    public static ScheduleChange ofFires(
            ScheduleRecord record, ImmutableList<FireRecord> fires, ImmutableList<ScheduleEvent> events) {
        return new ScheduleChange(record, fires, events, true, null);
    }
}
