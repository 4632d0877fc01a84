package dev.emrys.emr;

import dev.emrys.emr.ApiBudget.Priority;
import dev.emrys.spec.AwaitedState;
import dev.emrys.spec.AwsCode;
import dev.emrys.spec.FailureKind;
import software.amazon.awssdk.core.SdkResponse;
import software.amazon.awssdk.services.emr.EmrClient;
import software.amazon.awssdk.services.emr.model.ClusterState;
import software.amazon.awssdk.services.emr.model.ClusterStatus;
import software.amazon.awssdk.services.emr.model.DescribeClusterResponse;

/** The operations that wait for a state of a cluster, or end one that was there already. */
final class ClusterStateOperations {
    private final RetryingCaller calls;
    private final StatusPoller poller;
    private final OperationPolling polling;

    ClusterStateOperations(RetryingCaller calls, StatusPoller poller, OperationPolling polling) {
        this.calls = calls;
        this.poller = poller;
        this.polling = polling;
    }

    /** Asks EMR to end the cluster. */
    void end(OperationAttempt operation, String key) {
        calls.begin(new End(operation, key));
    }

    /** Reports when the cluster has ended, with errors or without. */
    void watchEnd(OperationAttempt operation) {
        // What still runs there when it has ended is told of the loss then.
        operation.whenOver(poller.expectEnd(operation.clusterId, operation.run));
        poll(operation, (status, round) -> {
            if (StatusMapper.gone(status)) {
                operation.succeeded();
            } else {
                round.again();
            }
        });
    }

    /** Reports when the cluster has the state, or cannot have it any more. */
    void watch(OperationAttempt operation, AwaitedState state) {
        if (state == AwaitedState.ENDED) {
            operation.whenOver(poller.expectEnd(operation.clusterId, operation.run));
        }
        poll(operation, (status, round) -> {
            boolean isReached = state == AwaitedState.IDLE
                    ? status.state() == ClusterState.WAITING
                    : status.state() == ClusterState.TERMINATED;
            boolean isOver = state == AwaitedState.IDLE ? StatusMapper.ending(status) : StatusMapper.gone(status);
            if (isReached) {
                operation.succeeded();
            } else if (isOver) {
                operation.failed(
                        state == AwaitedState.IDLE ? FailureKind.CLUSTER_LOST : FailureKind.STEP,
                        AwsCode.STATE_UNREACHABLE.of(operation.clusterId, state.words(), StatusMapper.why(status)));
            } else {
                round.again();
            }
        });
    }

    /** What a cluster's state means for an operation. */
    private interface Judgement {
        void judge(ClusterStatus status, OperationPolling.Round round);
    }

    private void poll(OperationAttempt operation, Judgement judgement) {
        polling.poll(operation, round -> calls.begin(new Description(operation, judgement, round)));
    }

    private static final class End extends OperationCall<SdkResponse> {
        private final String key;

        End(OperationAttempt of, String key) {
            super(EmrOperation.TERMINATE_JOB_FLOWS, Priority.MUTATION, of);
            this.key = key;
        }

        @Override
        SdkResponse send(EmrClient client) {
            of.checkWanted(key);
            return client.terminateJobFlows(request -> request.jobFlowIds(of.clusterId));
        }

        @Override
        void answered(SdkResponse answer) {
            of.accepted();
        }
    }

    private static final class Description extends OperationCall<ClusterStatus> {
        private final Judgement judgement;
        private final OperationPolling.Round round;

        Description(OperationAttempt of, Judgement judgement, OperationPolling.Round round) {
            super(EmrOperation.DESCRIBE_CLUSTER, Priority.STATUS, of);
            this.judgement = judgement;
            this.round = round;
        }

        @Override
        ClusterStatus send(EmrClient client) {
            DescribeClusterResponse answer = client.describeCluster(request -> request.clusterId(of.clusterId));
            if (answer.cluster() == null || answer.cluster().status() == null) {
                throw CallFailure.unreadable("DescribeCluster gave no status of " + of.clusterId);
            }
            return answer.cluster().status();
        }

        @Override
        void answered(ClusterStatus status) {
            judgement.judge(status, round);
        }
    }
}
