package dev.emrys.s3distcp;

import org.jspecify.annotations.Nullable;

/**
 * The options of s3-dist-cp.
 *
 * @see <a href="https://docs.aws.amazon.com/emr/latest/ReleaseGuide/UsingEMR_s3distcp.html">S3DistCp (s3-dist-cp)</a>
 */
enum Option {
    SRC("--src", Kind.VALUE),
    DEST("--dest", Kind.VALUE),
    SRC_PATTERN("--srcPattern", Kind.VALUE),
    GROUP_BY("--groupBy", Kind.VALUE),
    TARGET_SIZE("--targetSize", Kind.VALUE),
    APPEND_TO_LAST_FILE("--appendToLastFile", Kind.SWITCH),
    OUTPUT_CODEC("--outputCodec", Kind.VALUE),
    DELETE_ON_SUCCESS("--deleteOnSuccess", Kind.SWITCH),
    NUMBER_FILES("--numberFiles", Kind.SWITCH),
    STARTING_INDEX("--startingIndex", Kind.VALUE),
    OUTPUT_MANIFEST("--outputManifest", Kind.VALUE),
    PREVIOUS_MANIFEST("--previousManifest", Kind.VALUE),
    REQUIRE_PREVIOUS_MANIFEST("--requirePreviousManifest", Kind.SWITCH),
    COPY_FROM_MANIFEST("--copyFromManifest", Kind.SWITCH),
    SRC_PREFIXES_FILE("--srcPrefixesFile", Kind.VALUE),
    HELP("--help", Kind.SWITCH),
    S3_ENDPOINT("--s3Endpoint", Kind.IGNORED_VALUE),
    STORAGE_CLASS("--storageClass", Kind.IGNORED_VALUE),
    S3_SERVER_SIDE_ENCRYPTION("--s3ServerSideEncryption", Kind.IGNORED_SWITCH),
    DISABLE_MULTIPART_UPLOAD("--disableMultipartUpload", Kind.IGNORED_SWITCH),
    MULTIPART_UPLOAD_CHUNK_SIZE("--multipartUploadChunkSize", Kind.IGNORED_VALUE);

    private enum Kind {
        VALUE,
        SWITCH,
        IGNORED_VALUE,
        IGNORED_SWITCH
    }

    private final String text;
    private final Kind kind;

    Option(String text, Kind kind) {
        this.text = text;
        this.kind = kind;
    }

    /** The option of a text such as {@code --src}. */
    static @Nullable Option of(String text) {
        for (Option option : values()) {
            if (option.text.equals(text)) {
                return option;
            }
        }
        return null;
    }

    boolean hasValue() {
        return kind == Kind.VALUE || kind == Kind.IGNORED_VALUE;
    }

    /** Whether it is about a service that folders do not have. */
    boolean isIgnored() {
        return kind == Kind.IGNORED_VALUE || kind == Kind.IGNORED_SWITCH;
    }

    @Override
    public String toString() {
        return text;
    }
}
