package dev.emrys.emr;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import dev.emrys.drive.Effects.Reports;
import dev.emrys.run.Command;
import dev.emrys.run.Event;
import dev.emrys.spec.FailureKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.emr.EmrClient;
import software.amazon.awssdk.services.emr.model.CancelStepsRequest;
import software.amazon.awssdk.services.emr.model.StepCancellationOption;
import software.amazon.awssdk.services.emr.model.StepConfig;
import software.amazon.awssdk.services.emr.model.StepSummary;

/**
 * Submits and cancels steps. Those that are ready together go out together. As with clusters, whatever may have been sent is
 * searched for, twice, before it is sent again.
 */
final class Steps {
    /** EMR takes no more than 256 steps that are pending or running on one cluster: smaller calls fit into what is free. */
    private static final int PER_CALL = 100;

    private static final int LOOKS = 2;

    /** How long a step may take to obey an interrupt before its processes are killed. */
    private static final Duration OBEY = Duration.ofSeconds(30);

    private static final String WALL = "Maximum number of active steps";
    private static final String OVER = "shutting down, terminated, or finished";

    private final Calls calls;
    private final Requests requests;

    Steps(Calls calls, Requests requests) {
        this.calls = calls;
        this.requests = requests;
    }

    /** Steps for one cluster that are under way to EMR; used by one thread at a time. */
    private static final class Batch {
        final String clusterId;
        final Map<String, Command.SubmitStep> open = new LinkedHashMap<>();
        int looks;

        /** @param looks how many found nothing since the last request that may have arrived; {@code LOOKS} if there was none */
        Batch(String clusterId, List<Command.SubmitStep> commands, int looks) {
            this.clusterId = clusterId;
            commands.forEach(command -> open.put(command.key(), command));
            this.looks = looks;
        }
    }

    void submit(ImmutableList<Command.SubmitStep> commands, Reports reports) {
        Map<String, List<Command.SubmitStep>> certain = new LinkedHashMap<>();
        Map<String, List<Command.SubmitStep>> uncertain = new LinkedHashMap<>();
        for (Command.SubmitStep command : commands) {
            (command.uncertain() ? uncertain : certain)
                    .computeIfAbsent(command.clusterId(), id -> new ArrayList<>())
                    .add(command);
        }
        certain.forEach((id, all) -> Lists.partition(all, PER_CALL)
                .forEach(part -> begin(new Batch(id, part, LOOKS), reports)));
        uncertain.forEach((id, all) ->
                Lists.partition(all, PER_CALL).forEach(part -> begin(new Batch(id, part, 0), reports)));
    }

    private void begin(Batch batch, Reports reports) {
        begin(batch, reports, 0);
    }

    private void begin(Batch batch, Reports reports, int before) {
        calls.begin(
                "Submitting " + batch.open.size() + " steps to " + batch.clusterId,
                (client, tries) -> {
                    if (looked(client, batch, reports, tries)) {
                        send(client, batch, reports);
                    }
                },
                refused -> refused(batch, refused.text(), reports),
                before);
    }

    /** Whether what is open may be sent now, because it is certain that EMR does not have it. */
    private boolean looked(EmrClient client, Batch batch, Reports reports, int tries) {
        if (batch.looks < LOOKS) {
            adopt(client, batch, reports);
            if (batch.open.isEmpty()) {
                return false;
            }
            if (++batch.looks < LOOKS) {
                calls.later(calls.endpoint().listingLag(), () -> begin(batch, reports, tries));
                return false;
            }
        }
        // The look took its time: whoever closed us meanwhile relies on nothing being sent.
        return !calls.closed();
    }

    private void send(EmrClient client, Batch batch, Reports reports) {
        ImmutableList<Command.SubmitStep> commands = ImmutableList.copyOf(batch.open.values());
        List<StepConfig> configs = new ArrayList<>();
        for (Command.SubmitStep command : commands) {
            try {
                configs.add(requests.step(command));
            } catch (Secrets.MissingSecretException e) {
                batch.open.remove(command.key());
                reports.report(failed(command, FailureKind.REFUSED, String.valueOf(e.getMessage())));
            }
        }
        commands = ImmutableList.copyOf(batch.open.values());
        if (commands.isEmpty()) {
            return;
        }
        // Whatever goes wrong from here on but a refusal, it may have arrived.
        batch.looks = 0;
        List<String> ids;
        try {
            ids = client.addJobFlowSteps(request -> request.jobFlowId(batch.clusterId).steps(configs))
                    .stepIds();
        } catch (AwsServiceException e) {
            batch.looks = Answer.of(e) instanceof Answer.Refused ? LOOKS : 0;
            throw e;
        }
        for (int i = 0; i < commands.size(); i++) {
            reports.report(accepted(commands.get(i), ids.get(i)));
        }
    }

    /** Takes over the steps of the batch that EMR has already. Its listing is newest first, so a key seen later is the older. */
    private void adopt(EmrClient client, Batch batch, Reports reports) {
        Map<String, String> found = new LinkedHashMap<>();
        for (StepSummary step : client.listStepsPaginator(request -> request.clusterId(batch.clusterId)).steps()) {
            String key = Labels.key(step.name());
            if (batch.open.containsKey(key)) {
                String younger = found.put(key, step.id());
                if (younger != null) {
                    cancelSurplus(client, batch.clusterId, younger, step);
                }
            }
        }
        found.forEach((key, id) -> {
            Command.SubmitStep command = batch.open.remove(key);
            if (command != null) {
                reports.report(accepted(command, id));
            }
        });
    }

    private void cancelSurplus(EmrClient client, String clusterId, String younger, StepSummary older) {
        calls.world()
                .trouble()
                .accept("EMR has the step \"" + older.name() + "\" more than once: " + younger
                        + " is being cancelled, " + older.id() + " is used.");
        client.cancelSteps(CancelStepsRequest.builder()
                .clusterId(clusterId)
                .stepIds(younger)
                .stepCancellationOption(StepCancellationOption.TERMINATE_PROCESS)
                .build());
    }

    private void refused(Batch batch, String text, Reports reports) {
        if (text.contains(WALL)) {
            // A queue in front of the wall: room comes when steps end.
            calls.later(calls.endpoint().pace().multipliedBy(2), () -> begin(batch, reports));
        } else if (text.contains(OVER)) {
            batch.open.values().forEach(one -> reports.report(failed(one, FailureKind.CLUSTER_LOST, text)));
        } else if (batch.open.size() > 1) {
            // EMR refuses all for one: find out which, by halves. If it was a look that was refused, each is still looked for.
            ImmutableList<Command.SubmitStep> all = ImmutableList.copyOf(batch.open.values());
            Lists.partition(all, (all.size() + 1) / 2)
                    .forEach(half -> begin(new Batch(batch.clusterId, half, batch.looks), reports));
        } else {
            batch.open.values().forEach(one -> reports.report(failed(one, FailureKind.REFUSED, text)));
        }
    }

    /** Asks for an interrupt, and later for a kill: a step that ignores the first must not outlive its timeout for ever. */
    void cancel(Command.CancelStep command) {
        cancel(command, StepCancellationOption.SEND_INTERRUPT);
        calls.later(OBEY, () -> cancel(command, StepCancellationOption.TERMINATE_PROCESS));
    }

    private void cancel(Command.CancelStep command, StepCancellationOption how) {
        calls.begin(
                "Cancelling " + command.stepId(),
                (client, tries) -> client.cancelSteps(CancelStepsRequest.builder()
                        .clusterId(command.clusterId())
                        .stepIds(command.stepId())
                        .stepCancellationOption(how)
                        .build()),
                // It is over already, or its cluster is: the status round reports which.
                refused -> {});
    }

    private Event accepted(Command.SubmitStep command, String id) {
        return new Event.AttemptAccepted(calls.now(), command.task(), command.attempt(), id);
    }

    private Event failed(Command.SubmitStep command, FailureKind kind, String reason) {
        return new Event.AttemptFailed(calls.now(), command.task(), command.attempt(), kind, reason, null);
    }
}
