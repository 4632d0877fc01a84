package dev.emrys.run;

import com.google.common.hash.Hashing;
import dev.emrys.graph.Task;
import dev.emrys.spec.Backoff;
import dev.emrys.spec.ClusterStart;
import dev.emrys.spec.FailureCause;
import dev.emrys.spec.FailureKind;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;

/** What follows when an attempt has failed. */
final class RetryRules {
    private RetryRules() {}

    static Event afterFailure(RunState run, int index, Instant now) {
        TaskProgress progress = run.progress(index);
        Task task = run.graph().task(index);
        FailureKind failure = progress.failure == null ? FailureKind.INTERNAL : progress.failure;
        if (run.cancelRequested() && Behaviors.of(task.kind()).isCancelledWithRun()) {
            return new Event.TaskCancelled(now, progress.id, progress.attempt);
        }
        int counted = progress.countedAttempts();
        if (failure == FailureKind.QUOTA && hasOtherCapacity(task, progress)) {
            return planned(progress, now, Duration.ZERO);
        }
        if (failure == FailureKind.QUOTA) {
            return planned(progress, now, Backoff.DEFAULT.afterAttempt(progress.attempt, jitter(run, progress)));
        }
        if (counted <= 0) {
            // The policy has nothing to count, so it is not asked.
            return planned(progress, now, Duration.ZERO);
        }
        boolean allowed = task.retry().retries(progress.cause, progress.failuresFor(progress.cause));
        if (allowed && task.retry().retries(counted, failure)) {
            return planned(progress, now, task.retry().backoff().afterAttempt(counted, jitter(run, progress)));
        }
        return new Event.TaskFailed(now, progress.id, progress.attempt);
    }

    /** Whether the next attempt asks for a capacity that was not asked for yet: there is no reason to wait. */
    private static boolean hasOtherCapacity(Task task, TaskProgress progress) {
        return progress.cause == FailureCause.CAPACITY
                && task.kind() instanceof ClusterStart start
                && progress.capacityNumber()
                        <= start.cluster().optionsOrNone().retryCapacities().size();
    }

    private static Event planned(TaskProgress progress, Instant now, Duration wait) {
        return new Event.RetryPlanned(now, progress.id, progress.attempt, now.plus(wait));
    }

    /**
     * The position of a wait within its jitter, from 0 to 1: derived from run, task and attempt, so that tasks differ
     * and a replay agrees.
     */
    private static double jitter(RunState run, TaskProgress progress) {
        long hash = Hashing.murmur3_128()
                .hashString(run.runId() + "/" + progress.id + "/" + progress.attempt, StandardCharsets.UTF_8)
                .asLong();
        return (double) (hash >>> 11) / (double) (1L << 53);
    }
}
