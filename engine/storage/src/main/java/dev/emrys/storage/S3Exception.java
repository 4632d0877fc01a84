package dev.emrys.storage;

import org.jspecify.annotations.Nullable;

/**
 * An error as S3 reports it.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html">Error responses</a>
 */
final class S3Exception extends Exception {
    private static final int BAD_REQUEST = 400;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;
    private static final int CONFLICT = 409;

    private final int status;
    private final String code;
    private final @Nullable String range;

    S3Exception(int status, String code, String message) {
        this(status, code, message, null);
    }

    private S3Exception(int status, String code, String message, @Nullable String range) {
        super(message, null, false, false);
        this.status = status;
        this.code = code;
        this.range = range;
    }

    int status() {
        return status;
    }

    String code() {
        return code;
    }

    String text() {
        return String.valueOf(getMessage());
    }

    /** The value of the header Content-Range. */
    @Nullable
    String range() {
        return range;
    }

    static S3Exception badRequest(String code, String message) {
        return new S3Exception(BAD_REQUEST, code, message);
    }

    static S3Exception invalidArgument(String message) {
        return badRequest("InvalidArgument", message);
    }

    static S3Exception invalidRequest(String message) {
        return badRequest("InvalidRequest", message);
    }

    static S3Exception malformedXml() {
        return badRequest(
                "MalformedXML",
                "The XML you provided was not well-formed or did not validate against our published schema");
    }

    static S3Exception forbidden(String code, String message) {
        return new S3Exception(FORBIDDEN, code, message);
    }

    static S3Exception noSuchKey() {
        return new S3Exception(NOT_FOUND, "NoSuchKey", "The specified key does not exist.");
    }

    static S3Exception noSuchBucket() {
        return new S3Exception(NOT_FOUND, "NoSuchBucket", "The specified bucket does not exist");
    }

    static S3Exception noSuchUpload() {
        return new S3Exception(
                NOT_FOUND,
                "NoSuchUpload",
                "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or"
                        + " completed.");
    }

    static S3Exception conflict(String code, String message) {
        return new S3Exception(CONFLICT, code, message);
    }

    static S3Exception preconditionFailed() {
        return new S3Exception(
                412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold");
    }

    static S3Exception notModified() {
        return new S3Exception(304, "NotModified", "Not Modified");
    }

    static S3Exception invalidRange(long size) {
        return new S3Exception(416, "InvalidRange", "The requested range is not satisfiable", "bytes */" + size);
    }

    static S3Exception methodNotAllowed() {
        return new S3Exception(405, "MethodNotAllowed", "The specified method is not allowed against this resource.");
    }

    static S3Exception notImplemented(String what) {
        return new S3Exception(501, "NotImplemented", what + " is not emulated.");
    }
}
