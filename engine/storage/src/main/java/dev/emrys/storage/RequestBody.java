package dev.emrys.storage;

import com.google.common.base.Ascii;
import com.google.common.base.Splitter;
import com.google.common.io.BaseEncoding;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request, which is received only when all that the client says about it is true: length, signatures,
 * digests and checksums. Not thread-safe.
 */
final class RequestBody {
    /** Of one PUT, and of a part. */
    static final long MAX_BYTES = 5L << 30;

    private static final int BUFFER_BYTES = 64 * 1024;

    private final S3Request request;
    private final Authorization authorization;

    RequestBody(S3Request request, Authorization authorization) {
        this.request = request;
        this.authorization = authorization;
    }

    /**
     * What was received.
     *
     * @param md5 in hexadecimal digits
     * @param checksums in base 64, by the names of their headers
     */
    record Received(long bytes, String md5, Map<String, String> checksums) {}

    /**
     * Copies the body.
     *
     * @param most bytes
     * @throws S3Exception when the body is not what the head says, after it was copied
     */
    Received copyTo(OutputStream out, long most) throws IOException, S3Exception {
        String payload = authorization.payload();
        boolean chunked = payload.startsWith("STREAMING-");
        long length = chunked ? decodedLength() : request.length();
        if (length < 0) {
            throw new S3Exception(411, "MissingContentLength", "You must provide the Content-Length HTTP header.");
        }
        if (length > most) {
            throw S3Exception.badRequest(
                    "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size of " + most + " bytes");
        }
        ChunkedBody chunks = chunked ? chunks(payload) : null;
        InputStream in = chunks == null ? request.body() : chunks;
        Map<String, ChecksumAlgorithm.Running> checksums = declared();
        ChecksumAlgorithm.Running md5 = ChecksumAlgorithm.md5();
        ChecksumAlgorithm.Running sha256 = ChecksumAlgorithm.sha256();
        boolean isHashed = !chunked && !payload.equals(Authorization.UNSIGNED);
        long received = 0;
        try {
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                received += count;
                if (received > length) {
                    throw incomplete();
                }
                md5.update(buffer, 0, count);
                if (isHashed) {
                    sha256.update(buffer, 0, count);
                }
                for (ChecksumAlgorithm.Running checksum : checksums.values()) {
                    checksum.update(buffer, 0, count);
                }
                out.write(buffer, 0, count);
            }
        } catch (ChunkedBody.MalformedException e) {
            throw e.error();
        } catch (EOFException e) {
            throw incomplete();
        }
        if (received != length) {
            throw incomplete();
        }
        if (isHashed
                && !BaseEncoding.base16().lowerCase().encode(sha256.digest()).equals(payload)) {
            throw S3Exception.badRequest(
                    "XAmzContentSHA256Mismatch",
                    "The provided 'x-amz-content-sha256' header does not match what was computed.");
        }
        byte[] digest = md5.digest();
        verifyMd5(digest);
        return new Received(received, BaseEncoding.base16().lowerCase().encode(digest), verified(checksums, chunks));
    }

    /** Whether the head has a digest or a checksum of the body. */
    boolean isChecked() {
        return request.header("Content-MD5") != null || !declared().isEmpty();
    }

    private ChunkedBody chunks(String payload) throws S3Exception {
        return switch (payload) {
            case "STREAMING-UNSIGNED-PAYLOAD-TRAILER" -> new ChunkedBody(request.body(), null);
            case "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" -> {
                Authorization.ChunkSigner signer = authorization.chunks();
                if (signer == null) {
                    throw S3Exception.notImplemented(payload + " with a presigned URL");
                }
                yield new ChunkedBody(request.body(), signer);
            }
            default -> throw S3Exception.notImplemented(payload);
        };
    }

    private long decodedLength() throws S3Exception {
        String length = request.header("x-amz-decoded-content-length");
        try {
            return length == null ? -1 : Long.parseLong(length);
        } catch (NumberFormatException e) {
            throw S3Exception.invalidArgument("x-amz-decoded-content-length is not a number");
        }
    }

    /** The checksums of which the head or the trailer has the value. */
    private Map<String, ChecksumAlgorithm.Running> declared() {
        Map<String, ChecksumAlgorithm.Running> declared = new TreeMap<>();
        String trailer = request.header("x-amz-trailer");
        List<String> trailers =
                trailer == null ? List.of() : Splitter.on(',').trimResults().splitToList(Ascii.toLowerCase(trailer));
        for (ChecksumAlgorithm algorithm : ChecksumAlgorithm.values()) {
            if (request.header(algorithm.header()) != null || trailers.contains(algorithm.header())) {
                declared.put(algorithm.header(), algorithm.start());
            }
        }
        return declared;
    }

    private Map<String, String> verified(Map<String, ChecksumAlgorithm.Running> checksums, @Nullable ChunkedBody chunks)
            throws S3Exception {
        Map<String, String> verified = new TreeMap<>();
        for (Map.Entry<String, ChecksumAlgorithm.Running> checksum : checksums.entrySet()) {
            String header = request.header(checksum.getKey());
            String given = header == null && chunks != null ? chunks.trailers().get(checksum.getKey()) : header;
            String computed = checksum.getValue().base64();
            if (!computed.equals(given)) {
                throw S3Exception.badRequest(
                        "BadDigest",
                        "The " + checksum.getKey() + " you specified did not match the calculated checksum.");
            }
            verified.put(checksum.getKey(), computed);
        }
        return verified;
    }

    private void verifyMd5(byte[] digest) throws S3Exception {
        String given = request.header("Content-MD5");
        if (given == null) {
            return;
        }
        byte[] decoded;
        try {
            decoded = BaseEncoding.base64().decode(given);
        } catch (IllegalArgumentException e) {
            throw S3Exception.badRequest("InvalidDigest", "The Content-MD5 you specified was invalid.");
        }
        if (!Arrays.equals(decoded, digest)) {
            throw S3Exception.badRequest("BadDigest", "The Content-MD5 you specified did not match what we received.");
        }
    }

    private static S3Exception incomplete() {
        return S3Exception.badRequest(
                "IncompleteBody",
                "You did not provide the number of bytes specified by the Content-Length HTTP header");
    }
}
