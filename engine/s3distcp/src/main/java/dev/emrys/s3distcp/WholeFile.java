package dev.emrys.s3distcp;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Abortable;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Writes files that appear complete, or not at all. Thread-safe. */
final class WholeFile {
    /** What Hadoop's own copy command appends to the name of an unfinished file. */
    private static final String UNFINISHED = "._COPYING_";

    private WholeFile() {}

    interface Content {
        /** May close the stream, which has no effect on the file. */
        void writeTo(OutputStream out) throws IOException;
    }

    /** Replaces the file if it exists. Creates missing folders. */
    static void write(Path file, Configuration conf, Content content) throws IOException {
        FileSystem system = file.getFileSystem(conf);
        // Files of s3:// and hdfs:// appear when their stream is closed. Others appear when they are created.
        Path written = system.getScheme().equals("file") ? new Path(file + UNFINISHED) : file;
        FSDataOutputStream out = system.create(written, true);
        try {
            content.writeTo(new FilterOutputStream(out) {
                @Override
                public void write(byte[] bytes, int from, int length) throws IOException {
                    out.write(bytes, from, length);
                }

                @Override
                public void close() throws IOException {
                    flush();
                }
            });
            out.close();
        } catch (IOException | RuntimeException e) {
            discard(system, written, out, e);
            throw e;
        }
        if (!written.equals(file) && !system.rename(written, file)) {
            throw new IOException(file + " cannot be replaced.");
        }
    }

    private static void discard(FileSystem system, Path file, FSDataOutputStream out, Exception cause) {
        try {
            if (out.getWrappedStream() instanceof Abortable) {
                out.abort();
            } else {
                out.close();
                system.delete(file, false);
            }
        } catch (IOException | RuntimeException e) {
            cause.addSuppressed(e);
        }
    }
}
