package dev.emrys.s3distcp;

import org.apache.hadoop.fs.Path;

/** A file to copy. Immutable. */
final class SourceFile {
    private final Path path;
    private final String relative;
    private final long size;

    /** @param relative the path below the source, which becomes the path below the destination */
    SourceFile(Path path, String relative, long size) {
        this.path = path;
        this.relative = relative;
        this.size = size;
    }

    Path path() {
        return path;
    }

    String relative() {
        return relative;
    }

    /** In bytes. */
    long size() {
        return size;
    }
}
