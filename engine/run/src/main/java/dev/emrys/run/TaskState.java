package dev.emrys.run;

import dev.emrys.spec.FailureKind;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Where one task stands: a picture for people and for whoever acts.
 *
 * @param task the task's id
 * @param phase where it stands
 * @param attempt the newest attempt, from 1; 0 before the first
 * @param remoteId EMR's id of what the newest accepted attempt made; null before that
 * @param since when the newest attempt was intended; null before the first
 * @param runningSince when EMR began to run it; null before that
 * @param until when it was over, or when a wait for the next attempt ends; null otherwise
 * @param failure of the newest attempt that failed; null when none has
 * @param reason what EMR or the step said of it, or why it was skipped or cancelled; null when there is nothing to say
 * @param log where the full log lies; null when there is none
 */
public record TaskState(
        String task,
        Phase phase,
        int attempt,
        @Nullable String remoteId,
        @Nullable Instant since,
        @Nullable Instant runningSince,
        @Nullable Instant until,
        @Nullable FailureKind failure,
        @Nullable String reason,
        @Nullable String log) {}
