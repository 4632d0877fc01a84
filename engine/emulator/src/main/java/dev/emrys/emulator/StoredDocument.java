package dev.emrys.emulator;

/**
 * One record of the emulator's state.
 *
 * @param kind {@code cluster}, {@code cluster-request} or {@code step}
 * @param id unique within its kind
 * @param json its current state
 */
public record StoredDocument(String kind, String id, String json) {}
