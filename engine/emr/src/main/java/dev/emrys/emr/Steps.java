package dev.emrys.emr;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import dev.emrys.drive.Effects.Reports;
import dev.emrys.run.Command;
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
final class Steps {
    /** EMR takes no more than 256 steps that are pending or running on one cluster: smaller calls fit into what is free. */
    private static final int PER_CALL = 100;

    /** EMR's limit for the ids of one CancelSteps. */
    private static final int PER_CANCELLATION = 256;

    private static final int LOOKS = 2;

    /** How long a step may take to obey an interrupt before its processes are killed. */
    private static final Duration OBEY = Duration.ofSeconds(30);

    private static final String WALL = "Maximum number of active steps";
    private static final String OVER = "shutting down, terminated, or finished";

    private final Calls calls;
    private final Requests requests;
    private final Predicate<String> withdrawn;
    private final BiPredicate<String, String> open;

    /** For each cluster at whose wall steps wait: who was there first asks for room, the others wait behind. */
    private final Map<String, Deque<Batch>> lines = new LinkedHashMap<>();

    /**
     * @param withdrawn whether what has the key must not be sent any more
     * @param open whether of a cluster a step has not ended as far as we know: what has need not be killed
     */
    Steps(Calls calls, Requests requests, Predicate<String> withdrawn, BiPredicate<String, String> open) {
        this.open = open;
        this.calls = calls;
        this.requests = requests;
        this.withdrawn = withdrawn;
    }

    /** Steps for one cluster that are under way to EMR; used by one thread at a time. */
    private static final class Batch {
        final String clusterId;
        final Map<String, OpenStep> open = new LinkedHashMap<>();
        int looks;

        /** @param looks how many found nothing since the last request that may have arrived; {@code LOOKS} if there was none */
        Batch(String clusterId, Collection<OpenStep> steps, int looks) {
            this.clusterId = clusterId;
            this.looks = looks;
            add(steps);
        }

        void add(Collection<OpenStep> steps) {
            steps.forEach(step -> open.put(step.command().key(), step));
        }
    }

    /** A step that EMR has not answered for, and who waits for the answer. */
    private record OpenStep(Command.SubmitStep command, Reports reports) {}

    void submit(ImmutableList<Command.SubmitStep> commands, Reports reports) {
        Map<String, List<OpenStep>> certain = new LinkedHashMap<>();
        Map<String, List<OpenStep>> uncertain = new LinkedHashMap<>();
        for (Command.SubmitStep command : commands) {
            (command.uncertain() ? uncertain : certain)
                    .computeIfAbsent(command.clusterId(), id -> new ArrayList<>())
                    .add(new OpenStep(command, reports));
        }
        certain.forEach((id, all) -> Lists.partition(all, PER_CALL).forEach(part -> {
            Batch batch = new Batch(id, part, LOOKS);
            if (!joined(batch)) {
                begin(batch, 0);
            }
        }));
        uncertain.forEach((id, all) ->
                Lists.partition(all, PER_CALL).forEach(part -> begin(new Batch(id, part, 0), 0)));
    }

    /** Whether it went to the end of a line that is there already. */
    private synchronized boolean joined(Batch batch) {
        Deque<Batch> line = lines.get(batch.clusterId);
        if (line == null) {
            return false;
        }
        Batch last = line.getLast();
        // The first one is under way, the others can grow.
        if (line.size() > 1 && last.looks == LOOKS && last.open.size() + batch.open.size() <= PER_CALL) {
            last.add(batch.open.values());
        } else {
            line.add(batch);
        }
        return true;
    }

    /** There is no room: it waits in the line before the wall, whose first asks again after a while. */
    private synchronized void await(Batch batch) {
        Deque<Batch> line = lines.get(batch.clusterId);
        if (line != null && line.getFirst() != batch) {
            line.add(batch);
            return;
        }
        if (line == null) {
            lines.put(batch.clusterId, new ArrayDeque<>(List.of(batch)));
        }
        calls.later(calls.endpoint().pace().multipliedBy(2), () -> begin(batch, 0));
    }

    /** EMR has answered for all of the batch: if it was the first in line, the next one's turn has come. */
    private synchronized void settled(Batch batch) {
        Deque<Batch> line = lines.get(batch.clusterId);
        if (line == null || line.getFirst() != batch) {
            return;
        }
        line.removeFirst();
        if (line.isEmpty()) {
            lines.remove(batch.clusterId);
        } else {
            begin(line.getFirst(), 0);
        }
    }

    private void begin(Batch batch, int before) {
        calls.begin(
                "Submitting " + batch.open.size() + " steps to " + batch.clusterId,
                (client, tries) -> {
                    if (looked(client, batch, tries)) {
                        send(client, batch);
                    }
                },
                refused -> refused(batch, refused.text()),
                before);
    }

    /** Whether what is open may be sent now, because it is certain that EMR does not have it. */
    private boolean looked(EmrClient client, Batch batch, int tries) {
        if (batch.looks < LOOKS) {
            lookFor(client, batch);
            if (batch.open.isEmpty()) {
                settled(batch);
                return false;
            }
            if (++batch.looks < LOOKS) {
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
                fail(step, FailureKind.REFUSED, Requests.WITHDRAWN);
                continue;
            }
            try {
                configs.add(requests.step(step.command()));
            } catch (Secrets.MissingSecretException e) {
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
        batch.looks = 0;
        List<String> ids;
        try {
            ids = client.addJobFlowSteps(
                            request -> request.jobFlowId(batch.clusterId).steps(configs))
                    .stepIds();
        } catch (AwsServiceException e) {
            batch.looks = Answer.of(e) instanceof Answer.Refused ? LOOKS : 0;
            throw e;
        }
        for (int i = 0; i < steps.size(); i++) {
            accept(steps.get(i), ids.get(i));
        }
        settled(batch);
    }

    private void lookFor(EmrClient client, Batch batch) {
        try {
            adopt(client, batch);
        } catch (AwsServiceException e) {
            if (Answer.unknownCluster(e)) {
                throw e;
            }
            throw Answer.ofLook(e);
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
                .minus(Clusters.CLOCK_SKEW);
        Map<String, String> found = new LinkedHashMap<>();
        for (StepSummary step : client.listStepsPaginator(request -> request.clusterId(batch.clusterId))
                .steps()) {
            StepTimeline timeline = step.status().timeline();
            Instant made = timeline == null ? null : timeline.creationDateTime();
            if (made != null && made.isBefore(since)) {
                break;
            }
            String key = Labels.key(step.name());
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
        calls.world()
                .trouble()
                .accept("EMR has the step \"" + older.name() + "\" more than once: " + younger + " is being cancelled, "
                        + older.id() + " is used.");
        // One that is over need not be cancelled, and one that cannot be must not keep the run from the one that is
        // used.
        calls.orTell(
                "The surplus step " + younger + " of " + clusterId + " could not be cancelled",
                () -> client.cancelSteps(CancelStepsRequest.builder()
                        .clusterId(clusterId)
                        .stepIds(younger)
                        .stepCancellationOption(StepCancellationOption.TERMINATE_PROCESS)
                        .build()));
    }

    private void refused(Batch batch, String text) {
        if (text.contains(WALL)) {
            await(batch);
            return;
        }
        if (text.contains(OVER)) {
            batch.open.values().forEach(one -> fail(one, FailureKind.CLUSTER_LOST, text));
        } else if (batch.open.size() > 1) {
            // EMR refuses all for one: find out which, by halves. If it was a look that was refused, each is still
            // looked for.
            ImmutableList<OpenStep> all = ImmutableList.copyOf(batch.open.values());
            Lists.partition(all, (all.size() + 1) / 2)
                    .forEach(half -> begin(new Batch(batch.clusterId, half, batch.looks), 0));
        } else {
            batch.open.values().forEach(one -> fail(one, FailureKind.REFUSED, text));
        }
        settled(batch);
    }

    /** Asks for interrupts, and later for kills: a step that ignores the first must not outlive its timeout for ever. */
    void cancel(ImmutableList<Command.CancelStep> commands) {
        cancel(commands, StepCancellationOption.SEND_INTERRUPT);
        if (!commands.isEmpty()) {
            calls.later(
                    OBEY,
                    () -> cancel(
                            commands.stream()
                                    .filter(command -> open.test(command.clusterId(), command.stepId()))
                                    .collect(ImmutableList.toImmutableList()),
                            StepCancellationOption.TERMINATE_PROCESS));
        }
    }

    private void cancel(List<Command.CancelStep> commands, StepCancellationOption how) {
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
                                notCancelled(
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
                        notCancelled(clusterId, ids.get(0), how, refused.text());
                    }
                });
    }

    /** Told of the last means only, and only where the step goes on: mostly it was over by the time that it was asked to end. */
    private void notCancelled(String clusterId, String stepId, StepCancellationOption how, String why) {
        if (how == StepCancellationOption.TERMINATE_PROCESS && open.test(clusterId, stepId)) {
            calls.world()
                    .trouble()
                    .accept("The step " + stepId + " of " + clusterId + " runs on, though it is to end: " + why
                            + " To end it with its cluster: aws emr terminate-clusters --cluster-ids " + clusterId);
        }
    }

    private void accept(OpenStep step, String id) {
        Command.SubmitStep command = step.command();
        step.reports().report(new Event.AttemptAccepted(calls.now(), command.task(), command.attempt(), id));
    }

    private void fail(OpenStep step, FailureKind kind, String reason) {
        Command.SubmitStep command = step.command();
        step.reports()
                .report(new Event.AttemptFailed(calls.now(), command.task(), command.attempt(), kind, reason, null));
    }
}
