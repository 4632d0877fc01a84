package dev.emrys.emulator.wire;

import com.google.common.collect.ImmutableMap;
import com.google.common.xml.XmlEscapers;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;

/**
 * What clients of EMR ask AWS STS: who the caller is, and for the credentials of a role. Any role may be assumed, and
 * its credentials are good for the endpoint of EMR alone, since there is no IAM here. Thread-safe.
 *
 * @see <a href="https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html">GetCallerIdentity</a>
 */
final class IdentityCalls {
    private static final String FORM = "application/x-www-form-urlencoded";
    private static final String NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/";
    private static final Duration LIFE = Duration.ofHours(1);

    static final WireResponse FORBIDDEN = WireResponse.xml(
            403, error("InvalidClientTokenId", "The security token included in the request is invalid."));

    private final String account;
    private final String accessKey;
    private final Supplier<Instant> now;

    IdentityCalls(String account, String accessKey, Supplier<Instant> now) {
        this.account = account;
        this.accessKey = accessKey;
        this.now = now;
    }

    /** Whether a request is for AWS STS, whose requests are forms. */
    static boolean isFor(Request request) {
        return request.getMethod().equals("POST")
                && request.getHeaders().get("X-Amz-Target") == null
                && Optional.ofNullable(request.getHeaders().get(HttpHeader.CONTENT_TYPE))
                        .orElse("")
                        .startsWith(FORM);
    }

    WireResponse respond(String form) {
        ImmutableMap<String, String> members = members(form);
        String action = members.getOrDefault("Action", "");
        return switch (action) {
            case "GetCallerIdentity" ->
                WireResponse.xml(
                        200,
                        response(
                                action,
                                element("Arn", "arn:aws:iam::" + account + ":root")
                                        + element("UserId", account)
                                        + element("Account", account)));
            case "AssumeRole" -> assumeRole(members);
            default ->
                WireResponse.xml(
                        400, error("InvalidAction", "Of AWS STS this endpoint has GetCallerIdentity and AssumeRole."));
        };
    }

    private WireResponse assumeRole(ImmutableMap<String, String> members) {
        String role = members.getOrDefault("RoleArn", "");
        String session = members.getOrDefault("RoleSessionName", "");
        if (!role.matches("arn:[a-z-]+:iam::[0-9]{12}:role/.+")) {
            return WireResponse.xml(400, error("ValidationError", "\"" + role + "\" is not the ARN of a role."));
        }
        if (!session.matches("[\\w+=,.@-]{2,64}")) {
            return WireResponse.xml(400, error("ValidationError", "\"" + session + "\" is not a roleSessionName."));
        }
        String assumed = role.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/") + "/" + session;
        return WireResponse.xml(
                200,
                response(
                        "AssumeRole",
                        "<Credentials>" + element("AccessKeyId", accessKey)
                                + element("SecretAccessKey", "any") + element("SessionToken", "any")
                                + element(
                                        "Expiration",
                                        now.get()
                                                .plus(LIFE)
                                                .truncatedTo(ChronoUnit.SECONDS)
                                                .toString())
                                + "</Credentials><AssumedRoleUser>"
                                + element("Arn", assumed) + element("AssumedRoleId", "AROAEMULATED:" + session)
                                + "</AssumedRoleUser>"));
    }

    private static String response(String action, String result) {
        return "<" + action + "Response xmlns=\"" + NAMESPACE + "\"><" + action + "Result>" + result + "</" + action
                + "Result><ResponseMetadata><RequestId>00000000-0000-4000-8000-000000000000</RequestId>"
                + "</ResponseMetadata></" + action + "Response>";
    }

    private static String error(String code, String message) {
        return "<ErrorResponse xmlns=\"" + NAMESPACE + "\"><Error><Type>Sender</Type>" + element("Code", code)
                + element("Message", message)
                + "</Error><RequestId>00000000-0000-4000-8000-000000000000</RequestId></ErrorResponse>";
    }

    private static String element(String name, String text) {
        return "<" + name + ">" + XmlEscapers.xmlContentEscaper().escape(text) + "</" + name + ">";
    }

    private static ImmutableMap<String, String> members(String form) {
        Map<String, String> members = new LinkedHashMap<>();
        for (String member : form.split("&", -1)) {
            int equals = member.indexOf('=');
            if (equals > 0) {
                members.put(decoded(member.substring(0, equals)), decoded(member.substring(equals + 1)));
            }
        }
        return ImmutableMap.copyOf(members);
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
