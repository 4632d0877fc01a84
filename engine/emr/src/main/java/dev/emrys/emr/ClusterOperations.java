package dev.emrys.emr;

import dev.emrys.drive.Effects.Reports;
import dev.emrys.emr.ApiBudget.Priority;
import dev.emrys.spec.ClusterOperation;
import dev.emrys.spec.ManagedScaling;
import dev.emrys.spec.NotebookExecution;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import software.amazon.awssdk.core.SdkResponse;
import software.amazon.awssdk.services.emr.EmrClient;
import software.amazon.awssdk.services.emr.model.DescribeClusterResponse;
import software.amazon.awssdk.services.emr.model.InstanceCollectionType;

/**
 * Carries out the operations on clusters. Each but the execution of a notebook does no harm when it is sent twice, so a
 * request whose answer was lost is sent again, and so is one of a process that crashed. What EMR does at once has succeeded with its answer; the others
 * are asked for until they are done. Thread-safe.
 */
final class ClusterOperations {
    private final RetryingCaller calls;
    private final StatusPoller poller;
    private final ResizeOperations resizes;
    private final StepOperations steps;
    private final ClusterStateOperations states;
    private final NotebookOperations notebooks;

    /** The newest attempt of each operation that is asked for; guarded by itself. */
    private final Map<Key, OperationAttempt> watched = new LinkedHashMap<>();

    /** Runs are compared by identity. */
    private record Key(EmrRun run, String task) {}

    ClusterOperations(RetryingCaller calls, StatusPoller poller) {
        this.calls = calls;
        this.poller = poller;
        OperationPolling polling = new OperationPolling(calls);
        this.resizes = new ResizeOperations(calls, polling);
        this.steps = new StepOperations(calls, poller, polling);
        this.states = new ClusterStateOperations(calls, poller, polling);
        this.notebooks = new NotebookOperations(calls, polling);
    }

    /** Asks EMR for it. */
    void begin(EmrCommand.OperationSubmission command, EmrRun run, Reports reports) {
        OperationAttempt operation =
                new OperationAttempt(calls, run, command.task(), command.attempt(), command.clusterId(), reports);
        command.operation().accept(new Submission(operation, command)).run();
    }

    /** Reports when it is done. A second command for the same attempt does nothing. */
    void watch(EmrCommand.OperationWatch command, EmrRun run, Reports reports) {
        OperationAttempt operation =
                new OperationAttempt(calls, run, command.task(), command.attempt(), command.clusterId(), reports);
        Key key = new Key(run, command.task());
        synchronized (watched) {
            OperationAttempt before = watched.get(key);
            if (before != null && before.attempt >= command.attempt()) {
                return;
            }
            watched.put(key, operation);
        }
        operation.running();
        command.operation().accept(new Watch(operation, command)).run();
    }

    /** Reports nothing more of it but its end by the cancellation: also when it is watched later. */
    void cancel(EmrCommand.OperationCancellation command, EmrRun run, Reports reports) {
        OperationAttempt operation =
                new OperationAttempt(calls, run, command.task(), command.attempt(), command.clusterId(), reports);
        synchronized (watched) {
            OperationAttempt before = watched.put(new Key(run, command.task()), operation);
            if (before != null) {
                before.end();
            }
        }
        if (command.operation() instanceof ClusterOperation.AwaitStep) {
            // Otherwise another attempt would not be told of the step.
            boolean unused = poller.reportHeld(command.clusterId(), command.remoteId(), run);
            poller.forget(command.clusterId(), command.remoteId(), run);
        }
        if (command.operation() instanceof NotebookExecution) {
            notebooks.stop(operation, command.remoteId());
        } else {
            operation.cancelled();
        }
    }

    void forget(EmrRun run) {
        synchronized (watched) {
            watched.keySet().removeIf(key -> key.run() == run);
        }
    }

    /** What reports the end of each operation. */
    private final class Watch implements ClusterOperation.Cases<Runnable> {
        private final OperationAttempt operation;
        private final EmrCommand.OperationWatch command;

        Watch(OperationAttempt operation, EmrCommand.OperationWatch command) {
            this.operation = operation;
            this.command = command;
        }

        @Override
        public Runnable resize(ClusterOperation.Resize resize) {
            return () -> resizes.watch(operation, resize);
        }

        @Override
        public Runnable stepConcurrency(ClusterOperation.StepConcurrency change) {
            return operation::succeeded;
        }

        @Override
        public Runnable managedScaling(ClusterOperation.ScalingLimits change) {
            return operation::succeeded;
        }

        @Override
        public Runnable autoTermination(ClusterOperation.AutoTermination change) {
            return operation::succeeded;
        }

        @Override
        public Runnable terminationProtection(ClusterOperation.TerminationProtection change) {
            return operation::succeeded;
        }

        @Override
        public Runnable awaitCluster(ClusterOperation.AwaitCluster await) {
            return () -> states.watch(operation, await.state());
        }

        @Override
        public Runnable awaitStep(ClusterOperation.AwaitStep await) {
            return () -> steps.watch(operation, command.remoteId(), command.intendedAt());
        }

        @Override
        public Runnable cancelStep(ClusterOperation.CancelStep cancel) {
            return () -> steps.watchCancelled(operation, command.remoteId());
        }

        @Override
        public Runnable endCluster(ClusterOperation.EndCluster end) {
            return () -> states.watchEnd(operation);
        }

        @Override
        public Runnable notebookExecution(NotebookExecution notebook) {
            return () -> notebooks.watch(operation, command.remoteId());
        }
    }

    /** What asks EMR for each operation. */
    private final class Submission implements ClusterOperation.Cases<Runnable> {
        private final OperationAttempt operation;
        private final EmrCommand.OperationSubmission command;
        private final String key;

        Submission(OperationAttempt operation, EmrCommand.OperationSubmission command) {
            this.operation = operation;
            this.command = command;
            this.key = command.key();
        }

        @Override
        public Runnable resize(ClusterOperation.Resize resize) {
            return () -> resizes.begin(operation, key, resize);
        }

        @Override
        public Runnable stepConcurrency(ClusterOperation.StepConcurrency change) {
            return change(
                    EmrOperation.MODIFY_CLUSTER,
                    client -> client.modifyCluster(
                            request -> request.clusterId(operation.clusterId).stepConcurrencyLevel(change.level())));
        }

        @Override
        public Runnable managedScaling(ClusterOperation.ScalingLimits change) {
            ManagedScaling policy = change.policy();
            if (policy == null) {
                return change(
                        EmrOperation.REMOVE_MANAGED_SCALING_POLICY,
                        client -> client.removeManagedScalingPolicy(request -> request.clusterId(operation.clusterId)));
            }
            // In what the limits count depends on the cluster, unless the author says it.
            return policy.unit() == null
                    ? () -> calls.begin(new ScalingUnit(operation, key, policy, this))
                    : managedScaling(policy, false);
        }

        Runnable managedScaling(ManagedScaling policy, boolean hasFleets) {
            return change(
                    EmrOperation.PUT_MANAGED_SCALING_POLICY,
                    client -> client.putManagedScalingPolicy(request -> request.clusterId(operation.clusterId)
                            .managedScalingPolicy(OptionRequests.managedScaling(policy, hasFleets))));
        }

        @Override
        public Runnable autoTermination(ClusterOperation.AutoTermination change) {
            Duration idleTimeout = change.idleTimeout();
            return idleTimeout == null
                    ? change(
                            EmrOperation.REMOVE_AUTO_TERMINATION_POLICY,
                            client -> client.removeAutoTerminationPolicy(
                                    request -> request.clusterId(operation.clusterId)))
                    : change(
                            EmrOperation.PUT_AUTO_TERMINATION_POLICY,
                            client -> client.putAutoTerminationPolicy(request -> request.clusterId(operation.clusterId)
                                    .autoTerminationPolicy(policy -> policy.idleTimeout(idleTimeout.toSeconds()))));
        }

        @Override
        public Runnable terminationProtection(ClusterOperation.TerminationProtection change) {
            return change(
                    EmrOperation.SET_TERMINATION_PROTECTION,
                    client -> client.setTerminationProtection(
                            request -> request.jobFlowIds(operation.clusterId).terminationProtected(change.on())));
        }

        /** There is nothing to ask for. */
        @Override
        public Runnable awaitCluster(ClusterOperation.AwaitCluster await) {
            return operation::accepted;
        }

        @Override
        public Runnable awaitStep(ClusterOperation.AwaitStep await) {
            return () -> steps.begin(operation, key, await);
        }

        @Override
        public Runnable cancelStep(ClusterOperation.CancelStep cancel) {
            return () -> steps.begin(operation, key, cancel);
        }

        @Override
        public Runnable endCluster(ClusterOperation.EndCluster end) {
            return () -> states.end(operation, key);
        }

        @Override
        public Runnable notebookExecution(NotebookExecution notebook) {
            return () -> notebooks.begin(operation, command, notebook);
        }

        private Runnable change(EmrOperation what, Function<EmrClient, SdkResponse> send) {
            return () -> calls.begin(new Change(what, operation, key, send));
        }
    }

    /** A change that is done when EMR has answered. */
    private static final class Change extends OperationCall<SdkResponse> {
        private final String key;
        private final Function<EmrClient, SdkResponse> send;

        Change(EmrOperation operation, OperationAttempt of, String key, Function<EmrClient, SdkResponse> send) {
            super(operation, Priority.MUTATION, of);
            this.key = key;
            this.send = send;
        }

        @Override
        SdkResponse send(EmrClient client) {
            of.checkWanted(key);
            return send.apply(client);
        }

        @Override
        void answered(SdkResponse answer) {
            of.accepted();
        }
    }

    /** Finds out in what the limits of managed scaling count. */
    private static final class ScalingUnit extends OperationCall<DescribeClusterResponse> {
        private final String key;
        private final ManagedScaling policy;
        private final Submission submission;

        ScalingUnit(OperationAttempt of, String key, ManagedScaling policy, Submission submission) {
            super(EmrOperation.DESCRIBE_CLUSTER, Priority.MUTATION, of);
            this.key = key;
            this.policy = policy;
            this.submission = submission;
        }

        @Override
        DescribeClusterResponse send(EmrClient client) {
            of.checkWanted(key);
            DescribeClusterResponse answer = client.describeCluster(request -> request.clusterId(of.clusterId));
            if (answer.cluster() == null || answer.cluster().instanceCollectionType() == null) {
                throw CallFailure.unreadable("DescribeCluster gave no InstanceCollectionType of " + of.clusterId);
            }
            return answer;
        }

        @Override
        void answered(DescribeClusterResponse answer) {
            boolean hasFleets = answer.cluster().instanceCollectionType() == InstanceCollectionType.INSTANCE_FLEET;
            submission.managedScaling(policy, hasFleets).run();
        }
    }
}
