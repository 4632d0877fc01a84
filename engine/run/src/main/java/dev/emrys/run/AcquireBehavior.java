package dev.emrys.run;

import com.google.common.primitives.ImmutableIntArray;
import dev.emrys.graph.Scope;
import dev.emrys.spec.ClusterStart;
import dev.emrys.spec.TaskKind;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Acquires a scope when the first of its members could run. It is watched until the scope is released, or its last
 * member has ended where the run does not release it, since it may be lost. Its own end says nothing about the run: if
 * it fails, its members are skipped. A scope that is kept after the run is wanted for itself: it needs no members, and
 * is acquired at once when it has none, and the run has failed without it.
 */
final class AcquireBehavior extends TaskBehavior {
    private final boolean isKept;

    AcquireBehavior(boolean isKept) {
        this.isKept = isKept;
    }

    @Override
    @Nullable
    Event next(RunState run, int index, Instant now) {
        TaskProgress task = run.progress(index);
        ScopeProgress scope = run.progress(scope(run, index));
        boolean isAlone = isKept && scope.scope.members().isEmpty();
        boolean pointless = run.cancelRequested() || (scope.openMembers == 0 && !isAlone);
        return switch (task.phase) {
            case WAITING -> {
                if (run.cancelRequested()) {
                    yield new Event.TaskCancelled(now, task.id, task.attempt);
                }
                if (pointless) {
                    yield new Event.TaskSkipped(now, task.id, task.attempt, unsuccessfulMember(run, scope.scope));
                }
                yield scope.demand > 0 || isAlone ? intend(run, index, now) : null;
            }
            case RETRY_WAIT, ACCEPTED -> pointless ? new Event.TaskCancelled(now, task.id, task.attempt) : null;
            default -> null;
        };
    }

    @Override
    TaskKind submitted(RunState run, int index) {
        TaskKind kind = super.submitted(run, index);
        return kind instanceof ClusterStart start
                ? new ClusterStart(
                        start.cluster().forAttempt(run.progress(index).capacityNumber()))
                : kind;
    }

    private static String unsuccessfulMember(RunState run, Scope scope) {
        ImmutableIntArray members = scope.members();
        for (int k = 0; k < members.length(); k++) {
            TaskProgress member = run.progress(members.get(k));
            if (member.phase != Phase.SUCCEEDED) {
                return member.id;
            }
        }
        return run.progress(scope.acquire()).id;
    }

    @Override
    boolean isWatchedAfterSuccess(RunState run, int index) {
        return run.needsScope(run.progress(scope(run, index)));
    }

    @Override
    Contribution contribution(Phase phase) {
        return isKept && phase != Phase.SUCCEEDED ? Contribution.FAILURE : Contribution.NONE;
    }
}
