package dev.emrys.emr;

import com.google.common.collect.ImmutableList;
import dev.emrys.drive.Effects.Reports;
import dev.emrys.emr.ApiBudget.Priority;
import dev.emrys.run.Event;
import dev.emrys.spec.AwsCode;
import dev.emrys.spec.ClusterOperation;
import dev.emrys.spec.Diagnostic;
import dev.emrys.spec.FailureKind;
import dev.emrys.spec.StepChoice;
import java.time.Instant;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.EmrClient;
import software.amazon.awssdk.services.emr.model.CancelStepsInfo;
import software.amazon.awssdk.services.emr.model.CancelStepsRequestStatus;
import software.amazon.awssdk.services.emr.model.CancelStepsResponse;
import software.amazon.awssdk.services.emr.model.DescribeStepResponse;
import software.amazon.awssdk.services.emr.model.ListStepsResponse;
import software.amazon.awssdk.services.emr.model.StepCancellationOption;
import software.amazon.awssdk.services.emr.model.StepState;
import software.amazon.awssdk.services.emr.model.StepSummary;

/**
 * The operations on steps that the run has not submitted: waits for one, and cancels one. A step that is waited for is
 * asked for together with the run's own ({@link StatusPoller}).
 */
final class StepOperations {
    private static final ImmutableList<StepState> ACTIVE =
            ImmutableList.of(StepState.PENDING, StepState.RUNNING, StepState.CANCEL_PENDING);

    private final RetryingCaller calls;
    private final StatusPoller poller;
    private final OperationPolling polling;

    StepOperations(RetryingCaller calls, StatusPoller poller, OperationPolling polling) {
        this.calls = calls;
        this.poller = poller;
        this.polling = polling;
    }

    /** Finds the step; it is not changed. */
    void begin(OperationAttempt operation, String key, ClusterOperation.AwaitStep await) {
        find(operation, key, await.step(), ImmutableList.of(), id -> {
            if (id == null) {
                operation.failed(FailureKind.STEP, notFound(operation, await.step()));
            } else {
                operation.accepted(id);
            }
        });
    }

    private static Diagnostic notFound(OperationAttempt operation, StepChoice step) {
        return AwsCode.STEP_NOT_FOUND.of(
                operation.clusterId,
                step.identity().substring("the ".length()),
                "EMR lists the newest 1,000 steps of a cluster, and none of them is it.");
    }

    /** Reports the end of the step as that of the operation. */
    void watch(OperationAttempt operation, String stepId, Instant intendedAt) {
        EmrCommand.StepWatch watch =
                new EmrCommand.StepWatch(operation.task, operation.attempt, operation.clusterId, stepId, intendedAt);
        if (!poller.watchOnce(watch, operation.run, new AwaitedStep(operation, stepId))) {
            operation.failed(FailureKind.REFUSED, AwsCode.STEP_AWAITED_TWICE.of(operation.clusterId, stepId));
        }
    }

    /** The end of a step that the run has not submitted is the end of the wait for it. */
    private record AwaitedStep(OperationAttempt operation, String stepId) implements Reports {
        @Override
        public void report(Event event) {
            if (event instanceof Event.AttemptSucceeded) {
                operation.succeeded();
            } else if (event instanceof Event.AttemptFailed failed) {
                operation.failed(failed);
            } else if (event instanceof Event.AttemptCancelled) {
                operation.failed(
                        FailureKind.STEP, "The step " + stepId + " of " + operation.clusterId + " was cancelled.");
            }
            // That the step runs tells nothing of the wait, which runs since it was accepted.
        }

        @Override
        public void fail(Throwable bug) {
            operation.run.fail(bug);
        }
    }

    /** Cancels the step; a step that has ended already needs no cancellation. */
    void begin(OperationAttempt operation, String key, ClusterOperation.CancelStep cancel) {
        find(operation, key, cancel.step(), ACTIVE, id -> {
            if (id == null) {
                // None of the name is active: there is nothing to wait for either.
                operation.accepted(operation.clusterId);
            } else {
                calls.begin(new Cancel(operation, key, id, cancel.kill()));
            }
        });
    }

    /** Reports when the step has ended, however. */
    void watchCancelled(OperationAttempt operation, String stepId) {
        if (stepId.equals(operation.clusterId)) {
            operation.succeeded();
        } else {
            polling.poll(operation, round -> calls.begin(new End(operation, stepId, round)));
        }
    }

    /**
     * @param states empty for all
     * @param found takes the id; null when no step of the name is in one of the states
     */
    private void find(
            OperationAttempt operation,
            String key,
            StepChoice step,
            ImmutableList<StepState> states,
            Consumer<@Nullable String> found) {
        if (step.id() == null) {
            calls.begin(new ByName(operation, key, Objects.requireNonNull(step.name()), states, found));
        } else {
            found.accept(step.id());
        }
    }

    /** Reads ListSteps, which has the newest first, to the first step of the name. */
    private final class ByName extends OperationCall<ListStepsResponse> {
        private final String key;
        private final String name;
        private final ImmutableList<StepState> states;
        private final Consumer<@Nullable String> found;
        private @Nullable String marker;

        ByName(
                OperationAttempt of,
                String key,
                String name,
                ImmutableList<StepState> states,
                Consumer<@Nullable String> found) {
            super(EmrOperation.LIST_STEPS, Priority.MUTATION, of);
            this.key = key;
            this.name = name;
            this.states = states;
            this.found = found;
        }

        @Override
        ListStepsResponse send(EmrClient client) {
            of.checkWanted(key);
            return client.listSteps(request ->
                    request.clusterId(of.clusterId).stepStates(states).marker(marker));
        }

        @Override
        void answered(ListStepsResponse answer) {
            for (StepSummary step : answer.steps()) {
                if (isNamed(String.valueOf(step.name()))) {
                    found.accept(step.id());
                    return;
                }
            }
            marker = answer.marker();
            if (marker != null) {
                calls.begin(this);
            } else {
                found.accept(null);
            }
        }

        /** A step of a run has the key of its attempt behind its name. */
        private boolean isNamed(String found) {
            return found.equals(name) || found.equals(RunTags.name(name, RunTags.key(found)));
        }
    }

    private final class Cancel extends OperationCall<CancelStepsResponse> {
        private final String key;
        private final String stepId;
        private final boolean kill;

        Cancel(OperationAttempt of, String key, String stepId, boolean kill) {
            super(EmrOperation.CANCEL_STEPS, Priority.MUTATION, of);
            this.key = key;
            this.stepId = stepId;
            this.kill = kill;
        }

        @Override
        CancelStepsResponse send(EmrClient client) {
            of.checkWanted(key);
            return client.cancelSteps(request -> request.clusterId(of.clusterId)
                    .stepIds(stepId)
                    .stepCancellationOption(
                            kill ? StepCancellationOption.TERMINATE_PROCESS : StepCancellationOption.SEND_INTERRUPT));
        }

        @Override
        void answered(CancelStepsResponse answer) {
            for (CancelStepsInfo info : answer.cancelStepsInfoList()) {
                if (info.status() == CancelStepsRequestStatus.FAILED) {
                    calls.begin(new Refusal(of, stepId, String.valueOf(info.reason())));
                    return;
                }
            }
            of.accepted(stepId);
        }

        /** EMR may refuse the cancellation of a step that has ended. */
        @Override
        void refused(CallFailure.Refused refused) {
            if (refused.missing() == CallFailure.Missing.NOTHING && !OperationAttempt.isLost(refused)) {
                calls.begin(new Refusal(of, stepId, calls.explained(refused)));
            } else {
                notThere(of, stepId, refused);
            }
        }
    }

    private void notThere(OperationAttempt of, String stepId, CallFailure.Refused refused) {
        if (refused.missing() == CallFailure.Missing.STEP) {
            of.failed(
                    FailureKind.STEP,
                    AwsCode.STEP_NOT_FOUND.of(of.clusterId, "step " + stepId, calls.explained(refused)));
        } else {
            of.refused(refused);
        }
    }

    /** Asks for a step's state. */
    private abstract class Description extends OperationCall<DescribeStepResponse> {
        final String stepId;

        Description(OperationAttempt of, Priority priority, String stepId) {
            super(EmrOperation.DESCRIBE_STEP, priority, of);
            this.stepId = stepId;
        }

        @Override
        DescribeStepResponse send(EmrClient client) {
            DescribeStepResponse answer = client.describeStep(
                    request -> request.clusterId(of.clusterId).stepId(stepId));
            if (answer.step() == null || answer.step().status() == null) {
                throw CallFailure.unreadable("DescribeStep gave no status of " + stepId);
            }
            return answer;
        }

        @Override
        void refused(CallFailure.Refused refused) {
            notThere(of, stepId, refused);
        }

        /** A state that this version does not know concludes nothing. */
        static boolean hasEnded(DescribeStepResponse answer) {
            StepState state = answer.step().status().state();
            return state == StepState.COMPLETED
                    || state == StepState.CANCELLED
                    || state == StepState.FAILED
                    || state == StepState.INTERRUPTED;
        }
    }

    /** EMR has refused to cancel: that is right for a step that has ended. */
    private final class Refusal extends Description {
        private final String reason;

        Refusal(OperationAttempt of, String stepId, String reason) {
            super(of, Priority.MUTATION, stepId);
            this.reason = reason;
        }

        @Override
        void answered(DescribeStepResponse answer) {
            if (hasEnded(answer)) {
                of.accepted(stepId);
            } else {
                of.failed(FailureKind.REFUSED, AwsCode.STEP_NOT_CANCELLED.of(of.clusterId, stepId, reason));
            }
        }
    }

    /** Waits for the end of a step that is being cancelled. */
    private final class End extends Description {
        private final OperationPolling.Round round;

        End(OperationAttempt of, String stepId, OperationPolling.Round round) {
            super(of, Priority.STATUS, stepId);
            this.round = round;
        }

        @Override
        void answered(DescribeStepResponse answer) {
            if (hasEnded(answer)) {
                of.succeeded();
            } else {
                round.again();
            }
        }
    }
}
