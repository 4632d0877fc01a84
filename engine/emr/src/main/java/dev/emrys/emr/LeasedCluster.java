package dev.emrys.emr;

import com.google.common.collect.ImmutableMap;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.model.Cluster;
import software.amazon.awssdk.services.emr.model.ClusterStatus;

/**
 * A cluster that a run of Emrys has started and that is up, with the life lease that its tags state.
 *
 * @param name as on EMR
 * @param state as on EMR, such as {@code WAITING}
 * @param run from its tags
 * @param started null when EMR does not say
 * @param expiry the text of its tag {@code emrys:expires-at}; null when it has none
 * @param isProtected whether EMR protects it from termination
 * @param isKept whether its pipeline wants it to stay when the run has ended
 */
public record LeasedCluster(
        String id,
        String name,
        String state,
        RunTags run,
        @Nullable Instant started,
        @Nullable String expiry,
        boolean isProtected,
        boolean isKept) {

    /** Whether a cluster is to be ended, or why it is kept. Names are in JSON: they are never changed. */
    public enum Verdict {
        /** It expired longer ago than the margin: to be ended. */
        OVERDUE,
        /** As {@link #OVERDUE}, but it is protected from termination. */
        PROTECTED,
        /** A live process drives its run. */
        DRIVEN,
        /** Its pipeline wants it to stay when the run has ended. */
        KEPT,
        /** It expired, but not longer ago than the margin. */
        IN_MARGIN,
        /** It has not expired. */
        LEASED,
        /** It has no expiry: an older version of Emrys has started it. */
        WITHOUT_EXPIRY,
        /** Its expiry cannot be read: somebody has changed the tag. */
        UNREADABLE_EXPIRY
    }

    /**
     * What a description says; null when the cluster is none of Emrys: it lacks the tags, or its name has not the key
     * that they state.
     */
    static @Nullable LeasedCluster of(Cluster cluster) {
        ImmutableMap<String, String> tags = cluster.tags().stream()
                .collect(ImmutableMap.toImmutableMap(
                        tag -> String.valueOf(tag.key()), tag -> String.valueOf(tag.value()), (one, other) -> other));
        String run = tags.get(RunTags.RUN);
        String key = tags.get(RunTags.KEY);
        String name = String.valueOf(cluster.name());
        if (run == null || key == null || !RunTags.carries(name, key)) {
            return null;
        }
        ClusterStatus status = cluster.status();
        return new LeasedCluster(
                cluster.id(),
                name,
                status == null ? "" : String.valueOf(status.stateAsString()),
                new RunTags(run, tags.getOrDefault(RunTags.RUN_NAME, ""), tags.getOrDefault(RunTags.PIPELINE, "")),
                status == null || status.timeline() == null
                        ? null
                        : status.timeline().creationDateTime(),
                tags.get(RunTags.EXPIRES_AT),
                Boolean.TRUE.equals(cluster.terminationProtected()),
                tags.containsKey(RunTags.KEPT));
    }

    /** Null when there is no expiry, or none that can be read. */
    public @Nullable Instant expiresAt() {
        try {
            return expiry == null ? null : Instant.parse(expiry);
        } catch (DateTimeException e) {
            return null;
        }
    }

    /**
     * Whether it is to be ended.
     *
     * @param now by the clock of the endpoint
     * @param margin for how long it must have expired
     * @param isDriven whether a live process drives its run; that no journal knows the run is no reason to end it
     * @param unprotect whether its protection from termination may be switched off
     */
    public Verdict verdict(Instant now, Duration margin, boolean isDriven, boolean unprotect) {
        Instant expires = expiresAt();
        if (isDriven) {
            return Verdict.DRIVEN;
        }
        if (isKept) {
            return Verdict.KEPT;
        }
        if (expires == null) {
            return expiry == null ? Verdict.WITHOUT_EXPIRY : Verdict.UNREADABLE_EXPIRY;
        }
        if (!now.isAfter(expires)) {
            return Verdict.LEASED;
        }
        if (Duration.between(expires, now).compareTo(margin) <= 0) {
            return Verdict.IN_MARGIN;
        }
        return isProtected && !unprotect ? Verdict.PROTECTED : Verdict.OVERDUE;
    }
}
