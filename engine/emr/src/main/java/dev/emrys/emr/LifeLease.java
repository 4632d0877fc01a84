package dev.emrys.emr;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Until when one cluster may exist without a process that drives its run: what its tag {@link RunTags#EXPIRES_AT} says,
 * as far as this process knows it. Thread-safe.
 */
final class LifeLease {
    /** From a renewal to the expiry. */
    static final Duration LENGTH = Duration.ofHours(6);

    /** A lease of which less is left is renewed. */
    private static final Duration RENEWED_BELOW = LENGTH.dividedBy(2);

    /** Of a lease of which less is left people are warned. */
    private static final Duration WARNED_BELOW = LENGTH.dividedBy(4);

    /** The pause after a refusal, which is not likely to be withdrawn soon. */
    private static final Duration REFUSAL_PAUSE = Duration.ofMinutes(10);

    private @Nullable Instant until;
    private @Nullable Instant notBefore;
    private @Nullable String refusal;
    private boolean underWay;
    private boolean warned;

    /** The cluster has this expiry. */
    synchronized void renewed(Instant newExpiry) {
        until = newExpiry;
        notBefore = null;
        refusal = null;
        underWay = false;
        warned = false;
    }

    /** EMR refused the renewal. */
    synchronized void refused(String text, Instant now) {
        refusal = text;
        notBefore = now.plus(REFUSAL_PAUSE);
        underWay = false;
    }

    /**
     * Whether a renewal is to begin now, which {@link #renewed} or {@link #refused} ends. An expiry that is not known,
     * since another process started the cluster or its reply was lost, is renewed at once.
     */
    synchronized boolean begin(Instant now) {
        boolean due = until == null || Duration.between(now, until).compareTo(RENEWED_BELOW) < 0;
        if (!due || underWay || (notBefore != null && now.isBefore(notBefore))) {
            return false;
        }
        underWay = true;
        return true;
    }

    /** What to warn of, once until the next renewal; null when there is nothing. */
    synchronized @Nullable String warning(Instant now) {
        Instant known = until;
        boolean needed =
                known == null ? refusal != null : Duration.between(now, known).compareTo(WARNED_BELOW) < 0;
        if (!needed || warned) {
            return null;
        }
        warned = true;
        return (known == null ? "its expiry is not known here" : "it expires at " + known) + "; "
                + (refusal == null ? "EMR has not answered" : refusal);
    }
}
