package dev.emrys.spec;

import com.google.common.base.CaseFormat;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Sets;
import java.util.stream.Collectors;

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

    /** How a step can fail. */
    static final ImmutableSet<FailureKind> OF_STEPS =
            Sets.immutableEnumSet(FailureKind.STEP, FailureKind.TIMEOUT, FailureKind.CLUSTER_LOST);

    /** How the start of a cluster can fail. */
    static final ImmutableSet<FailureKind> OF_CLUSTERS =
            Sets.immutableEnumSet(FailureKind.CLUSTER_LOST, FailureKind.BOOTSTRAP, FailureKind.INTERNAL);

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
        diagnostics.unless(!on.contains(FailureKind.REFUSED), PipelineCode.RETRY_REFUSED, location);
        backoff.check(location, diagnostics);
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
}
