package dev.emrys.emr;

import com.google.common.base.Throwables;
import java.net.UnknownHostException;
import java.util.Locale;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.emr.model.InvalidRequestException;

/** What a failed call means. */
sealed interface CallFailure {
    /** For people. */
    String text();

    /** The request was not executed, and would not be executed the next time either. */
    record Refused(String text, Missing missing) implements CallFailure {}

    /**
     * What it is that EMR does not know: not yet, as its listings lag behind, or not any more, as it keeps a limited
     * history.
     */
    enum Missing {
        NOTHING,
        CLUSTER,
        STEP
    }

    /** The request was not executed, because there were too many: it can be sent again later without a lookup. */
    record Throttled(String text) implements CallFailure {}

    /**
     * The request was not executed, because it had no valid credentials: it can be sent again when they are renewed.
     */
    record Unauthorized(String text) implements CallFailure {}

    /** The request may have been executed: it must be looked up before it is sent again. */
    record Ambiguous(String text, boolean unreachable) implements CallFailure {}

    private static Missing missing(AwsServiceException failure) {
        String text = text(failure);
        String code = failure instanceof InvalidRequestException invalid ? String.valueOf(invalid.emrErrorCode()) : "";
        if (code.equals("NoSuchCluster")
                || (text.contains("Cluster id") && text.contains("is not valid"))
                || text.contains("Specified job flow ID")) {
            return Missing.CLUSTER;
        }
        return code.equals("NoSuchStep") || (text.contains("Step id") && text.contains("is not valid"))
                ? Missing.STEP
                : Missing.NOTHING;
    }

    static CallFailure of(Throwable failure) {
        for (Throwable each : Throwables.getCausalChain(failure)) {
            if (each instanceof Endpoint.CredentialsException) {
                return new Unauthorized(String.valueOf(each.getMessage()));
            }
        }
        if (failure instanceof AwsServiceException service) {
            String text = text(service);
            if (service.isThrottlingException()) {
                return new Throttled(text);
            }
            if (isUnauthorized(service)) {
                return new Unauthorized(text);
            }
            if (service.statusCode() >= 500) {
                return new Ambiguous(text, false);
            }
            return new Refused(text, missing(service));
        }
        if (failure instanceof SdkClientException client) {
            return new Ambiguous(root(client), true);
        }
        // An endpoint that is not available yet, or an answer that cannot be read: it must not be taken for a refusal.
        return new Ambiguous(root(failure), false);
    }

    /**
     * Credentials of a role or of SSO are renewed outside, and a clock that is wrong after a sleep is corrected: that
     * is waited for. Keys that are wrong from the beginning are found before a run starts.
     */
    private static boolean isUnauthorized(AwsServiceException failure) {
        String code = code(failure).toLowerCase(Locale.ROOT);
        return code.contains("expiredtoken")
                || code.contains("unrecognizedclient")
                || code.contains("invalidclienttokenid")
                || code.contains("requestexpired")
                || code.contains("requesttimetooskewed")
                || (code.contains("invalidsignature")
                        && (text(failure).contains("expired") || text(failure).contains("not yet current")));
    }

    /** An answer without a member that EMR always gives: the call is made again. */
    static SdkClientException unreadable(String what) {
        return SdkClientException.create(what + ".");
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
