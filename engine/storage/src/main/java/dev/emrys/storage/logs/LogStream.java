package dev.emrys.storage.logs;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** A log stream: a file to which events are added, and what parts of it have events of which times. Thread-safe. */
final class LogStream {
    /** As the service counts an event: its message in UTF-8, and this. */
    static final int EVENT_OVERHEAD = 26;

    private static final int PART_BYTES = 64 * 1024;

    private final String name;
    private final Path file;
    private final long creationTime;
    private final List<Part> parts = new ArrayList<>();
    private long length;
    private long bytes;
    private long lastIngestion = -1;

    /**
     * A part of the file, with whole lines.
     *
     * @param min the earliest time of its events
     * @param max the latest one
     */
    record Part(LogStream stream, long start, long end, long min, long max) {
        /** No event of the part is before it. */
        LogPosition first() {
            return new LogPosition(min, stream.name, start);
        }

        /** No event of the part is after it. */
        LogPosition last() {
            return new LogPosition(max, stream.name, end);
        }
    }

    private LogStream(String name, Path file, long creationTime, long length) {
        this.name = name;
        this.file = file;
        this.creationTime = creationTime;
        this.length = length;
    }

    /** Writes a new file, which appears whole. */
    static LogStream create(String name, Path file, long now) throws IOException {
        byte[] header = LogLines.header(name, now);
        LogFiles.write(file, header);
        return new LogStream(name, file, now, header.length);
    }

    /**
     * Reads a file. Removes a last line without its end, and all events when the times of all are before {@code
     * cutoff}. Empty when it is not the file of a stream.
     */
    static Optional<LogStream> read(Path file, long cutoff) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            LogLines.Reader lines = new LogLines.Reader(channel, 0, channel.size());
            byte[] header = lines.next();
            JsonNode node = header == null ? null : LogLines.node(header);
            if (node == null || !LogNames.isStream(node.path("logStreamName").asText())) {
                return Optional.empty();
            }
            long start = lines.offset();
            LogStream stream = new LogStream(
                    node.path("logStreamName").asText(),
                    file,
                    node.path("creationTime").asLong(),
                    start);
            stream.readEvents(lines);
            if (!stream.parts.isEmpty() && stream.latest() < cutoff) {
                stream.parts.clear();
                stream.bytes = 0;
                stream.lastIngestion = -1;
                stream.length = start;
            }
            if (channel.size() > stream.length) {
                channel.truncate(stream.length);
            }
            return Optional.of(stream);
        }
    }

    private synchronized void readEvents(LogLines.Reader lines) throws IOException {
        for (byte[] line = lines.next(); line != null; line = lines.next()) {
            long start = length;
            length = lines.offset();
            Optional<StoredEvent> event = LogLines.read(line, name, start);
            if (event.isPresent()) {
                added(start, length, event.get().timestamp());
                bytes += EVENT_OVERHEAD + LogFiles.utf8(event.get().message());
                lastIngestion = Math.max(lastIngestion, event.get().ingestionTime());
            }
        }
    }

    private void added(long start, long end, long timestamp) {
        int last = parts.size() - 1;
        if (last >= 0 && parts.get(last).end - parts.get(last).start < PART_BYTES) {
            Part part = parts.get(last);
            parts.set(
                    last,
                    new Part(this, part.start, end, Math.min(part.min, timestamp), Math.max(part.max, timestamp)));
        } else {
            parts.add(new Part(this, start, end, timestamp, timestamp));
        }
    }

    /**
     * Adds events in one append. A failure adds none.
     *
     * @param now the ingestion time
     */
    synchronized void append(ImmutableList<LogEvent> events, long now) throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        int[] ends = new int[events.size()];
        for (int i = 0; i < ends.length; i++) {
            text.writeBytes(LogLines.event(events.get(i), now));
            ends[i] = text.size();
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            // What an earlier append left that failed, on a full disk for instance.
            channel.truncate(length);
            ByteBuffer all = ByteBuffer.wrap(text.toByteArray());
            long at = length;
            while (all.hasRemaining()) {
                at += channel.write(all, at);
            }
        }
        long start = length;
        for (int i = 0; i < ends.length; i++) {
            LogEvent event = events.get(i);
            added(i == 0 ? start : start + ends[i - 1], start + ends[i], event.timestamp());
            bytes += EVENT_OVERHEAD + LogFiles.utf8(event.message());
        }
        length = start + text.size();
        lastIngestion = now;
    }

    void delete() throws IOException {
        Files.deleteIfExists(file);
    }

    String name() {
        return name;
    }

    long creationTime() {
        return creationTime;
    }

    /** Opens the file to read parts of it. */
    FileChannel open() throws IOException {
        return FileChannel.open(file, StandardOpenOption.READ);
    }

    /** What can be read now. */
    synchronized ImmutableList<Part> parts() {
        return ImmutableList.copyOf(parts);
    }

    /** Of all events, as the service counts them. */
    synchronized long bytes() {
        return bytes;
    }

    /** Of the earliest event. */
    synchronized OptionalLong firstTimestamp() {
        return parts.stream().mapToLong(Part::min).min();
    }

    /** Of the latest event. */
    synchronized OptionalLong lastTimestamp() {
        return parts.isEmpty() ? OptionalLong.empty() : OptionalLong.of(latest());
    }

    synchronized OptionalLong lastIngestionTime() {
        return lastIngestion < 0 ? OptionalLong.empty() : OptionalLong.of(lastIngestion);
    }

    private synchronized long latest() {
        return parts.stream().mapToLong(Part::max).max().orElse(0);
    }
}
