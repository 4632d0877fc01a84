package dev.emrys.emr;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import dev.emrys.drive.Effects.Reports;
import dev.emrys.emr.ApiBudget.Priority;
import dev.emrys.emr.KeyLookup.Found;
import dev.emrys.run.Event;
import dev.emrys.spec.FailureKind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkResponse;
import software.amazon.awssdk.services.emr.EmrClient;
import software.amazon.awssdk.services.emr.model.ListStepsResponse;
import software.amazon.awssdk.services.emr.model.StepCancellationOption;
import software.amazon.awssdk.services.emr.model.StepConfig;
import software.amazon.awssdk.services.emr.model.StepSummary;

/**
 * The steps of one cluster that EMR has not answered for. One AddJobFlowSteps is under way at a time; what becomes ready meanwhile goes out
 * with the next. What may have been executed is looked up before it is sent again. Thread-safe.
 */
final class SubmissionQueue {
    /** EMR takes no more than 256 steps that are pending or running on one cluster: smaller calls fit into what is free. */
    private static final int PER_CALL = 100;

    /**
     * How far EMR's clock may differ from ours: a lookup reads no further pages once a page reaches steps that are older than the intent by
     * more than that. The first page of 50 is searched whatever its dates are.
     */
    private static final Duration CLOCK_SKEW = Duration.ofMinutes(15);

    private static final String ACTIVE_STEP_LIMIT = "Maximum number of active steps";
    private static final String CLUSTER_ENDED = "shutting down, terminated, or finished";

    private final RetryingCaller calls;
    private final EmrRun run;
    private final String clusterId;
    private final ImmutableList<EmrRun> runs;
    private final KeyLookup<Pending> lookup;

    /** In the order in which they became ready. */
    private final Deque<Pending> ready = new ArrayDeque<>();

    /** Parts of batches that EMR refused for one of their steps; each is sent by itself. */
    private final Deque<List<Pending>> parts = new ArrayDeque<>();

    private boolean sending;
    private boolean lingering;

    /** How many steps the next call may have. */
    private int allowed = PER_CALL;

    /** Of the calls in a row that EMR gave no clear answer to. */
    private int failures;

    /** A step, and who waits for the answer. */
    record Pending(EmrCommand.StepSubmission command, Reports reports) {
        String key() {
            return command.key();
        }
    }

    SubmissionQueue(RetryingCaller calls, EmrRun run, String clusterId) {
        this.calls = calls;
        this.run = run;
        this.clusterId = clusterId;
        this.runs = ImmutableList.of(run);
        this.lookup = new KeyLookup<>(
                calls, EmrOperation.LIST_STEPS, "Looking up steps of " + clusterId, new Lookups(), this::page);
    }

    /** Takes steps that EMR certainly does not have. */
    void add(List<Pending> steps) {
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
    void lookUp(List<Pending> steps) {
        lookup.add(steps);
    }

    private void sendNext() {
        Batch batch;
        synchronized (this) {
            if (sending || (parts.isEmpty() && ready.isEmpty())) {
                return;
            }
            sending = true;
            List<Pending> part = parts.poll();
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
        private final List<Pending> steps;
        private final boolean growing;
        private Instant sentAt = Instant.EPOCH;

        Batch(List<Pending> steps, boolean growing) {
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
            List<String> ids = client.addJobFlowSteps(
                            request -> request.jobFlowId(clusterId).steps(configs))
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
                while (growing && steps.size() < allowed && !ready.isEmpty()) {
                    steps.add(ready.remove());
                }
            }
            List<StepConfig> configs = new ArrayList<>();
            for (Pending step : ImmutableList.copyOf(steps)) {
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
                steps.forEach(step -> fail(step, FailureKind.REFUSED, refused.text()));
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
            List<Pending> all = new ArrayList<>(steps);
            synchronized (SubmissionQueue.this) {
                parts.forEach(all::addAll);
                parts.clear();
                all.addAll(ready);
                ready.clear();
            }
            all.forEach(step -> fail(step, kind, reason));
        }
    }

    private final class Lookups implements KeyLookup.Requests<Pending> {
        @Override
        public String key(Pending step) {
            return step.key();
        }

        @Override
        public EmrRun run(Pending step) {
            return run;
        }

        /** EMR's listing is newest first, so the last one is the oldest. */
        @Override
        public void found(Pending step, List<Found> found) {
            Found used = found.get(found.size() - 1);
            found.subList(0, found.size() - 1).forEach(younger -> cancelSurplus(younger, used));
            accept(step, used.id(), step.command().intendedAt());
        }

        @Override
        public void absent(List<Pending> steps) {
            add(steps);
        }

        @Override
        public boolean refused(CallFailure.Refused refused, List<Pending> steps) {
            if (refused.missing() != CallFailure.Missing.CLUSTER) {
                return false;
            }
            steps.forEach(step -> fail(step, FailureKind.REFUSED, refused.text()));
            return true;
        }
    }

    private KeyLookup.Page page(EmrClient client, List<Pending> wanted, @Nullable String marker) {
        Instant since = wanted.stream()
                .map(step -> step.command().intendedAt())
                .min(Comparator.naturalOrder())
                .orElseThrow()
                .minus(CLOCK_SKEW);
        ListStepsResponse response =
                client.listSteps(request -> request.clusterId(clusterId).marker(marker));
        ImmutableList<Found> found = response.steps().stream()
                .map(step -> new Found(RunTags.key(String.valueOf(step.name())), step.id(), step.name(), created(step)))
                .collect(ImmutableList.toImmutableList());
        Instant oldest = found.isEmpty() ? null : found.get(found.size() - 1).created();
        boolean enough = oldest != null && oldest.isBefore(since);
        return new KeyLookup.Page(found, enough ? null : response.marker());
    }

    private static @Nullable Instant created(StepSummary step) {
        return step.status() == null || step.status().timeline() == null
                ? null
                : step.status().timeline().creationDateTime();
    }

    private void cancelSurplus(Found younger, Found older) {
        calls.warn(
                runs,
                "EMR has the step \"" + older.name() + "\" more than once: " + younger.id() + " is being cancelled, "
                        + older.id() + " is used.");
        calls.begin(new SurplusCancellation(younger.id()));
    }

    /** One that has ended need not be cancelled, and one that cannot be must not keep the run from the one that is used. */
    private final class SurplusCancellation extends ApiCall<SdkResponse> {
        private final String stepId;

        SurplusCancellation(String stepId) {
            super(EmrOperation.CANCEL_STEPS, Priority.MUTATION);
            this.stepId = stepId;
        }

        @Override
        String what() {
            return "Cancelling the surplus step " + stepId + " of " + clusterId;
        }

        @Override
        ImmutableList<EmrRun> runs() {
            return runs;
        }

        @Override
        SdkResponse send(EmrClient client) {
            return client.cancelSteps(request -> request.clusterId(clusterId)
                    .stepIds(stepId)
                    .stepCancellationOption(StepCancellationOption.TERMINATE_PROCESS));
        }

        @Override
        void answered(SdkResponse answer) {}

        @Override
        void refused(CallFailure.Refused refused) {
            calls.warn(
                    runs,
                    "The surplus step " + stepId + " of " + clusterId + " could not be cancelled: " + refused.text());
        }
    }

    private void accept(Pending step, String id, Instant notRunningBefore) {
        run.accepted(id, notRunningBefore);
        EmrCommand.StepSubmission command = step.command();
        step.reports().report(new Event.AttemptAccepted(calls.now(), command.task(), command.attempt(), id));
    }

    private void fail(Pending step, FailureKind kind, String reason) {
        EmrCommand.StepSubmission command = step.command();
        step.reports()
                .report(new Event.AttemptFailed(calls.now(), command.task(), command.attempt(), kind, reason, null));
    }
}
