package dev.emrys.storage.logs;

/**
 * An event of a log stream.
 *
 * @param timestamp when it happened, as the client says, in milliseconds since 1970
 * @param message not empty
 */
public record LogEvent(long timestamp, String message) {}
