package dev.emrys.emulator;

import com.google.common.collect.ImmutableList;

/**
 * What really executes the steps. The emulator calls it without holding its own lock, one call at a time and in the order in
 * which things were decided, and never before the decision is in the {@link EmulatorStore}. Calls should return soon: work goes
 * on elsewhere and is reported through the {@link StepListener}.
 */
public interface StepRunner {

    /**
     * Whether a step could be started beside those that run on its cluster, as far as this runner goes: one that cannot stays PENDING,
     * and is asked for again when one of them has ended. Asked within the emulator's own turn: it answers at once, from its arguments
     * alone.
     */
    default boolean mayStart(StepOrder order, ImmutableList<StepOrder> running) {
        return true;
    }

    /**
     * Starts a step, or finds it again. Must be idempotent by step id: after a restart of the emulator this is called for every
     * step that is stored as running, and then finds the process that still lives, or the exit status that was left; only a
     * step that provably never started may be started now. If this throws, the step fails.
     */
    void start(StepOrder order, StepListener listener);

    /**
     * Asks a step to end. Answered through the listener, whatever the outcome; repeated after a restart. If this throws, it is
     * tried again a second later.
     *
     * @param force end the process at once (SIGKILL) instead of asking it to end (SIGTERM)
     */
    void cancel(String clusterId, String stepId, boolean force);

    /**
     * The cluster is over and none of its steps runs: whatever was kept for it may go. May be called more than once for the
     * same cluster. If this throws, it is tried again a second later.
     */
    void clusterEnded(String clusterId);
}
