package dev.emrys.aws;

/**
 * A place on Amazon S3.
 *
 * @param key of an object, or the beginning of several keys, without a slash before it; may be empty
 */
record S3Place(String bucket, String key) {
    /** @param uri with the scheme {@code s3}, {@code s3a} or {@code s3n}, which EMR shows */
    static S3Place of(String uri) {
        String rest = uri.replaceFirst("^s3[an]?://", "");
        int slash = rest.indexOf('/');
        return slash < 0 ? new S3Place(rest, "") : new S3Place(rest.substring(0, slash), rest.substring(slash + 1));
    }

    /** This place as a folder, and what is below it. */
    S3Place below(String path) {
        String folder = key.isEmpty() || key.endsWith("/") ? key : key + "/";
        return new S3Place(bucket, folder + path);
    }

    @Override
    public String toString() {
        return "s3://" + bucket + "/" + key;
    }
}
