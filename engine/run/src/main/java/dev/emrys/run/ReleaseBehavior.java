package dev.emrys.run;

import com.google.common.collect.ImmutableList;
import dev.emrys.graph.TriggerRule;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Releases a scope when its members have ended, however they ended, also when the run is cancelled. One that is kept is
 * only released when it was not acquired: nobody expects what was asked for and cancelled before it was there.
 */
final class ReleaseBehavior extends TaskBehavior {
    private final boolean isKept;

    ReleaseBehavior(boolean isKept) {
        this.isKept = isKept;
    }

    @Override
    @Nullable
    Event next(RunState run, int index, Instant now) {
        TaskProgress task = run.progress(index);
        if (task.phase != Phase.WAITING || task.decide() != TriggerRule.Decision.RUN) {
            return null;
        }
        TaskProgress acquire = run.progress(scope(run, index).acquire());
        if (isKept && acquire.phase == Phase.SUCCEEDED) {
            return new Event.TaskSkipped(now, task.id, task.attempt, task.id);
        }
        return acquire.remoteId == null
                ? new Event.TaskSkipped(now, task.id, task.attempt, acquire.id)
                : intend(run, index, now);
    }

    @Override
    ImmutableList<Command> submit(RunState run, int index, boolean uncertain) {
        TaskProgress task = run.progress(index);
        return ImmutableList.of(new Command.Release(
                task.id, task.attempt, run.graph().task(index).kind(), Objects.requireNonNull(task.scopeId)));
    }

    @Override
    boolean isCancelledWithRun() {
        return false;
    }

    @Override
    Contribution contribution(Phase phase) {
        return phase == Phase.SUCCEEDED || phase == Phase.SKIPPED ? Contribution.NONE : Contribution.LEFT_BEHIND;
    }
}
