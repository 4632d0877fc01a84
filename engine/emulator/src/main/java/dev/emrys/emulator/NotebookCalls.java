package dev.emrys.emulator;

import static com.google.common.collect.ImmutableList.toImmutableList;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.emrys.emulator.Pages.Page;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.model.DescribeNotebookExecutionRequest;
import software.amazon.awssdk.services.emr.model.DescribeNotebookExecutionResponse;
import software.amazon.awssdk.services.emr.model.InvalidRequestException;
import software.amazon.awssdk.services.emr.model.ListNotebookExecutionsRequest;
import software.amazon.awssdk.services.emr.model.ListNotebookExecutionsResponse;
import software.amazon.awssdk.services.emr.model.NotebookExecution;
import software.amazon.awssdk.services.emr.model.NotebookExecutionStatus;
import software.amazon.awssdk.services.emr.model.NotebookExecutionSummary;
import software.amazon.awssdk.services.emr.model.StartNotebookExecutionRequest;
import software.amazon.awssdk.services.emr.model.StartNotebookExecutionResponse;
import software.amazon.awssdk.services.emr.model.StopNotebookExecutionRequest;
import software.amazon.awssdk.services.emr.model.StopNotebookExecutionResponse;

/**
 * The operations on notebook executions. Each method is the body of one transaction. A notebook is not executed: its
 * execution passes START_PENDING, STARTING and FAILING, for as long as a cluster starts and ends, and is then FAILED.
 * Editors are not looked up.
 *
 * <p>The states and the defaults of listings are those of the API reference (API_NotebookExecution,
 * API_ListNotebookExecutions). It does not say how ids that do not exist are refused: the texts are like those for
 * clusters.
 */
final class NotebookCalls {

    private static final String KIND = AccountResources.NOTEBOOK_EXECUTION;
    private static final String LISTING = "ListNotebookExecutions";
    private static final Duration LISTED = Duration.ofDays(30);
    private static final String EXECUTION = "execution";
    private static final String STOPPED_AT = "stopRequestedAt";
    private static final String NOT_EXECUTED =
            "Emrys's emulator does not execute notebooks: convert the notebook to a script"
                    + " (jupyter nbconvert --to script) and run it as a step, or run against AWS.";

    private final EmulatorSettings settings;
    private final Transactor transactor;

    NotebookCalls(EmulatorSettings settings, Transactor transactor) {
        this.settings = settings;
        this.transactor = transactor;
    }

    StartNotebookExecutionResponse start(AccountState account, StartNotebookExecutionRequest request) {
        ClusterEntry entry = account.cluster(request.executionEngine().id());
        if (!entry.cluster().modifiable()) {
            throw invalid("The cluster " + entry.cluster().id() + " is "
                    + entry.cluster().state() + ": notebooks are executed on a cluster that has not ended.");
        }
        if (request.editorId() == null && request.notebookS3Location() == null) {
            throw invalid("One of EditorId and NotebookS3Location must be specified.");
        }
        checkParameters(request.notebookParams());
        RunJobFlowRules.checkTags(request.tags());
        String id = transactor.newLongId("ex-");
        // Every member of the request has the same name in the execution.
        NotebookExecution execution = SdkJson.read(SdkJson.tree(request), NotebookExecution.builder()).toBuilder()
                .notebookExecutionId(id)
                .arn(settings.arn("notebook-execution/" + id))
                .startTime(transactor.now())
                .build();
        ObjectNode json = SdkJson.MAPPER.createObjectNode();
        json.set(EXECUTION, SdkJson.tree(execution));
        account.resources().put(KIND, id, json);
        return StartNotebookExecutionResponse.builder().notebookExecutionId(id).build();
    }

    DescribeNotebookExecutionResponse describe(AccountState account, DescribeNotebookExecutionRequest request) {
        return DescribeNotebookExecutionResponse.builder()
                .notebookExecution(shown(find(account, request.notebookExecutionId())))
                .build();
    }

    ListNotebookExecutionsResponse list(AccountState account, ListNotebookExecutionsRequest request) {
        Page<AccountResource> page = Pages.of(
                LISTING,
                account.resources()
                        .newestBelow(KIND, Pages.startingBelow(LISTING, request.marker()))
                        .filter(one -> matches(request, shown(one))),
                AccountResource::sequence);
        return ListNotebookExecutionsResponse.builder()
                .notebookExecutions(
                        page.items().stream().map(one -> summary(shown(one))).collect(toImmutableList()))
                .marker(page.marker())
                .build();
    }

    StopNotebookExecutionResponse stop(AccountState account, StopNotebookExecutionRequest request) {
        AccountResource found = find(account, request.notebookExecutionId());
        NotebookExecution execution = shown(found);
        if (execution.endTime() != null) {
            throw invalid("The notebook execution '" + found.id() + "' is already " + execution.statusAsString() + ".");
        }
        if (!found.json().has(STOPPED_AT)) {
            ObjectNode json = found.json().deepCopy();
            json.put(STOPPED_AT, transactor.now().toEpochMilli());
            account.resources().put(KIND, found.id(), json);
        }
        return StopNotebookExecutionResponse.builder().build();
    }

    private boolean matches(ListNotebookExecutionsRequest request, NotebookExecution one) {
        Instant from = request.from() == null ? transactor.now().minus(LISTED) : request.from();
        return (request.editorId() == null || request.editorId().equals(one.editorId()))
                && (request.status() == null || request.status() == one.status())
                && (request.executionEngineId() == null
                        || request.executionEngineId()
                                .equals(one.executionEngine().id()))
                && !one.startTime().isBefore(from)
                && (request.to() == null || !one.startTime().isAfter(request.to()));
    }

    /** The execution with its state at this moment. */
    private NotebookExecution shown(AccountResource resource) {
        JsonNode json = resource.json();
        NotebookExecution execution = SdkJson.read(json.get(EXECUTION), NotebookExecution.builder());
        Instant now = transactor.now();
        if (json.has(STOPPED_AT)) {
            Instant end = Instant.ofEpochMilli(json.get(STOPPED_AT).longValue()).plus(settings.terminating());
            return now.isBefore(end)
                    ? in(execution, NotebookExecutionStatus.STOPPING)
                    : ended(execution, NotebookExecutionStatus.STOPPED, end, "Stopped by user request.");
        }
        Instant starting = execution.startTime().plus(settings.starting());
        Instant failing = starting.plus(settings.bootstrapping());
        Instant end = failing.plus(settings.terminating());
        if (now.isBefore(starting)) {
            return in(execution, NotebookExecutionStatus.START_PENDING);
        } else if (now.isBefore(failing)) {
            return in(execution, NotebookExecutionStatus.STARTING);
        } else if (now.isBefore(end)) {
            return in(execution, NotebookExecutionStatus.FAILING);
        }
        return ended(execution, NotebookExecutionStatus.FAILED, end, NOT_EXECUTED);
    }

    private static NotebookExecution in(NotebookExecution execution, NotebookExecutionStatus status) {
        return execution.toBuilder().status(status).build();
    }

    private static NotebookExecution ended(
            NotebookExecution execution, NotebookExecutionStatus status, Instant end, String reason) {
        return execution.toBuilder()
                .status(status)
                .endTime(end)
                .lastStateChangeReason(reason)
                .build();
    }

    private static NotebookExecutionSummary summary(NotebookExecution execution) {
        return SdkJson.read(SdkJson.tree(execution), NotebookExecutionSummary.builder()).toBuilder()
                .executionEngineId(execution.executionEngine().id())
                .build();
    }

    private static AccountResource find(AccountState account, String id) {
        AccountResource found = account.resources().find(KIND, id);
        if (found == null) {
            throw invalid("Notebook execution id '" + id + "' is not valid.");
        }
        return found;
    }

    private static void checkParameters(@Nullable String parameters) {
        if (parameters == null) {
            return;
        }
        try {
            SdkJson.parseRequest(parameters);
        } catch (MalformedJsonException e) {
            throw invalid("NotebookParams is not JSON.");
        }
    }

    private static InvalidRequestException invalid(String message) {
        return Errors.invalid("InvalidRequest", message);
    }
}
