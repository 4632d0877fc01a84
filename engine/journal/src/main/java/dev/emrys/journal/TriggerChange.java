package dev.emrys.journal;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.time.Instant;

/**
 * What a change records of that which its schedule waits for. Immutable.
 *
 * @param baseline as in {@link TriggerState}
 * @param problem as in {@link TriggerState}
 * @param consumed what was seen, with its version or its end
 * @param forgotten names that need not be remembered any more
 * @param inputs what the runs of the fires of the same change may depend on
 */
public record TriggerChange(
        Instant baseline,
        String problem,
        ImmutableMap<String, String> consumed,
        ImmutableSet<String> forgotten,
        ImmutableMap<FireRecord, FireInputs> inputs) {}
