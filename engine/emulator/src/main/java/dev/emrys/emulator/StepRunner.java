package dev.emrys.emulator;

import com.google.common.collect.ImmutableList;

/**
 * Executes steps. The emulator calls it without holding its own lock, one call at a time and in the order of its transactions, and
 * never before a transaction is in the {@link EmulatorStore}. Calls should return soon: the work continues in the background and is
 * reported through the {@link StepListener}.
 */
public interface StepRunner {

    /**
     * Whether this runner can start a step while the others of its cluster run. If not, the step stays PENDING and the emulator asks
     * again when one of them has ended. Called within a transaction: it must return at once and use its arguments only.
     */
    default boolean mayStart(StepLaunch launch, ImmutableList<StepLaunch> running) {
        return true;
    }

    /**
     * Starts a step, or attaches to one that was started before. Must be idempotent by step id: after a restart the emulator calls
     * this for every step that is stored as running; the runner then finds the running process or its exit status, and starts only a
     * step that provably never started. If this throws, the step fails.
     */
    void start(StepLaunch launch, StepListener listener);

    /**
     * Requests the end of a step; the listener gets the outcome. Repeated after a restart. If this throws, it is retried a second
     * later.
     *
     * @param force send SIGKILL instead of SIGTERM
     */
    void cancel(String clusterId, String stepId, boolean force);

    /**
     * The cluster has ended and none of its steps runs: its resources may be freed. May be called more than once for the same
     * cluster. If this throws, it is retried a second later.
     */
    void clusterEnded(String clusterId);
}
