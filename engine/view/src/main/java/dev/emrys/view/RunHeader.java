package dev.emrys.view;

import com.google.common.collect.ImmutableMap;
import dev.emrys.run.Outcome;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A run without its tasks, as lists show it.
 *
 * @param id globally unique
 * @param name memorable, unique in its journal
 * @param pipeline the pipeline's name
 * @param script the path of the script; empty when the run came from no file
 * @param target the name of the target that executes its tasks
 * @param endedAt null while it has not ended
 * @param outcome null while it has not ended
 * @param driver the process that drives it; null when there is none
 * @param targetSettings what the target must know to continue it, such as the account and the region; empty when it
 *     needs nothing
 */
public record RunHeader(
        String id,
        String name,
        String pipeline,
        String script,
        String target,
        Instant startedAt,
        @Nullable Instant endedAt,
        @Nullable Outcome outcome,
        @Nullable RunDriver driver,
        ImmutableMap<String, String> targetSettings) {

    public RunStatus status() {
        if (outcome != null) {
            return RunStatus.of(outcome);
        }
        return driver != null ? RunStatus.RUNNING : RunStatus.INTERRUPTED;
    }

    /** From its start to its end, or to {@code now} while it has not ended. */
    public Duration duration(Instant now) {
        return Duration.between(startedAt, endedAt != null ? endedAt : now);
    }

    RunHeader withEnd(@Nullable Instant newEnd, @Nullable Outcome newOutcome) {
        return new RunHeader(id, name, pipeline, script, target, startedAt, newEnd, newOutcome, driver, targetSettings);
    }
}
