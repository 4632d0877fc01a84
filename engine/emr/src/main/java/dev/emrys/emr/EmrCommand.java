package dev.emrys.emr;

import dev.emrys.run.Command;
import dev.emrys.spec.ClusterEnd;
import dev.emrys.spec.ClusterOperation;
import dev.emrys.spec.ClusterSpec;
import dev.emrys.spec.ClusterStart;
import dev.emrys.spec.ClusterUse;
import dev.emrys.spec.ExistingCluster;
import dev.emrys.spec.OperationSpec;
import dev.emrys.spec.StepSpec;
import java.time.Instant;
import java.util.Objects;

/** A command in EMR's terms. */
sealed interface EmrCommand {
    String task();

    int attempt();

    record ClusterSubmission(
            String task, int attempt, String key, ClusterSpec cluster, Instant intendedAt, boolean uncertain)
            implements EmrCommand {}

    /** Find a cluster that is there already. */
    record ClusterSearch(String task, int attempt, String key, ExistingCluster cluster) implements EmrCommand {}

    record StepSubmission(
            String task,
            int attempt,
            String key,
            StepSpec step,
            String clusterId,
            Instant intendedAt,
            boolean uncertain)
            implements EmrCommand {}

    /** Change a cluster, or wait for something of it. */
    record OperationSubmission(
            String task,
            int attempt,
            String key,
            ClusterOperation operation,
            String clusterId,
            Instant intendedAt,
            boolean uncertain)
            implements EmrCommand {}

    /** Report when what was asked for is done. */
    record OperationWatch(
            String task, int attempt, ClusterOperation operation, String clusterId, String remoteId, Instant intendedAt)
            implements EmrCommand {}

    /** Report nothing more: what EMR was told stays as it is. The execution of a notebook is stopped. */
    record OperationCancellation(
            String task, int attempt, ClusterOperation operation, String clusterId, String remoteId)
            implements EmrCommand {}

    record Withdrawal(String task, int attempt, String key) implements EmrCommand {}

    record StepCancellation(String task, int attempt, String clusterId, String stepId) implements EmrCommand {}

    /** @param isProtected whether the author wants EMR to protect the cluster until the run ends it */
    record ClusterTermination(String task, int attempt, String clusterId, boolean isProtected) implements EmrCommand {}

    /**
     * Report when the cluster is up, and when it ends. The task is the one that started it, or found it.
     *
     * @param isOwn whether the run has started it; one that was there already is not changed
     * @param isProtected whether the author wants EMR to protect it until the run ends it
     */
    record ClusterWatch(String task, int attempt, String clusterId, boolean isOwn, boolean isProtected)
            implements EmrCommand {}

    /** Report when the cluster has ended. The task is the one that ends it. */
    record TerminationWatch(String task, int attempt, String clusterId) implements EmrCommand {}

    /** Report when the step runs and when it ends. */
    record StepWatch(String task, int attempt, String clusterId, String stepId, Instant intendedAt)
            implements EmrCommand {}

    /** @throws IllegalArgumentException when the task's kind is none that EMR executes */
    static EmrCommand of(Command.ForTarget command) {
        if (command instanceof Command.Submit submit) {
            return of(submit);
        }
        if (command instanceof Command.Watch watch) {
            return of(watch);
        }
        if (command instanceof Command.Cancel cancel && cancel.kind() instanceof OperationSpec operation) {
            return new OperationCancellation(
                    cancel.task(),
                    cancel.attempt(),
                    operation.operation(),
                    Objects.requireNonNull(cancel.scopeId()),
                    cancel.remoteId());
        }
        if (command instanceof Command.Cancel cancel) {
            return new StepCancellation(
                    cancel.task(), cancel.attempt(), Objects.requireNonNull(cancel.scopeId()), cancel.remoteId());
        }
        if (command instanceof Command.Release release) {
            boolean isProtected = release.kind() instanceof ClusterEnd end && end.isProtected();
            return new ClusterTermination(release.task(), release.attempt(), release.scopeId(), isProtected);
        }
        Command.Withdraw withdraw = (Command.Withdraw) command;
        return new Withdrawal(withdraw.task(), withdraw.attempt(), withdraw.key());
    }

    private static EmrCommand of(Command.Submit submit) {
        if (submit.kind() instanceof ClusterStart start) {
            return new ClusterSubmission(
                    submit.task(),
                    submit.attempt(),
                    submit.key(),
                    start.cluster(),
                    submit.intendedAt(),
                    submit.uncertain());
        }
        if (submit.kind() instanceof ClusterUse use) {
            return new ClusterSearch(submit.task(), submit.attempt(), submit.key(), use.cluster());
        }
        if (submit.kind() instanceof StepSpec step) {
            return new StepSubmission(
                    submit.task(),
                    submit.attempt(),
                    submit.key(),
                    step,
                    Objects.requireNonNull(submit.scopeId()),
                    submit.intendedAt(),
                    submit.uncertain());
        }
        if (submit.kind() instanceof OperationSpec operation) {
            return new OperationSubmission(
                    submit.task(),
                    submit.attempt(),
                    submit.key(),
                    operation.operation(),
                    Objects.requireNonNull(submit.scopeId()),
                    submit.intendedAt(),
                    submit.uncertain());
        }
        throw unknown(submit);
    }

    private static EmrCommand of(Command.Watch watch) {
        if (watch.kind() instanceof ClusterStart || watch.kind() instanceof ClusterUse) {
            boolean isOwn = watch.kind() instanceof ClusterStart;
            boolean isProtected = watch.kind() instanceof ClusterStart start
                    && start.cluster().optionsOrNone().protectsFromTermination();
            return new ClusterWatch(watch.task(), watch.attempt(), watch.remoteId(), isOwn, isProtected);
        }
        if (watch.kind() instanceof StepSpec) {
            return new StepWatch(
                    watch.task(),
                    watch.attempt(),
                    Objects.requireNonNull(watch.scopeId()),
                    watch.remoteId(),
                    watch.intendedAt());
        }
        if (watch.kind() instanceof OperationSpec operation) {
            return new OperationWatch(
                    watch.task(),
                    watch.attempt(),
                    operation.operation(),
                    Objects.requireNonNull(watch.scopeId()),
                    watch.remoteId(),
                    watch.intendedAt());
        }
        if (watch.kind() instanceof ClusterEnd) {
            return new TerminationWatch(watch.task(), watch.attempt(), Objects.requireNonNull(watch.scopeId()));
        }
        throw unknown(watch);
    }

    private static IllegalArgumentException unknown(Command command) {
        return new IllegalArgumentException("EMR does not execute this kind of task: " + command);
    }
}
