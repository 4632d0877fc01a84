package dev.emrys.s3fs;

import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.fs.Abortable;
import org.jspecify.annotations.Nullable;

/**
 * Writes an object to a temporary file and moves it to its name on close. After a failed write, an abort or a kill
 * there is no object.
 */
final class ObjectWriter extends OutputStream implements Abortable {
    /** Moves the finished file to the object's name. */
    interface Publication {
        void publish(Path upload) throws IOException;
    }

    private final String address;
    private final Path upload;
    private final Publication publication;
    private final OutputStream out;
    private boolean failed;
    private boolean closed;

    ObjectWriter(String address, Path upload, int bufferBytes, Publication publication) throws IOException {
        this.address = address;
        this.upload = upload;
        this.publication = publication;
        // The buffer is inside this stream: an abort must not flush it, and close must notice a failed flush.
        this.out = new BufferedOutputStream(new FileOutputStream(upload.toFile()), bufferBytes);
    }

    @Override
    public synchronized void write(int value) throws IOException {
        track(() -> out.write(value));
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) throws IOException {
        track(() -> out.write(bytes, offset, length));
    }

    @Override
    public synchronized void flush() throws IOException {
        track(out::flush);
    }

    @Override
    public synchronized void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try {
            closeFile();
            if (failed) {
                throw new IOException(address + " was not stored, because writing it failed before.");
            }
            publication.publish(upload);
        } finally {
            Files.deleteIfExists(upload);
        }
    }

    /** As in S3A: discards what was written; a later close does nothing. */
    @Override
    public synchronized AbortableResult abort() {
        boolean wasClosed = closed;
        closed = true;
        IOException failure = wasClosed ? null : discard();
        return new AbortableResult() {
            @Override
            public boolean alreadyClosed() {
                return wasClosed;
            }

            @Override
            public @Nullable IOException anyCleanupException() {
                return failure;
            }
        };
    }

    private @Nullable IOException discard() {
        try {
            out.close();
            Files.deleteIfExists(upload);
            return null;
        } catch (IOException failure) {
            return failure;
        }
    }

    private void closeFile() throws IOException {
        try {
            out.close();
        } catch (IOException failure) {
            failed = true;
            throw failure;
        }
    }

    private void track(Operation step) throws IOException {
        if (closed) {
            throw new IOException(address + " is closed and cannot be written.");
        }
        try {
            step.run();
        } catch (IOException failure) {
            failed = true;
            throw failure;
        }
    }

    private interface Operation {
        void run() throws IOException;
    }
}
