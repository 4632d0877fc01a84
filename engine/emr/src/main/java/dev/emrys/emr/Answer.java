package dev.emrys.emr;

import java.net.UnknownHostException;
import java.util.Locale;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.emr.model.InvalidRequestException;

/** What a failed call means for whoever made it. */
sealed interface Answer {
    /** For people. */
    String text();

    /** It was not done, and would not be done the next time either. */
    record Refused(String text) implements Answer {}

    /** The service has no time now. Whether it was done is not said: look before sending again. */
    record Throttled(String text) implements Answer {}

    /** Nobody can tell whether it was done. */
    record Ambiguous(String text, boolean unreachable) implements Answer {}

    /** A look that was refused says nothing about what was looked for. */
    final class RefusedLookException extends RuntimeException {
        RefusedLookException(String text) {
            super(text);
        }
    }

    /** What a look's failure means: a refusal of the look is none of the request, so it is looked again. */
    static RuntimeException ofLook(AwsServiceException failure) {
        return of(failure) instanceof Refused refused ? new RefusedLookException(refused.text()) : failure;
    }

    /** Whether EMR does not know the cluster: not yet (its listings lag behind), or not any more (it forgets after two months). */
    static boolean unknownCluster(AwsServiceException failure) {
        String text = text(failure);
        return (failure instanceof InvalidRequestException invalid && "NoSuchCluster".equals(invalid.emrErrorCode()))
                || (text.contains("Cluster id") && text.contains("is not valid"))
                || text.contains("Specified job flow ID");
    }

    static Answer of(Throwable failure) {
        if (failure instanceof AwsServiceException service) {
            String text = text(service);
            if (service.isThrottlingException()) {
                return new Throttled(text);
            }
            if (service.statusCode() >= 500 || staleCredentials(service)) {
                return new Ambiguous(text, false);
            }
            return new Refused(text);
        }
        if (failure instanceof SdkClientException client) {
            return new Ambiguous(root(client), true);
        }
        // An endpoint that cannot be had yet, or an answer that cannot be read. It must not be taken for an answer, and
        // must not
        // end a watch unheard either.
        return new Ambiguous(root(failure), false);
    }

    /**
     * Credentials that are renewed outside (a role's, SSO's) come back, and a clock that is wrong after a sleep is set right: that is
     * waited for, not failed for.
     */
    private static boolean staleCredentials(AwsServiceException failure) {
        String code = code(failure).toLowerCase(Locale.ROOT);
        return code.contains("expiredtoken")
                || code.contains("requestexpired")
                || code.contains("requesttimetooskewed")
                || (code.contains("invalidsignature")
                        && (text(failure).contains("expired") || text(failure).contains("not yet current")));
    }

    static String code(AwsServiceException failure) {
        return failure.awsErrorDetails() == null || failure.awsErrorDetails().errorCode() == null
                ? ""
                : failure.awsErrorDetails().errorCode();
    }

    private static String text(AwsServiceException failure) {
        String message = failure.awsErrorDetails() == null
                ? null
                : failure.awsErrorDetails().errorMessage();
        return (message == null ? String.valueOf(failure.getMessage()) : message) + " (" + code(failure) + ")";
    }

    private static String root(Throwable failure) {
        Throwable at = failure;
        while (at.getCause() != null && at.getCause() != at) {
            at = at.getCause();
        }
        if (at instanceof UnknownHostException) {
            return "the host " + at.getMessage() + " is not known.";
        }
        return at.getMessage() == null ? at.getClass().getSimpleName() : at.getMessage();
    }
}
