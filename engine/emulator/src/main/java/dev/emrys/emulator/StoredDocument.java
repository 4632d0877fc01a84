package dev.emrys.emulator;

/**
 * One record of the emulator's state.
 *
 * @param kind what it is, such as {@code cluster}, {@code step} or {@code studio}; a store must take any kind
 * @param id unique within its kind
 * @param json its current state
 */
public record StoredDocument(String kind, String id, String json) {}
