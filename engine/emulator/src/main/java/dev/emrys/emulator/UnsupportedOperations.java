package dev.emrys.emulator;

import software.amazon.awssdk.services.emr.EmrClient;
import software.amazon.awssdk.services.emr.model.CreatePersistentAppUiRequest;
import software.amazon.awssdk.services.emr.model.CreatePersistentAppUiResponse;
import software.amazon.awssdk.services.emr.model.DescribeNotebookExecutionRequest;
import software.amazon.awssdk.services.emr.model.DescribeNotebookExecutionResponse;
import software.amazon.awssdk.services.emr.model.DescribePersistentAppUiRequest;
import software.amazon.awssdk.services.emr.model.DescribePersistentAppUiResponse;
import software.amazon.awssdk.services.emr.model.EmrException;
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
 * The operations of the SDK that the emulator does not support: each throws a ValidationException that says so. The interface's own
 * defaults throw UnsupportedOperationException, which callers of EMR do not handle.
 */
abstract class UnsupportedOperations implements EmrClient {

    /** The exception for a call of {@code operation}. */
    abstract EmrException unsupported(String operation);

    @Override
    public CreatePersistentAppUiResponse createPersistentAppUI(CreatePersistentAppUiRequest request) {
        throw unsupported("CreatePersistentAppUI");
    }

    @Override
    public DescribeNotebookExecutionResponse describeNotebookExecution(DescribeNotebookExecutionRequest request) {
        throw unsupported("DescribeNotebookExecution");
    }

    @Override
    public DescribePersistentAppUiResponse describePersistentAppUI(DescribePersistentAppUiRequest request) {
        throw unsupported("DescribePersistentAppUI");
    }

    @Override
    public GetClusterSessionCredentialsResponse getClusterSessionCredentials(
            GetClusterSessionCredentialsRequest request) {
        throw unsupported("GetClusterSessionCredentials");
    }

    @Override
    public GetOnClusterAppUiPresignedUrlResponse getOnClusterAppUIPresignedURL(
            GetOnClusterAppUiPresignedUrlRequest request) {
        throw unsupported("GetOnClusterAppUIPresignedURL");
    }

    @Override
    public GetPersistentAppUiPresignedUrlResponse getPersistentAppUIPresignedURL(
            GetPersistentAppUiPresignedUrlRequest request) {
        throw unsupported("GetPersistentAppUIPresignedURL");
    }

    @Override
    public ListNotebookExecutionsResponse listNotebookExecutions(ListNotebookExecutionsRequest request) {
        throw unsupported("ListNotebookExecutions");
    }

    @Override
    public StartNotebookExecutionResponse startNotebookExecution(StartNotebookExecutionRequest request) {
        throw unsupported("StartNotebookExecution");
    }

    @Override
    public StopNotebookExecutionResponse stopNotebookExecution(StopNotebookExecutionRequest request) {
        throw unsupported("StopNotebookExecution");
    }
}
