package dev.emrys.view;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Something that changed in a run.
 *
 * @param at when, by the clock of the process that drove the run
 * @param task the id of the task that it is about; null when it is about the whole run
 * @param attempt of that task, from 1; 0 when there is none
 * @param detail what belongs to the kind, such as an id or a reason; null when nothing does
 * @param due when the next attempt begins; null for every kind but {@link Kind#RETRY_PLANNED}
 */
public record RunChange(
        Instant at,
        Kind kind,
        @Nullable String task,
        int attempt,
        @Nullable String detail,
        @Nullable Instant due) {

    /** What changed. A timeout is one change, though the attempt is cancelled and fails because of it. */
    public enum Kind {
        STARTED,
        /** The detail says by whom. */
        RESUMED,
        /** The detail says by whom. */
        REOPENED,
        /** The detail says by whom. */
        CANCEL_REQUESTED,
        /** The detail is the outcome. */
        ENDED,
        /** The attempt is about to be submitted. */
        SUBMITTING,
        /** The detail is the target's id. */
        ACCEPTED,
        RUNNING,
        SUCCEEDED,
        /** The detail is the reason. */
        ATTEMPT_FAILED,
        CANCELLING,
        TIMED_OUT,
        CANCELLED,
        /** The cluster has ended, and the run had not asked for it. The detail is the reason. */
        LOST,
        RETRY_PLANNED,
        RETRY_DUE,
        FAILED,
        /** The detail is the task that did not succeed. */
        SKIPPED,
        /** A consequence of a timeout that was told already. */
        AFTER_TIMEOUT
    }
}
