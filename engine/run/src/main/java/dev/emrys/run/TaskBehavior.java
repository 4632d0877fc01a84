package dev.emrys.run;

import com.google.common.collect.ImmutableList;
import dev.emrys.graph.Scope;
import dev.emrys.graph.Task;
import dev.emrys.spec.Placeholders;
import dev.emrys.spec.TaskKind;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is particular to one kind of task within the one life cycle ({@link Transitions}): which event follows from a
 * state, what is commanded, and how an attempt is recovered. Behaviors have no state of the run and change none.
 */
abstract class TaskBehavior {

    /** What a task's end means for the outcome of its run. */
    enum Contribution {
        /** Nothing. */
        NONE,
        /** The run has not succeeded. */
        FAILURE,
        /** The run has failed, even when it was cancelled: something may still cost money. */
        LEFT_BEHIND
    }

    /**
     * The event that follows from the task's state, in any phase but {@link Phase#ATTEMPT_FAILED}; null when none does.
     */
    abstract @Nullable Event next(RunState run, int index, Instant now);

    /** What the task's final phase means for the run. */
    abstract Contribution contribution(Phase phase);

    /** Whether the cancellation of the run cancels the task too. */
    boolean isCancelledWithRun() {
        return true;
    }

    /** Whether a task that could run waits only because its scope is at its capacity. */
    boolean awaitsCapacity(RunState run, int index) {
        return false;
    }

    /** Whether the target reports on the task also after it succeeded. */
    boolean isWatchedAfterSuccess(RunState run, int index) {
        return false;
    }

    /** What to do when an attempt is intended. */
    ImmutableList<Command> submit(RunState run, int index, boolean uncertain) {
        TaskProgress progress = run.progress(index);
        return ImmutableList.of(new Command.Submit(
                progress.id,
                progress.attempt,
                Objects.requireNonNull(progress.key),
                submitted(run, index),
                progress.scopeId,
                Objects.requireNonNull(progress.since),
                uncertain));
    }

    /** What to do when an attempt is accepted. */
    ImmutableList<Command> watch(RunState run, int index) {
        TaskProgress progress = run.progress(index);
        return ImmutableList.of(new Command.Watch(
                progress.id,
                progress.attempt,
                run.graph().task(index).kind(),
                progress.scopeId,
                Objects.requireNonNull(progress.remoteId),
                Objects.requireNonNull(progress.since)));
    }

    /** What to do when an accepted attempt is cancelled, or has run longer than its timeout. */
    ImmutableList<Command> cancel(RunState run, int index) {
        TaskProgress progress = run.progress(index);
        return ImmutableList.of(new Command.Cancel(
                progress.id,
                progress.attempt,
                run.graph().task(index).kind(),
                progress.scopeId,
                Objects.requireNonNull(progress.remoteId)));
    }

    /** Nothing, when the attempt has no timeout or does not run. */
    final ImmutableList<Command> deadline(RunState run, int index) {
        TaskProgress progress = run.progress(index);
        Task task = run.graph().task(index);
        if (task.timeout() == null || progress.runningSince == null) {
            return ImmutableList.of();
        }
        return ImmutableList.of(new Command.SetTimer(
                progress.id, progress.attempt, Command.Timer.DEADLINE, progress.runningSince.plus(task.timeout())));
    }

    /** What is on its way to the target when the run is cancelled need not arrive. */
    final ImmutableList<Command> withdrawal(RunState run, int index) {
        TaskProgress progress = run.progress(index);
        return progress.phase == Phase.SUBMITTING && isCancelledWithRun()
                ? ImmutableList.of(
                        new Command.Withdraw(progress.id, progress.attempt, Objects.requireNonNull(progress.key)))
                : ImmutableList.of();
    }

    /** What a process that takes the run over must do for the task. */
    final ImmutableList<Command> recover(RunState run, int index) {
        TaskProgress progress = run.progress(index);
        return switch (progress.phase) {
            case SUBMITTING ->
                ImmutableList.<Command>builder()
                        .addAll(run.cancelRequested() ? withdrawal(run, index) : ImmutableList.of())
                        .addAll(submit(run, index, true))
                        .build();
            case ACCEPTED -> watch(run, index);
            case RUNNING ->
                ImmutableList.<Command>builder()
                        .addAll(watch(run, index))
                        .addAll(deadline(run, index))
                        .build();
            case CANCELLING, TIMING_OUT ->
                ImmutableList.<Command>builder()
                        .addAll(cancel(run, index))
                        .addAll(watch(run, index))
                        .build();
            case RETRY_WAIT -> ImmutableList.of(retryTimer(progress));
            case SUCCEEDED -> isWatchedAfterSuccess(run, index) ? watch(run, index) : ImmutableList.of();
            case WAITING, ATTEMPT_FAILED, FAILED, CANCELLED, SKIPPED -> ImmutableList.of();
        };
    }

    static Command retryTimer(TaskProgress progress) {
        return new Command.SetTimer(
                progress.id, progress.attempt, Command.Timer.RETRY, Objects.requireNonNull(progress.until));
    }

    static Event intend(RunState run, int index, Instant now) {
        TaskProgress progress = run.progress(index);
        int attempt = progress.attempt + 1;
        String key = run.runId() + "." + run.graph().task(index).shortId() + "." + attempt;
        return new Event.AttemptIntended(now, progress.id, attempt, key);
    }

    static Scope scope(RunState run, int index) {
        return Objects.requireNonNull(run.graph().scope(index));
    }

    /** The kind of a task as its present attempt is submitted. */
    TaskKind submitted(RunState run, int index) {
        return filled(run, index);
    }

    /** The kind with every reference to the run filled in; secrets stay named until the request is sent. */
    private static TaskKind filled(RunState run, int index) {
        int attempt = run.progress(index).attempt;
        return run.graph()
                .task(index)
                .kind()
                .withTexts(text -> Placeholders.fill(text, (kind, name) -> value(run, attempt, kind, name)));
    }

    private static String value(RunState run, int attempt, String kind, String name) {
        return switch (kind + ":" + name) {
            case "run:id" -> run.runId();
            case "run:name" -> run.name();
            case "run:attempt" -> Integer.toString(attempt);
            default -> "${" + kind + ":" + name + "}";
        };
    }
}
