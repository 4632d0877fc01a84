package dev.emrys.emr;

import dev.emrys.run.Command;
import dev.emrys.spec.ClusterEnd;
import dev.emrys.spec.ClusterSpec;
import dev.emrys.spec.ClusterStart;
import dev.emrys.spec.StepSpec;
import dev.emrys.spec.TaskKind;
import java.time.Instant;
import java.util.Objects;

/** A command in EMR's terms. */
sealed interface EmrCommand {
    String task();

    int attempt();

    record ClusterSubmission(
            String task, int attempt, String key, ClusterSpec cluster, Instant intendedAt, boolean uncertain)
            implements EmrCommand {}

    record StepSubmission(
            String task,
            int attempt,
            String key,
            StepSpec step,
            String clusterId,
            Instant intendedAt,
            boolean uncertain)
            implements EmrCommand {}

    record Withdrawal(String task, int attempt, String key) implements EmrCommand {}

    record StepCancellation(String task, int attempt, String clusterId, String stepId) implements EmrCommand {}

    record ClusterTermination(String task, int attempt, String clusterId) implements EmrCommand {}

    /** Report when the cluster is up, and when it ends. The task is the one that started it. */
    record ClusterWatch(String task, int attempt, String clusterId) implements EmrCommand {}

    /** Report when the cluster has ended. The task is the one that ends it. */
    record TerminationWatch(String task, int attempt, String clusterId) implements EmrCommand {}

    /** Report when the step runs and when it ends. */
    record StepWatch(String task, int attempt, String clusterId, String stepId) implements EmrCommand {}

    static EmrCommand of(Command.ForTarget command) {
        if (command instanceof Command.Submit submit) {
            return submit.kind().accept(new Submission(submit));
        }
        if (command instanceof Command.Watch watch) {
            return watch.kind().accept(new WatchCommand(watch));
        }
        if (command instanceof Command.Cancel cancel) {
            return new StepCancellation(
                    cancel.task(), cancel.attempt(), Objects.requireNonNull(cancel.scopeId()), cancel.remoteId());
        }
        if (command instanceof Command.Release release) {
            return new ClusterTermination(release.task(), release.attempt(), release.scopeId());
        }
        Command.Withdraw withdraw = (Command.Withdraw) command;
        return new Withdrawal(withdraw.task(), withdraw.attempt(), withdraw.key());
    }

    /** What is submitted depends on the kind of the task. */
    record Submission(Command.Submit submit) implements TaskKind.Cases<EmrCommand> {
        @Override
        public EmrCommand clusterStart(ClusterStart start) {
            return new ClusterSubmission(
                    submit.task(),
                    submit.attempt(),
                    submit.key(),
                    start.cluster(),
                    submit.intendedAt(),
                    submit.uncertain());
        }

        @Override
        public EmrCommand step(StepSpec step) {
            return new StepSubmission(
                    submit.task(),
                    submit.attempt(),
                    submit.key(),
                    step,
                    Objects.requireNonNull(submit.scopeId()),
                    submit.intendedAt(),
                    submit.uncertain());
        }

        @Override
        public EmrCommand clusterEnd(ClusterEnd end) {
            throw new IllegalArgumentException("The end of a cluster is a release: " + submit);
        }
    }

    /** What is watched depends on the kind of the task. */
    record WatchCommand(Command.Watch watch) implements TaskKind.Cases<EmrCommand> {
        @Override
        public EmrCommand clusterStart(ClusterStart start) {
            return new ClusterWatch(watch.task(), watch.attempt(), watch.remoteId());
        }

        @Override
        public EmrCommand step(StepSpec step) {
            return new StepWatch(
                    watch.task(), watch.attempt(), Objects.requireNonNull(watch.scopeId()), watch.remoteId());
        }

        @Override
        public EmrCommand clusterEnd(ClusterEnd end) {
            return new TerminationWatch(watch.task(), watch.attempt(), Objects.requireNonNull(watch.scopeId()));
        }
    }
}
