package dev.emrys.emulator;

import com.google.common.collect.ImmutableList;

/** Keeps the emulator's state beyond its process. Called under the emulator's lock, never concurrently. */
public interface EmulatorStore {

    /** All documents, in any order. */
    ImmutableList<StoredDocument> load();

    /**
     * Adds or replaces documents: all or none, durable when it returns. If it throws, nothing was stored, the emulator rolls the
     * change back, and the caller of the operation gets an internal error.
     */
    void save(ImmutableList<StoredDocument> documents);

    /** Deletes documents that no operation shows any more. A deletion that fails is repeated later. */
    void delete(String kind, ImmutableList<String> ids);
}
