package dev.emrys.storage.logs;

import java.util.Comparator;

/**
 * Where an event is in the order of a search: by time, then by stream, then by its place in the file.
 *
 * @param timestamp in milliseconds since 1970
 * @param stream the name of the log stream
 * @param offset of its line in the file
 */
record LogPosition(long timestamp, String stream, long offset) implements Comparable<LogPosition> {
    private static final Comparator<LogPosition> ORDER = Comparator.comparingLong(LogPosition::timestamp)
            .thenComparing(LogPosition::stream)
            .thenComparingLong(LogPosition::offset);

    @Override
    public int compareTo(LogPosition other) {
        return ORDER.compare(this, other);
    }

    boolean isBefore(LogPosition other) {
        return compareTo(other) < 0;
    }
}
