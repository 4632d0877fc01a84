package dev.emrys.storage;

import com.google.common.base.Ascii;
import com.google.common.base.CharMatcher;
import com.google.common.base.Joiner;
import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedSet;
import com.google.common.hash.HashFunction;
import com.google.common.hash.Hashing;
import com.google.common.io.BaseEncoding;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.eclipse.jetty.http.HttpField;
import org.jspecify.annotations.Nullable;

/**
 * Verifies the signatures of requests: version 4 in the header or in a presigned URL, and version 2 in a presigned URL.
 * Thread-safe.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html">Signature version 4</a>
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html">Signature version 2</a>
 */
final class Signatures {
    private static final String ALGORITHM = "AWS4-HMAC-SHA256";
    private static final String S3 = "s3";
    private static final Duration SKEW = Duration.ofMinutes(15);
    private static final Duration LONGEST_PRESIGNED = Duration.ofDays(7);

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    private static final Pattern HEADER = Pattern.compile(
            ALGORITHM + "\\s+Credential=([^,\\s]+),\\s*SignedHeaders=([^,\\s]+),\\s*Signature=([0-9a-f]{64})");

    /** The parameters that signature version 2 signs. */
    private static final ImmutableSortedSet<String> SUBRESOURCES = ImmutableSortedSet.of(
            "acl",
            "cors",
            "delete",
            "lifecycle",
            "location",
            "logging",
            "notification",
            "partNumber",
            "policy",
            "requestPayment",
            "response-cache-control",
            "response-content-disposition",
            "response-content-encoding",
            "response-content-language",
            "response-content-type",
            "response-expires",
            "restore",
            "tagging",
            "torrent",
            "uploadId",
            "uploads",
            "versionId",
            "versioning",
            "versions",
            "website");

    private final ImmutableList<StorageCredential> credentials;
    private final InstantSource clock;

    Signatures(ImmutableList<StorageCredential> credentials, InstantSource clock) {
        this.credentials = credentials;
        this.clock = clock;
    }

    /** @throws S3Exception when the request is not signed by a key of the account, now, as it is */
    Authorization verify(S3Request request) throws S3Exception {
        String header = request.header("Authorization");
        if (header != null) {
            return byHeader(request, parts(header), S3, request.header("x-amz-content-sha256"));
        }
        if (request.has("X-Amz-Signature")) {
            return presigned(request);
        }
        if (request.has("AWSAccessKeyId")) {
            return presignedVersion2(request);
        }
        throw S3Exception.forbidden("AccessDenied", "Access Denied");
    }

    /**
     * Checks that the request names a key of the account, before its body is read.
     *
     * @param service of the signature, for instance {@code logs}
     */
    void checkKey(S3Request request, String service) throws S3Exception {
        var unused = credential(Scope.of(parts(request.header("Authorization")).group(1), service)
                .accessKeyId());
    }

    /**
     * Verifies the signature of a request to another service than S3, which is in its header.
     *
     * @param digest SHA-256 of the body, in hexadecimal digits
     * @throws S3Exception when the request is not signed by a key of the account, now, as it is
     */
    void verify(S3Request request, String service, String digest) throws S3Exception {
        String declared = request.header("x-amz-content-sha256");
        if (declared != null && !declared.equals(digest)) {
            throw S3Exception.badRequest(
                    "XAmzContentSHA256Mismatch",
                    "The provided 'x-amz-content-sha256' header does not match what was computed.");
        }
        var unused = byHeader(request, parts(request.header("Authorization")), service, digest);
    }

    private static Matcher parts(@Nullable String header) throws S3Exception {
        if (header == null) {
            throw S3Exception.forbidden("AccessDenied", "Missing Authentication Token");
        }
        Matcher parts = HEADER.matcher(header);
        if (!parts.matches()) {
            throw malformed("The authorization header is malformed; " + ALGORITHM + " is expected.");
        }
        return parts;
    }

    private Authorization byHeader(S3Request request, Matcher parts, String service, @Nullable String payload)
            throws S3Exception {
        Scope scope = Scope.of(parts.group(1), service);
        StorageCredential credential = credential(scope.accessKeyId());
        String time = request.header("x-amz-date");
        if (time == null) {
            throw S3Exception.forbidden(
                    "AccessDenied", "AWS authentication requires a valid Date or x-amz-date header");
        }
        Instant signed = instant(time);
        if (Duration.between(signed, clock.instant()).abs().compareTo(SKEW) > 0) {
            throw S3Exception.forbidden(
                    "RequestTimeTooSkewed",
                    "The difference between the request time and the current time is too large.");
        }
        if (payload == null) {
            throw S3Exception.invalidRequest("Missing required header for this request: x-amz-content-sha256");
        }
        HashFunction key = scope.key(credential, time);
        String expected = sign(request, scope, key, time, parts.group(2), payload);
        require(expected, parts.group(3));
        return new Authorization(
                credential, payload, new Authorization.ChunkSigner(key, time, scope.text(), parts.group(3)));
    }

    private Authorization presigned(S3Request request) throws S3Exception {
        String time = request.parameter("X-Amz-Date", "");
        String headers = request.parameter("X-Amz-SignedHeaders", "");
        if (!request.parameter("X-Amz-Algorithm", "").equals(ALGORITHM) || headers.isEmpty() || time.isEmpty()) {
            throw S3Exception.badRequest(
                    "AuthorizationQueryParametersError",
                    "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential,"
                            + " X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.");
        }
        Scope scope = Scope.of(request.parameter("X-Amz-Credential", ""), S3);
        StorageCredential credential = credential(scope.accessKeyId());
        Duration valid = Duration.ofSeconds(request.number("X-Amz-Expires", 0, 1));
        if (valid.isZero() || valid.compareTo(LONGEST_PRESIGNED) > 0) {
            throw S3Exception.badRequest(
                    "AuthorizationQueryParametersError",
                    "X-Amz-Expires must be between 1 and " + LONGEST_PRESIGNED.toSeconds() + " seconds");
        }
        Instant signed = instant(time);
        if (signed.isAfter(clock.instant().plus(SKEW))) {
            throw S3Exception.forbidden("AccessDenied", "Request is not valid yet");
        }
        requireBefore(signed.plus(valid));
        String payload = request.header("x-amz-content-sha256");
        String body = payload == null ? Authorization.UNSIGNED : payload;
        HashFunction key = scope.key(credential, time);
        require(sign(request, scope, key, time, headers, body), request.parameter("X-Amz-Signature", ""));
        return new Authorization(credential, body, null);
    }

    private Authorization presignedVersion2(S3Request request) throws S3Exception {
        StorageCredential credential = credential(request.parameter("AWSAccessKeyId", ""));
        String expires = request.parameter("Expires", "");
        try {
            requireBefore(Instant.ofEpochSecond(Long.parseLong(expires)));
        } catch (NumberFormatException | java.time.DateTimeException e) {
            throw S3Exception.forbidden("AccessDenied", "Invalid date (should be seconds since epoch): " + expires);
        }
        Map<String, String> amazon = new TreeMap<>();
        for (HttpField field : request.headers()) {
            String name = Ascii.toLowerCase(field.getName());
            if (name.startsWith("x-amz-")) {
                amazon.merge(name, field.getValue().strip(), (first, second) -> first + "," + second);
            }
        }
        String resource = request.query().entries().stream()
                .filter(entry -> SUBRESOURCES.contains(entry.getKey()))
                .sorted(Map.Entry.comparingByKey())
                .map(entry -> entry.getValue().isEmpty() ? entry.getKey() : entry.getKey() + "=" + entry.getValue())
                .collect(Collectors.joining("&"));
        String text = request.method() + "\n" + orEmpty(request.header("Content-MD5")) + "\n"
                + orEmpty(request.header("Content-Type")) + "\n" + expires + "\n"
                + amazon.entrySet().stream()
                        .map(entry -> entry.getKey() + ":" + entry.getValue() + "\n")
                        .collect(Collectors.joining())
                + S3Request.PATH.escape(request.path()) + (resource.isEmpty() ? "" : "?" + resource);
        @SuppressWarnings("deprecation") // the algorithm of version 2
        byte[] signature = Hashing.hmacSha1(credential.secretAccessKey().getBytes(StandardCharsets.UTF_8))
                .hashString(text, StandardCharsets.UTF_8)
                .asBytes();
        require(BaseEncoding.base64().encode(signature), request.parameter("Signature", ""));
        return new Authorization(credential, Authorization.UNSIGNED, null);
    }

    private String sign(S3Request request, Scope scope, HashFunction key, String time, String headers, String payload)
            throws S3Exception {
        ImmutableList<String> names = ImmutableList.copyOf(Splitter.on(';').split(headers));
        for (HttpField field : request.headers()) {
            String name = Ascii.toLowerCase(field.getName());
            if (name.startsWith("x-amz-") && !names.contains(name)) {
                throw S3Exception.forbidden(
                        "AccessDenied", "There were headers present in the request which were not signed");
            }
        }
        if (!names.contains("host")) {
            throw S3Exception.forbidden("AccessDenied", "The header host must be signed");
        }
        StringBuilder canonical = new StringBuilder(request.method())
                .append('\n')
                .append(S3Request.PATH.escape(request.path()))
                .append('\n')
                .append(canonicalQuery(request))
                .append('\n');
        for (String name : names) {
            canonical
                    .append(name)
                    .append(':')
                    .append(canonicalHeader(request, name))
                    .append('\n');
        }
        canonical.append('\n').append(headers).append('\n').append(payload);
        String text = ALGORITHM + "\n" + time + "\n" + scope.text() + "\n"
                + Hashing.sha256().hashString(canonical, StandardCharsets.UTF_8);
        return key.hashString(text, StandardCharsets.UTF_8).toString();
    }

    private static String canonicalQuery(S3Request request) {
        List<String> parameters = new ArrayList<>();
        request.query().entries().stream()
                .filter(entry -> !entry.getKey().equals("X-Amz-Signature"))
                .map(entry -> Map.entry(S3Request.WORD.escape(entry.getKey()), S3Request.WORD.escape(entry.getValue())))
                .sorted(Map.Entry.<String, String>comparingByKey().thenComparing(Map.Entry.comparingByValue()))
                .forEach(entry -> parameters.add(entry.getKey() + "=" + entry.getValue()));
        return Joiner.on('&').join(parameters);
    }

    private static String canonicalHeader(S3Request request, String name) {
        List<String> values = new ArrayList<>();
        for (HttpField field : request.headers()) {
            if (Ascii.equalsIgnoreCase(field.getName(), name)) {
                values.add(CharMatcher.whitespace().trimAndCollapseFrom(orEmpty(field.getValue()), ' '));
            }
        }
        return Joiner.on(',').join(values);
    }

    private StorageCredential credential(String accessKeyId) throws S3Exception {
        for (StorageCredential credential : credentials) {
            if (credential.accessKeyId().equals(accessKeyId)) {
                return credential;
            }
        }
        throw S3Exception.forbidden(
                "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.");
    }

    private static void require(String expected, String given) throws S3Exception {
        if (!MessageDigest.isEqual(expected.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8))) {
            throw S3Exception.forbidden(
                    "SignatureDoesNotMatch",
                    "The request signature we calculated does not match the signature you provided. Check your key and"
                            + " signing method.");
        }
    }

    private void requireBefore(Instant end) throws S3Exception {
        if (clock.instant().isAfter(end)) {
            throw S3Exception.forbidden("AccessDenied", "Request has expired");
        }
    }

    private static Instant instant(String time) throws S3Exception {
        try {
            return TIME.parse(time, Instant::from);
        } catch (DateTimeParseException e) {
            throw S3Exception.forbidden(
                    "AccessDenied", "AWS authentication requires a valid Date or x-amz-date header");
        }
    }

    private static String orEmpty(@Nullable String value) {
        return value == null ? "" : value;
    }

    private static S3Exception malformed(String message) {
        return S3Exception.badRequest("AuthorizationHeaderMalformed", message);
    }

    /** For what a signature is valid. Any region is accepted: buckets here are in none. */
    private record Scope(String accessKeyId, String day, String region, String service) {
        static Scope of(String credential, String service) throws S3Exception {
            List<String> parts = Splitter.on('/').splitToList(credential);
            if (parts.size() != 5
                    || !parts.get(4).equals("aws4_request")
                    || !parts.get(3).equals(service)) {
                throw malformed("The credential is malformed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/" + service
                        + "/aws4_request\".");
            }
            return new Scope(parts.get(0), parts.get(1), parts.get(2), parts.get(3));
        }

        String text() {
            return day + "/" + region + "/" + service + "/aws4_request";
        }

        HashFunction key(StorageCredential credential, String time) throws S3Exception {
            if (!time.startsWith(day + "T")) {
                throw malformed("The credential's date is not that of the request.");
            }
            byte[] key = ("AWS4" + credential.secretAccessKey()).getBytes(StandardCharsets.UTF_8);
            for (String part : List.of(day, region, service, "aws4_request")) {
                key = Hashing.hmacSha256(key)
                        .hashString(part, StandardCharsets.UTF_8)
                        .asBytes();
            }
            return Hashing.hmacSha256(key);
        }
    }
}
