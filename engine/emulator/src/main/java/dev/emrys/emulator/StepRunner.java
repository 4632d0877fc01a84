package dev.emrys.emulator;

import com.google.common.collect.ImmutableList;

/**
 * Executes steps and bootstrap actions. The emulator calls it without holding its own lock, one call at a time and in
 * the order of its transactions, and never before a transaction is in the {@link EmulatorStore}. Calls should return
 * soon: the work continues in the background and is reported through the {@link StepListener}.
 */
public interface StepRunner {

    /**
     * Whether this runner can start a step while the others of its cluster run. If not, the step stays PENDING and the
     * emulator asks again when one of them has ended. Called within a transaction: it must return at once and use its
     * arguments only.
     */
    default boolean mayStart(StepLaunch launch, ImmutableList<StepLaunch> running) {
        return true;
    }

    /**
     * A step stays PENDING because {@link EmulatorSettings#maxRunningSteps} of the account run, though its cluster could
     * run it. Called once per step and emulator, for the first such step of a cluster.
     *
     * @param why a sentence
     */
    default void waits(String clusterId, String stepId, String why) {}

    /**
     * Starts a step, or attaches to one that was started before. Must be idempotent by step id: after a restart the
     * emulator calls this for every step that is stored as running; the runner then finds the running process or its
     * exit status, and starts only a step that provably never started. If this throws, the step fails.
     */
    void start(StepLaunch launch, StepListener listener);

    /**
     * Requests the end of a step; the listener gets the outcome. Repeated after a restart. If this throws, it is
     * retried a second later.
     *
     * @param force send SIGKILL instead of SIGTERM
     */
    void cancel(String clusterId, String stepId, boolean force);

    /**
     * Starts a bootstrap action, or attaches to one that was started before: as {@link #start}, and idempotent by
     * cluster and number. The actions of a cluster run one after the other, before its steps. If this throws, as by
     * default, the action counts as failed.
     */
    default void startBootstrapAction(BootstrapLaunch launch, BootstrapListener listener) {
        throw new UnsupportedOperationException("This runner runs no bootstrap actions.");
    }

    /**
     * Requests the end of a bootstrap action by SIGKILL, as the end of its machine does; the listener gets the outcome.
     * Repeated after a restart. If this throws, it is retried a second later.
     *
     * @param number 1 for the cluster's first action
     */
    default void cancelBootstrapAction(String clusterId, int number) {}

    /**
     * The cluster has ended and none of its steps and bootstrap actions runs: its resources may be freed. May be called
     * more than once for the same cluster. If this throws, it is retried a second later.
     */
    void clusterEnded(String clusterId);
}
