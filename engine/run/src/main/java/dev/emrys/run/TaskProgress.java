package dev.emrys.run;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Maps;
import dev.emrys.graph.TriggerRule;
import dev.emrys.spec.FailureCause;
import dev.emrys.spec.FailureKind;
import java.time.Instant;
import java.util.EnumMap;
import org.jspecify.annotations.Nullable;

/** The mutable state of one task, owned by {@link RunState}. */
final class TaskProgress {
    private static final TriggerRule[] RULES = TriggerRule.values();

    final String id;
    Phase phase = Phase.WAITING;
    int attempt;
    /**
     * Attempts that do not count against the retry policy: those before the run was last reopened, and those that never
     * ran.
     */
    int uncountedAttempts;

    /** Attempts that failed since there was no capacity, and that do not count, since the run was last reopened. */
    int shortages;

    /** One per trigger rule; null where the task has no edge of that rule. */
    private @Nullable UpstreamCounts allSuccess;

    private @Nullable UpstreamCounts allDone;

    /** Whether it is in {@link RunState}'s queue of tasks from which a event may follow. */
    boolean queued;

    /** Whether it is in its scope's queue of tasks that wait for capacity. */
    boolean awaitsCapacity;

    /** Whether it could run if its scope were acquired. */
    boolean demandsScope;

    @Nullable
    String key;

    @Nullable
    String remoteId;

    /**
     * The id of the scope for which the newest attempt was intended. The request was sent nowhere else, even if the
     * scope has been acquired again meanwhile.
     */
    @Nullable
    String scopeId;

    /**
     * The id of the scope that an attempt has lost. Nothing is sent there any more, even before its loss is reported.
     */
    @Nullable
    String lostScopeId;

    /** The first upstream that ended without success; null while none has. */
    @Nullable
    String failedUpstream;

    @Nullable
    Instant since;

    @Nullable
    Instant runningSince;

    @Nullable
    Instant until;

    @Nullable
    FailureKind failure;

    @Nullable
    String reason;

    @Nullable
    String log;

    @Nullable
    FailureCause cause;

    /** How many counted attempts have failed for each root cause; null for none. */
    private @Nullable EnumMap<FailureCause, Integer> failures;

    TaskProgress(String id) {
        this.id = id;
    }

    /** What events said; without what is computed from other tasks, and without its places in queues. */
    TaskProgress copy() {
        TaskProgress copy = new TaskProgress(id);
        copy.phase = phase;
        copy.attempt = attempt;
        copy.uncountedAttempts = uncountedAttempts;
        copy.shortages = shortages;
        copy.key = key;
        copy.remoteId = remoteId;
        copy.scopeId = scopeId;
        copy.lostScopeId = lostScopeId;
        copy.failedUpstream = failedUpstream;
        copy.since = since;
        copy.runningSince = runningSince;
        copy.until = until;
        copy.failure = failure;
        copy.reason = reason;
        copy.log = log;
        copy.cause = cause;
        copy.failures = failures == null ? null : new EnumMap<>(failures);
        return copy;
    }

    /** The attempts that count against the retry policy, the present one included. */
    int countedAttempts() {
        return attempt - uncountedAttempts;
    }

    /** The number of the present attempt among those that may each ask for another capacity, from 1. */
    int capacityNumber() {
        return countedAttempts() + shortages;
    }

    /** Whether no event has said anything of it. */
    boolean isUntouched() {
        return phase == Phase.WAITING && attempt == 0 && failedUpstream == null;
    }

    private @Nullable UpstreamCounts find(TriggerRule rule) {
        return switch (rule) {
            case ALL_SUCCESS -> allSuccess;
            case ALL_DONE -> allDone;
        };
    }

    /** The counts of the upstreams whose edges have the rule. */
    UpstreamCounts upstreams(TriggerRule rule) {
        UpstreamCounts found = find(rule);
        if (found == null) {
            found = new UpstreamCounts();
            switch (rule) {
                case ALL_SUCCESS -> allSuccess = found;
                case ALL_DONE -> allDone = found;
            }
        }
        return found;
    }

    /** Remembers the first upstream that ended without success. */
    void noteEnd(TaskProgress upstream) {
        if (failedUpstream == null && upstream.phase.isTerminal() && upstream.phase != Phase.SUCCEEDED) {
            failedUpstream = upstream.id;
        }
    }

    void clearUpstreams() {
        for (TriggerRule rule : RULES) {
            UpstreamCounts counts = find(rule);
            if (counts != null) {
                counts.clear();
            }
        }
    }

    /** What all of its rules together say. */
    TriggerRule.Decision decide() {
        return decide(null);
    }

    /**
     * What all of its rules together say, if one more of its upstreams had succeeded.
     *
     * @param rule the rule of the edge to that upstream; null for none
     */
    TriggerRule.Decision decide(@Nullable TriggerRule rule) {
        TriggerRule.Decision all = TriggerRule.Decision.RUN;
        for (TriggerRule each : RULES) {
            UpstreamCounts counts = find(each);
            if (counts == null) {
                continue;
            }
            TriggerRule.Decision one = each == rule ? counts.decideWithOneMore(each) : counts.decide(each);
            if (one == TriggerRule.Decision.SKIP) {
                return one;
            }
            if (one == TriggerRule.Decision.WAIT) {
                all = one;
            }
        }
        return all;
    }

    /** Back to before the first attempt. The number of attempts is kept: their keys must stay unique. */
    void reopen() {
        phase = Phase.WAITING;
        countAnew();
        failedUpstream = null;
        key = null;
        remoteId = null;
        scopeId = null;
        lostScopeId = null;
        clearAttempt();
        since = null;
    }

    /** No attempt so far counts for the retry policy. */
    void countAnew() {
        uncountedAttempts = attempt;
        shortages = 0;
        failures = null;
    }

    /** Counts a failure for its root cause. */
    void countFailure(FailureCause ofAttempt) {
        if (failures == null) {
            failures = new EnumMap<>(FailureCause.class);
        }
        failures.merge(ofAttempt, 1, Integer::sum);
    }

    /** How many counted attempts have failed for this root cause. */
    int failuresFor(@Nullable FailureCause of) {
        return of == null || failures == null ? 0 : failures.getOrDefault(of, 0);
    }

    /** How many counted attempts have failed for each root cause. */
    ImmutableMap<FailureCause, Integer> failures() {
        return failures == null ? ImmutableMap.of() : Maps.immutableEnumMap(failures);
    }

    /** As {@link #failures()} once gave. */
    void restoreFailures(FailureCause of, int count) {
        if (failures == null) {
            failures = new EnumMap<>(FailureCause.class);
        }
        failures.put(of, count);
    }

    /** Forgets what the attempt before said. */
    void clearAttempt() {
        runningSince = null;
        until = null;
        failure = null;
        reason = null;
        log = null;
        cause = null;
    }

    TaskState snapshot() {
        return new TaskState(
                id, phase, attempt, scopeId, remoteId, since, runningSince, until, failure, reason, log, cause);
    }
}
