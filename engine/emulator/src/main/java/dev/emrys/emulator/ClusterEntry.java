package dev.emrys.emulator;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A cluster and its steps, indexed so that no operation scans all steps. Not thread-safe. */
final class ClusterEntry {

    /** How many steps of a cluster EMR shows, the newest. */
    static final int VISIBLE_STEPS = 1000;

    final ClusterRequest clusterRequest;
    final NavigableMap<Long, StepRecord> pending = new TreeMap<>();
    final NavigableMap<Long, StepRecord> running = new TreeMap<>();
    private final NavigableMap<Long, StepRecord> steps = new TreeMap<>();
    private final Map<String, StepRecord> stepsById = new LinkedHashMap<>();
    private ClusterRecord cluster;
    private ClusterParts parts;
    private boolean partsStored;
    private long nextSequence;

    /** When the next check of the idle time is scheduled. */
    @Nullable
    Instant idleCheckAt;

    ClusterEntry(ClusterRecord cluster, ClusterRequest clusterRequest) {
        this.cluster = cluster;
        this.clusterRequest = clusterRequest;
        parts = ClusterParts.of(clusterRequest);
    }

    ClusterParts parts() {
        return parts;
    }

    /** Whether the parts have a document of their own, because they do not follow from the request. */
    boolean partsStored() {
        return partsStored;
    }

    void setParts(ClusterParts changed, boolean stored) {
        parts = changed;
        partsStored = stored;
    }

    ClusterRecord cluster() {
        return cluster;
    }

    void setCluster(ClusterRecord record) {
        cluster = record;
    }

    long nextSequence() {
        return nextSequence;
    }

    int active() {
        return pending.size() + running.size();
    }

    /** Steps that EMR still shows, newest first, beginning below {@code sequence}. */
    Stream<StepRecord> newestBelow(long sequence) {
        return steps
                .subMap(oldestVisible(), true, Math.max(sequence, oldestVisible()), false)
                .descendingMap()
                .values()
                .stream();
    }

    /** A step that EMR still shows: one of the newest, or an active one. */
    @Nullable
    StepRecord step(String id) {
        StepRecord step = stepsById.get(id);
        return step != null && (step.sequence() >= oldestVisible() || step.active()) ? step : null;
    }

    /** As {@link #step}, including steps that EMR no longer shows. */
    @Nullable
    StepRecord anyStep(String id) {
        return stepsById.get(id);
    }

    @Nullable
    StepRecord put(StepRecord step) {
        StepRecord before = steps.put(step.sequence(), step);
        stepsById.put(step.id(), step);
        index(step);
        nextSequence = Math.max(nextSequence, step.sequence() + 1);
        return before;
    }

    /** Removes a step; the sequence number of the newest one is used again. */
    void remove(StepRecord step) {
        delete(step);
        if (step.sequence() == nextSequence - 1) {
            nextSequence--;
        }
    }

    /** Removes and returns the oldest step if EMR no longer shows it; null otherwise. */
    @Nullable
    StepRecord removeInvisible() {
        Map.Entry<Long, StepRecord> oldest = steps.firstEntry();
        if (oldest == null
                || oldest.getKey() >= oldestVisible()
                || oldest.getValue().active()) {
            return null;
        }
        delete(oldest.getValue());
        return oldest.getValue();
    }

    private void delete(StepRecord step) {
        steps.remove(step.sequence());
        stepsById.remove(step.id());
        pending.remove(step.sequence());
        running.remove(step.sequence());
    }

    private void index(StepRecord step) {
        if (step.pending()) {
            pending.put(step.sequence(), step);
        } else {
            pending.remove(step.sequence());
        }
        if (step.running()) {
            running.put(step.sequence(), step);
        } else {
            running.remove(step.sequence());
        }
    }

    private long oldestVisible() {
        return nextSequence - VISIBLE_STEPS;
    }

    Stream<StepRecord> all() {
        return steps.values().stream();
    }
}
