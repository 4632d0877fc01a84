package dev.emrys.scheduler;

/**
 * What became of the attempt to run a fire.
 *
 * @param kind what
 * @param reason why, for people; may be empty
 */
public record FireResult(Kind kind, String reason) {

    /** What became of it. */
    public enum Kind {
        /** The run has succeeded. */
        SUCCEEDED,
        /** The run has failed, or its author has to change something before it can be started. */
        FAILED,
        /** The run was cancelled. */
        CANCELLED,
        /** Another process drives the run. */
        ELSEWHERE,
        /** It could not be started or continued now, for a reason outside: it is tried again. */
        NOT_NOW,
        /** This process stops and leaves the run to others. */
        LEFT
    }

    /** Without a reason. */
    public static FireResult of(Kind kind) {
        return new FireResult(kind, "");
    }
}
