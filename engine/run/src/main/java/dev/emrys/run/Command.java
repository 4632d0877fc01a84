package dev.emrys.run;

import dev.emrys.spec.TaskKind;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What must be done now. A command is carried out at least once, so a target must be idempotent by task and attempt,
 * and by key where there is one. A command carries its task's kind with every reference to the run filled in; only
 * secrets are still named.
 */
public sealed interface Command {
    String task();

    int attempt();

    /** A command that a target carries out; a {@link SetTimer} is carried out by the driver. */
    sealed interface ForTarget extends Command {}

    /**
     * Submit an attempt.
     *
     * @param key part of the name of what the target creates for the request, by which it can be looked up
     * @param scopeId the target's id of the scope in which it runs; null when it needs none
     * @param intendedAt when the intent became durable: nothing with this key is older
     * @param uncertain whether the request may have been sent already, by a process that crashed: look up the key
     *     before sending
     */
    record Submit(
            String task,
            int attempt,
            String key,
            TaskKind kind,
            @Nullable String scopeId,
            Instant intendedAt,
            boolean uncertain)
            implements ForTarget {}

    /** Release a scope, whatever still runs there. */
    record Release(String task, int attempt, TaskKind kind, String scopeId) implements ForTarget {}

    /**
     * Do not send the request with this key any more, neither for the first time nor again: the run is cancelled. What
     * was not sent is reported as failed; what the target has, or may have, is not touched.
     */
    record Withdraw(String task, int attempt, String key) implements ForTarget {}

    /**
     * Report the progress of an accepted attempt: that it runs, that it ended, and that an acquired scope was lost.
     *
     * @param intendedAt when the intent became durable: the attempt did not run before
     */
    record Watch(
            String task,
            int attempt,
            TaskKind kind,
            @Nullable String scopeId,
            String remoteId,
            Instant intendedAt) implements ForTarget {}

    /** Cancel an accepted attempt. */
    record Cancel(
            String task,
            int attempt,
            TaskKind kind,
            @Nullable String scopeId,
            String remoteId) implements ForTarget {}

    /** What a timer is for. */
    enum Timer {
        DEADLINE,
        RETRY,
        WAIT
    }

    /** Wait until {@code due}. */
    record SetTimer(String task, int attempt, Timer timer, Instant due) implements Command {
        /** The event that says that the timer is due. */
        public Event fired(Instant at) {
            return switch (timer) {
                case DEADLINE -> new Event.AttemptTimedOut(at, task, attempt);
                case RETRY -> new Event.RetryDue(at, task, attempt);
                case WAIT -> new Event.AttemptSucceeded(at, task, attempt);
            };
        }
    }
}
