package dev.emrys.emr;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import dev.emrys.drive.Effects.Reports;
import dev.emrys.run.Event;
import dev.emrys.spec.FailureKind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.emr.EmrClient;
import software.amazon.awssdk.services.emr.model.CancelStepsRequest;
import software.amazon.awssdk.services.emr.model.CancelStepsRequestStatus;
import software.amazon.awssdk.services.emr.model.StepCancellationOption;
import software.amazon.awssdk.services.emr.model.StepConfig;
import software.amazon.awssdk.services.emr.model.StepSummary;
import software.amazon.awssdk.services.emr.model.StepTimeline;

/**
 * Submits and cancels steps. Those that are ready together go out together. As with clusters, whatever may have been sent is
 * searched for, twice, before it is sent again.
 */
final class StepSubmitter {
    /** EMR takes no more than 256 steps that are pending or running on one cluster: smaller calls fit into what is free. */
    private static final int PER_CALL = 100;

    /** EMR's limit for the ids of one CancelSteps. */
    private static final int PER_CANCELLATION = 256;

    private static final int LOOKUPS = 2;

    /** How long a step may take to obey an interrupt before its processes are killed. */
    private static final Duration INTERRUPT_GRACE = Duration.ofSeconds(30);

    private static final String ACTIVE_STEP_LIMIT = "Maximum number of active steps";
    private static final String CLUSTER_ENDED = "shutting down, terminated, or finished";

    private final RetryingCaller calls;
    private final RequestFactory requests;
    private final Predicate<String> withdrawn;
    private final BiPredicate<String, String> open;

    /** For each cluster at whose wall steps wait: who was there first asks for room, the others wait behind. */
    private final Map<String, Deque<Batch>> queues = new LinkedHashMap<>();

    /**
     * @param withdrawn whether what has the key must not be sent any more
     * @param open whether of a cluster a step has not ended as far as we know: what has need not be killed
     */
    StepSubmitter(
            RetryingCaller calls,
            RequestFactory requests,
            Predicate<String> withdrawn,
            BiPredicate<String, String> open) {
        this.open = open;
        this.calls = calls;
        this.requests = requests;
        this.withdrawn = withdrawn;
    }

    /** Steps for one cluster that are under way to EMR; used by one thread at a time. */
    private static final class Batch {
        final String clusterId;
        final Map<String, OpenStep> open = new LinkedHashMap<>();
        int lookups;

        /** @param lookups how many found nothing since the last request that may have arrived; {@code LOOKUPS} if there was none */
        Batch(String clusterId, Collection<OpenStep> steps, int lookups) {
            this.clusterId = clusterId;
            this.lookups = lookups;
            add(steps);
        }

        void add(Collection<OpenStep> steps) {
            steps.forEach(step -> open.put(step.command().key(), step));
        }
    }

    /** A step that EMR has not answered for, and who waits for the answer. */
    private record OpenStep(EmrCommand.StepSubmission command, Reports reports) {}

    void submit(ImmutableList<EmrCommand.StepSubmission> commands, Reports reports) {
        Map<String, List<OpenStep>> certain = new LinkedHashMap<>();
        Map<String, List<OpenStep>> uncertain = new LinkedHashMap<>();
        for (EmrCommand.StepSubmission command : commands) {
            (command.uncertain() ? uncertain : certain)
                    .computeIfAbsent(command.clusterId(), id -> new ArrayList<>())
                    .add(new OpenStep(command, reports));
        }
        certain.forEach((id, all) -> Lists.partition(all, PER_CALL).forEach(part -> {
            Batch batch = new Batch(id, part, LOOKUPS);
            if (!joinedQueue(batch)) {
                begin(batch, 0);
            }
        }));
        uncertain.forEach((id, all) ->
                Lists.partition(all, PER_CALL).forEach(part -> begin(new Batch(id, part, 0), 0)));
    }

    /** Whether it went to the end of a line that is there already. */
    private synchronized boolean joinedQueue(Batch batch) {
        Deque<Batch> queue = queues.get(batch.clusterId);
        if (queue == null) {
            return false;
        }
        Batch last = queue.getLast();
        // The first one is under way, the others can grow.
        if (queue.size() > 1 && last.lookups == LOOKUPS && last.open.size() + batch.open.size() <= PER_CALL) {
            last.add(batch.open.values());
        } else {
            queue.add(batch);
        }
        return true;
    }

    /** There is no room: it waits in the line before the wall, whose first asks again after a while. */
    private synchronized void enqueue(Batch batch) {
        Deque<Batch> queue = queues.get(batch.clusterId);
        if (queue != null && queue.getFirst() != batch) {
            queue.add(batch);
            return;
        }
        if (queue == null) {
            queues.put(batch.clusterId, new ArrayDeque<>(List.of(batch)));
        }
        calls.later(calls.endpoint().pollInterval().multipliedBy(2), () -> begin(batch, 0));
    }

    /** EMR has answered for all of the batch: if it was the first in line, the next one's turn has come. */
    private synchronized void settled(Batch batch) {
        Deque<Batch> queue = queues.get(batch.clusterId);
        if (queue == null || queue.getFirst() != batch) {
            return;
        }
        queue.removeFirst();
        if (queue.isEmpty()) {
            queues.remove(batch.clusterId);
        } else {
            begin(queue.getFirst(), 0);
        }
    }

    private void begin(Batch batch, int before) {
        calls.begin(
                "Submitting " + batch.open.size() + " steps to " + batch.clusterId,
                (client, tries) -> {
                    if (isProvenAbsent(client, batch, tries)) {
                        send(client, batch);
                    }
                },
                refused -> refused(batch, refused.text()),
                before);
    }

    /** Whether what is open may be sent now, because it is certain that EMR does not have it. */
    private boolean isProvenAbsent(EmrClient client, Batch batch, int tries) {
        if (batch.lookups < LOOKUPS) {
            lookup(client, batch);
            if (batch.open.isEmpty()) {
                settled(batch);
                return false;
            }
            if (++batch.lookups < LOOKUPS) {
                calls.later(calls.endpoint().listingLag(), () -> begin(batch, tries));
                return false;
            }
        }
        // The look took its time: whoever closed us meanwhile relies on nothing being sent.
        return !calls.closed();
    }

    private void send(EmrClient client, Batch batch) {
        List<StepConfig> configs = new ArrayList<>();
        for (OpenStep step : ImmutableList.copyOf(batch.open.values())) {
            if (withdrawn.test(step.command().key())) {
                batch.open.remove(step.command().key());
                fail(step, FailureKind.REFUSED, RequestFactory.WITHDRAWN);
                continue;
            }
            try {
                configs.add(requests.step(step.command()));
            } catch (SecretValues.MissingSecretException e) {
                batch.open.remove(step.command().key());
                fail(step, FailureKind.REFUSED, String.valueOf(e.getMessage()));
            }
        }
        ImmutableList<OpenStep> steps = ImmutableList.copyOf(batch.open.values());
        if (steps.isEmpty()) {
            settled(batch);
            return;
        }
        // Whatever goes wrong from here on but a refusal, it may have arrived.
        batch.lookups = 0;
        List<String> ids;
        try {
            ids = client.addJobFlowSteps(
                            request -> request.jobFlowId(batch.clusterId).steps(configs))
                    .stepIds();
        } catch (AwsServiceException e) {
            batch.lookups = CallFailure.of(e) instanceof CallFailure.Refused ? LOOKUPS : 0;
            throw e;
        }
        for (int i = 0; i < steps.size(); i++) {
            accept(steps.get(i), ids.get(i));
        }
        settled(batch);
    }

    private void lookup(EmrClient client, Batch batch) {
        try {
            adopt(client, batch);
        } catch (AwsServiceException e) {
            if (CallFailure.unknownCluster(e)) {
                throw e;
            }
            throw CallFailure.ofLookup(e);
        }
    }

    /**
     * Takes over the steps of the batch that EMR has already. Its listing is newest first, so a key seen later is the older, and what
     * was made before the first intent need not be read.
     */
    private void adopt(EmrClient client, Batch batch) {
        Instant since = batch.open.values().stream()
                .map(step -> step.command().intendedAt())
                .min(Comparator.naturalOrder())
                .orElse(Instant.EPOCH)
                .minus(ClusterLauncher.CLOCK_SKEW);
        Map<String, String> found = new LinkedHashMap<>();
        for (StepSummary step : client.listStepsPaginator(request -> request.clusterId(batch.clusterId))
                .steps()) {
            StepTimeline timeline = step.status().timeline();
            Instant made = timeline == null ? null : timeline.creationDateTime();
            if (made != null && made.isBefore(since)) {
                break;
            }
            String key = RunTags.key(step.name());
            if (batch.open.containsKey(key)) {
                String younger = found.put(key, step.id());
                if (younger != null) {
                    cancelSurplus(client, batch.clusterId, younger, step);
                }
            }
        }
        found.forEach((key, id) -> {
            OpenStep open = batch.open.remove(key);
            if (open != null) {
                accept(open, id);
            }
        });
    }

    private void cancelSurplus(EmrClient client, String clusterId, String younger, StepSummary older) {
        calls.dependencies()
                .warnings()
                .accept("EMR has the step \"" + older.name() + "\" more than once: " + younger + " is being cancelled, "
                        + older.id() + " is used.");
        // One that is over need not be cancelled, and one that cannot be must not keep the run from the one that is
        // used.
        calls.requestOrWarn(
                "The surplus step " + younger + " of " + clusterId + " could not be cancelled",
                () -> client.cancelSteps(CancelStepsRequest.builder()
                        .clusterId(clusterId)
                        .stepIds(younger)
                        .stepCancellationOption(StepCancellationOption.TERMINATE_PROCESS)
                        .build()));
    }

    private void refused(Batch batch, String text) {
        if (text.contains(ACTIVE_STEP_LIMIT)) {
            enqueue(batch);
            return;
        }
        if (text.contains(CLUSTER_ENDED)) {
            batch.open.values().forEach(one -> fail(one, FailureKind.CLUSTER_LOST, text));
        } else if (batch.open.size() > 1) {
            // EMR refuses all for one: find out which, by halves. If it was a look that was refused, each is still
            // looked for.
            ImmutableList<OpenStep> all = ImmutableList.copyOf(batch.open.values());
            Lists.partition(all, (all.size() + 1) / 2)
                    .forEach(half -> begin(new Batch(batch.clusterId, half, batch.lookups), 0));
        } else {
            batch.open.values().forEach(one -> fail(one, FailureKind.REFUSED, text));
        }
        settled(batch);
    }

    /** Asks for interrupts, and later for kills: a step that ignores the first must not outlive its timeout for ever. */
    void cancel(ImmutableList<EmrCommand.StepCancellation> commands) {
        cancel(commands, StepCancellationOption.SEND_INTERRUPT);
        if (!commands.isEmpty()) {
            calls.later(
                    INTERRUPT_GRACE,
                    () -> cancel(
                            commands.stream()
                                    .filter(command -> open.test(command.clusterId(), command.stepId()))
                                    .collect(ImmutableList.toImmutableList()),
                            StepCancellationOption.TERMINATE_PROCESS));
        }
    }

    private void cancel(List<EmrCommand.StepCancellation> commands, StepCancellationOption how) {
        Map<String, List<String>> steps = new LinkedHashMap<>();
        commands.forEach(command -> steps.computeIfAbsent(command.clusterId(), id -> new ArrayList<>())
                .add(command.stepId()));
        steps.forEach((clusterId, ids) -> Lists.partition(ids, PER_CANCELLATION)
                .forEach(part -> cancel(clusterId, ImmutableList.copyOf(part), how)));
    }

    private void cancel(String clusterId, ImmutableList<String> ids, StepCancellationOption how) {
        calls.begin(
                "Cancelling " + (ids.size() == 1 ? ids.get(0) : ids.size() + " steps of " + clusterId),
                (client, tries) -> client.cancelSteps(CancelStepsRequest.builder()
                                .clusterId(clusterId)
                                .stepIds(ids)
                                .stepCancellationOption(how)
                                .build())
                        .cancelStepsInfoList()
                        .forEach(info -> {
                            if (info.status() == CancelStepsRequestStatus.FAILED) {
                                warnNotCancelled(
                                        clusterId, String.valueOf(info.stepId()), how, String.valueOf(info.reason()));
                            }
                        }),
                refused -> {
                    // One that is over already, or whose cluster is, is what the status round reports; the others are
                    // asked for without it.
                    if (ids.size() > 1) {
                        Lists.partition(ids, (ids.size() + 1) / 2)
                                .forEach(half -> cancel(clusterId, ImmutableList.copyOf(half), how));
                    } else {
                        warnNotCancelled(clusterId, ids.get(0), how, refused.text());
                    }
                });
    }

    /** Told of the last means only, and only where the step goes on: mostly it was over by the time that it was asked to end. */
    private void warnNotCancelled(String clusterId, String stepId, StepCancellationOption how, String why) {
        if (how == StepCancellationOption.TERMINATE_PROCESS && open.test(clusterId, stepId)) {
            calls.dependencies()
                    .warnings()
                    .accept("The step " + stepId + " of " + clusterId + " runs on, though it is to end: " + why
                            + " To end it with its cluster: aws emr terminate-clusters --cluster-ids " + clusterId);
        }
    }

    private void accept(OpenStep step, String id) {
        EmrCommand.StepSubmission command = step.command();
        step.reports().report(new Event.AttemptAccepted(calls.now(), command.task(), command.attempt(), id));
    }

    private void fail(OpenStep step, FailureKind kind, String reason) {
        EmrCommand.StepSubmission command = step.command();
        step.reports()
                .report(new Event.AttemptFailed(calls.now(), command.task(), command.attempt(), kind, reason, null));
    }
}
