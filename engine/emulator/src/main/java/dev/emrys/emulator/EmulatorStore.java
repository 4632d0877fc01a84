package dev.emrys.emulator;

import com.google.common.collect.ImmutableList;

/** Where the emulator's state outlives its process. Called under the emulator's lock, never concurrently. */
public interface EmulatorStore {

    /** All documents, in any order. */
    ImmutableList<StoredDocument> load();

    /**
     * Adds or replaces documents: all or none, and durable when it returns. If it throws, nothing was stored, nothing is acted
     * upon, and the caller of the operation sees an internal error.
     */
    void save(ImmutableList<StoredDocument> documents);

    /** Forgets documents that are no longer visible to anybody. Forgetting may be lost: it is then repeated. */
    void delete(String kind, ImmutableList<String> ids);
}
