package dev.emrys.storage;

import com.google.common.hash.HashFunction;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What a verified signature says.
 *
 * @param payload the header x-amz-content-sha256, or UNSIGNED-PAYLOAD
 * @param chunks for the signatures of the parts of the body; null when the request was signed by a presigned URL
 */
record Authorization(
        StorageCredential credential,
        String payload,
        @Nullable ChunkSigner chunks) {
    static final String UNSIGNED = "UNSIGNED-PAYLOAD";

    /**
     * Signs the parts of a body.
     *
     * @param hmac with the signing key
     * @param seed the signature of the head
     */
    record ChunkSigner(HashFunction hmac, String time, String scope, String seed) {
        /** The signature of a part, or of the trailer, after the signature before it. */
        String sign(String algorithm, String previous, String hashes) {
            String text = algorithm + "\n" + time + "\n" + scope + "\n" + previous + "\n" + hashes;
            return hmac.hashString(text, StandardCharsets.UTF_8).toString();
        }
    }
}
