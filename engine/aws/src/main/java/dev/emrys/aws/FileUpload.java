package dev.emrys.aws;

import com.google.common.io.BaseEncoding;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.LongConsumer;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Sends a file to an object that must not exist yet: small ones at once, where S3 checks the hash, others in parts,
 * where the hash is checked before S3 makes an object of them.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html">Conditional writes</a>
 */
final class FileUpload {
    /** In memory, one at a time. S3: at least 5 MiB. */
    static final int PART_BYTES = 8 << 20;

    /** S3: at most 10,000. */
    private static final int MAX_PARTS = 9_000;

    private static final String ANY = "*";
    private static final int ATTEMPTS = 5;

    private final S3Client s3;
    private final Path file;
    private final S3Place object;
    private final String sha256;
    private final long size;

    FileUpload(S3Client s3, Path file, S3Place object, String sha256, long size) {
        this.s3 = s3;
        this.file = file;
        this.object = object;
        this.sha256 = sha256;
        this.size = size;
    }

    /**
     * @return false when another process has sent it meanwhile
     * @throws IOException when the file cannot be read, or does not have the hash any more
     */
    boolean send(LongConsumer sent) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                return sendOnce(sent);
            } catch (S3Exception e) {
                // ConditionalRequestConflict: another process writes the object at this moment.
                if (e.statusCode() != 409 || attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private boolean sendOnce(LongConsumer sent) throws IOException {
        try {
            if (size <= PART_BYTES) {
                atOnce();
                sent.accept(size);
            } else {
                inParts(sent);
            }
            return true;
        } catch (S3Exception e) {
            if (e.statusCode() == 412) {
                return false;
            }
            String code = AwsFailures.code(e).toLowerCase(Locale.ROOT);
            if (code.contains("baddigest") || code.contains("checksum") || code.contains("sha256mismatch")) {
                throw new IOException("its content has another SHA-256", e);
            }
            throw e;
        }
    }

    private void atOnce() throws IOException {
        byte[] content;
        try (InputStream in = Files.newInputStream(file)) {
            content = in.readNBytes(PART_BYTES + 1);
        }
        MessageDigest digest = digest();
        digest.update(content);
        check(digest);
        String checksum =
                BaseEncoding.base64().encode(BaseEncoding.base16().lowerCase().decode(sha256));
        s3.putObject(
                request -> request.bucket(object.bucket())
                        .key(object.key())
                        .checksumSHA256(checksum)
                        .ifNoneMatch(ANY),
                RequestBody.fromBytes(content));
    }

    private void inParts(LongConsumer sent) throws IOException {
        String upload = s3.createMultipartUpload(
                        request -> request.bucket(object.bucket()).key(object.key()))
                .uploadId();
        boolean done = false;
        try {
            List<CompletedPart> parts = parts(upload, sent);
            s3.completeMultipartUpload(request -> request.bucket(object.bucket())
                    .key(object.key())
                    .uploadId(upload)
                    .ifNoneMatch(ANY)
                    .multipartUpload(all -> all.parts(parts)));
            done = true;
        } finally {
            if (!done) {
                abort(upload);
            }
        }
    }

    /** What was sent would be paid for until it is aborted. Why it is aborted counts more than a failure of this. */
    private void abort(String upload) {
        try {
            s3.abortMultipartUpload(
                    request -> request.bucket(object.bucket()).key(object.key()).uploadId(upload));
        } catch (SdkException e) {
            // Also when the upload was completed and only the answer was lost.
        }
    }

    private List<CompletedPart> parts(String upload, LongConsumer sent) throws IOException {
        int partBytes = Math.toIntExact(Math.max(PART_BYTES, size / MAX_PARTS + 1));
        MessageDigest digest = digest();
        List<CompletedPart> parts = new ArrayList<>();
        long total = 0;
        try (InputStream in = Files.newInputStream(file)) {
            while (true) {
                byte[] bytes = in.readNBytes(partBytes);
                if (bytes.length == 0) {
                    break;
                }
                digest.update(bytes);
                int number = parts.size() + 1;
                var answer = s3.uploadPart(
                        request -> request.bucket(object.bucket())
                                .key(object.key())
                                .uploadId(upload)
                                .partNumber(number),
                        RequestBody.fromBytes(bytes));
                parts.add(CompletedPart.builder()
                        .partNumber(number)
                        .eTag(answer.eTag())
                        .checksumCRC32(answer.checksumCRC32())
                        .build());
                total += bytes.length;
                sent.accept(total);
            }
        }
        check(digest);
        return parts;
    }

    private void check(MessageDigest digest) throws IOException {
        if (!BaseEncoding.base16().lowerCase().encode(digest.digest()).equals(sha256)) {
            throw new IOException("its content has another SHA-256");
        }
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JVM has SHA-256.", e);
        }
    }
}
