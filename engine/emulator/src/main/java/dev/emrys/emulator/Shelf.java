package dev.emrys.emulator;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A cluster with its steps, indexed so that no operation has to look at all of them. Not thread-safe. */
final class Shelf {

    /** How many steps of a cluster EMR shows, the newest. */
    static final int VISIBLE_STEPS = 1000;

    final Blueprint blueprint;
    final NavigableMap<Long, StepRecord> pending = new TreeMap<>();
    final NavigableMap<Long, StepRecord> running = new TreeMap<>();
    private final NavigableMap<Long, StepRecord> steps = new TreeMap<>();
    private final Map<String, StepRecord> stepsById = new LinkedHashMap<>();
    private ClusterRecord cluster;
    private long nextSequence;

    /** The moment for which a look at the idle time is already booked. */
    @Nullable
    Instant idleLook;

    Shelf(ClusterRecord cluster, Blueprint blueprint) {
        this.cluster = cluster;
        this.blueprint = blueprint;
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
        return steps.subMap(horizon(), true, Math.max(sequence, horizon()), false).descendingMap().values().stream();
    }

    /** A step that EMR still shows: one of the newest, or an active one. */
    @Nullable
    StepRecord step(String id) {
        StepRecord step = stepsById.get(id);
        return step != null && (step.sequence() >= horizon() || step.active()) ? step : null;
    }

    /** Also a step that EMR no longer shows. */
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

    /** Takes back the newest step. */
    void remove(StepRecord step) {
        forget(step);
        if (step.sequence() == nextSequence - 1) {
            nextSequence--;
        }
    }

    /** Drops and returns a step that nobody can see any more, if there is one at the far end. */
    @Nullable
    StepRecord dropInvisible() {
        Map.Entry<Long, StepRecord> oldest = steps.firstEntry();
        if (oldest == null || oldest.getKey() >= horizon() || oldest.getValue().active()) {
            return null;
        }
        forget(oldest.getValue());
        return oldest.getValue();
    }

    private void forget(StepRecord step) {
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

    private long horizon() {
        return nextSequence - VISIBLE_STEPS;
    }

    Stream<StepRecord> all() {
        return steps.values().stream();
    }
}
