package dev.emrys.emulator;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.services.emr.model.EmrException;
import software.amazon.awssdk.services.emr.model.InternalServerErrorException;
import software.amazon.awssdk.services.emr.model.InternalServerException;
import software.amazon.awssdk.services.emr.model.InvalidRequestException;

/**
 * EMR's errors, as the SDK would throw them. Only three shapes are in EMR's model; ValidationException
 * and ThrottlingException are not, so they are plain {@code EmrException}s distinguished by their error code.
 */
final class Errors {

    static final String SHUTTING_DOWN =
            "A job flow that is shutting down, terminated, or finished may not be modified.";

    /** Real clients report this text of all operations that take job flow ids, but for AddJobFlowSteps. */
    static final String UNKNOWN_JOB_FLOW = "Specified job flow ID not valid.";

    /** The text of AddJobFlowSteps; see github.com/raster-foundry/raster-foundry/issues/352. */
    static final String UNKNOWN_JOB_FLOW_OF_STEPS = "Specified job flow ID does not exist.";

    /** Operations from before 2013: their model has InternalServerError where the later ones have InternalServerException. */
    private static final ImmutableSet<String> LEGACY = ImmutableSet.of(
            "AddInstanceGroups",
            "AddJobFlowSteps",
            "CancelSteps",
            "ModifyCluster",
            "ModifyInstanceGroups",
            "RunJobFlow",
            "SetKeepJobFlowAliveWhenNoSteps",
            "SetTerminationProtection",
            "SetUnhealthyNodeReplacement",
            "SetVisibleToAllUsers",
            "TerminateJobFlows");

    private static final String NO_SESSIONS = "run against AWS to use interactive sessions.";
    private static final String NO_NOTEBOOKS =
            "convert the notebook to a script (jupyter nbconvert --to script) and run it as a step, or run against AWS.";
    private static final String NO_PAGES =
            "read a step's logs under the cluster's LogUri, or run against AWS to use the application's pages.";

    /** By operation that is not emulated: what to do instead. */
    private static final ImmutableMap<String, String> INSTEAD = ImmutableMap.<String, String>builder()
            .put(
                    "DescribeReleaseLabel",
                    "read the versions of a release in the EMR release guide (docs.aws.amazon.com/emr), or run against AWS.")
            .put("StartSession", NO_SESSIONS)
            .put("GetSession", NO_SESSIONS)
            .put("GetSessionEndpoint", NO_SESSIONS)
            .put("ListSessions", NO_SESSIONS)
            .put("TerminateSession", NO_SESSIONS)
            .put("GetClusterSessionCredentials", NO_SESSIONS)
            .put("StartNotebookExecution", NO_NOTEBOOKS)
            .put("DescribeNotebookExecution", NO_NOTEBOOKS)
            .put("ListNotebookExecutions", NO_NOTEBOOKS)
            .put("StopNotebookExecution", NO_NOTEBOOKS)
            .put("CreatePersistentAppUI", NO_PAGES)
            .put("DescribePersistentAppUI", NO_PAGES)
            .put("GetOnClusterAppUIPresignedURL", NO_PAGES)
            .put("GetPersistentAppUIPresignedURL", NO_PAGES)
            .buildOrThrow();

    private Errors() {}

    static EmrException validation(String message) {
        return plain("ValidationException", message);
    }

    static EmrException throttled() {
        return plain("ThrottlingException", "Rate exceeded");
    }

    static EmrException notEmulated(String operation) {
        return validation("Emrys's emulator does not emulate " + operation + ": "
                + INSTEAD.getOrDefault(operation, "leave the call out for a local run, or run against AWS."));
    }

    static InvalidRequestException invalid(String code, String message) {
        return InvalidRequestException.builder()
                .emrErrorCode(code)
                .message(message)
                .awsErrorDetails(details("InvalidRequestException", message))
                .statusCode(400)
                .build();
    }

    static InvalidRequestException noSuchCluster(String id) {
        return invalid("NoSuchCluster", "Cluster id '" + id + "' is not valid.");
    }

    static EmrException internal(String operation, String message) {
        return LEGACY.contains(operation)
                ? (EmrException) InternalServerErrorException.builder()
                        .message(message)
                        .awsErrorDetails(details("InternalServerError", message))
                        .statusCode(500)
                        .build()
                : (EmrException) InternalServerException.builder()
                        .message(message)
                        .awsErrorDetails(details("InternalServerException", message))
                        .statusCode(500)
                        .build();
    }

    /** An error with any code; it has the shape of EMR's model if there is one for the code. */
    static EmrException refused(String operation, String code, String message) {
        return switch (code) {
            case "InvalidRequestException" -> invalid("InvalidRequest", message);
            case "InternalServerException", "InternalServerError" -> internal(operation, message);
            default -> plain(code, message);
        };
    }

    private static EmrException plain(String code, String message) {
        return (EmrException) EmrException.builder()
                .message(message)
                .awsErrorDetails(details(code, message))
                .statusCode(400)
                .build();
    }

    private static AwsErrorDetails details(String code, String message) {
        return AwsErrorDetails.builder()
                .serviceName("Emr")
                .errorCode(code)
                .errorMessage(message)
                .build();
    }
}
