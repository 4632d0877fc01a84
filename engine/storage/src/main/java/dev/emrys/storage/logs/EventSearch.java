package dev.emrys.storage.logs;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds the events of one answer: in the order of their times over several streams, although a file has them in the
 * order in which they came. Reads the parts of the files by their earliest events (backwards: latest) and keeps the
 * first events that it has found; it stops when no further part can have an earlier one. Not thread-safe.
 */
final class EventSearch {
    /** Of messages in an answer. */
    static final int MAX_BYTES = 1 << 20;

    static final int MAX_EVENTS = 10_000;

    /** So much is read for an answer, at least: then it has what was found, and the next one goes on. */
    private static final long READ_BYTES = 32L << 20;

    private final Query query;
    private final long readBytes;
    private final Comparator<LogPosition> order;
    private final TreeMap<LogPosition, StoredEvent> found;
    private long bytes;

    /** What is not before it is not part of the answer. */
    private @Nullable LogPosition bound;

    /**
     * What is searched for.
     *
     * @param after only events after this one; backwards: before it
     * @param start the earliest time
     * @param end no event at this time or later
     */
    record Query(
            @Nullable LogPosition after,
            long start,
            long end,
            int limit,
            boolean backwards,
            Predicate<String> filter) {}

    /**
     * A part of the answer.
     *
     * @param events by time, also backwards
     * @param next where the next answer begins; empty when there are no further events
     */
    record Page(ImmutableList<StoredEvent> events, Optional<LogPosition> next) {}

    EventSearch(Query query) {
        this(query, READ_BYTES);
    }

    EventSearch(Query query, long readBytes) {
        this.query = query;
        this.readBytes = readBytes;
        this.order = query.backwards() ? Comparator.reverseOrder() : Comparator.naturalOrder();
        this.found = new TreeMap<>(order);
    }

    Page search(ImmutableList<LogStream> streams) throws IOException {
        List<LogStream.Part> parts = parts(streams);
        LogPosition begin = query.after();
        long read = 0;
        for (LogStream.Part part : parts) {
            LogPosition edge = edge(part);
            if (bound != null && order.compare(edge, bound) > 0) {
                break;
            }
            if (begin == null) {
                begin = edge;
            }
            LogPosition before = new LogPosition(edge.timestamp(), edge.stream(), edge.offset() - 1);
            // The next answer must not begin where this one did.
            if (read >= readBytes && order.compare(before, begin) > 0) {
                found.tailMap(edge, true).clear();
                return new Page(events(), Optional.of(before));
            }
            read(part);
            read += part.end() - part.start();
        }
        ImmutableList<StoredEvent> events = events();
        return new Page(events, bound == null || found.isEmpty() ? Optional.empty() : Optional.of(found.lastKey()));
    }

    private ImmutableList<StoredEvent> events() {
        return query.backwards()
                ? ImmutableList.copyOf(found.descendingMap().values())
                : ImmutableList.copyOf(found.values());
    }

    private List<LogStream.Part> parts(ImmutableList<LogStream> streams) {
        List<LogStream.Part> parts = new ArrayList<>();
        for (LogStream stream : streams) {
            for (LogStream.Part part : stream.parts()) {
                boolean isInTime = part.max() >= query.start() && part.min() < query.end();
                LogPosition other = query.backwards() ? part.first() : part.last();
                if (isInTime && (query.after() == null || order.compare(other, query.after()) > 0)) {
                    parts.add(part);
                }
            }
        }
        parts.sort(Comparator.comparing(this::edge, order));
        return parts;
    }

    private LogPosition edge(LogStream.Part part) {
        return query.backwards() ? part.last() : part.first();
    }

    private void read(LogStream.Part part) throws IOException {
        try (FileChannel file = part.stream().open()) {
            LogLines.Reader lines = new LogLines.Reader(file, part.start(), part.end());
            long offset = part.start();
            for (byte[] line = lines.next(); line != null; line = lines.next()) {
                LogLines.read(line, part.stream().name(), offset).ifPresent(this::offer);
                offset = lines.offset();
            }
        } catch (NoSuchFileException e) {
            // The stream has been deleted meanwhile.
        }
    }

    private void offer(StoredEvent event) {
        LogPosition position = event.position();
        if (event.timestamp() < query.start()
                || event.timestamp() >= query.end()
                || (query.after() != null && order.compare(position, query.after()) <= 0)
                || (bound != null && order.compare(position, bound) >= 0)
                || !query.filter().test(event.message())) {
            return;
        }
        found.put(position, event);
        bytes += LogFiles.utf8(event.message());
        while (found.size() > query.limit() || (bytes > MAX_BYTES && found.size() > 1)) {
            var last = found.pollLastEntry();
            bytes -= LogFiles.utf8(last.getValue().message());
            bound = last.getKey();
        }
    }
}
