package dev.emrys.jobs;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import org.apache.hadoop.io.Text;

/**
 * The words of a range of a text. A word belongs to the range that contains its first byte and is read to its end, so
 * that ranges side by side find each word once. Only one word at a time is held in memory: it can be as long as memory
 * allows, and lines do not matter.
 */
final class WordScanner implements Closeable {
    private static final int BUFFER_BYTES = 1 << 16;

    private final InputStream in;
    private final long end;
    private final byte[] buffer;
    private long bufferStart;
    private int next;
    private int limit;

    /**
     * @param in positioned one byte before {@code start}, or at 0: that byte shows whether a word continues into the
     *     range
     * @param end the first position behind the range
     */
    WordScanner(InputStream in, long start, long end) throws IOException {
        this(in, start, end, BUFFER_BYTES);
    }

    WordScanner(InputStream in, long start, long end, int bufferBytes) throws IOException {
        this.in = in;
        this.end = end;
        this.buffer = new byte[bufferBytes];
        this.bufferStart = Math.max(0, start - 1);
        if (start > 0) {
            while (position() < end && fill() && !WordCounts.isSeparator(buffer[next])) {
                next++;
            }
        }
    }

    /** False at the end of the range; then the text is undefined. */
    boolean next(Text word) throws IOException {
        while (position() < end && fill()) {
            if (!WordCounts.isSeparator(buffer[next])) {
                readInto(word);
                return true;
            }
            next++;
        }
        return false;
    }

    long position() {
        return bufferStart + next;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    private void readInto(Text word) throws IOException {
        word.clear();
        while (fill()) {
            int from = next;
            while (next < limit && !WordCounts.isSeparator(buffer[next])) {
                next++;
            }
            word.append(buffer, from, next - from);
            if (next < limit) {
                return;
            }
        }
    }

    private boolean fill() throws IOException {
        if (next < limit) {
            return true;
        }
        bufferStart += limit;
        next = 0;
        limit = Math.max(0, in.read(buffer, 0, buffer.length));
        return limit > 0;
    }
}
