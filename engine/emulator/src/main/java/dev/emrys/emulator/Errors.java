package dev.emrys.emulator;

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

    /** The text of AddJobFlowSteps; see github.com/awslabs/amazon-emr-cli/pull/21. */
    static final String RUNTIME_ROLE_REQUIRED =
            "Runtime roles are required for this cluster. Please specify the role using the ExecutionRoleArn parameter.";

    /**
     * Operations from before 2013: their model has InternalServerError where the later ones have
     * InternalServerException.
     */
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

    private Errors() {}

    static EmrException validation(String message) {
        return plain("ValidationException", message);
    }

    static EmrException throttled() {
        return plain("ThrottlingException", "Rate exceeded");
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
