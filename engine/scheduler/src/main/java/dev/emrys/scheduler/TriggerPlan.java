package dev.emrys.scheduler;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import dev.emrys.journal.FireInputs;
import dev.emrys.journal.FireRecord;
import dev.emrys.journal.ScheduleChange;
import dev.emrys.journal.ScheduleEvent;
import dev.emrys.journal.ScheduleRecord;
import dev.emrys.journal.TriggerChange;
import dev.emrys.journal.TriggerState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is to be recorded after a look at that which a schedule waits for.
 *
 * @param baseline the baseline when all parts are recorded; until then the one before holds
 * @param problem why nothing can be seen; empty for none
 * @param forgotten names that need not be remembered any more
 * @param parts each is recorded as a whole, in their order
 */
record TriggerPlan(Instant baseline, String problem, ImmutableSet<String> forgotten, ImmutableList<Part> parts) {
    /** How many names one commit remembers at most: the journal serves others between two commits. */
    static final int MOST_NAMES = 5_000;

    private static final int MOST_FIRES = 500;

    /**
     * @param consumed what was seen
     * @param fire the fire that it causes; null for none
     * @param inputs what that fire's run depends on; null without a fire
     * @param event what happened besides; null for nothing
     */
    record Part(
            ImmutableMap<String, String> consumed,
            @Nullable FireRecord fire,
            @Nullable FireInputs inputs,
            @Nullable ScheduleEvent event) {}

    /** Nothing is to be recorded. */
    static TriggerPlan nothing(TriggerState state) {
        return new TriggerPlan(state.baseline(), state.problem(), ImmutableSet.of(), ImmutableList.of());
    }

    /** Whether it records anything that is not recorded. */
    boolean isEmpty(TriggerState state) {
        return parts.isEmpty()
                && forgotten.isEmpty()
                && baseline.equals(state.baseline())
                && problem.equals(state.problem());
    }

    /** The changes to record, one after the other, each made from the record of the one before. */
    ImmutableList<ScheduleChange> changes(ScheduleRecord record, TriggerState state) {
        List<List<Part>> chunks = chunks();
        ImmutableList.Builder<ScheduleChange> changes = ImmutableList.builder();
        ScheduleRecord next = record;
        for (int index = 0; index < chunks.size(); index++) {
            boolean isLast = index == chunks.size() - 1;
            next = next.next();
            changes.add(change(
                    next,
                    chunks.get(index),
                    isLast ? baseline : state.baseline(),
                    index == 0 ? forgotten : ImmutableSet.of()));
        }
        return changes.build();
    }

    /** At least one, also without a part. */
    private List<List<Part>> chunks() {
        List<List<Part>> chunks = new ArrayList<>();
        chunks.add(new ArrayList<>());
        int names = 0;
        for (Part part : parts) {
            List<Part> current = chunks.get(chunks.size() - 1);
            if (!current.isEmpty() && (names + part.consumed().size() > MOST_NAMES || current.size() == MOST_FIRES)) {
                current = new ArrayList<>();
                chunks.add(current);
                names = 0;
            }
            current.add(part);
            names += part.consumed().size();
        }
        return chunks;
    }

    private ScheduleChange change(
            ScheduleRecord record, List<Part> chunk, Instant before, ImmutableSet<String> forget) {
        ImmutableMap.Builder<String, String> consumed = ImmutableMap.builder();
        ImmutableList.Builder<FireRecord> fires = ImmutableList.builder();
        ImmutableMap.Builder<FireRecord, FireInputs> inputs = ImmutableMap.builder();
        ImmutableList.Builder<ScheduleEvent> events = ImmutableList.builder();
        for (Part part : chunk) {
            consumed.putAll(part.consumed());
            if (part.fire() != null && part.inputs() != null) {
                fires.add(part.fire());
                inputs.put(part.fire(), part.inputs());
            }
            if (part.event() != null) {
                events.add(part.event());
            }
        }
        return new ScheduleChange(
                record,
                fires.build(),
                events.build(),
                true,
                new TriggerChange(before, problem, consumed.buildOrThrow(), forget, inputs.buildOrThrow()));
    }
}
