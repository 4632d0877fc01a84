package dev.emrys.schedule;

/**
 * Pauses a schedule after consecutive failures of its runs.
 *
 * @param limit how many pause it; 0 for never
 * @param failures the consecutive failures so far
 */
public record FailureCounter(int limit, int failures) {

    /** @throws IllegalArgumentException if a number is negative */
    public FailureCounter {
        if (limit < 0 || failures < 0) {
            throw new IllegalArgumentException("Negative: limit " + limit + ", failures " + failures);
        }
    }

    /** A schedule without failures that pauses after {@code limit} of them. */
    public static FailureCounter pauseAfter(int limit) {
        return new FailureCounter(limit, 0);
    }

    /** After a run that succeeded. */
    public FailureCounter afterSuccess() {
        return new FailureCounter(limit, 0);
    }

    /** After a run that failed. A run that was cancelled is neither. */
    public FailureCounter afterFailure() {
        return new FailureCounter(limit, failures == Integer.MAX_VALUE ? failures : failures + 1);
    }

    /** After the schedule was resumed. */
    public FailureCounter afterResume() {
        return afterSuccess();
    }

    /** Whether the schedule is to be paused. */
    public boolean isReached() {
        return limit > 0 && failures >= limit;
    }
}
