package dev.emrys.view;

import dev.emrys.graph.Task;
import dev.emrys.run.Phase;
import dev.emrys.run.TaskState;
import dev.emrys.spec.ClusterEnd;
import dev.emrys.spec.ClusterStart;
import dev.emrys.spec.ClusterUse;
import dev.emrys.spec.FailureCause;
import dev.emrys.spec.FailureKind;
import dev.emrys.spec.OperationSpec;
import dev.emrys.spec.SourceLocation;
import dev.emrys.spec.StepSpec;
import dev.emrys.spec.TaskKind;
import dev.emrys.spec.WaitSpec;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A task of a run, and its newest attempt.
 *
 * @param id unique within the run
 * @param kind whether the author declared it as a step or as another task, or it belongs to a cluster
 * @param scope the name of the cluster that it needs, starts, finds or ends; null when it needs none
 * @param location where the author declared it
 * @param attempt the newest attempt, from 1; 0 before the first
 * @param scopeId the target's id of the cluster that the attempt was submitted to; null when there is none
 * @param remoteId the target's id of the attempt; null before the target has accepted it
 * @param since when the attempt was about to be submitted; null before the first
 * @param runningSince when the target began to run it; null before that
 * @param until when it ended, or when a wait for the next attempt ends; null otherwise
 * @param failure why it failed; null when it has not
 * @param reason what the target or the attempt said, or why it was skipped or cancelled; null when there is nothing to
 *     say
 * @param log the location of the full log; null when there is none
 * @param cause the root cause of the failure; null when there is none or it is not known
 */
public record TaskView(
        String id,
        Kind kind,
        @Nullable String scope,
        SourceLocation location,
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
        @Nullable FailureCause cause) {

    /** What a task is to its reader. */
    public enum Kind {
        /** An EMR step. */
        STEP,
        /** Another task that the author declared, such as a wait or an operation on a cluster. */
        OTHER_TASK,
        /** The start, the lookup or the end of a cluster. */
        CLUSTER
    }

    private static final TaskKind.Cases<Kind> KINDS = new TaskKind.Cases<>() {
        @Override
        public Kind clusterStart(ClusterStart start) {
            return Kind.CLUSTER;
        }

        @Override
        public Kind clusterUse(ClusterUse use) {
            return Kind.CLUSTER;
        }

        @Override
        public Kind step(StepSpec step) {
            return Kind.STEP;
        }

        @Override
        public Kind waiting(WaitSpec wait) {
            return Kind.OTHER_TASK;
        }

        @Override
        public Kind operation(OperationSpec operation) {
            return Kind.OTHER_TASK;
        }

        @Override
        public Kind clusterEnd(ClusterEnd end) {
            return Kind.CLUSTER;
        }
    };

    static TaskView of(Task task, TaskState state) {
        return new TaskView(
                task.id(),
                task.kind().accept(KINDS),
                task.scope(),
                task.location(),
                state.phase(),
                state.attempt(),
                state.scopeId(),
                state.remoteId(),
                state.since(),
                state.runningSince(),
                state.until(),
                state.failure(),
                state.reason(),
                state.log(),
                state.cause());
    }

    public boolean isStep() {
        return kind == Kind.STEP;
    }

    /** No attempt of it is or will be made, unless the run is resumed. */
    public boolean isFinal() {
        return phase.isTerminal();
    }

    /** The target may be working on an attempt of it. */
    public boolean isActive() {
        return phase.isInFlight();
    }

    public boolean isSucceeded() {
        return phase == Phase.SUCCEEDED;
    }

    public boolean isFailed() {
        return phase == Phase.FAILED;
    }

    /** Whether the newest attempt ended, or is being ended, because of its timeout. */
    public boolean isTimedOut() {
        return phase == Phase.TIMING_OUT || (phase == Phase.FAILED && failure == FailureKind.TIMEOUT);
    }

    /** Whether a resume submits it: it has not succeeded, and the target does not have it now. */
    public boolean isSubmittedByResume() {
        return !isActive() && !isSucceeded();
    }
}
