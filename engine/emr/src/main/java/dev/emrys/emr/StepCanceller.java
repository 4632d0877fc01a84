package dev.emrys.emr;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import dev.emrys.emr.ApiBudget.Priority;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import software.amazon.awssdk.services.emr.EmrClient;
import software.amazon.awssdk.services.emr.model.CancelStepsRequestStatus;
import software.amazon.awssdk.services.emr.model.CancelStepsResponse;
import software.amazon.awssdk.services.emr.model.DescribeClusterResponse;
import software.amazon.awssdk.services.emr.model.DescribeStepResponse;
import software.amazon.awssdk.services.emr.model.StepCancellationOption;
import software.amazon.awssdk.services.emr.model.StepState;

/**
 * Cancels the steps of one run: first by an interrupt, then by a kill, and at last by ending their cluster, because EMR
 * before 5.28 cannot cancel a running step (Management Guide, "Cancel steps") and a cancellation or a timeout must come
 * to an end. A cluster that the run has not started is not ended: people are told of the step, and its end is waited
 * for.
 */
final class StepCanceller {
    /** EMR's limit for the ids of one CancelSteps. */
    private static final int PER_CALL = 256;

    /** How long a step may take to end after an interrupt before its processes are killed. */
    private static final Duration INTERRUPT_GRACE = Duration.ofSeconds(30);

    /** How long a step may be listed as active after the kill before its cluster is ended, if it is the run's. */
    private static final Duration KILL_GRACE = Duration.ofMinutes(1);

    /**
     * After so many failures of the kill in a row, a minute or more, its answer is not waited for any longer. It is
     * sent anew when EMR answers another call: the network may have been down, which is no reason to end the cluster.
     */
    private static final int LASTING_FAILURES = 5;

    private final RetryingCaller calls;
    private final EmrRun run;
    private final ImmutableList<EmrRun> runs;
    private final ClusterEnder ender;
    private final BiPredicate<String, String> active;

    /** @param active whether a step of a cluster is watched and has not ended as far as we know */
    StepCanceller(RetryingCaller calls, EmrRun run, ClusterEnder ender, BiPredicate<String, String> active) {
        this.calls = calls;
        this.run = run;
        this.runs = ImmutableList.of(run);
        this.ender = ender;
        this.active = active;
    }

    void cancel(ImmutableList<EmrCommand.StepCancellation> commands) {
        Map<String, List<String>> steps = new LinkedHashMap<>();
        commands.forEach(command -> steps.computeIfAbsent(command.clusterId(), id -> new ArrayList<>())
                .add(command.stepId()));
        steps.forEach((clusterId, ids) -> Lists.partition(ids, PER_CALL).forEach(part -> {
            ImmutableList<String> some = ImmutableList.copyOf(part);
            calls.begin(new Cancel(clusterId, some, StepCancellationOption.SEND_INTERRUPT));
            calls.later(runs, INTERRUPT_GRACE, () -> kill(clusterId, some));
        }));
    }

    private void kill(String clusterId, ImmutableList<String> ids) {
        ImmutableList<String> left = stillActive(clusterId, ids);
        if (!left.isEmpty()) {
            calls.begin(new Cancel(clusterId, left, StepCancellationOption.TERMINATE_PROCESS));
        }
    }

    private void check(String clusterId, ImmutableList<String> ids, boolean mayKillAgain) {
        stillActive(clusterId, ids).stream()
                .findFirst()
                .ifPresent(id -> calls.begin(new LastCheck(clusterId, ids, id, mayKillAgain)));
    }

    /** From when EMR has answered the kill: under a quota that may be long after it was wanted. */
    private void checkLater(String clusterId, ImmutableList<String> ids) {
        calls.later(runs, KILL_GRACE, () -> check(clusterId, ids, false));
    }

    private ImmutableList<String> stillActive(String clusterId, ImmutableList<String> ids) {
        return ids.stream().filter(id -> active.test(clusterId, id)).collect(ImmutableList.toImmutableList());
    }

    private final class Cancel extends ApiCall<CancelStepsResponse> {
        private final String clusterId;
        private final ImmutableList<String> ids;
        private final StepCancellationOption how;
        /** EMR has never answered the kill before this one. */
        private final boolean again;

        Cancel(String clusterId, ImmutableList<String> ids, StepCancellationOption how) {
            this(clusterId, ids, how, false);
        }

        Cancel(String clusterId, ImmutableList<String> ids, StepCancellationOption how, boolean again) {
            super(EmrOperation.CANCEL_STEPS, Priority.MUTATION);
            this.again = again;
            this.clusterId = clusterId;
            this.ids = ids;
            this.how = how;
        }

        @Override
        String what() {
            return "Cancelling " + (ids.size() == 1 ? ids.get(0) : ids.size() + " steps of " + clusterId);
        }

        @Override
        ImmutableList<EmrRun> runs() {
            return runs;
        }

        @Override
        CancelStepsResponse send(EmrClient client) {
            return client.cancelSteps(
                    request -> request.clusterId(clusterId).stepIds(ids).stepCancellationOption(how));
        }

        @Override
        void answered(CancelStepsResponse answer) {
            answer.cancelStepsInfoList().stream()
                    .filter(info -> info.status() == CancelStepsRequestStatus.FAILED)
                    .forEach(info -> warn(String.valueOf(info.stepId()), String.valueOf(info.reason())));
            killed();
        }

        /** EMR refuses all for one that has ended: halves find out which. */
        @Override
        void refused(CallFailure.Refused refused) {
            if (ids.size() > 1) {
                Lists.partition(ids, (ids.size() + 1) / 2)
                        .forEach(half -> calls.begin(new Cancel(clusterId, ImmutableList.copyOf(half), how, again)));
            } else {
                warn(ids.get(0), refused.text());
                killed();
            }
        }

        /** Without an answer for long, the cancellation comes to its end by that of the cluster. */
        @Override
        void uncertain(RetryingCaller caller) {
            boolean isKill = how == StepCancellationOption.TERMINATE_PROCESS;
            if (isKill && failures == LASTING_FAILURES && !again) {
                check(clusterId, ids, true);
                return;
            }
            if (failures == LASTING_FAILURES) {
                killed();
            }
            super.uncertain(caller);
        }

        private void killed() {
            if (how == StepCancellationOption.TERMINATE_PROCESS) {
                checkLater(clusterId, ids);
            }
        }

        /** Warns of a kill only, and only where the step is active: mostly it ended before it was cancelled. */
        private void warn(String stepId, String why) {
            if (how == StepCancellationOption.TERMINATE_PROCESS && active.test(clusterId, stepId)) {
                calls.warn(
                        runs,
                        "The step " + stepId + " of " + clusterId + " could not be cancelled: " + why
                                + " If it is still active in " + KILL_GRACE.toSeconds()
                                + " seconds, its cluster is ended, unless it was there before the run.");
            }
        }
    }

    /** What is known of the step may be old: EMR is asked once more before the cluster is ended. */
    private final class LastCheck extends ApiCall<DescribeStepResponse> {
        private final String clusterId;
        private final ImmutableList<String> ids;
        private final String id;
        private final boolean mayKillAgain;

        /** @param mayKillAgain whether the steps that are active are killed once more instead */
        LastCheck(String clusterId, ImmutableList<String> ids, String id, boolean mayKillAgain) {
            super(EmrOperation.DESCRIBE_STEP, Priority.MUTATION);
            this.mayKillAgain = mayKillAgain;
            this.clusterId = clusterId;
            this.ids = ids;
            this.id = id;
        }

        @Override
        String what() {
            return "Asking whether " + id + " of " + clusterId + " has ended";
        }

        @Override
        ImmutableList<EmrRun> runs() {
            return runs;
        }

        @Override
        DescribeStepResponse send(EmrClient client) {
            return client.describeStep(request -> request.clusterId(clusterId).stepId(id));
        }

        @Override
        void answered(DescribeStepResponse answer) {
            StepState state = answer.step() == null || answer.step().status() == null
                    ? null
                    : answer.step().status().state();
            if (state == StepState.RUNNING || state == StepState.CANCEL_PENDING || state == StepState.PENDING) {
                if (mayKillAgain) {
                    killAgain();
                } else {
                    endCluster();
                }
            } else {
                next();
            }
        }

        @Override
        void refused(CallFailure.Refused refused) {
            if (refused.missing() == CallFailure.Missing.NOTHING) {
                calls.warnIfLasting(this, refused);
                calls.repeatLater(this);
            } else {
                next();
            }
        }

        private void next() {
            ImmutableList<String> left = ids.subList(ids.indexOf(id) + 1, ids.size());
            check(clusterId, left, mayKillAgain);
        }

        private void killAgain() {
            ImmutableList<String> left = stillActive(clusterId, ids);
            if (!left.isEmpty()) {
                calls.begin(new Cancel(clusterId, left, StepCancellationOption.TERMINATE_PROCESS, true));
            }
        }

        private void endCluster() {
            calls.begin(new OwnershipCheck(clusterId, id));
        }
    }

    /** Whether the cluster is the run's own, which its name says: only such a one is ended. */
    private final class OwnershipCheck extends ApiCall<DescribeClusterResponse> {
        private final String clusterId;
        private final String id;

        OwnershipCheck(String clusterId, String id) {
            super(EmrOperation.DESCRIBE_CLUSTER, Priority.MUTATION);
            this.clusterId = clusterId;
            this.id = id;
        }

        @Override
        String what() {
            return "Asking whose the cluster " + clusterId + " is";
        }

        @Override
        ImmutableList<EmrRun> runs() {
            return runs;
        }

        @Override
        DescribeClusterResponse send(EmrClient client) {
            return client.describeCluster(request -> request.clusterId(clusterId));
        }

        @Override
        void answered(DescribeClusterResponse answer) {
            if (answer.cluster() != null
                    && run.made(String.valueOf(answer.cluster().name()))) {
                end();
            } else {
                calls.warn(
                        runs,
                        "The step " + id + " of " + clusterId + " is still active although it was cancelled and killed."
                                + " This run has not started the cluster, so it does not end it: the end of the step is"
                                + " waited for. End what it runs on the cluster (yarn application -kill).");
            }
        }

        /** Without an answer it is not known whose it is. */
        @Override
        void refused(CallFailure.Refused refused) {
            calls.warnIfLasting(this, refused);
            if (refused.missing() == CallFailure.Missing.NOTHING) {
                calls.repeatLater(this);
            }
        }

        private void end() {
            calls.warn(
                    runs,
                    "The cluster " + clusterId + " is being ended: its step " + id
                            + " is still active although it was cancelled and killed.");
            ender.end(
                    run,
                    clusterId,
                    () -> {},
                    refused -> calls.warn(
                            runs,
                            "The cluster " + clusterId
                                    + " could not be ended (aws emr terminate-clusters --cluster-ids " + clusterId
                                    + "): " + refused));
        }
    }
}
