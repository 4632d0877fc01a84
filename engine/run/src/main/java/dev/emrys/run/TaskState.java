package dev.emrys.run;

import dev.emrys.spec.FailureCause;
import dev.emrys.spec.FailureKind;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot of one task.
 *
 * @param task the task's id
 * @param phase its phase
 * @param attempt the newest attempt, from 1; 0 before the first
 * @param scopeId the target's id of the scope for which the newest attempt was intended; null when it needs none
 * @param remoteId the target's id of what the newest accepted attempt made; null before that
 * @param since when the newest attempt was intended; null before the first
 * @param runningSince when the target began to run it; null before that
 * @param until when it ended, or when a wait for the next attempt ends; null otherwise
 * @param failure of the newest attempt that failed; null when none has
 * @param reason what the target or the attempt said, or why it was skipped or cancelled; null when there is nothing to
 *     say
 * @param log the location of the full log; null when there is none
 * @param cause the root cause of the failure; null when there is none or it is not known
 */
public record TaskState(
        String task,
        Phase phase,
        int attempt,
        @Nullable String scopeId,
        @Nullable String remoteId,
        @Nullable Instant since,
        @Nullable Instant runningSince,
        @Nullable Instant until,
        @Nullable FailureKind failure,
        @Nullable String reason,
        @Nullable String log,
        @Nullable FailureCause cause) {}
