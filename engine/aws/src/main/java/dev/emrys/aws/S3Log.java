package dev.emrys.aws;

import dev.emrys.drive.AttemptLogs;
import dev.emrys.drive.TargetUnavailableException;
import dev.emrys.spec.AwsCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A log on S3, mostly with gzip. Offsets are those of its text. It is read as a stream, from its beginning, and the
 * stream is kept open for the next part: memory does not depend on its length. Thread-safe.
 */
final class S3Log implements AttemptLogs.Log {
    /** As much as readers of the last lines read. */
    private static final int TAIL_BYTES = 64 * 1024;

    private static final int BUFFER_BYTES = 64 * 1024;
    private static final int ATTEMPTS = 3;

    private final AwsStorage storage;
    private final S3Place object;
    private String tag;
    private @Nullable InputStream stream;
    private long position;
    /** Where the text ends; -1 while that is not known. */
    private long end = -1;

    private byte[] tail = new byte[0];

    S3Log(AwsStorage storage, S3Place object, String tag) {
        this.storage = storage;
        this.object = object;
        this.tag = tag;
    }

    /** Tells which content the object has now. */
    synchronized void isNow(String newTag) {
        if (!tag.equals(newTag)) {
            tag = newTag;
            end = -1;
            tail = new byte[0];
            close();
        }
    }

    @Override
    public String location() {
        return object.toString();
    }

    /** Reads the whole text once, and keeps its last 64 KiB. */
    @Override
    public synchronized long size() {
        if (end < 0) {
            retried(() -> {
                close();
                byte[] last = new byte[2 * TAIL_BYTES];
                int kept = 0;
                InputStream in = open();
                while (true) {
                    int count = in.read(last, kept, last.length - kept);
                    if (count < 0) {
                        break;
                    }
                    kept += count;
                    position += count;
                    if (kept == last.length) {
                        System.arraycopy(last, TAIL_BYTES, last, 0, TAIL_BYTES);
                        kept = TAIL_BYTES;
                    }
                }
                tail = Arrays.copyOfRange(last, Math.max(0, kept - TAIL_BYTES), kept);
                end = position;
                close();
                return end;
            });
        }
        return end;
    }

    @Override
    public synchronized byte[] read(long offset, int limit) {
        if (end >= 0 && offset >= end) {
            return new byte[0];
        }
        if (end >= 0 && offset >= end - tail.length) {
            int from = (int) (offset - (end - tail.length));
            return Arrays.copyOfRange(tail, from, Math.min(tail.length, from + limit));
        }
        return retried(() -> part(offset, limit));
    }

    private byte[] part(long offset, int limit) throws IOException {
        if (stream == null || position > offset) {
            close();
        }
        InputStream in = open();
        while (position < offset) {
            long skipped = in.skip(offset - position);
            position += skipped;
            if (skipped == 0) {
                // Shorter than what was read before.
                end = position;
                close();
                return new byte[0];
            }
        }
        byte[] bytes = in.readNBytes(limit);
        position += bytes.length;
        if (bytes.length < limit) {
            end = position;
            close();
        }
        return bytes;
    }

    private InputStream open() throws IOException {
        InputStream open = stream;
        if (open == null) {
            position = 0;
            PushbackInputStream raw = new PushbackInputStream(storage.open(object), 2);
            stream = raw;
            byte[] magic = raw.readNBytes(2);
            raw.unread(magic);
            boolean packed = magic.length == 2 && magic[0] == (byte) 0x1f && magic[1] == (byte) 0x8b;
            open = packed ? new GZIPInputStream(raw, BUFFER_BYTES) : raw;
            stream = open;
        }
        return open;
    }

    private void close() {
        InputStream open = stream;
        stream = null;
        position = 0;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                // Nothing more is read from it.
            }
        }
    }

    private interface Reading<T> {
        T read() throws IOException;
    }

    /** A connection that breaks while a long log is read is no end of the log. */
    private <T> T retried(Reading<T> reading) {
        for (int attempt = 1; ; attempt++) {
            try {
                return reading.read();
            } catch (AwsException e) {
                throw new TargetUnavailableException(e.diagnostic(), e);
            } catch (IOException e) {
                close();
                if (attempt == ATTEMPTS) {
                    throw new TargetUnavailableException(
                            AwsCode.UNREACHABLE.of(object, String.valueOf(e.getMessage())), e);
                }
            }
        }
    }
}
