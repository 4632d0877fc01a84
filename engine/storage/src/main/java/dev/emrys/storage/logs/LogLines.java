package dev.emrys.storage.logs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The lines of a log stream's file: writes and reads them as JSON. */
final class LogLines {
    static final ObjectMapper JSON = new ObjectMapper();

    private static final int BUFFER_BYTES = 64 * 1024;

    private LogLines() {}

    static byte[] header(String stream, long creationTime) {
        return line(JSON.createObjectNode().put("logStreamName", stream).put("creationTime", creationTime));
    }

    static byte[] event(LogEvent event, long ingestionTime) {
        return line(JSON.createObjectNode()
                .put("timestamp", event.timestamp())
                .put("ingestionTime", ingestionTime)
                .put("message", event.message()));
    }

    private static byte[] line(JsonNode node) {
        try {
            return (JSON.writeValueAsString(node) + "\n").getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Empty for a line that is not an event. */
    static Optional<StoredEvent> read(byte[] line, String stream, long offset) {
        JsonNode node = node(line);
        if (node == null
                || !node.path("timestamp").isIntegralNumber()
                || !node.path("message").isTextual()) {
            return Optional.empty();
        }
        return Optional.of(new StoredEvent(
                new LogPosition(node.path("timestamp").longValue(), stream, offset),
                node.path("ingestionTime").longValue(),
                node.path("message").textValue()));
    }

    /** Null when it is not a JSON object. */
    static @Nullable JsonNode node(byte[] line) {
        try {
            JsonNode node = JSON.readTree(line);
            return node != null && node.isObject() ? node : null;
        } catch (IOException e) {
            return null;
        }
    }

    /** Reads whole lines of a part of a file. Not thread-safe. */
    static final class Reader {
        private final SeekableByteChannel in;
        private final long end;
        private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES).flip();
        private long offset;

        /** @param end where the part ends; a line that begins before it is read whole only if it ends there, too */
        Reader(SeekableByteChannel in, long start, long end) throws IOException {
            this.in = in.position(start);
            this.offset = start;
            this.end = end;
        }

        /** Where the next line begins. */
        long offset() {
            return offset;
        }

        /** The next line without its end; null when there is no whole line left. */
        byte @Nullable [] next() throws IOException {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            while (offset + line.size() < end) {
                if (!buffer.hasRemaining() && !fill()) {
                    return null;
                }
                int from = buffer.position();
                int to = from;
                while (to < buffer.limit() && buffer.get(to) != '\n') {
                    to++;
                }
                line.write(buffer.array(), from, to - from);
                if (to < buffer.limit()) {
                    buffer.position(to + 1);
                    offset += line.size() + 1;
                    return offset > end ? null : line.toByteArray();
                }
                buffer.position(to);
            }
            return null;
        }

        private boolean fill() throws IOException {
            buffer.clear();
            int count = in.read(buffer);
            buffer.flip();
            return count > 0;
        }
    }
}
