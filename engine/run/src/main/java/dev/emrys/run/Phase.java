package dev.emrys.run;

/** Where a task stands. */
public enum Phase {
    /** For the steps before it, for its cluster, or for its first try after a resume. */
    WAITING,
    /** The intent is durable; EMR may or may not have the request. */
    INTENDED,
    /** EMR has it and named it: a cluster is starting, a step is in EMR's queue, an end was asked for. */
    ACCEPTED,
    /** EMR runs it. */
    RUNNING,
    /** Somebody asked for the run's cancellation; EMR was told. */
    CANCELLING,
    /** The attempt's timeout has passed; EMR was told to cancel it. */
    TIMING_OUT,
    /** The attempt failed, and nothing has been decided yet. It lasts no longer than one step of the machine. */
    FELL,
    /** It failed and will be tried again. */
    BACKOFF,
    SUCCEEDED,
    FAILED,
    CANCELLED,
    /** It cannot run, because something before it did not succeed. */
    SKIPPED;

    /** Nothing more happens to the task in this run, unless the run is reopened (or a cluster that was up is lost). */
    public boolean over() {
        return this == SUCCEEDED || this == FAILED || this == CANCELLED || this == SKIPPED;
    }

    /** An attempt is out: EMR may be working for it. */
    public boolean open() {
        return this == INTENDED || this == ACCEPTED || this == RUNNING || this == CANCELLING || this == TIMING_OUT;
    }
}
