package dev.emrys.drive;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.concurrent.Executor;

/**
 * When a driver takes a snapshot of its run's state, and who encodes it.
 *
 * @param interval how many events there are between two snapshots, at least
 * @param executor encodes them: some 100 ms for a run of 200,000 tasks
 */
public record SnapshotPolicy(int interval, Executor executor) {
    private static final int MIN_INTERVAL = 10_000;

    public SnapshotPolicy {
        checkArgument(interval >= 1, "An interval of %s events", interval);
    }

    /** Every 10,000 events. A snapshot costs as much as there are tasks, so for more than 10,000 tasks it is an event per task. */
    public static SnapshotPolicy forTasks(int tasks, Executor executor) {
        return new SnapshotPolicy(Math.max(MIN_INTERVAL, tasks), executor);
    }
}
