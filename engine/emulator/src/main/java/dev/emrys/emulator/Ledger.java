package dev.emrys.emulator;

import com.google.common.collect.ImmutableList;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Everything the account holds, and what the turn under way has changed of it. A change is visible at once to the turn that makes
 * it, and is taken back if the turn cannot be stored. Not thread-safe: {@link Turns} guards it.
 */
final class Ledger {

    private final Map<String, Shelf> byId = new LinkedHashMap<>();
    private final NavigableMap<Long, Shelf> bySequence = new TreeMap<>();
    private final Set<String> live = new LinkedHashSet<>();
    private final Deque<Runnable> undo = new ArrayDeque<>();
    private final Map<String, Supplier<StoredDocument>> changed = new LinkedHashMap<>();
    private final Set<Shelf> grown = new LinkedHashSet<>();

    @Nullable
    Shelf find(String clusterId) {
        return byId.get(clusterId);
    }

    Shelf cluster(String clusterId) {
        Shelf shelf = byId.get(clusterId);
        if (shelf == null) {
            throw Errors.noSuchCluster(clusterId);
        }
        return shelf;
    }

    /** Clusters created before {@code sequence}, newest first. */
    Stream<Shelf> newestBelow(long sequence) {
        return bySequence.headMap(sequence, false).descendingMap().values().stream();
    }

    ImmutableList<Shelf> all() {
        return ImmutableList.copyOf(bySequence.values());
    }

    ImmutableList<Shelf> live() {
        return live.stream().map(byId::get).collect(ImmutableList.toImmutableList());
    }

    int liveCount() {
        return live.size();
    }

    long nextSequence() {
        return bySequence.isEmpty() ? 0 : bySequence.lastKey() + 1;
    }

    Shelf open(ClusterRecord record, Blueprint blueprint) {
        Shelf shelf = new Shelf(record, blueprint);
        shelve(shelf);
        undo.push(() -> unshelve(shelf));
        changed.put("blueprint/" + record.id(), () -> Documents.of(blueprint));
        changed.put("cluster/" + record.id(), () -> Documents.of(shelf.cluster()));
        return shelf;
    }

    void put(Shelf shelf, ClusterRecord record) {
        ClusterRecord before = shelf.cluster();
        undo.push(() -> place(shelf, before));
        place(shelf, record);
        changed.put("cluster/" + record.id(), () -> Documents.of(shelf.cluster()));
    }

    void put(Shelf shelf, StepRecord record) {
        StepRecord before = shelf.put(record);
        if (before == null) {
            undo.push(() -> shelf.remove(record));
            grown.add(shelf);
        } else {
            undo.push(() -> shelf.put(before));
        }
        changed.put("step/" + record.id(), () -> Documents.of(record));
    }

    void bookIdleLook(Shelf shelf, @Nullable Instant when) {
        Instant before = shelf.idleLook;
        undo.push(() -> shelf.idleLook = before);
        shelf.idleLook = when;
    }

    /** What the turn under way has changed, each document once in its latest state. */
    ImmutableList<StoredDocument> changes() {
        return changed.values().stream().map(Supplier::get).collect(ImmutableList.toImmutableList());
    }

    void rollBack() {
        undo.forEach(Runnable::run);
        settle();
    }

    /** The turn is stored; returns the steps that have become invisible to everybody, which are gone from here. */
    ImmutableList<String> commit() {
        ImmutableList.Builder<String> gone = ImmutableList.builder();
        for (Shelf shelf : grown) {
            for (StepRecord step = shelf.dropInvisible(); step != null; step = shelf.dropInvisible()) {
                gone.add(step.id());
            }
        }
        settle();
        return gone.build();
    }

    /** Takes over what was stored; what nobody can see any more goes with the turn's commit. */
    void load(ImmutableList<StoredDocument> documents) {
        Map<String, Blueprint> blueprints = new LinkedHashMap<>();
        for (StoredDocument document : documents) {
            if (document.kind().equals(Documents.BLUEPRINT)) {
                blueprints.put(document.id(), Documents.blueprint(document));
            }
        }
        for (StoredDocument document : documents) {
            Blueprint blueprint = blueprints.get(document.id());
            if (document.kind().equals(Documents.CLUSTER) && blueprint != null) {
                shelve(new Shelf(Documents.cluster(document), blueprint));
            }
        }
        documents.stream()
                .filter(document -> document.kind().equals(Documents.STEP))
                .map(Documents::step)
                .sorted(Comparator.comparingLong(StepRecord::sequence))
                .forEach(step -> {
                    Shelf shelf = byId.get(step.clusterId());
                    if (shelf != null) {
                        shelf.put(step);
                    }
                });
        live.clear();
        bySequence.values().stream()
                .filter(shelf -> !shelf.cluster().over())
                .forEach(shelf -> live.add(shelf.cluster().id()));
        grown.addAll(bySequence.values());
    }

    /** Drops the clusters that have ended before {@code horizon} and are known to the runner as ended; returns them. */
    ImmutableList<Shelf> forgetEndedBefore(Instant horizon) {
        ImmutableList<Shelf> old = bySequence.values().stream()
                .filter(shelf -> shelf.cluster().over() && shelf.cluster().released())
                .filter(shelf -> shelf.cluster()
                        .cluster()
                        .status()
                        .timeline()
                        .endDateTime()
                        .isBefore(horizon))
                .collect(ImmutableList.toImmutableList());
        old.forEach(this::unshelve);
        return old;
    }

    private void shelve(Shelf shelf) {
        byId.put(shelf.cluster().id(), shelf);
        bySequence.put(shelf.cluster().sequence(), shelf);
        live.add(shelf.cluster().id());
    }

    private void unshelve(Shelf shelf) {
        byId.remove(shelf.cluster().id());
        bySequence.remove(shelf.cluster().sequence());
        live.remove(shelf.cluster().id());
    }

    private void place(Shelf shelf, ClusterRecord record) {
        shelf.setCluster(record);
        if (record.over()) {
            live.remove(record.id());
        } else {
            live.add(record.id());
        }
    }

    private void settle() {
        undo.clear();
        changed.clear();
        grown.clear();
    }
}
