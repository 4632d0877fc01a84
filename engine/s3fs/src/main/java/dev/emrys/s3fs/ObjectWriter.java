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
 * Writes one object under another name and gives it its own at close. After a write that failed, and after an abort, there is no
 * object; after a kill neither.
 */
final class ObjectWriter extends OutputStream implements Abortable {
    /** Gives the finished upload its name. */
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
        // The abort must not flush, and a close must know of a failed flush: so the buffer stands within, not around.
        this.out = new BufferedOutputStream(new FileOutputStream(upload.toFile()), bufferBytes);
    }

    @Override
    public synchronized void write(int value) throws IOException {
        attempt(() -> out.write(value));
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) throws IOException {
        attempt(() -> out.write(bytes, offset, length));
    }

    @Override
    public synchronized void flush() throws IOException {
        attempt(out::flush);
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

    /** As S3A's: nothing of what was written is kept, and a later close does nothing. */
    @Override
    public synchronized AbortableResult abort() {
        boolean late = closed;
        closed = true;
        IOException failure = late ? null : discard();
        return new AbortableResult() {
            @Override
            public boolean alreadyClosed() {
                return late;
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

    private void attempt(Step step) throws IOException {
        if (closed) {
            throw new IOException(address + " is closed: nothing more can be written to it.");
        }
        try {
            step.run();
        } catch (IOException failure) {
            failed = true;
            throw failure;
        }
    }

    private interface Step {
        void run() throws IOException;
    }
}
