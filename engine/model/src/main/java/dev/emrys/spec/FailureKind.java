package dev.emrys.spec;

/** Why an attempt failed, as far as a retry policy may ask. Our own closed words, not EMR's reason codes. */
public enum FailureKind {
    /** The step ran and ended with a failure. */
    STEP,
    /** The attempt took longer than its timeout and was cancelled. */
    TIMEOUT,
    /**
     * The cluster ended while the step ran on it: its primary instance was lost, a spot loss among the causes, or a
     * person ended it.
     */
    CLUSTER_LOST,
    /** The cluster did not come up: a bootstrap action failed, or no instances could be had. */
    BOOTSTRAP,
    /** A limit of the account, on clusters or instances say: it is waited for, and the attempt does not count. */
    QUOTA,
    /** EMR reported an error of its own. */
    INTERNAL,
    /** EMR refused the request: it would refuse it again, so it is never retried. */
    REFUSED
}
