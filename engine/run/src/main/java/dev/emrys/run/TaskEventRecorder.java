package dev.emrys.run;

import dev.emrys.graph.Scope;
import dev.emrys.graph.Task;
import dev.emrys.spec.Durations;
import dev.emrys.spec.FailureCause;
import dev.emrys.spec.FailureKind;
import dev.emrys.spec.TaskSpec;
import org.jspecify.annotations.Nullable;

/** Writes what an event says into the progress of its task, whose phase is the new one already. */
final class TaskEventRecorder implements Event.TaskCases {
    private final RunState run;
    private final Task task;
    private final @Nullable Scope scope;
    private final TaskProgress progress;
    private final Phase before;

    TaskEventRecorder(RunState run, int index, Phase before) {
        this.run = run;
        this.task = run.graph().task(index);
        this.scope = run.graph().scope(index);
        this.progress = run.progress(index);
        this.before = before;
    }

    @Override
    public void intended(Event.AttemptIntended event) {
        progress.clearAttempt();
        progress.attempt = event.attempt();
        progress.key = event.key();
        progress.since = event.at();
        progress.scopeId = scope == null ? null : run.progress(scope.acquire()).remoteId;
    }

    @Override
    public void accepted(Event.AttemptAccepted event) {
        progress.remoteId = event.remoteId();
    }

    @Override
    public void running(Event.AttemptRunning event) {
        progress.runningSince = event.at();
    }

    @Override
    public void succeeded(Event.AttemptSucceeded event) {
        ended(event);
    }

    @Override
    public void failed(Event.AttemptFailed event) {
        // An attempt that was cancelled for its timeout may be reported as failed: the timeout is the cause.
        if (before != Phase.TIMING_OUT) {
            progress.failure = event.failure();
            progress.reason = event.reason();
            progress.cause = event.cause();
        }
        progress.log = event.log();
        int uncounted = progress.uncountedAttempts;
        if (event.failure() == FailureKind.QUOTA) {
            progress.uncountedAttempts++;
            if (event.cause() == FailureCause.CAPACITY) {
                progress.shortages++;
            }
        }
        if (event.failure() == FailureKind.CLUSTER_LOST) {
            progress.lostScopeId = progress.scopeId;
            boolean neverRan = before == Phase.SUBMITTING || before == Phase.ACCEPTED;
            if (task.kind() instanceof TaskSpec && neverRan) {
                progress.uncountedAttempts++;
            }
        }
        FailureCause cause = event.cause();
        if (cause != null && before != Phase.TIMING_OUT && progress.uncountedAttempts == uncounted) {
            progress.countFailure(cause);
        }
        endedByCancellation(event);
    }

    @Override
    public void cancelling(Event.AttemptCancelling event) {}

    @Override
    public void timedOut(Event.AttemptTimedOut event) {
        progress.failure = FailureKind.TIMEOUT;
        progress.cause = FailureCause.TIMEOUT;
        progress.countFailure(FailureCause.TIMEOUT);
        progress.reason = "It ran longer than its timeout"
                + (task.timeout() == null ? "" : " of " + Durations.words(task.timeout())) + " and was cancelled.";
    }

    @Override
    public void cancelled(Event.AttemptCancelled event) {
        if (progress.phase == Phase.CANCELLED) {
            progress.reason = event.reason();
        }
        endedByCancellation(event);
    }

    @Override
    public void scopeLost(Event.ScopeLost event) {
        progress.failure = event.failure();
        progress.reason = event.reason();
        progress.cause = null;
        ended(event);
    }

    @Override
    public void retryPlanned(Event.RetryPlanned event) {
        progress.until = event.due();
    }

    @Override
    public void retryDue(Event.RetryDue event) {}

    @Override
    public void taskFailed(Event.TaskFailed event) {
        ended(event);
    }

    @Override
    public void taskSkipped(Event.TaskSkipped event) {
        progress.reason = event.because().equals(event.task())
                ? "The cluster is kept after the run."
                : "\"" + event.because() + "\" did not succeed.";
        ended(event);
    }

    @Override
    public void taskCancelled(Event.TaskCancelled event) {
        endedByCancellation(event);
    }

    /** The cancellation of the run is the reason, unless the task had failed before. */
    private void endedByCancellation(Event event) {
        boolean byRun = before == Phase.CANCELLING || progress.reason == null;
        if (progress.phase == Phase.CANCELLED
                && run.cancelledBy() != null
                && byRun
                && task.kind() instanceof TaskSpec) {
            progress.reason = "The run was cancelled: " + run.cancelledBy() + ".";
        }
        ended(event);
    }

    private void ended(Event event) {
        if (progress.phase.isTerminal() || progress.phase == Phase.ATTEMPT_FAILED) {
            progress.until = event.at();
        }
    }
}
