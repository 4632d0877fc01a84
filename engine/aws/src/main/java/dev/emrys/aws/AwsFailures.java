package dev.emrys.aws;

import com.google.common.base.Throwables;
import com.google.common.collect.ImmutableMap;
import dev.emrys.emr.Endpoint;
import dev.emrys.spec.AwsCode;
import dev.emrys.spec.Diagnostic;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.services.sts.model.StsException;

/**
 * What a failed request to AWS means, and what a person can do about it.
 *
 * @see <a href="https://docs.aws.amazon.com/emr/latest/APIReference/CommonErrors.html">EMR's common errors</a>
 */
final class AwsFailures {
    private static final Pattern ACTION = Pattern.compile("not authorized to perform:? ([\\w-]+:\\w+)");

    /** Of a refused start of a cluster; the first that fits. */
    private static final ImmutableMap<Pattern, AwsCode> CAUSES = ImmutableMap.of(
            pattern("key ?pair|keyname|ec2 ?key"), AwsCode.KEY_PAIR,
            pattern("subnet"), AwsCode.SUBNET,
            pattern("instance ?profile|service ?role|job ?flow ?role|invalid role"), AwsCode.CLUSTER_ROLE,
            pattern("exceeds|limit ?exceeded|quota|insufficient[^.]{0,60}capacity"), AwsCode.QUOTA);

    private AwsFailures() {}

    private static Pattern pattern(String text) {
        return Pattern.compile(text, Pattern.CASE_INSENSITIVE);
    }

    /** @param service what was called, for people */
    static AwsException exception(RuntimeException failure, AwsSettings settings, String service) {
        return new AwsException(diagnostic(failure, settings, service), failure);
    }

    static boolean isThrottled(Throwable failure) {
        return failure instanceof AwsServiceException refusal && refusal.isThrottlingException();
    }

    static Diagnostic diagnostic(Throwable failure, AwsSettings settings, String service) {
        // The credentials of a role are themselves asked for over the network.
        boolean unreachable = Throwables.getCausalChain(failure).stream().anyMatch(AwsFailures::isOfNetwork);
        for (Throwable each : Throwables.getCausalChain(failure)) {
            if (each instanceof Endpoint.CredentialsException && !unreachable) {
                return ofCredentials(each, settings);
            }
        }
        return failure instanceof AwsServiceException refusal
                ? ofRefusal(refusal, settings)
                : AwsCode.UNREACHABLE.of(service, sentence(root(failure)));
    }

    private static boolean isOfNetwork(Throwable failure) {
        return failure instanceof SocketException
                || failure instanceof SocketTimeoutException
                || failure instanceof UnknownHostException
                || failure instanceof SSLException
                || failure instanceof ApiCallTimeoutException;
    }

    private static Diagnostic ofCredentials(Throwable failure, AwsSettings settings) {
        String text = String.valueOf(failure.getMessage());
        for (Throwable each : Throwables.getCausalChain(failure)) {
            if (each instanceof StsException refusal && settings.role() != null) {
                Diagnostic own = ofRefusal(refusal, settings);
                return own.code() == AwsCode.ACCESS_DENIED || own.code() == AwsCode.REFUSED
                        ? AwsCode.ROLE_UNUSABLE.of(settings.role(), sentence(text(refusal)))
                        : own;
            }
        }
        String lower = text.toLowerCase(Locale.ROOT);
        if (lower.contains("expired")) {
            return AwsCode.CREDENTIALS_EXPIRED.of(sentence(text), renewal(settings));
        }
        return settings.profile() == null
                ? AwsCode.CREDENTIALS_MISSING.of("", sentence(shortened(text)))
                : AwsCode.PROFILE_UNKNOWN.of(settings.profile(), sentence(shortened(text)));
    }

    /** The SDK's own message has a line for each place where it has looked. */
    private static String shortened(String text) {
        return text.startsWith("Unable to load credentials from any of the providers")
                ? "none in the environment, in the shared configuration files, or of a role of this machine"
                : text;
    }

    private static Diagnostic ofRefusal(AwsServiceException refusal, AwsSettings settings) {
        String code = code(refusal).toLowerCase(Locale.ROOT);
        String text = sentence(text(refusal));
        boolean timed = text.contains("expired") || text.contains("not yet current");
        if (code.contains("expiredtoken")) {
            return AwsCode.CREDENTIALS_EXPIRED.of(text, renewal(settings));
        }
        if (code.contains("requestexpired") || code.contains("tooskewed") || (code.contains("signature") && timed)) {
            return AwsCode.CLOCK_WRONG.of(text);
        }
        if (code.contains("unrecognizedclient")
                || code.contains("invalidclienttokenid")
                || code.contains("authfailure")
                || code.contains("signature")) {
            return AwsCode.CREDENTIALS_INVALID.of(text);
        }
        if (refusal.isThrottlingException()) {
            return AwsCode.THROTTLED.of(text);
        }
        return action(refusal)
                .map(action -> AwsCode.ACCESS_DENIED.of(action, text))
                .orElseGet(() -> AwsCode.REFUSED.of(text));
    }

    private static Optional<String> action(AwsServiceException refusal) {
        Matcher matcher = ACTION.matcher(text(refusal));
        if (matcher.find()) {
            return Optional.of(matcher.group(1));
        }
        String code = code(refusal);
        return code.contains("AccessDenied") || code.contains("UnauthorizedOperation")
                ? Optional.of("the request")
                : Optional.empty();
    }

    /** What renews the credentials. */
    static String renewal(AwsSettings settings) {
        return settings.profile() == null
                ? "Renew them: for example `aws sso login`."
                : "Renew them: for example `aws sso login --profile " + settings.profile() + "`.";
    }

    /**
     * What helps against a refusal of EMR, with the code of the diagnostic that describes it.
     *
     * @param refusal what EMR says
     * @return empty when that is not known
     */
    static String advice(String refusal) {
        return cause(refusal)
                .map(cause -> cause.code().id() + ": " + cause.fix())
                .orElse("");
    }

    private static Optional<Diagnostic> cause(String refusal) {
        Matcher denied = ACTION.matcher(refusal);
        if (denied.find()) {
            return Optional.of(AwsCode.ACCESS_DENIED.of(denied.group(1), refusal));
        }
        return CAUSES.entrySet().stream()
                .filter(cause -> cause.getKey().matcher(refusal).find())
                .findFirst()
                .map(cause -> cause.getValue().of(refusal));
    }

    static String code(AwsServiceException refusal) {
        return refusal.awsErrorDetails() == null || refusal.awsErrorDetails().errorCode() == null
                ? ""
                : refusal.awsErrorDetails().errorCode();
    }

    static String text(AwsServiceException refusal) {
        String message = refusal.awsErrorDetails() == null
                ? null
                : refusal.awsErrorDetails().errorMessage();
        String code = code(refusal);
        return (message == null ? String.valueOf(refusal.getMessage()) : message)
                + (code.isEmpty() ? "" : " (" + code + ")");
    }

    private static String root(Throwable failure) {
        Throwable root = Throwables.getRootCause(failure);
        return root instanceof UnknownHostException
                ? "the host " + root.getMessage() + " is not known"
                : String.valueOf(root.getMessage());
    }

    /** Without the full stop, which the catalogue adds. */
    static String sentence(String text) {
        String oneLine = text.strip().replace('\n', ' ');
        return oneLine.endsWith(".") ? oneLine.substring(0, oneLine.length() - 1) : oneLine;
    }
}
