package dev.emrys.emr;

import com.google.common.collect.ImmutableSet;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The steps of one cluster for which no listing has shown yet that EMR has each only once. They are looked at when the
 * lag of EMR's listings is over. A few are also looked at with the next check of the cluster, since a second step of a
 * short one must not begin; that takes one page, and many would take several from the other clusters. Guarded by the
 * lock of its {@link StatusPoller}.
 */
final class UnprovenSteps {
    /** Two of each, and some before them, are on one page of EMR's listing. */
    private static final int FEW = 20;

    private static final int PER_PAGE = 50;

    /** By id, since when this process knows of the step. */
    private final Map<String, Instant> since = new LinkedHashMap<>();

    private Instant lastLook = Instant.EPOCH;
    private boolean fresh;
    private boolean looking;

    void add(String id, Instant now) {
        since.put(id, now);
        fresh = true;
    }

    /** The other one of the two is used. */
    void remove(String id) {
        since.remove(id);
    }

    boolean isDue(Instant now, Duration lag) {
        if (since.isEmpty() || looking) {
            return false;
        }
        Instant oldest = since.values().iterator().next();
        Instant from = oldest.isAfter(lastLook) ? oldest : lastLook;
        return (fresh && areFew()) || !now.isBefore(from.plus(lag));
    }

    boolean areFew() {
        return since.size() <= FEW;
    }

    /** How many pages of EMR's listing show them, if nothing is younger. */
    int pages() {
        return (since.size() + PER_PAGE - 1) / PER_PAGE;
    }

    /** A look at them begins. */
    ImmutableSet<String> begin() {
        fresh = false;
        looking = true;
        return ImmutableSet.copyOf(since.keySet());
    }

    /**
     * The look has ended.
     *
     * @param seen those that it has shown
     * @param sent when it began
     */
    void looked(Set<String> seen, Instant sent, Duration lag) {
        looking = false;
        lastLook = sent;
        seen.forEach(id -> {
            Instant known = since.get(id);
            if (known != null && !sent.isBefore(known.plus(lag))) {
                since.remove(id);
            }
        });
    }
}
