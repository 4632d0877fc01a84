package dev.emrys.emulator;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.model.StepTimeline;

/**
 * The newest changes of the states of clusters and steps, numbered in the order of the transactions that made them. A
 * change is added when it is stored. Thread-safe.
 */
public final class StateChanges {
    /** How many changes are kept. */
    static final int KEPT = 10_000;

    private final Deque<Change> kept = new ArrayDeque<>();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private long next;

    /**
     * A new state.
     *
     * @param stepId null if it is the cluster's
     * @param state as in EMR's API
     * @param started when the step was started, if it was
     * @param ended when the step ended, if it has
     */
    public record Change(
            String clusterId,
            @Nullable String stepId,
            String state,
            @Nullable Instant started,
            @Nullable Instant ended) {

        static Change of(ClusterRecord cluster) {
            return new Change(cluster.id(), null, cluster.state().toString(), null, null);
        }

        static Change of(StepRecord step) {
            StepTimeline timeline = step.step().status().timeline();
            return new Change(
                    step.clusterId(),
                    step.id(),
                    step.state().toString(),
                    timeline.startDateTime(),
                    timeline.endDateTime());
        }
    }

    /**
     * What follows a position.
     *
     * @param next the position after these changes
     * @param complete false if changes are missing, because they are not kept any more or the position is unknown
     */
    public record Page(long next, boolean complete, ImmutableList<Change> changes) {}

    /** The position after the newest change; the first is 0. */
    public synchronized long next() {
        return next;
    }

    /** The changes from a position on, the oldest first; none of them if one is missing. */
    public synchronized Page from(long position) {
        long missing = next - position;
        if (missing < 0 || missing > kept.size()) {
            return new Page(next, false, ImmutableList.of());
        }
        List<Change> newestFirst = new ArrayList<>();
        Iterator<Change> changes = kept.descendingIterator();
        for (long i = 0; i < missing; i++) {
            newestFirst.add(changes.next());
        }
        return new Page(next, true, ImmutableList.copyOf(Lists.reverse(newestFirst)));
    }

    /** Calls it after each transaction with changes, on the thread of the transaction: it must be quick. */
    public void addListener(Runnable listener) {
        listeners.add(listener);
    }

    public void removeListener(Runnable listener) {
        listeners.remove(listener);
    }

    synchronized void add(ImmutableList<Change> changes) {
        changes.forEach(change -> {
            kept.add(change);
            if (kept.size() > KEPT) {
                kept.remove();
            }
        });
        next += changes.size();
    }

    void notifyListeners() {
        listeners.forEach(Runnable::run);
    }
}
