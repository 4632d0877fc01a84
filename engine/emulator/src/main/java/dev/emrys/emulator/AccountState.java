package dev.emrys.emulator;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableListMultimap;
import com.google.common.collect.ImmutableSet;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The clusters and steps of the account, and the changes of the current transaction. The transaction sees its own
 * changes at once; they are rolled back if they cannot be stored. Not thread-safe: {@link Transactor} guards it.
 */
final class AccountState {

    private final Map<String, ClusterEntry> byId = new LinkedHashMap<>();
    private final NavigableMap<Long, ClusterEntry> bySequence = new TreeMap<>();
    private final Set<String> live = new LinkedHashSet<>();
    private final Deque<Runnable> undo = new ArrayDeque<>();
    private final Map<String, Supplier<StoredDocument>> changed = new LinkedHashMap<>();
    private final List<StateChanges.Change> stateChanges = new ArrayList<>();
    private final Set<ClusterEntry> entriesWithNewSteps = new LinkedHashSet<>();
    private final AccountResources resources = new AccountResources((undoOne, key, document) -> {
        undo.push(undoOne);
        changed.put(key, document);
    });

    /** What the account has beside clusters and steps. */
    AccountResources resources() {
        return resources;
    }

    @Nullable
    ClusterEntry find(String clusterId) {
        return byId.get(clusterId);
    }

    ClusterEntry cluster(String clusterId) {
        ClusterEntry entry = byId.get(clusterId);
        if (entry == null) {
            throw Errors.noSuchCluster(clusterId);
        }
        return entry;
    }

    /** Clusters created before {@code sequence}, newest first. */
    Stream<ClusterEntry> newestBelow(long sequence) {
        return bySequence.headMap(sequence, false).descendingMap().values().stream();
    }

    ImmutableList<ClusterEntry> all() {
        return ImmutableList.copyOf(bySequence.values());
    }

    ImmutableList<ClusterEntry> live() {
        return live.stream().map(byId::get).collect(ImmutableList.toImmutableList());
    }

    int liveCount() {
        return live.size();
    }

    /** How many steps were passed to the runner and have not ended. An ended cluster has none. */
    int runningSteps() {
        return live.stream().mapToInt(id -> cluster(id).running.size()).sum();
    }

    long nextSequence() {
        return bySequence.isEmpty() ? 0 : bySequence.lastKey() + 1;
    }

    ClusterEntry addCluster(ClusterRecord record, ClusterRequest clusterRequest) {
        ClusterEntry entry = new ClusterEntry(record, clusterRequest);
        add(entry);
        undo.push(() -> remove(entry));
        stateChanges.add(StateChanges.Change.of(record));
        putRequest(entry);
        changed.put(Documents.CLUSTER + "/" + record.id(), () -> Documents.of(entry.cluster()));
        return entry;
    }

    private void putRequest(ClusterEntry entry) {
        changed.put(
                Documents.CLUSTER_REQUEST + "/" + entry.cluster().id(),
                () -> Documents.of(entry.clusterRequest, entry.cluster().isTerminal()));
    }

    void put(ClusterEntry entry, ClusterRecord record) {
        ClusterRecord before = entry.cluster();
        if (record.isTerminal() && !before.isTerminal()) {
            putRequest(entry);
            if (entry.partsStored()) {
                putParts(entry);
            }
        }
        undo.push(() -> replace(entry, before));
        replace(entry, record);
        if (before.state() != record.state()) {
            stateChanges.add(StateChanges.Change.of(record));
        }
        changed.put(Documents.CLUSTER + "/" + record.id(), () -> Documents.of(entry.cluster()));
    }

    void put(ClusterEntry entry, ClusterParts parts) {
        ClusterParts before = entry.parts();
        boolean storedBefore = entry.partsStored();
        undo.push(() -> entry.setParts(before, storedBefore));
        entry.setParts(parts, true);
        putParts(entry);
    }

    private void putParts(ClusterEntry entry) {
        String id = entry.cluster().id();
        changed.put(
                PartsDocuments.CLUSTER_PARTS + "/" + id,
                () -> PartsDocuments.of(id, entry.parts(), entry.cluster().isTerminal()));
    }

    void put(ClusterEntry entry, StepRecord record) {
        StepRecord before = entry.put(record);
        if (before == null) {
            undo.push(() -> entry.remove(record));
            entriesWithNewSteps.add(entry);
        } else {
            undo.push(() -> entry.put(before));
        }
        if (before == null || before.state() != record.state()) {
            stateChanges.add(StateChanges.Change.of(record));
        }
        changed.put(Documents.STEP + "/" + record.id(), () -> Documents.of(record));
    }

    /** The new states that the current transaction gives, in order. */
    ImmutableList<StateChanges.Change> stateChanges() {
        return ImmutableList.copyOf(stateChanges);
    }

    void setIdleCheck(ClusterEntry entry, @Nullable Instant when) {
        Instant before = entry.idleCheckAt;
        undo.push(() -> entry.idleCheckAt = before);
        entry.idleCheckAt = when;
    }

    /** The documents that the current transaction changed, each once and in its latest state. */
    ImmutableList<StoredDocument> changes() {
        return changed.values().stream().map(Supplier::get).collect(ImmutableList.toImmutableList());
    }

    void rollBack() {
        undo.forEach(Runnable::run);
        resources.takeRemoved();
        clearChanges();
    }

    /**
     * The transaction is stored: drops what no operation shows any more, and returns the ids to delete from the store,
     * by kind.
     */
    ImmutableListMultimap<String, String> commit() {
        ImmutableListMultimap.Builder<String, String> removed = ImmutableListMultimap.builder();
        for (ClusterEntry entry : entriesWithNewSteps) {
            for (StepRecord step = entry.removeInvisible(); step != null; step = entry.removeInvisible()) {
                removed.put(Documents.STEP, step.id());
            }
        }
        resources.takeRemoved().forEach(document -> removed.put(document.kind(), document.id()));
        clearChanges();
        return removed.build();
    }

    /**
     * Loads what was stored. The commit drops the steps that no operation shows any more, and hides the confidential
     * values of ended clusters and steps that an earlier version stored.
     */
    void load(ImmutableList<StoredDocument> documents) {
        resources.load(documents);
        Map<String, ClusterRequest> requests = new LinkedHashMap<>();
        for (StoredDocument document : documents) {
            if (Documents.isClusterRequest(document)) {
                requests.put(document.id(), Documents.clusterRequest(document));
            }
        }
        for (StoredDocument document : documents) {
            ClusterRequest clusterRequest = requests.get(document.id());
            if (document.kind().equals(Documents.CLUSTER) && clusterRequest != null) {
                add(new ClusterEntry(Documents.cluster(document), clusterRequest));
            }
        }
        for (StoredDocument document : documents) {
            ClusterEntry entry = byId.get(document.id());
            if (document.kind().equals(PartsDocuments.CLUSTER_PARTS) && entry != null) {
                entry.setParts(PartsDocuments.parts(document), true);
            }
        }
        documents.stream()
                .filter(document -> document.kind().equals(Documents.STEP))
                .map(Documents::step)
                .sorted(Comparator.comparingLong(StepRecord::sequence))
                .forEach(step -> {
                    ClusterEntry entry = byId.get(step.clusterId());
                    if (entry != null) {
                        entry.put(step);
                        if (!step.active() && !ConfidentialValues.areHidden(step.step())) {
                            changed.put(Documents.STEP + "/" + step.id(), () -> Documents.of(step));
                        }
                    }
                });
        live.clear();
        bySequence.values().stream()
                .filter(entry -> !entry.cluster().isTerminal())
                .forEach(entry -> live.add(entry.cluster().id()));
        entriesWithNewSteps.addAll(bySequence.values());
        hideOfEnded(ImmutableSet.copyOf(documents));
    }

    private void hideOfEnded(ImmutableSet<StoredDocument> stored) {
        for (ClusterEntry entry : bySequence.values()) {
            if (entry.cluster().isTerminal() && !stored.contains(Documents.of(entry.clusterRequest, true))) {
                putRequest(entry);
                changed.put(Documents.CLUSTER + "/" + entry.cluster().id(), () -> Documents.of(entry.cluster()));
            }
        }
    }

    /** The ended clusters whose request an earlier version stored under another name, with confidential values. */
    ImmutableList<String> replacedRequests(ImmutableList<StoredDocument> stored) {
        return stored.stream()
                .filter(document -> document.kind().equals(Documents.CLUSTER_REQUEST_V0))
                .map(StoredDocument::id)
                .filter(id -> byId.containsKey(id) && !live.contains(id))
                .collect(ImmutableList.toImmutableList());
    }

    /** Drops and returns the clusters that ended before {@code time} and whose end the runner knows. */
    ImmutableList<ClusterEntry> removeEndedBefore(Instant time) {
        ImmutableList<ClusterEntry> old = bySequence.values().stream()
                .filter(entry -> entry.cluster().isTerminal() && entry.cluster().runnerNotified())
                .filter(entry -> entry.cluster()
                        .cluster()
                        .status()
                        .timeline()
                        .endDateTime()
                        .isBefore(time))
                .collect(ImmutableList.toImmutableList());
        old.forEach(this::remove);
        return old;
    }

    private void add(ClusterEntry entry) {
        byId.put(entry.cluster().id(), entry);
        bySequence.put(entry.cluster().sequence(), entry);
        live.add(entry.cluster().id());
    }

    private void remove(ClusterEntry entry) {
        byId.remove(entry.cluster().id());
        bySequence.remove(entry.cluster().sequence());
        live.remove(entry.cluster().id());
    }

    private void replace(ClusterEntry entry, ClusterRecord record) {
        entry.setCluster(record);
        if (record.isTerminal()) {
            live.remove(record.id());
        } else {
            live.add(record.id());
        }
    }

    private void clearChanges() {
        undo.clear();
        changed.clear();
        stateChanges.clear();
        entriesWithNewSteps.clear();
    }
}
