package dev.emrys.emulator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the account has beside clusters and steps: security configurations, studios and so on. Not thread-safe: {@link
 * Transactor} guards it.
 */
final class AccountResources {

    static final String SECURITY_CONFIGURATION = "security-configuration";
    static final String BLOCK_PUBLIC_ACCESS = "block-public-access";
    static final String STUDIO = "studio";
    static final String STUDIO_SESSION_MAPPING = "studio-session-mapping";
    static final String NOTEBOOK_EXECUTION = "notebook-execution";
    static final String SESSION = "session";
    static final String PERSISTENT_APP_UI = "persistent-app-ui";

    private static final ImmutableSet<String> KINDS = ImmutableSet.of(
            SECURITY_CONFIGURATION,
            BLOCK_PUBLIC_ACCESS,
            STUDIO,
            STUDIO_SESSION_MAPPING,
            NOTEBOOK_EXECUTION,
            SESSION,
            PERSISTENT_APP_UI);

    /** Where a change of the current transaction is recorded. */
    interface Changes {
        /** @param document the document to store, read when the transaction ends */
        void add(Runnable undo, String key, Supplier<StoredDocument> document);
    }

    private final Map<String, Map<String, AccountResource>> byKind = new LinkedHashMap<>();
    private final List<StoredDocument> removed = new ArrayList<>();
    private final Changes changes;

    AccountResources(Changes changes) {
        this.changes = changes;
        KINDS.forEach(kind -> byKind.put(kind, new LinkedHashMap<>()));
    }

    @Nullable
    AccountResource find(String kind, String id) {
        return all(kind).get(id);
    }

    /** The resources of a kind that were created before {@code sequence}, newest first. */
    Stream<AccountResource> newestBelow(String kind, long sequence) {
        return all(kind).values().stream()
                .filter(resource -> resource.sequence() < sequence)
                .sorted(Comparator.comparingLong(AccountResource::sequence).reversed());
    }

    /** Adds or replaces a resource. */
    void put(String kind, String id, ObjectNode json) {
        AccountResource before = find(kind, id);
        long sequence = before == null ? nextSequence(kind) : before.sequence();
        set(kind, id, new AccountResource(kind, id, sequence, json), before);
    }

    /** Removes a resource, which must exist. */
    void remove(String kind, String id) {
        set(kind, id, null, find(kind, id));
        removed.add(Documents.ofRemoved(kind, id));
    }

    void load(ImmutableList<StoredDocument> documents) {
        for (StoredDocument document : documents) {
            if (KINDS.contains(document.kind())) {
                AccountResource resource = Documents.resource(document);
                if (resource == null) {
                    removed.add(document);
                } else {
                    all(document.kind()).put(document.id(), resource);
                }
            }
        }
    }

    /** The documents of the removed resources. The caller deletes them from the store, or the next load does. */
    ImmutableList<StoredDocument> takeRemoved() {
        ImmutableList<StoredDocument> taken = ImmutableList.copyOf(removed);
        removed.clear();
        return taken;
    }

    private void set(String kind, String id, @Nullable AccountResource now, @Nullable AccountResource before) {
        changes.add(
                () -> assign(kind, id, before),
                kind + "/" + id,
                now == null ? () -> Documents.ofRemoved(kind, id) : () -> Documents.of(now));
        assign(kind, id, now);
    }

    private void assign(String kind, String id, @Nullable AccountResource resource) {
        if (resource == null) {
            all(kind).remove(id);
        } else {
            all(kind).put(id, resource);
        }
    }

    private long nextSequence(String kind) {
        return all(kind).values().stream()
                        .mapToLong(AccountResource::sequence)
                        .max()
                        .orElse(-1)
                + 1;
    }

    private Map<String, AccountResource> all(String kind) {
        Map<String, AccountResource> resources = byKind.get(kind);
        if (resources == null) {
            throw new IllegalArgumentException("The account has no resources of the kind " + kind + ".");
        }
        return resources;
    }
}
