package dev.emrys.emulator;

/**
 * One thing the emulator remembers.
 *
 * @param kind {@code cluster}, {@code blueprint} (what a cluster was asked to be) or {@code step}
 * @param id unique within its kind
 * @param json its present state
 */
public record StoredDocument(String kind, String id, String json) {}
