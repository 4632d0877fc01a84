package dev.emrys.storage;

/**
 * A key pair that may use an account's storage.
 *
 * @param accessKeyId is in each request and is no secret
 * @param secretAccessKey signs the requests
 * @param createsBuckets whether the first object creates a missing bucket, as the file system of the steps does; else
 *     this is NoSuchBucket
 */
public record StorageCredential(String accessKeyId, String secretAccessKey, boolean createsBuckets) {
    public StorageCredential {
        if (accessKeyId.isBlank() || accessKeyId.contains("/") || secretAccessKey.isBlank()) {
            throw new IllegalArgumentException(
                    "An access key id is not blank and has no '/', and a secret key is not blank.");
        }
    }

    /** Without the secret key. */
    @Override
    public String toString() {
        return "StorageCredential[" + accessKeyId + "]";
    }
}
