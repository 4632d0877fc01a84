package dev.emrys.emr;

import java.util.Locale;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkClientException;

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

    static Answer of(RuntimeException failure) {
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

    /** Credentials that are renewed outside (a role's, SSO's) come back: that is waited for, not failed for. */
    private static boolean staleCredentials(AwsServiceException failure) {
        String code = code(failure).toLowerCase(Locale.ROOT);
        return code.contains("expiredtoken") || code.contains("requestexpired");
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
        return at.getMessage() == null ? at.getClass().getSimpleName() : at.getMessage();
    }
}
