package dev.emrys.storage;

import com.google.common.base.Ascii;
import com.google.common.hash.HashCode;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The content of a body of aws-chunked parts, with or without signatures, and the headers after it. Not thread-safe.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html">Chunked upload</a>
 */
final class ChunkedBody extends InputStream {
    private static final int LONGEST_LINE = 8 * 1024;
    private static final int MOST_TRAILERS = 16;
    private static final HashCode EMPTY = Hashing.sha256().hashBytes(new byte[0]);

    private final InputStream in;
    private final Authorization.@Nullable ChunkSigner signer;
    private final Map<String, String> trailers = new TreeMap<>();
    private String previous;
    private String signature = "";
    private Hasher hasher = Hashing.sha256().newHasher();
    private long remaining;
    private boolean started;
    private boolean ended;

    /** The body is not as the protocol requires it, or its signature is wrong. */
    static final class MalformedException extends IOException {
        private final S3Exception error;

        MalformedException(S3Exception error) {
            super(error.getMessage());
            this.error = error;
        }

        S3Exception error() {
            return error;
        }
    }

    /** @param signer null when the parts are not signed */
    ChunkedBody(InputStream in, Authorization.@Nullable ChunkSigner signer) {
        this.in = in;
        this.signer = signer;
        this.previous = signer == null ? "" : signer.seed();
    }

    /** In lower case; complete after the end of the content. */
    Map<String, String> trailers() {
        return trailers;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (remaining == 0 && !ended) {
            nextChunk();
        }
        if (ended) {
            return -1;
        }
        int count = in.read(bytes, offset, (int) Math.min(length, remaining));
        if (count < 0) {
            throw new EOFException();
        }
        remaining -= count;
        if (signer != null) {
            hasher.putBytes(bytes, offset, count);
        }
        return count;
    }

    private void nextChunk() throws IOException {
        if (started) {
            if (!line().isEmpty()) {
                throw malformed();
            }
            verifyChunk(hasher.hash());
        }
        started = true;
        String head = line();
        int semicolon = head.indexOf(';');
        try {
            remaining = Long.parseUnsignedLong(semicolon < 0 ? head : head.substring(0, semicolon), 16);
        } catch (NumberFormatException e) {
            throw malformed();
        }
        if (remaining < 0) {
            throw malformed();
        }
        signature = head.substring(head.indexOf('=') + 1);
        hasher = Hashing.sha256().newHasher();
        if (remaining == 0) {
            ended = true;
            verifyChunk(EMPTY);
            readTrailers();
        }
    }

    private void verifyChunk(HashCode hash) throws IOException {
        if (signer != null) {
            verify(signer.sign("AWS4-HMAC-SHA256-PAYLOAD", previous, EMPTY + "\n" + hash), signature);
            previous = signature;
        }
    }

    private void readTrailers() throws IOException {
        StringBuilder signed = new StringBuilder();
        String given = null;
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            if (colon < 0 || trailers.size() > MOST_TRAILERS) {
                throw malformed();
            }
            String name = Ascii.toLowerCase(line.substring(0, colon).strip());
            String value = line.substring(colon + 1).strip();
            if (name.equals("x-amz-trailer-signature")) {
                given = value;
            } else {
                trailers.put(name, value);
                signed.append(name).append(':').append(value).append('\n');
            }
        }
        if (signer != null && signed.length() > 0) {
            HashCode hash = Hashing.sha256().hashString(signed, StandardCharsets.UTF_8);
            verify(signer.sign("AWS4-HMAC-SHA256-TRAILER", previous, hash.toString()), given == null ? "" : given);
        }
    }

    private static void verify(String expected, String given) throws IOException {
        if (!expected.equals(given)) {
            throw new MalformedException(S3Exception.forbidden(
                    "SignatureDoesNotMatch",
                    "The signature of a part of the body does not match the signature we calculated."));
        }
    }

    /** Without the CR LF at its end; an end of the body counts as an empty line. */
    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int value = in.read(); value >= 0 && value != '\n'; value = in.read()) {
            if (line.length() > LONGEST_LINE) {
                throw malformed();
            }
            line.append((char) value);
        }
        int last = line.length() - 1;
        return last >= 0 && line.charAt(last) == '\r' ? line.substring(0, last) : line.toString();
    }

    private static IOException malformed() {
        return new MalformedException(
                S3Exception.badRequest("IncompleteBody", "The request body terminated unexpectedly"));
    }
}
