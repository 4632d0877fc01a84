package dev.emrys.journal;

import com.google.common.collect.ImmutableList;

/**
 * What the params of a fire's run may depend on. Immutable.
 *
 * @param triggeringRun the name of the run whose success is the cause; empty when it has another cause
 * @param arrived the paths or locations of what has arrived, the oldest first; empty when it has another cause
 */
public record FireInputs(LogicalTime logicalTime, String triggeringRun, ImmutableList<String> arrived) {
    /** Of a fire that neither a run nor an arrival has caused. */
    public static FireInputs of(LogicalTime logicalTime) {
        return new FireInputs(logicalTime, "", ImmutableList.of());
    }
}
