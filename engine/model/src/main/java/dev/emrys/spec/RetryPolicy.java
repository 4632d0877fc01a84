package dev.emrys.spec;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Sets;

/**
 * How often and on what to try again.
 *
 * @param attempts all attempts together, the first included; 1 means no retry
 * @param backoff the wait between two attempts
 * @param on the failures that are tried again
 */
public record RetryPolicy(int attempts, Backoff backoff, ImmutableSet<FailureKind> on) {

    /** Everything that may end better the next time; {@link FailureKind#REFUSED} cannot. */
    public static final ImmutableSet<FailureKind> RETRYABLE = Sets.immutableEnumSet(
            FailureKind.STEP,
            FailureKind.TIMEOUT,
            FailureKind.CLUSTER_LOST,
            FailureKind.BOOTSTRAP,
            FailureKind.INTERNAL);

    public static final RetryPolicy NONE = new RetryPolicy(1, Backoff.DEFAULT, RETRYABLE);

    public static final int MAX_ATTEMPTS = 100;

    void check(Place place, Mistakes mistakes) {
        mistakes.unless(
                attempts >= 1 && attempts <= MAX_ATTEMPTS,
                place,
                "retry has attempts = " + attempts + ".",
                "Write 1 (no retry) to " + MAX_ATTEMPTS + "; the first attempt counts.");
        mistakes.unless(
                !on.contains(FailureKind.REFUSED),
                place,
                "A refused request cannot be retried.",
                "Take it out of on(...): EMR would refuse the same request again.");
        backoff.check(place, mistakes);
    }

    /** Whether attempt {@code attempt}, which failed with {@code kind}, is followed by another. */
    public boolean retries(int attempt, FailureKind kind) {
        return attempt < attempts && on.contains(kind);
    }
}
