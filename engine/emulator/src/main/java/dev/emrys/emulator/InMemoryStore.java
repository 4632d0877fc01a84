package dev.emrys.emulator;

import com.google.common.collect.ImmutableList;
import java.util.LinkedHashMap;
import java.util.Map;

/** A store for tests and embedding. Its content survives an {@link Emulator}, but not the process. Thread-safe. */
public final class InMemoryStore implements EmulatorStore {

    private record Key(String kind, String id) {}

    private final Map<Key, StoredDocument> documents = new LinkedHashMap<>();

    @Override
    public synchronized ImmutableList<StoredDocument> load() {
        return ImmutableList.copyOf(documents.values());
    }

    @Override
    public synchronized void save(ImmutableList<StoredDocument> changed) {
        changed.forEach(document -> documents.put(new Key(document.kind(), document.id()), document));
    }

    @Override
    public synchronized void delete(String kind, ImmutableList<String> ids) {
        ids.forEach(id -> documents.remove(new Key(kind, id)));
    }
}
