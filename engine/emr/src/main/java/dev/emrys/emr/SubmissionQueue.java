package dev.emrys.emr;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import dev.emrys.emr.ApiBudget.Priority;
import dev.emrys.run.Event;
import dev.emrys.spec.FailureKind;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.EmrClient;
import software.amazon.awssdk.services.emr.model.StepConfig;

/**
 * The steps of one cluster that EMR has not answered for. One AddJobFlowSteps is under way at a time; what becomes
 * ready meanwhile goes out with the next. What may have been executed is looked up before it is sent again.
 * Thread-safe.
 */
final class SubmissionQueue {
    /**
     * EMR takes no more than 256 steps that are pending or running on one cluster: smaller calls fit into what is free.
     */
    private static final int PER_CALL = 100;

    private static final String ACTIVE_STEP_LIMIT = "Maximum number of active steps";
    private static final String CLUSTER_ENDED = "shutting down, terminated, or finished";

    private final RetryingCaller calls;
    private final EmrRun run;
    private final String clusterId;
    private final ImmutableList<EmrRun> runs;
    private final StepLookup lookup;

    /** In the order in which they became ready. */
    private final Deque<PendingStep> ready = new ArrayDeque<>();

    /** Parts of batches that EMR refused for one of their steps; each is sent by itself. */
    private final Deque<List<PendingStep>> parts = new ArrayDeque<>();

    private boolean sending;
    private boolean lingering;

    /** How many steps the next call may have. */
    private int allowed = PER_CALL;

    /** Of the calls in a row that EMR gave no clear answer to. */
    private int failures;

    SubmissionQueue(RetryingCaller calls, EmrRun run, String clusterId) {
        this.calls = calls;
        this.run = run;
        this.clusterId = clusterId;
        this.runs = ImmutableList.of(run);
        this.lookup = new StepLookup(calls, run, clusterId, new LookupAnswers());
    }

    /** Takes steps that EMR certainly does not have. */
    void add(List<PendingStep> steps) {
        boolean linger;
        synchronized (this) {
            ready.addAll(steps);
            linger = ready.size() < PER_CALL && !isWithoutLinger();
            if (sending || (linger && lingering)) {
                return;
            }
            if (linger) {
                lingering = true;
            }
        }
        if (linger) {
            calls.later(runs, calls.endpoint().submissionLinger(), () -> {
                synchronized (this) {
                    lingering = false;
                }
                sendNext();
            });
        } else {
            sendNext();
        }
    }

    private boolean isWithoutLinger() {
        return calls.endpoint().submissionLinger().isZero();
    }

    /** Takes steps that EMR may have. */
    void lookUp(List<PendingStep> steps) {
        lookup.add(steps);
    }

    /**
     * Takes steps that EMR has only if a process submitted them that the journal does not know, before the run was
     * taken over.
     */
    void lookUpOld(List<PendingStep> steps) {
        lookup.addOld(steps);
    }

    private void sendNext() {
        Batch batch;
        synchronized (this) {
            if (sending || (parts.isEmpty() && ready.isEmpty())) {
                return;
            }
            sending = true;
            List<PendingStep> part = parts.poll();
            batch = new Batch(part == null ? new ArrayList<>() : part, part == null);
            batch.failures = failures;
        }
        calls.begin(batch);
    }

    private void sent() {
        synchronized (this) {
            sending = false;
        }
        sendNext();
    }

    /** One AddJobFlowSteps. After a throttle the same steps are sent again, with those that have become ready. */
    private final class Batch extends ApiCall<List<String>> {
        private final List<PendingStep> steps;
        private final boolean growing;
        private Instant sentAt = Instant.EPOCH;

        Batch(List<PendingStep> steps, boolean growing) {
            super(EmrOperation.ADD_JOB_FLOW_STEPS, Priority.MUTATION);
            this.steps = new ArrayList<>(steps);
            this.growing = growing;
        }

        @Override
        String what() {
            return "Submitting " + steps.size() + " steps to " + clusterId;
        }

        @Override
        ImmutableList<EmrRun> runs() {
            return runs;
        }

        @Override
        List<String> send(EmrClient client) {
            List<StepConfig> configs = configs();
            if (steps.isEmpty()) {
                sent();
                throw new NothingToSendException();
            }
            sentAt = calls.now();
            List<String> ids = client.addJobFlowSteps(request -> request.jobFlowId(clusterId)
                            .executionRoleArn(role(steps.get(0)))
                            .steps(configs))
                    .stepIds();
            if (ids.size() != steps.size()) {
                throw CallFailure.unreadable(
                        "AddJobFlowSteps gave " + ids.size() + " ids for " + steps.size() + " steps");
            }
            return ids;
        }

        /** The requests of the batch, without the steps that cannot be sent. */
        private List<StepConfig> configs() {
            synchronized (SubmissionQueue.this) {
                while (growing && steps.size() < allowed && isNextAlike()) {
                    steps.add(ready.remove());
                }
            }
            List<StepConfig> configs = new ArrayList<>();
            for (PendingStep step : ImmutableList.copyOf(steps)) {
                if (run.isWithdrawn(step.key())) {
                    steps.remove(step);
                    fail(step, FailureKind.REFUSED, RequestFactory.WITHDRAWN);
                    continue;
                }
                try {
                    configs.add(run.requests().step(step.command()));
                } catch (SecretValues.MissingSecretException e) {
                    steps.remove(step);
                    fail(step, FailureKind.REFUSED, String.valueOf(e.getMessage()));
                }
            }
            return configs;
        }

        /** A request has one role for all of its steps. */
        private boolean isNextAlike() {
            PendingStep next = ready.peek();
            return next != null && (steps.isEmpty() || Objects.equals(role(steps.get(0)), role(next)));
        }

        @Override
        void answered(List<String> ids) {
            synchronized (SubmissionQueue.this) {
                SubmissionQueue.this.failures = 0;
                allowed = PER_CALL;
            }
            for (int i = 0; i < steps.size(); i++) {
                accept(steps.get(i), ids.get(i), sentAt);
            }
            sent();
        }

        @Override
        void uncertain(RetryingCaller ignored) {
            synchronized (SubmissionQueue.this) {
                SubmissionQueue.this.failures = failures;
            }
            lookup.add(steps);
            sent();
        }

        @Override
        void refused(CallFailure.Refused refused) {
            if (refused.text().contains(ACTIVE_STEP_LIMIT)) {
                waitForCapacity();
                return;
            }
            if (refused.text().contains(CLUSTER_ENDED)) {
                failAll(FailureKind.CLUSTER_LOST, refused.text());
            } else if (refused.missing() == CallFailure.Missing.CLUSTER || steps.size() == 1) {
                steps.forEach(step -> fail(step, FailureKind.REFUSED, calls.explained(refused)));
            } else {
                // EMR refuses all for one: halves find out which.
                synchronized (SubmissionQueue.this) {
                    Lists.reverse(Lists.partition(steps, (steps.size() + 1) / 2))
                            .forEach(half -> parts.addFirst(ImmutableList.copyOf(half)));
                }
            }
            sent();
        }

        /** The cluster is at its active-step limit: fewer steps are tried after a while, in the same order. */
        private void waitForCapacity() {
            synchronized (SubmissionQueue.this) {
                allowed = Math.max(1, steps.size() / 2);
                Lists.reverse(steps).forEach(ready::addFirst);
            }
            calls.later(runs, calls.endpoint().retryPause().multipliedBy(2), SubmissionQueue.this::sent);
        }

        private void failAll(FailureKind kind, String reason) {
            List<PendingStep> all = new ArrayList<>(steps);
            synchronized (SubmissionQueue.this) {
                parts.forEach(all::addAll);
                parts.clear();
                all.addAll(ready);
                ready.clear();
            }
            all.forEach(step -> fail(step, kind, reason));
        }
    }

    /** What follows from a lookup. */
    private final class LookupAnswers implements StepLookup.Answers {
        @Override
        public void found(PendingStep step, String id) {
            accept(step, id, step.command().intendedAt());
        }

        @Override
        public void absent(List<PendingStep> steps) {
            add(steps);
        }

        @Override
        public void refused(PendingStep step, String reason) {
            fail(step, FailureKind.REFUSED, reason);
        }
    }

    private static @Nullable String role(PendingStep step) {
        return step.command().step().runtimeRole();
    }

    private void accept(PendingStep step, String id, Instant notRunningBefore) {
        run.accepted(id, notRunningBefore);
        EmrCommand.StepSubmission command = step.command();
        step.reports().report(new Event.AttemptAccepted(calls.now(), command.task(), command.attempt(), id));
    }

    private void fail(PendingStep step, FailureKind kind, String reason) {
        EmrCommand.StepSubmission command = step.command();
        step.reports().report(CauseFinder.failed(calls.now(), command.task(), command.attempt(), kind, reason, null));
    }
}
