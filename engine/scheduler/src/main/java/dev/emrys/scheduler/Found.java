package dev.emrys.scheduler;

import dev.emrys.journal.LogicalTime;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Something that a schedule waits for, and that it has not seen before.
 *
 * @param key a path, a location or the id of a run, by which it is remembered
 * @param version another one when it counts as something new
 * @param at when it has arrived or ended
 * @param run the name of the run; empty for a file or an object
 * @param logicalTime what the run was for; null for a file or an object
 */
record Found(
        String key,
        String version,
        Instant at,
        String run,
        @Nullable LogicalTime logicalTime) {}
