package dev.emrys.journal;

import com.google.common.collect.ImmutableMap;
import java.time.Instant;

/**
 * What is recorded of that which a schedule waits for. Immutable.
 *
 * @param baseline what existed at this instant does not fire
 * @param problem why nothing can be seen at the moment, for people; empty for none
 * @param consumed what was seen: files and objects with their versions, runs with their ends
 */
public record TriggerState(Instant baseline, String problem, ImmutableMap<String, String> consumed) {
    /** Nothing was seen yet. */
    public static final TriggerState NONE = new TriggerState(Instant.EPOCH, "", ImmutableMap.of());
}
