package dev.emrys.storage.logs;

/**
 * An event as it was read.
 *
 * @param ingestionTime when it came, in milliseconds since 1970
 */
record StoredEvent(LogPosition position, long ingestionTime, String message) {
    long timestamp() {
        return position.timestamp();
    }
}
