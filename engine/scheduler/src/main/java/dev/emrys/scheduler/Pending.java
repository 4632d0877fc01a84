package dev.emrys.scheduler;

import org.jspecify.annotations.Nullable;

/**
 * A decision that is to be recorded.
 *
 * @param end the end of a run that the decision records; null for none
 */
record Pending(Entry entry, Decision decision, Entry.@Nullable Ended end) {
    Pending(Entry entry, Decision decision) {
        this(entry, decision, null);
    }
}
