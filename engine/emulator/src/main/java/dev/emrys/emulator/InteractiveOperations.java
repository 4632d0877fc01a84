package dev.emrys.emulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.emrys.emulator.OperationExecutor.DeferredError;
import java.net.URI;
import java.util.Optional;
import java.util.function.Function;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.services.emr.EmrClient;
import software.amazon.awssdk.services.emr.model.CreatePersistentAppUiRequest;
import software.amazon.awssdk.services.emr.model.CreatePersistentAppUiResponse;
import software.amazon.awssdk.services.emr.model.DescribeNotebookExecutionRequest;
import software.amazon.awssdk.services.emr.model.DescribeNotebookExecutionResponse;
import software.amazon.awssdk.services.emr.model.DescribePersistentAppUiRequest;
import software.amazon.awssdk.services.emr.model.DescribePersistentAppUiResponse;
import software.amazon.awssdk.services.emr.model.EmrResponse;
import software.amazon.awssdk.services.emr.model.GetClusterSessionCredentialsRequest;
import software.amazon.awssdk.services.emr.model.GetClusterSessionCredentialsResponse;
import software.amazon.awssdk.services.emr.model.GetOnClusterAppUiPresignedUrlRequest;
import software.amazon.awssdk.services.emr.model.GetOnClusterAppUiPresignedUrlResponse;
import software.amazon.awssdk.services.emr.model.GetPersistentAppUiPresignedUrlRequest;
import software.amazon.awssdk.services.emr.model.GetPersistentAppUiPresignedUrlResponse;
import software.amazon.awssdk.services.emr.model.ListNotebookExecutionsRequest;
import software.amazon.awssdk.services.emr.model.ListNotebookExecutionsResponse;
import software.amazon.awssdk.services.emr.model.StartNotebookExecutionRequest;
import software.amazon.awssdk.services.emr.model.StartNotebookExecutionResponse;
import software.amazon.awssdk.services.emr.model.StopNotebookExecutionRequest;
import software.amazon.awssdk.services.emr.model.StopNotebookExecutionResponse;

/**
 * The operations for interactive use of a cluster: notebook executions, sessions and the user interfaces of
 * applications.
 */
abstract class InteractiveOperations implements EmrClient {

    private final FaultRules faultRules = new FaultRules();
    private final OperationExecutor executor;
    private final AppPages pages = new AppPages();
    private final NotebookCalls notebooks;
    private final SessionCalls sessions;
    private final AppUiCalls appUis;

    InteractiveOperations(EmulatorPorts ports, EmulatorSettings settings, Transactor transactor) {
        executor = new OperationExecutor(ports, settings, transactor, faultRules);
        notebooks = new NotebookCalls(settings, transactor);
        sessions = new SessionCalls(settings, transactor);
        appUis = new AppUiCalls(settings, transactor, pages);
    }

    /** Rules by which calls and clusters fail; none at first. */
    public final FaultRules faultRules() {
        return faultRules;
    }

    final OperationExecutor operations() {
        return executor;
    }

    final <T extends EmrResponse> T call(String operation, SdkPojo request, Function<AccountState, T> body) {
        return executor.call(operation, request, body, new DeferredError());
    }

    final ObjectNode callSessions(String operation, JsonNode request) {
        SessionCalls.checkTypes(request);
        return executor.execute(
                operation,
                () -> Constraints.check(operation, request),
                account -> sessions.call(account, operation, request),
                new DeferredError());
    }

    /**
     * Says where a server shows the pages of {@link #appPage}. Before that call, presigned URLs are not ready.
     *
     * @param address ends with a slash; a page's token is appended to it
     */
    public final void serveAppPages(URI address) {
        pages.serveAt(address);
    }

    /**
     * The page, as HTML, of the presigned URL that ends with {@code token}; empty if the URL is not or no longer valid.
     */
    public final Optional<String> appPage(String token) {
        Transactor transactor = executor.transactor();
        String cluster = pages.clusterOf(token, transactor.now());
        return cluster == null
                ? Optional.empty()
                : transactor.read(
                        account -> Optional.ofNullable(account.find(cluster)).map(AppPages::html));
    }

    @Override
    public CreatePersistentAppUiResponse createPersistentAppUI(CreatePersistentAppUiRequest request) {
        return call("CreatePersistentAppUI", request, account -> appUis.create(account, request));
    }

    @Override
    public DescribePersistentAppUiResponse describePersistentAppUI(DescribePersistentAppUiRequest request) {
        return call("DescribePersistentAppUI", request, account -> appUis.describe(account, request));
    }

    @Override
    public GetPersistentAppUiPresignedUrlResponse getPersistentAppUIPresignedURL(
            GetPersistentAppUiPresignedUrlRequest request) {
        return call("GetPersistentAppUIPresignedURL", request, account -> appUis.persistentUrl(account, request));
    }

    @Override
    public GetOnClusterAppUiPresignedUrlResponse getOnClusterAppUIPresignedURL(
            GetOnClusterAppUiPresignedUrlRequest request) {
        return call("GetOnClusterAppUIPresignedURL", request, account -> appUis.onClusterUrl(account, request));
    }

    @Override
    public GetClusterSessionCredentialsResponse getClusterSessionCredentials(
            GetClusterSessionCredentialsRequest request) {
        return call("GetClusterSessionCredentials", request, account -> sessions.credentials(account, request));
    }

    @Override
    public StartNotebookExecutionResponse startNotebookExecution(StartNotebookExecutionRequest request) {
        return call("StartNotebookExecution", request, account -> notebooks.start(account, request));
    }

    @Override
    public StopNotebookExecutionResponse stopNotebookExecution(StopNotebookExecutionRequest request) {
        return call("StopNotebookExecution", request, account -> notebooks.stop(account, request));
    }

    @Override
    public DescribeNotebookExecutionResponse describeNotebookExecution(DescribeNotebookExecutionRequest request) {
        return call("DescribeNotebookExecution", request, account -> notebooks.describe(account, request));
    }

    @Override
    public ListNotebookExecutionsResponse listNotebookExecutions(ListNotebookExecutionsRequest request) {
        return call("ListNotebookExecutions", request, account -> notebooks.list(account, request));
    }
}
