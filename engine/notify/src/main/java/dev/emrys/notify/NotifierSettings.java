package dev.emrys.notify;

import java.time.Duration;

/**
 * How a {@link Notifier} retries, and how much it keeps.
 *
 * @param firstRetry the longest wait before the second attempt; it doubles with each further attempt. Each wait is
 *     random: from half of the longest to the longest
 * @param longestRetry the limit of the longest wait
 * @param giveUpAfter the limit from the queueing of a notice to its last attempt; the first attempt is always made
 * @param queueLimit how many notices may wait for one channel
 */
public record NotifierSettings(Duration firstRetry, Duration longestRetry, Duration giveUpAfter, int queueLimit) {

    /** From 1 second to 5 minutes, for 1 hour; 10,000 notices. */
    public static final NotifierSettings DEFAULT =
            new NotifierSettings(Duration.ofSeconds(1), Duration.ofMinutes(5), Duration.ofHours(1), 10_000);

    /**
     * @throws IllegalArgumentException if a number or a duration is not positive, or the first retry is later than the
     *     longest
     */
    public NotifierSettings {
        if (!isPositive(firstRetry) || firstRetry.compareTo(longestRetry) > 0 || !isPositive(giveUpAfter)) {
            throw new IllegalArgumentException("The durations " + firstRetry + ", " + longestRetry + " and "
                    + giveUpAfter + " must be positive, and the first not longer than the second.");
        }
        if (queueLimit < 1) {
            throw new IllegalArgumentException("The queue limit " + queueLimit + " is not positive.");
        }
    }

    private static boolean isPositive(Duration duration) {
        return !duration.isNegative() && !duration.isZero();
    }

    /**
     * The wait after a failed attempt.
     *
     * @param attempts made so far, at least 1
     * @param random from 0 to 1
     */
    Duration retryWait(int attempts, double random) {
        int doublings = Math.min(attempts - 1, 30);
        Duration most = firstRetry.compareTo(longestRetry.dividedBy(1L << doublings)) < 0
                ? firstRetry.multipliedBy(1L << doublings)
                : longestRetry;
        return Duration.ofNanos((long) (most.toNanos() * (0.5 + random / 2)));
    }
}
