package dev.emrys.s3distcp;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.hadoop.fs.Path;

/** A file to write, and the files that it is made of, in this order. Immutable. */
final class OutputFile {
    private final Path path;
    private final String relative;
    private final List<SourceFile> sources;
    private final boolean append;

    /**
     * @param relative the path below the destination
     * @param append whether what the file contains already stays in front
     */
    OutputFile(Path path, String relative, List<SourceFile> sources, boolean append) {
        this.path = path;
        this.relative = relative;
        this.sources = Collections.unmodifiableList(new ArrayList<>(sources));
        this.append = append;
    }

    Path path() {
        return path;
    }

    String relative() {
        return relative;
    }

    List<SourceFile> sources() {
        return sources;
    }

    boolean append() {
        return append;
    }
}
