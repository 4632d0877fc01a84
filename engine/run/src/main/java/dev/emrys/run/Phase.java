package dev.emrys.run;

/** The phase of a task in its life cycle, which is the same for every kind of task. */
public enum Phase {
    /** Waits for its upstreams, for its scope, or for capacity there. */
    WAITING,
    /** The intent to submit is durable; the target may or may not have the request. */
    SUBMITTING,
    /** The target has it and gave it an id: a cluster is starting, a step is in EMR's queue, an end was requested. */
    ACCEPTED,
    /** The target runs it. */
    RUNNING,
    /** The run is being cancelled, and the target was asked to cancel the attempt. */
    CANCELLING,
    /** The attempt ran longer than its timeout, and the target was asked to cancel it. */
    TIMING_OUT,
    /**
     * The attempt failed, and it is not decided yet whether another follows. It lasts no longer than one step of the
     * run.
     */
    ATTEMPT_FAILED,
    /** The attempt failed, and another follows after a wait. */
    RETRY_WAIT,
    SUCCEEDED,
    FAILED,
    CANCELLED,
    /** It cannot run, because a task before it did not succeed. */
    SKIPPED;

    /**
     * Whether nothing more happens to the task, unless the run is reopened or the scope that the task acquired is lost.
     */
    public boolean isTerminal() {
        return this == SUCCEEDED || this == FAILED || this == CANCELLED || this == SKIPPED;
    }

    /** Whether an attempt may be known to the target. */
    public boolean isInFlight() {
        return this == SUBMITTING || this == ACCEPTED || this == RUNNING || this == CANCELLING || this == TIMING_OUT;
    }

    /** Whether the task waits for its first or its next attempt. */
    public boolean isPending() {
        return this == WAITING || this == RETRY_WAIT;
    }
}
