package dev.emrys.emr;

import com.google.common.collect.ImmutableList;
import dev.emrys.emr.ApiBudget.Priority;
import dev.emrys.emr.KeyLookup.Found;
import dev.emrys.spec.FailureKind;
import dev.emrys.spec.NotebookExecution;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.EmrClient;
import software.amazon.awssdk.services.emr.model.DescribeNotebookExecutionResponse;
import software.amazon.awssdk.services.emr.model.ExecutionEngineType;
import software.amazon.awssdk.services.emr.model.ListNotebookExecutionsResponse;
import software.amazon.awssdk.services.emr.model.NotebookExecutionStatus;
import software.amazon.awssdk.services.emr.model.StartNotebookExecutionRequest;
import software.amazon.awssdk.services.emr.model.StopNotebookExecutionResponse;

/**
 * Executes notebooks. StartNotebookExecution has no token that would make a repetition harmless: as RunJobFlow, a
 * request that may have been executed is looked up by its key, which the execution's name carries, before it is sent
 * again.
 */
final class NotebookOperations {
    private static final Pattern LOCATION = Pattern.compile("s3[an]?://([^/]+)/(.+)", Pattern.DOTALL);

    private final RetryingCaller calls;
    private final OperationPolling polling;
    private final KeyLookup<Start> lookup;

    NotebookOperations(RetryingCaller calls, OperationPolling polling) {
        this.calls = calls;
        this.polling = polling;
        this.lookup = new KeyLookup<>(
                calls,
                EmrOperation.LIST_NOTEBOOK_EXECUTIONS,
                "Looking up executions of notebooks",
                new Starts(),
                NotebookOperations::page);
    }

    void begin(OperationAttempt operation, EmrCommand.OperationSubmission command, NotebookExecution notebook) {
        Start start = new Start(operation, command, notebook);
        if (command.uncertain()) {
            lookup.add(ImmutableList.of(start));
        } else if (operation.run.wasTakenOver()) {
            lookup.addOld(ImmutableList.of(start));
        } else {
            calls.begin(start);
        }
    }

    /** Reports how the execution has ended. */
    void watch(OperationAttempt operation, String id) {
        polling.poll(operation, round -> calls.begin(new Description(operation, id, round, false)));
    }

    /** Stops the execution, and reports how it has ended: it may have finished meanwhile. */
    void stop(OperationAttempt operation, String id) {
        calls.begin(new Stop(operation, id));
    }

    private final class Start extends OperationCall<String> {
        private final EmrCommand.OperationSubmission command;
        private final NotebookExecution notebook;

        Start(OperationAttempt of, EmrCommand.OperationSubmission command, NotebookExecution notebook) {
            super(EmrOperation.START_NOTEBOOK_EXECUTION, Priority.MUTATION, of);
            this.command = command;
            this.notebook = notebook;
        }

        @Override
        String send(EmrClient client) {
            of.checkWanted(command.key());
            String id = client.startNotebookExecution(request()).notebookExecutionId();
            if (id == null) {
                throw CallFailure.unreadable("StartNotebookExecution gave no id");
            }
            return id;
        }

        private StartNotebookExecutionRequest request() {
            try {
                return NotebookOperations.request(of, command, notebook);
            } catch (SecretValues.MissingSecretException e) {
                of.failed(FailureKind.REFUSED, String.valueOf(e.getMessage()));
                throw new NothingToSendException();
            }
        }

        @Override
        void answered(String id) {
            of.accepted(id);
        }

        @Override
        void uncertain(RetryingCaller ignored) {
            lookup.add(ImmutableList.of(this));
        }

        Instant notStartedBefore() {
            return of.run.wasTakenOver() ? of.run.begun() : command.intendedAt();
        }
    }

    private static StartNotebookExecutionRequest request(
            OperationAttempt of, EmrCommand.OperationSubmission command, NotebookExecution notebook) {
        RequestFactory requests = of.run.requests();
        StartNotebookExecutionRequest.Builder request = StartNotebookExecutionRequest.builder()
                .notebookExecutionName(RunTags.name(of.task, command.key()))
                .editorId(notebook.editorId())
                .relativePath(filled(requests, notebook.path()))
                .serviceRole(notebook.serviceRole())
                .notebookInstanceSecurityGroupId(notebook.securityGroup())
                .executionEngine(engine -> engine.id(of.clusterId)
                        .type(ExecutionEngineType.EMR)
                        .executionRoleArn(notebook.executionRole())
                        .masterInstanceSecurityGroupId(notebook.primarySecurityGroup()))
                .tags(RunTags.tag(RunTags.KEY, command.key()));
        if (!notebook.parameters().isEmpty()) {
            request.notebookParams(
                    notebook.parameters().withTexts(requests::filled).toString());
        }
        if (!notebook.environment().isEmpty()) {
            request.environmentVariables(notebook.withTexts(requests::filled).environment());
        }
        Matcher source = LOCATION.matcher(String.valueOf(filled(requests, notebook.notebook())));
        if (source.matches()) {
            request.notebookS3Location(
                    location -> location.bucket(source.group(1)).key(source.group(2)));
        }
        Matcher output = LOCATION.matcher(String.valueOf(filled(requests, notebook.output())));
        if (output.matches()) {
            request.outputNotebookS3Location(
                    location -> location.bucket(output.group(1)).key(output.group(2)));
        }
        return request.build();
    }

    private static @Nullable String filled(RequestFactory requests, @Nullable String text) {
        return text == null ? null : requests.filled(text);
    }

    private final class Starts implements KeyLookup.Requests<Start> {
        @Override
        public String key(Start start) {
            return start.command.key();
        }

        @Override
        public EmrRun run(Start start) {
            return start.of.run;
        }

        /** If there are several, the youngest are stopped. */
        @Override
        public void found(Start start, List<Found> found) {
            ImmutableList<Found> byAge = found.stream()
                    .sorted(Comparator.comparing(one -> one.created() == null ? Instant.MAX : one.created()))
                    .collect(ImmutableList.toImmutableList());
            byAge.stream().skip(1).forEach(surplus -> calls.begin(new SurplusStop(start.of, surplus.id())));
            start.of.accepted(byAge.get(0).id());
        }

        @Override
        public void absent(List<Start> starts) {
            starts.forEach(calls::begin);
        }
    }

    private static KeyLookup.Page page(EmrClient client, List<Start> wanted, @Nullable String marker) {
        Instant since = wanted.stream()
                .map(Start::notStartedBefore)
                .min(Comparator.naturalOrder())
                .orElseThrow()
                .minus(ClusterLauncher.CLOCK_SKEW);
        ListNotebookExecutionsResponse response =
                client.listNotebookExecutions(request -> request.from(since).marker(marker));
        ImmutableList<Found> found = response.notebookExecutions().stream()
                .map(one -> {
                    String name = String.valueOf(one.notebookExecutionName());
                    return new Found(RunTags.key(name), one.notebookExecutionId(), name, one.startTime());
                })
                .collect(ImmutableList.toImmutableList());
        return new KeyLookup.Page(found, response.marker());
    }

    private class Stop extends OperationCall<StopNotebookExecutionResponse> {
        final String id;

        Stop(OperationAttempt of, String id) {
            super(EmrOperation.STOP_NOTEBOOK_EXECUTION, Priority.MUTATION, of);
            this.id = id;
        }

        @Override
        StopNotebookExecutionResponse send(EmrClient client) {
            return client.stopNotebookExecution(request -> request.notebookExecutionId(id));
        }

        @Override
        void answered(StopNotebookExecutionResponse answer) {
            polling.poll(of, round -> calls.begin(new Description(of, id, round, true)));
        }

        /** EMR refuses to stop what has ended; whether it has is seen by its state. */
        @Override
        void refused(CallFailure.Refused refused) {
            calls.begin(new RefusedStop(of, id, calls.explained(refused)));
        }
    }

    /** Of an execution that EMR has a second time; the first one is used, however this ends. */
    private final class SurplusStop extends Stop {
        SurplusStop(OperationAttempt of, String id) {
            super(of, id);
        }

        @Override
        String what() {
            return "Stopping the notebook execution " + id + ", which EMR started a second time";
        }

        @Override
        void answered(StopNotebookExecutionResponse answer) {}

        @Override
        void refused(CallFailure.Refused refused) {}
    }

    private static class Description extends OperationCall<DescribeNotebookExecutionResponse> {
        final String id;
        private final OperationPolling.@Nullable Round round;
        private final boolean isStopped;

        /** @param isStopped whether the run has asked for its stop */
        Description(OperationAttempt of, String id, OperationPolling.@Nullable Round round, boolean isStopped) {
            super(EmrOperation.DESCRIBE_NOTEBOOK_EXECUTION, Priority.STATUS, of);
            this.id = id;
            this.round = round;
            this.isStopped = isStopped;
        }

        @Override
        DescribeNotebookExecutionResponse send(EmrClient client) {
            DescribeNotebookExecutionResponse answer =
                    client.describeNotebookExecution(request -> request.notebookExecutionId(id));
            if (answer.notebookExecution() == null || answer.notebookExecution().status() == null) {
                throw CallFailure.unreadable("DescribeNotebookExecution gave no status of " + id);
            }
            return answer;
        }

        @Override
        void answered(DescribeNotebookExecutionResponse answer) {
            NotebookExecutionStatus status = answer.notebookExecution().status();
            String reason = answer.notebookExecution().lastStateChangeReason();
            String because = reason == null || reason.isBlank() ? "" : ": " + reason;
            if (status == NotebookExecutionStatus.FINISHED) {
                of.succeeded();
            } else if (status == NotebookExecutionStatus.FAILED) {
                of.failed(FailureKind.STEP, "The notebook execution " + id + " has failed" + because);
            } else if (status == NotebookExecutionStatus.STOPPED && isStopped) {
                of.cancelled("The notebook execution " + id + " was stopped.");
            } else if (status == NotebookExecutionStatus.STOPPED) {
                of.failed(FailureKind.STEP, "The notebook execution " + id + " was stopped by somebody" + because);
            } else {
                goesOn();
            }
        }

        /** A state that this version does not know concludes nothing. */
        void goesOn() {
            if (round != null) {
                round.again();
            }
        }

        /** What was started just now may not be known yet. */
        @Override
        void refused(CallFailure.Refused refused) {
            if (round != null && !round.isSettled()) {
                round.again();
            } else {
                of.refused(refused);
            }
        }
    }

    /** EMR has refused to stop it: that is right for what has ended. */
    private static final class RefusedStop extends Description {
        private final String reason;

        RefusedStop(OperationAttempt of, String id, String reason) {
            super(of, id, null, true);
            this.reason = reason;
        }

        @Override
        void goesOn() {
            of.failed(FailureKind.REFUSED, "The notebook execution " + id + " could not be stopped: " + reason);
        }
    }
}
