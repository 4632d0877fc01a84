package dev.emrys.run;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.emrys.spec.FailureCause;
import dev.emrys.spec.FailureKind;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened in a run. Events are journaled in order and never changed. A form that was once written is
 * read for ever (see {@link EventJson}): a member may be added when it is nullable; another change needs a new version
 * and an upcaster.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Event.RunStarted.class, name = "run-started"),
    @JsonSubTypes.Type(value = Event.RunResumed.class, name = "run-resumed"),
    @JsonSubTypes.Type(value = Event.RunReopened.class, name = "run-reopened"),
    @JsonSubTypes.Type(value = Event.CancelRequested.class, name = "cancel-requested"),
    @JsonSubTypes.Type(value = Event.RunEnded.class, name = "run-ended"),
    @JsonSubTypes.Type(value = Event.AttemptIntended.class, name = "attempt-intended"),
    @JsonSubTypes.Type(value = Event.AttemptAccepted.class, name = "attempt-accepted"),
    @JsonSubTypes.Type(value = Event.AttemptRunning.class, name = "attempt-running"),
    @JsonSubTypes.Type(value = Event.AttemptSucceeded.class, name = "attempt-succeeded"),
    @JsonSubTypes.Type(value = Event.AttemptFailed.class, name = "attempt-failed"),
    @JsonSubTypes.Type(value = Event.AttemptCancelling.class, name = "attempt-cancelling"),
    @JsonSubTypes.Type(value = Event.AttemptTimedOut.class, name = "attempt-timed-out"),
    @JsonSubTypes.Type(value = Event.AttemptCancelled.class, name = "attempt-cancelled"),
    @JsonSubTypes.Type(value = Event.ScopeLost.class, name = "scope-lost"),
    @JsonSubTypes.Type(value = Event.RetryPlanned.class, name = "retry-planned"),
    @JsonSubTypes.Type(value = Event.RetryDue.class, name = "retry-due"),
    @JsonSubTypes.Type(value = Event.TaskFailed.class, name = "task-failed"),
    @JsonSubTypes.Type(value = Event.TaskSkipped.class, name = "task-skipped"),
    @JsonSubTypes.Type(value = Event.TaskCancelled.class, name = "task-cancelled"),
})
public sealed interface Event {
    /** When it happened, by the clock of the driver. */
    Instant at();

    /** An event of the run as a whole. */
    sealed interface OfRun extends Event {
        void accept(RunCases cases);
    }

    /** An event of one task. */
    sealed interface OfTask extends Event {
        /** The task's id. */
        String task();

        /** The attempt it belongs to, from 1; 0 when the task was never tried. */
        int attempt();

        /** What this event is, in the table of transitions. */
        @JsonIgnore
        default Class<? extends OfTask> kind() {
            return getClass();
        }

        void accept(TaskCases cases);
    }

    /**
     * One method per event of a run: a new one does not compile until every place that distinguishes them handles it.
     */
    interface RunCases {
        void started(RunStarted event);

        void resumed(RunResumed event);

        void reopened(RunReopened event);

        void cancelRequested(CancelRequested event);

        void ended(RunEnded event);
    }

    /** One method per event of a task, as {@link RunCases}. */
    interface TaskCases {
        void intended(AttemptIntended event);

        void accepted(AttemptAccepted event);

        void running(AttemptRunning event);

        void succeeded(AttemptSucceeded event);

        void failed(AttemptFailed event);

        void cancelling(AttemptCancelling event);

        void timedOut(AttemptTimedOut event);

        void cancelled(AttemptCancelled event);

        void scopeLost(ScopeLost event);

        void retryPlanned(RetryPlanned event);

        void retryDue(RetryDue event);

        void taskFailed(TaskFailed event);

        void taskSkipped(TaskSkipped event);

        void taskCancelled(TaskCancelled event);
    }

    /** The run exists. */
    record RunStarted(Instant at, String run, String name) implements OfRun {
        @Override
        public void accept(RunCases cases) {
            cases.started(this);
        }
    }

    /** The run is driven again, after the process that drove it stopped or crashed. */
    record RunResumed(Instant at, String by) implements OfRun {
        @Override
        public void accept(RunCases cases) {
            cases.resumed(this);
        }
    }

    /** A run that had ended without success continues: what did not succeed is done again. */
    record RunReopened(Instant at, String by) implements OfRun {
        @Override
        public void accept(RunCases cases) {
            cases.reopened(this);
        }
    }

    /** The run was asked to end; its scopes are released too. */
    record CancelRequested(Instant at, String by) implements OfRun {
        @Override
        public void accept(RunCases cases) {
            cases.cancelRequested(this);
        }
    }

    record RunEnded(Instant at, Outcome outcome) implements OfRun {
        @Override
        public void accept(RunCases cases) {
            cases.ended(this);
        }
    }

    /**
     * An attempt is about to be submitted. Durable before the request is sent.
     *
     * @param key part of the name of what the target creates for the request, by which it can be looked up; unique
     *     for run, task and attempt
     */
    record AttemptIntended(Instant at, String task, int attempt, String key) implements OfTask {
        @Override
        public void accept(TaskCases cases) {
            cases.intended(this);
        }
    }

    /**
     * The target has the request. It comes once more, with another id, when EMR had a step twice since the request was
     * doubled on its way, and the other one of the two is used: possible until the attempt is seen running.
     *
     * @param remoteId the target's id of what it created, such as a cluster or a step
     */
    record AttemptAccepted(Instant at, String task, int attempt, String remoteId) implements OfTask {
        @Override
        public void accept(TaskCases cases) {
            cases.accepted(this);
        }
    }

    record AttemptRunning(Instant at, String task, int attempt) implements OfTask {
        @Override
        public void accept(TaskCases cases) {
            cases.running(this);
        }
    }

    record AttemptSucceeded(Instant at, String task, int attempt) implements OfTask {
        @Override
        public void accept(TaskCases cases) {
            cases.succeeded(this);
        }
    }

    /**
     * @param reason for people: what the target said, and the end of the attempt's own output where it is known
     * @param log the location of the full log; null when there is none
     * @param cause the root cause; null when nothing tells it, and in journals of earlier versions
     */
    record AttemptFailed(
            Instant at,
            String task,
            int attempt,
            FailureKind failure,
            String reason,
            @Nullable String log,
            @Nullable FailureCause cause)
            implements OfTask {
        /** Of an unknown cause. */
        public AttemptFailed(
                Instant at, String task, int attempt, FailureKind failure, String reason, @Nullable String log) {
            this(at, task, attempt, failure, reason, log, null);
        }

        @Override
        public void accept(TaskCases cases) {
            cases.failed(this);
        }
    }

    /** The run is being cancelled, and so is this attempt. */
    record AttemptCancelling(Instant at, String task, int attempt) implements OfTask {
        @Override
        public void accept(TaskCases cases) {
            cases.cancelling(this);
        }
    }

    /** It ran longer than its timeout, and is being cancelled. */
    record AttemptTimedOut(Instant at, String task, int attempt) implements OfTask {
        @Override
        public void accept(TaskCases cases) {
            cases.timedOut(this);
        }
    }

    /** The target has ended it as cancelled. */
    record AttemptCancelled(Instant at, String task, int attempt, String reason) implements OfTask {
        @Override
        public void accept(TaskCases cases) {
            cases.cancelled(this);
        }
    }

    /** A scope that was acquired ended, and the run had not asked for it. The task is the one that acquired it. */
    record ScopeLost(Instant at, String task, int attempt, FailureKind failure, String reason) implements OfTask {
        @Override
        public void accept(TaskCases cases) {
            cases.scopeLost(this);
        }
    }

    /**
     * Another attempt follows.
     *
     * @param attempt the one that failed
     * @param due when the next begins
     */
    record RetryPlanned(Instant at, String task, int attempt, Instant due) implements OfTask {
        @Override
        public void accept(TaskCases cases) {
            cases.retryPlanned(this);
        }
    }

    /**
     * The wait is over.
     *
     * @param attempt the one that failed
     */
    record RetryDue(Instant at, String task, int attempt) implements OfTask {
        @Override
        public void accept(TaskCases cases) {
            cases.retryDue(this);
        }
    }

    /** It failed, and no attempt follows. */
    record TaskFailed(Instant at, String task, int attempt) implements OfTask {
        @Override
        public void accept(TaskCases cases) {
            cases.taskFailed(this);
        }
    }

    /**
     * It cannot run, or has nothing to do.
     *
     * @param because the task that did not succeed; the skipped task itself when it would have ended a cluster that is
     *     kept after the run
     */
    record TaskSkipped(Instant at, String task, int attempt, String because) implements OfTask {
        @Override
        public void accept(TaskCases cases) {
            cases.taskSkipped(this);
        }
    }

    record TaskCancelled(Instant at, String task, int attempt) implements OfTask {
        @Override
        public void accept(TaskCases cases) {
            cases.taskCancelled(this);
        }
    }
}
