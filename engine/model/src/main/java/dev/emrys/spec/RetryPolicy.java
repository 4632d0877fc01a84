package dev.emrys.spec;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.google.common.base.CaseFormat;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Sets;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How often and on what to try again.
 *
 * @param attempts all attempts together, the first included; 1 means no retry
 * @param backoff the wait between two attempts
 * @param on the failures that are tried again
 * @param limits how many attempts may fail for a root cause, before no other follows; causes without a limit have that
 *     of {@code attempts}
 */
public record RetryPolicy(
        int attempts,
        Backoff backoff,
        ImmutableSet<FailureKind> on,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) ImmutableMap<FailureCause, Integer> limits) {

    /** Without limits for root causes. */
    public RetryPolicy(int attempts, Backoff backoff, ImmutableSet<FailureKind> on) {
        this(attempts, backoff, on, ImmutableMap.of());
    }

    /** Everything that may end better the next time; {@link FailureKind#REFUSED} cannot. */
    public static final ImmutableSet<FailureKind> RETRYABLE = Sets.immutableEnumSet(
            FailureKind.STEP,
            FailureKind.TIMEOUT,
            FailureKind.CLUSTER_LOST,
            FailureKind.BOOTSTRAP,
            FailureKind.INTERNAL);

    public static final RetryPolicy NONE = new RetryPolicy(1, Backoff.DEFAULT, RETRYABLE);

    public static final int MAX_ATTEMPTS = 100;

    /** How a step can fail. */
    static final ImmutableSet<FailureKind> OF_STEPS =
            Sets.immutableEnumSet(FailureKind.STEP, FailureKind.TIMEOUT, FailureKind.CLUSTER_LOST);

    /** How the start of a cluster can fail. */
    static final ImmutableSet<FailureKind> OF_CLUSTERS =
            Sets.immutableEnumSet(FailureKind.CLUSTER_LOST, FailureKind.BOOTSTRAP, FailureKind.INTERNAL);

    /** How an operation on a cluster can fail. */
    static final ImmutableSet<FailureKind> OF_OPERATIONS = Sets.immutableEnumSet(
            FailureKind.STEP, FailureKind.TIMEOUT, FailureKind.CLUSTER_LOST, FailureKind.INTERNAL);

    /** How finding a cluster that is there already can fail. */
    static final ImmutableSet<FailureKind> OF_EXISTING_CLUSTERS = Sets.immutableEnumSet(FailureKind.CLUSTER_LOST);

    /** @param possible how the task can fail */
    void check(
            String noun,
            String name,
            ImmutableSet<FailureKind> possible,
            SourceLocation location,
            Diagnostics diagnostics) {
        if (attempts > 1 && on.stream().noneMatch(possible::contains) && !on.contains(FailureKind.REFUSED)) {
            diagnostics.add(
                    PipelineCode.RETRY_CONDITIONS,
                    location,
                    "the " + noun + " \"" + name + "\"",
                    words(on),
                    words(possible));
        }
        diagnostics.unless(
                attempts >= 1 && attempts <= MAX_ATTEMPTS,
                PipelineCode.RETRY_ATTEMPTS,
                location,
                attempts,
                MAX_ATTEMPTS);
        limits.forEach((cause, limit) -> diagnostics.unless(
                limit >= 1 && limit <= MAX_ATTEMPTS,
                PipelineCode.RETRY_LIMIT,
                location,
                limit,
                word(cause),
                MAX_ATTEMPTS));
        diagnostics.unless(!on.contains(FailureKind.REFUSED), PipelineCode.RETRY_REFUSED, location);
        backoff.check(location, diagnostics);
    }

    /** As the author writes it: {@code Cause.MissingInput}. */
    private static String word(FailureCause cause) {
        return "Cause." + CaseFormat.UPPER_UNDERSCORE.to(CaseFormat.UPPER_CAMEL, cause.name());
    }

    /** As the author writes them: {@code ClusterLost}. */
    private static String words(ImmutableSet<FailureKind> kinds) {
        return kinds.stream()
                .map(kind -> CaseFormat.UPPER_UNDERSCORE.to(CaseFormat.UPPER_CAMEL, kind.name()))
                .collect(Collectors.joining(", "));
    }

    /** Whether attempt {@code attempt}, which failed with {@code kind}, is followed by another. */
    public boolean retries(int attempt, FailureKind kind) {
        return attempt < attempts && on.contains(kind);
    }

    /**
     * Whether another attempt may follow as far as the root cause goes.
     *
     * @param cause of the newest failure; null when it is not known
     * @param failures how many counted attempts have failed for this cause, the newest included
     */
    public boolean retries(@Nullable FailureCause cause, int failures) {
        Integer limit = cause == null ? null : limits.get(cause);
        return limit == null || failures < limit;
    }
}
