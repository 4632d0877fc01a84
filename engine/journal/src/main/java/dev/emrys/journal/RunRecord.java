package dev.emrys.journal;

import com.google.common.collect.ImmutableMap;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A run, as lists show it.
 *
 * @param id globally unique
 * @param name memorable, unique in this journal
 * @param pipeline the pipeline's name
 * @param script the path of the script; empty when the run came from no file
 * @param target where its tasks run, such as {@code local}
 * @param endedAt null while it has not ended
 * @param outcome null while it has not ended
 * @param logicalTime the day and the time that it is for; null when it is for none
 * @param targetSettings what its target must know to continue it, such as the account and the region, by names that the
 *     target chooses; no secret. Empty when it needs nothing
 */
public record RunRecord(
        String id,
        String name,
        String pipeline,
        String script,
        String target,
        Instant startedAt,
        @Nullable Instant endedAt,
        @Nullable String outcome,
        @Nullable LogicalTime logicalTime,
        ImmutableMap<String, String> targetSettings) {

    /** A run whose target needs no settings. */
    public RunRecord(
            String id,
            String name,
            String pipeline,
            String script,
            String target,
            Instant startedAt,
            @Nullable Instant endedAt,
            @Nullable String outcome,
            @Nullable LogicalTime logicalTime) {
        this(id, name, pipeline, script, target, startedAt, endedAt, outcome, logicalTime, ImmutableMap.of());
    }

    /** A run that is for no time, and whose target needs no settings. */
    public RunRecord(
            String id,
            String name,
            String pipeline,
            String script,
            String target,
            Instant startedAt,
            @Nullable Instant endedAt,
            @Nullable String outcome) {
        this(id, name, pipeline, script, target, startedAt, endedAt, outcome, null);
    }
}
