package dev.emrys.run;

import dev.emrys.spec.ClusterSpec;
import dev.emrys.spec.StepSpec;
import java.time.Instant;

/**
 * A wish of the run: what is to be done now. Commands are carried out at least once, so whoever carries them out must be
 * idempotent by task and attempt.
 */
public sealed interface Command {
    String task();

    int attempt();

    /**
     * @param key stands in the cluster's name
     * @param intendedAt when the intent became durable: nothing with this key is older
     * @param uncertain the request may have been sent already, by somebody who died: look before sending
     */
    record StartCluster(
            String task, int attempt, String key, ClusterSpec cluster, Instant intendedAt, boolean uncertain)
            implements Command {}

    /** As {@link StartCluster}, for a step. */
    record SubmitStep(
            String task,
            int attempt,
            String key,
            StepSpec step,
            String clusterId,
            Instant intendedAt,
            boolean uncertain)
            implements Command {}

    /**
     * Do not send the request with this key any more, neither for the first time nor again: the run is cancelled. What was not sent
     * is reported as failed; what EMR has, or may have, goes its way.
     */
    record Withdraw(String task, int attempt, String key) implements Command {}

    /** Ask EMR to cancel a step. */
    record CancelStep(String task, int attempt, String clusterId, String stepId) implements Command {}

    /** End a cluster, whatever it does. */
    record EndCluster(String task, int attempt, String clusterId) implements Command {}

    /** Report when the cluster is up, and when it ends. The task is the one that started it. */
    record WatchCluster(String task, int attempt, String clusterId) implements Command {}

    /** Report when the cluster is gone. The task is the one that ends it. */
    record WatchEnd(String task, int attempt, String clusterId) implements Command {}

    /** Report when the step runs and when it ends. */
    record WatchStep(String task, int attempt, String clusterId, String stepId) implements Command {}

    /** What a timer is for. */
    enum Timer {
        DEADLINE,
        RETRY
    }

    /** Come back at {@code due}. */
    record SetTimer(String task, int attempt, Timer timer, Instant due) implements Command {}
}
