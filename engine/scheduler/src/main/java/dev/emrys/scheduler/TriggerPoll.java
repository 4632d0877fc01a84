package dev.emrys.scheduler;

import com.google.common.collect.ImmutableList;
import dev.emrys.journal.FireRecord.Cause;
import dev.emrys.journal.ScheduleChange;
import dev.emrys.journal.ScheduleRecord;
import dev.emrys.journal.ScheduleStore;
import dev.emrys.journal.TriggerState;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Looks for what one schedule waits for, and records fires together with what they are for. Each change is made from
 * the schedule's record, so that of several processes one records it. Not thread-safe.
 */
abstract class TriggerPoll {
    /** How often it is decided again after another process was faster; then it is left to the next look. */
    private static final int MAX_TRIES = 5;

    final ServedSchedule schedule;
    final ScheduleStore store;
    final InstantSource clock;
    final String by;
    private final Consumer<ScheduleChange> recorded;

    /** What was recorded when it was read last. */
    private TriggerState known = TriggerState.NONE;

    /** The version of the record from which on {@link #known} holds; 0 for none. */
    private long knownSince;

    /** @param recorded is given each change that was recorded */
    TriggerPoll(
            ServedSchedule schedule,
            ScheduleStore store,
            InstantSource clock,
            String by,
            Consumer<ScheduleChange> recorded) {
        this.schedule = schedule;
        this.store = store;
        this.clock = clock;
        this.by = by;
        this.recorded = recorded;
    }

    /**
     * Looks once. Blocks.
     *
     * @return false when the schedule is not recorded yet, as its script declares it
     */
    final boolean poll() {
        begin();
        for (int tries = 0; tries < MAX_TRIES; tries++) {
            Optional<ScheduleRecord> found = store.schedule(schedule.id());
            // The scheduler records first what the script declares now.
            if (found.isEmpty()
                    || !found.get()
                            .declaration()
                            .definition()
                            .equals(schedule.declaration().definition())) {
                return false;
            }
            ScheduleRecord record = found.get();
            Instant now = clock.instant();
            // What is remembered here may be older than the record, which costs a second decision only.
            if (plan(record, known, now, false).isEmpty(known)) {
                return true;
            }
            if (knownSince != record.version()) {
                known = store.triggerState(schedule.id()).orElse(TriggerState.NONE);
                knownSince = record.version();
                remembered(known);
            }
            TriggerPlan plan = plan(record, known, now, true);
            if (plan.isEmpty(known) || apply(plan.changes(record, known))) {
                return true;
            }
        }
        return true;
    }

    private boolean apply(ImmutableList<ScheduleChange> changes) {
        for (ScheduleChange change : changes) {
            if (!store.apply(ImmutableList.of(change)).join().get(0)) {
                return false;
            }
            recorded.accept(change);
        }
        return true;
    }

    /** Is given what was recorded when it was read. */
    void remembered(TriggerState state) {}

    /** Looks at what does not depend on the record. */
    void begin() {}

    /**
     * What is to be recorded.
     *
     * @param isComplete whether {@code state} is the one of the record, so that the plan will be recorded; else it is
     *     enough to say whether there may be something new
     */
    abstract TriggerPlan plan(ScheduleRecord record, TriggerState state, Instant now, boolean isComplete);

    /** Whether the schedule has a fire at an instant. */
    final boolean isTaken(Instant at, Cause cause) {
        return store.fires(schedule.id(), at, at.plusNanos(1), Cause.values().length).stream()
                .anyMatch(fire -> fire.cause() == cause);
    }
}
