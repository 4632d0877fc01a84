package dev.emrys.run;

import dev.emrys.spec.FailureKind;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The mutable state of one task, owned by {@link RunState}. */
final class Cell {
    final String id;
    Phase phase = Phase.WAITING;
    int attempt;
    /** Attempts that do not count against the retry policy: those before the run was last reopened, and those that never ran. */
    int spentBefore;
    /** Steps before this one that have not succeeded yet. */
    int openAfter;
    /** Of a cluster's start: its steps that are not over yet. */
    int stepsLeft;
    /** Of a cluster's start: one of its steps could run now. */
    boolean wanted;

    boolean onAgenda;

    @Nullable
    String key;

    @Nullable
    String remoteId;

    /**
     * The cluster for which the newest attempt was intended: what was sent there is nowhere else, though another cluster may be
     * started meanwhile.
     */
    @Nullable
    String clusterId;

    /** The cluster that an attempt has lost; nothing is sent there any more, though that it is gone may not be told yet. */
    @Nullable
    String lostClusterId;

    /** The step before this one that ended without success; null while none has. */
    @Nullable
    String brokenBy;

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

    Cell(String id) {
        this.id = id;
    }

    /** Back to before the first attempt, keeping the count of attempts: their keys must stay unique. */
    void reopen() {
        phase = Phase.WAITING;
        spentBefore = attempt;
        wanted = false;
        brokenBy = null;
        key = null;
        remoteId = null;
        clusterId = null;
        lostClusterId = null;
        since = null;
        runningSince = null;
        until = null;
        failure = null;
        reason = null;
        log = null;
    }

    TaskState view() {
        return new TaskState(id, phase, attempt, remoteId, since, runningSince, until, failure, reason, log);
    }
}
