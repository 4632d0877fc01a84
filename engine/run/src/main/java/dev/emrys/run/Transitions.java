package dev.emrys.run;

import com.google.common.collect.ImmutableTable;
import dev.emrys.run.Event.AttemptAccepted;
import dev.emrys.run.Event.AttemptCancelled;
import dev.emrys.run.Event.AttemptCancelling;
import dev.emrys.run.Event.AttemptFailed;
import dev.emrys.run.Event.AttemptIntended;
import dev.emrys.run.Event.AttemptRunning;
import dev.emrys.run.Event.AttemptSucceeded;
import dev.emrys.run.Event.AttemptTimedOut;
import dev.emrys.run.Event.OfTask;
import dev.emrys.run.Event.RetryDue;
import dev.emrys.run.Event.RetryPlanned;
import dev.emrys.run.Event.ScopeLost;
import dev.emrys.run.Event.TaskCancelled;
import dev.emrys.run.Event.TaskFailed;
import dev.emrys.run.Event.TaskSkipped;
import org.jspecify.annotations.Nullable;

/**
 * The life cycle of a task: in which phase which event is possible, and the phase that follows. Every other event is
 * refused.
 */
final class Transitions {
    static final ImmutableTable<Phase, Class<? extends OfTask>, Phase> TABLE = table();

    private Transitions() {}

    static @Nullable Phase next(Phase phase, OfTask event) {
        return TABLE.get(phase, event.kind());
    }

    private static ImmutableTable<Phase, Class<? extends OfTask>, Phase> table() {
        ImmutableTable.Builder<Phase, Class<? extends OfTask>, Phase> table = ImmutableTable.builder();
        on(table, Phase.WAITING, AttemptIntended.class, Phase.SUBMITTING);
        on(table, Phase.WAITING, TaskSkipped.class, Phase.SKIPPED);
        on(table, Phase.WAITING, TaskCancelled.class, Phase.CANCELLED);

        on(table, Phase.SUBMITTING, AttemptAccepted.class, Phase.ACCEPTED);
        on(table, Phase.SUBMITTING, AttemptFailed.class, Phase.ATTEMPT_FAILED);

        // The target had the request twice, and the other one of the two is used.
        on(table, Phase.ACCEPTED, AttemptAccepted.class, Phase.ACCEPTED);
        on(table, Phase.ACCEPTED, AttemptRunning.class, Phase.RUNNING);
        on(table, Phase.ACCEPTED, AttemptSucceeded.class, Phase.SUCCEEDED);
        on(table, Phase.ACCEPTED, AttemptFailed.class, Phase.ATTEMPT_FAILED);
        on(table, Phase.ACCEPTED, AttemptCancelling.class, Phase.CANCELLING);
        // Cancelled from outside, in the AWS console for example.
        on(table, Phase.ACCEPTED, AttemptCancelled.class, Phase.CANCELLED);
        // A scope that is not acquired yet when its run is cancelled: its release is another task.
        on(table, Phase.ACCEPTED, TaskCancelled.class, Phase.CANCELLED);

        on(table, Phase.RUNNING, AttemptSucceeded.class, Phase.SUCCEEDED);
        on(table, Phase.RUNNING, AttemptFailed.class, Phase.ATTEMPT_FAILED);
        on(table, Phase.RUNNING, AttemptCancelling.class, Phase.CANCELLING);
        on(table, Phase.RUNNING, AttemptTimedOut.class, Phase.TIMING_OUT);
        on(table, Phase.RUNNING, AttemptCancelled.class, Phase.CANCELLED);

        // What succeeded before the cancellation reached it has succeeded.
        on(table, Phase.CANCELLING, AttemptRunning.class, Phase.CANCELLING);
        on(table, Phase.CANCELLING, AttemptSucceeded.class, Phase.SUCCEEDED);
        on(table, Phase.CANCELLING, AttemptFailed.class, Phase.CANCELLED);
        on(table, Phase.CANCELLING, AttemptCancelled.class, Phase.CANCELLED);

        on(table, Phase.TIMING_OUT, AttemptSucceeded.class, Phase.SUCCEEDED);
        on(table, Phase.TIMING_OUT, AttemptFailed.class, Phase.ATTEMPT_FAILED);
        on(table, Phase.TIMING_OUT, AttemptCancelled.class, Phase.ATTEMPT_FAILED);

        on(table, Phase.ATTEMPT_FAILED, RetryPlanned.class, Phase.RETRY_WAIT);
        on(table, Phase.ATTEMPT_FAILED, TaskFailed.class, Phase.FAILED);
        on(table, Phase.ATTEMPT_FAILED, TaskCancelled.class, Phase.CANCELLED);

        on(table, Phase.RETRY_WAIT, RetryDue.class, Phase.WAITING);
        on(table, Phase.RETRY_WAIT, TaskSkipped.class, Phase.SKIPPED);
        on(table, Phase.RETRY_WAIT, TaskCancelled.class, Phase.CANCELLED);

        on(table, Phase.SUCCEEDED, ScopeLost.class, Phase.ATTEMPT_FAILED);
        return table.build();
    }

    private static void on(
            ImmutableTable.Builder<Phase, Class<? extends OfTask>, Phase> table,
            Phase from,
            Class<? extends OfTask> event,
            Phase to) {
        table.put(from, event, to);
    }
}
