package dev.emrys.journal;

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
        @Nullable LogicalTime logicalTime) {

    /** A run that is for no time. */
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
