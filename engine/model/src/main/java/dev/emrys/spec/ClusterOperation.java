package dev.emrys.spec;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.google.common.collect.ImmutableList;
import java.time.Duration;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What an operation does to its cluster, or waits for there. It does no harm to send it twice: it sets a value, ends
 * what has ended already, or only reads; a {@link NotebookExecution} alone is looked up before it is sent again. In
 * JSON its kind is the member {@code type}.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
    @JsonSubTypes.Type(value = ClusterOperation.Resize.class, name = "resize"),
    @JsonSubTypes.Type(value = ClusterOperation.StepConcurrency.class, name = "step-concurrency"),
    @JsonSubTypes.Type(value = ClusterOperation.ScalingLimits.class, name = "managed-scaling"),
    @JsonSubTypes.Type(value = ClusterOperation.AutoTermination.class, name = "auto-termination"),
    @JsonSubTypes.Type(value = ClusterOperation.TerminationProtection.class, name = "termination-protection"),
    @JsonSubTypes.Type(value = ClusterOperation.AwaitCluster.class, name = "await-cluster"),
    @JsonSubTypes.Type(value = ClusterOperation.AwaitStep.class, name = "await-step"),
    @JsonSubTypes.Type(value = ClusterOperation.CancelStep.class, name = "cancel-step"),
    @JsonSubTypes.Type(value = ClusterOperation.EndCluster.class, name = "end-cluster"),
    @JsonSubTypes.Type(value = NotebookExecution.class, name = "notebook-execution"),
})
public sealed interface ClusterOperation
        permits ClusterOperation.Resize,
                ClusterOperation.StepConcurrency,
                ClusterOperation.ScalingLimits,
                ClusterOperation.AutoTermination,
                ClusterOperation.TerminationProtection,
                ClusterOperation.AwaitCluster,
                ClusterOperation.AwaitStep,
                ClusterOperation.CancelStep,
                ClusterOperation.EndCluster,
                NotebookExecution {

    /**
     * One method per operation: a new one does not compile until every place that distinguishes them handles it.
     */
    interface Cases<R> {
        R resize(Resize resize);

        R stepConcurrency(StepConcurrency change);

        R managedScaling(ScalingLimits change);

        R autoTermination(AutoTermination change);

        R terminationProtection(TerminationProtection change);

        R awaitCluster(AwaitCluster await);

        R awaitStep(AwaitStep await);

        R cancelStep(CancelStep cancel);

        R endCluster(EndCluster end);

        R notebookExecution(NotebookExecution notebook);
    }

    <R> R accept(Cases<R> cases);

    /** What it does, in a few words for a plan. */
    String summary();

    /** The texts in which a placeholder is filled in. */
    default ImmutableList<String> filled() {
        return ImmutableList.of();
    }

    /** With the texts replaced that may refer to the run. */
    default ClusterOperation withTexts(UnaryOperator<String> replace) {
        return this;
    }

    /** Adds every error that can be seen without the cluster. */
    void check(OperationCheck check);

    /** Adds every error that can be seen only with the cluster that the run starts. */
    default void checkOn(ClusterSpec cluster, OperationCheck check) {}

    /**
     * Sets how many instances groups or fleets have, and waits until EMR reports that they run.
     *
     * @param groups empty for a cluster with fleets
     * @param fleets empty for a cluster with groups
     */
    record Resize(ImmutableList<GroupSize> groups, ImmutableList<FleetSize> fleets) implements ClusterOperation {
        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.resize(this);
        }

        @Override
        public String summary() {
            return Stream.concat(
                            groups.stream().map(size -> size.named() + " to " + instances(size.count())),
                            fleets.stream().map(size -> size.role().word() + " fleet to " + size.described()))
                    .collect(Collectors.joining(", ", "resizes ", ", and waits until they run"));
        }

        private static String instances(int count) {
            return count == 1 ? "1 instance" : count + " instances";
        }

        @Override
        public ImmutableList<String> filled() {
            ImmutableList.Builder<String> names = ImmutableList.builder();
            groups.forEach(size -> {
                if (size.group() != null) {
                    names.add(size.group());
                }
            });
            return names.build();
        }

        @Override
        public Resize withTexts(UnaryOperator<String> replace) {
            return new Resize(
                    groups.stream()
                            .map(size -> size.group() == null
                                    ? size
                                    : new GroupSize(size.role(), replace.apply(size.group()), size.count()))
                            .collect(ImmutableList.toImmutableList()),
                    fleets);
        }

        @Override
        public void check(OperationCheck check) {
            new ResizeCheck(check).check(groups, fleets);
        }

        @Override
        public void checkOn(ClusterSpec cluster, OperationCheck check) {
            new ResizeCheck(check).checkOn(cluster, groups, fleets);
        }
    }

    /** Sets how many steps run at once. EMR: {@code StepConcurrencyLevel}, ModifyCluster. */
    record StepConcurrency(int level) implements ClusterOperation {
        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.stepConcurrency(this);
        }

        @Override
        public String summary() {
            return "lets " + (level == 1 ? "one step" : "up to " + level + " steps") + " run at once";
        }

        @Override
        public void check(OperationCheck check) {
            check.diagnostics()
                    .unless(
                            level >= 1 && level <= ClusterSpec.MAX_STEP_CONCURRENCY,
                            PipelineCode.OPERATION_STEP_CONCURRENCY,
                            check.location(),
                            check.name(),
                            level,
                            ClusterSpec.MAX_STEP_CONCURRENCY);
        }

        @Override
        public void checkOn(ClusterSpec cluster, OperationCheck check) {
            check.diagnostics()
                    .unless(
                            level <= 1 || cluster.isAtLeast(5, 28),
                            ClusterCode.STEP_CONCURRENCY_RELEASE,
                            check.location(),
                            cluster.name(),
                            level,
                            cluster.releaseLabel());
        }
    }

    /**
     * Puts or removes managed scaling. EMR: PutManagedScalingPolicy, RemoveManagedScalingPolicy.
     *
     * @param policy null to remove it
     */
    record ScalingLimits(@Nullable ManagedScaling policy) implements ClusterOperation {
        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.managedScaling(this);
        }

        @Override
        public String summary() {
            return policy == null
                    ? "removes managed scaling"
                    : "sets managed scaling to " + policy.minimum() + " to " + policy.maximum()
                            + (policy.unit() == null ? " instances or units" : " " + policy.unit());
        }

        @Override
        public void check(OperationCheck check) {
            if (policy != null) {
                policy.checkLimits(check.diagnostics());
            }
        }

        @Override
        public void checkOn(ClusterSpec cluster, OperationCheck check) {
            if (policy != null) {
                policy.checkOn(cluster.facts(), check.diagnostics());
                check.diagnostics()
                        .unless(
                                !cluster.facts().hasAutoScaling(),
                                ClusterCode.MEMBERS_EXCLUSIVE,
                                check.location(),
                                "the cluster \"" + cluster.name() + "\"",
                                "the operation \"" + check.name() + "\"",
                                "autoScaling { } in an instance group",
                                "EMR takes one of the two.");
            }
        }
    }

    /**
     * Puts or removes the policy that ends an idle cluster. EMR: PutAutoTerminationPolicy, RemoveAutoTerminationPolicy.
     *
     * @param idleTimeout null to remove it
     */
    record AutoTermination(@Nullable Duration idleTimeout) implements ClusterOperation {
        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.autoTermination(this);
        }

        @Override
        public String summary() {
            return idleTimeout == null
                    ? "removes the idle timeout"
                    : "sets the idle timeout to " + Durations.words(idleTimeout);
        }

        @Override
        public void check(OperationCheck check) {
            check.diagnostics()
                    .unless(
                            idleTimeout == null
                                    || (idleTimeout.compareTo(ClusterSpec.MIN_IDLE_TIMEOUT) >= 0
                                            && idleTimeout.compareTo(ClusterSpec.MAX_IDLE_TIMEOUT) <= 0),
                            PipelineCode.OPERATION_IDLE_TIMEOUT,
                            check.location(),
                            check.name(),
                            String.valueOf(idleTimeout));
        }

        /** Without it a cluster whose run has died would stay until somebody looks for it. */
        @Override
        public void checkOn(ClusterSpec cluster, OperationCheck check) {
            check.diagnostics()
                    .unless(
                            idleTimeout != null,
                            PipelineCode.OPERATION_WITHOUT_IDLE_TIMEOUT,
                            check.location(),
                            check.name(),
                            cluster.name());
            check.diagnostics()
                    .unless(
                            idleTimeout == null || cluster.supportsIdleTimeout(),
                            PipelineCode.OPERATION_IDLE_TIMEOUT_RELEASE,
                            check.location(),
                            check.name(),
                            cluster.name(),
                            cluster.releaseLabel());
        }
    }

    /** Sets whether EMR refuses to end the cluster. EMR: SetTerminationProtection. */
    record TerminationProtection(boolean on) implements ClusterOperation {
        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.terminationProtection(this);
        }

        @Override
        public String summary() {
            return on ? "protects the cluster from termination" : "ends the termination protection of the cluster";
        }

        @Override
        public void check(OperationCheck check) {}
    }

    /** Waits until the cluster has a state. It changes nothing. */
    record AwaitCluster(AwaitedState state) implements ClusterOperation {
        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.awaitCluster(this);
        }

        @Override
        public String summary() {
            return "waits until the cluster " + state.words();
        }

        @Override
        public void check(OperationCheck check) {}

        /** Its end waits for all its tasks: the two would wait for each other. */
        @Override
        public void checkOn(ClusterSpec cluster, OperationCheck check) {
            check.diagnostics()
                    .unless(
                            state != AwaitedState.ENDED,
                            PipelineCode.OPERATION_ON_END_OF_OWN,
                            check.location(),
                            check.name(),
                            "waits for the end of",
                            cluster.name());
        }
    }

    /**
     * Waits until a step has completed, whoever has submitted it. It changes nothing.
     *
     * @param step which one; of several of one name the newest
     */
    record AwaitStep(StepChoice step) implements ClusterOperation {
        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.awaitStep(this);
        }

        @Override
        public String summary() {
            return "waits until " + step.identity() + " has completed";
        }

        @Override
        public ImmutableList<String> filled() {
            return step.filled();
        }

        @Override
        public AwaitStep withTexts(UnaryOperator<String> replace) {
            return new AwaitStep(step.withTexts(replace));
        }

        @Override
        public void check(OperationCheck check) {
            step.check(check);
        }
    }

    /**
     * Cancels a step, whoever has submitted it, and waits until it has ended. EMR: CancelSteps.
     *
     * @param step which one; of several of one name the newest that has not ended
     * @param kill whether its processes are killed, not interrupted. EMR: {@code StepCancellationOption}
     */
    record CancelStep(StepChoice step, boolean kill) implements ClusterOperation {
        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.cancelStep(this);
        }

        @Override
        public String summary() {
            return (kill ? "kills " : "cancels ") + step.identity() + ", and waits until it has ended";
        }

        @Override
        public ImmutableList<String> filled() {
            return step.filled();
        }

        @Override
        public CancelStep withTexts(UnaryOperator<String> replace) {
            return new CancelStep(step.withTexts(replace), kill);
        }

        @Override
        public void check(OperationCheck check) {
            step.check(check);
        }
    }

    /** Ends a cluster that was there already, and waits until it has ended. EMR: TerminateJobFlows. */
    record EndCluster() implements ClusterOperation {
        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.endCluster(this);
        }

        @Override
        public String summary() {
            return "ends the cluster, and waits until it has ended";
        }

        @Override
        public void check(OperationCheck check) {}

        @Override
        public void checkOn(ClusterSpec cluster, OperationCheck check) {
            check.diagnostics()
                    .add(PipelineCode.OPERATION_ON_END_OF_OWN, check.location(), check.name(), "ends", cluster.name());
        }
    }
}
