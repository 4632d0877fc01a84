package dev.emrys.run;

import dev.emrys.graph.TriggerRule;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A task that the author declared: it runs when its trigger rules say so, its scope is acquired and has capacity. */
class DeclaredTaskBehavior extends TaskBehavior {
    @Override
    @Nullable
    Event next(RunState run, int index, Instant now) {
        TaskProgress task = run.progress(index);
        if (run.cancelRequested()) {
            if (task.phase.isPending()) {
                return new Event.TaskCancelled(now, task.id, task.attempt);
            }
            return task.phase == Phase.ACCEPTED || task.phase == Phase.RUNNING
                    ? new Event.AttemptCancelling(now, task.id, task.attempt)
                    : null;
        }
        if (task.phase.isPending() && task.decide() == TriggerRule.Decision.SKIP) {
            return new Event.TaskSkipped(now, task.id, task.attempt, String.valueOf(task.failedUpstream));
        }
        ScopeProgress scope = run.scopeOfMember(index);
        return couldRun(run, task, scope) && (scope == null || scope.hasCapacity()) ? intend(run, index, now) : null;
    }

    private static boolean couldRun(RunState run, TaskProgress task, @Nullable ScopeProgress scope) {
        return task.phase == Phase.WAITING
                && task.decide() == TriggerRule.Decision.RUN
                && (scope == null || !isLosing(run, task, scope));
    }

    /** The last attempt has lost the scope, and the scope's own loss is not reported yet. */
    private static boolean isLosing(RunState run, TaskProgress task, ScopeProgress scope) {
        return task.lostScopeId != null && task.lostScopeId.equals(run.progress(scope.scope.acquire()).remoteId);
    }

    @Override
    boolean awaitsCapacity(RunState run, int index) {
        ScopeProgress scope = run.scopeOfMember(index);
        return scope != null
                && !run.cancelRequested()
                && couldRun(run, run.progress(index), scope)
                && !scope.hasCapacity();
    }

    @Override
    Contribution contribution(Phase phase) {
        return phase == Phase.SUCCEEDED ? Contribution.NONE : Contribution.FAILURE;
    }
}
