package dev.emrys.run;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.emrys.spec.FailureKind;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A fact about a run. Facts are journaled in order and never changed; a shape that was once written is read for ever, so members
 * may be added (nullable) and never renamed or removed.
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
    @JsonSubTypes.Type(value = Event.ClusterLost.class, name = "cluster-lost"),
    @JsonSubTypes.Type(value = Event.RetryPlanned.class, name = "retry-planned"),
    @JsonSubTypes.Type(value = Event.RetryDue.class, name = "retry-due"),
    @JsonSubTypes.Type(value = Event.TaskFailed.class, name = "task-failed"),
    @JsonSubTypes.Type(value = Event.TaskSkipped.class, name = "task-skipped"),
    @JsonSubTypes.Type(value = Event.TaskCancelled.class, name = "task-cancelled"),
})
public sealed interface Event {
    /** When it happened, on the clock of whoever drove the run. */
    Instant at();

    /** A fact about the run as a whole. */
    sealed interface OfRun extends Event {}

    /** A fact about one task. */
    sealed interface OfTask extends Event {
        /** The task's id. */
        String task();

        /** The attempt it belongs to, from 1; 0 when the task was never tried. */
        int attempt();

        /** What this fact is, in the table of transitions. */
        @JsonIgnore
        default Class<? extends OfTask> kind() {
            return getClass();
        }
    }

    /** The run exists. */
    record RunStarted(Instant at, String run, String name) implements OfRun {}

    /** Somebody drives the run again, after whoever did so before stopped or died. */
    record RunResumed(Instant at, String by) implements OfRun {}

    /** A run that had ended without success goes on: what did not succeed is to be done again. */
    record RunReopened(Instant at, String by) implements OfRun {}

    /** Somebody wants the run to end; its clusters are ended too. */
    record CancelRequested(Instant at, String by) implements OfRun {}

    record RunEnded(Instant at, Outcome outcome) implements OfRun {}

    /**
     * About to be asked of EMR. Durable before the call.
     *
     * @param key stands in the name of the cluster or step, and so finds it again; unique for run, task and attempt
     */
    record AttemptIntended(Instant at, String task, int attempt, String key) implements OfTask {}

    /**
     * EMR has it.
     *
     * @param remoteId EMR's id of the cluster or the step
     */
    record AttemptAccepted(Instant at, String task, int attempt, String remoteId) implements OfTask {}

    record AttemptRunning(Instant at, String task, int attempt) implements OfTask {}

    record AttemptSucceeded(Instant at, String task, int attempt) implements OfTask {}

    /**
     * @param reason for people: what EMR said, and the step's own last words where they are known
     * @param log where the full log lies; null when there is none
     */
    record AttemptFailed(
            Instant at,
            String task,
            int attempt,
            FailureKind failure,
            String reason,
            @Nullable String log) implements OfTask {}

    /** The run is being cancelled, and so is this attempt. */
    record AttemptCancelling(Instant at, String task, int attempt) implements OfTask {}

    /** It ran longer than its timeout allows, and is being cancelled. */
    record AttemptTimedOut(Instant at, String task, int attempt) implements OfTask {}

    /** EMR has ended it as cancelled. */
    record AttemptCancelled(Instant at, String task, int attempt, String reason) implements OfTask {}

    /** A cluster that was up ended, and not because we wanted it to. The task is the one that started it. */
    record ClusterLost(Instant at, String task, int attempt, FailureKind failure, String reason) implements OfTask {}

    /**
     * It will be tried again.
     *
     * @param attempt the one that failed
     * @param due when the next begins
     */
    record RetryPlanned(Instant at, String task, int attempt, Instant due) implements OfTask {}

    /**
     * The wait is over.
     *
     * @param attempt the one that failed
     */
    record RetryDue(Instant at, String task, int attempt) implements OfTask {}

    /** It failed for good. */
    record TaskFailed(Instant at, String task, int attempt) implements OfTask {}

    /**
     * It cannot run.
     *
     * @param because the task that did not succeed
     */
    record TaskSkipped(Instant at, String task, int attempt, String because) implements OfTask {}

    record TaskCancelled(Instant at, String task, int attempt) implements OfTask {}
}
