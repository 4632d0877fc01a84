package dev.emrys.emulator;

import com.google.common.collect.ImmutableMap;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * EMR's quotas on calls, as token buckets: one for the account, and one for each operation that has a documented one.
 * The figures are the default quotas of an account and region in Service Quotas. Thread-safe.
 *
 * @see <a href="https://docs.aws.amazon.com/general/latest/gr/emr.html">Amazon EMR endpoints and quotas</a>
 */
final class ApiQuotas {
    private static final Quota ACCOUNT = new Quota(25, Duration.ofMillis(200));

    private static final ImmutableMap<String, Quota> OPERATIONS = ImmutableMap.<String, Quota>builder()
            .put("AddInstanceGroups", new Quota(5, Duration.ofSeconds(5)))
            .put("AddJobFlowSteps", new Quota(10, Duration.ofSeconds(2)))
            .put("AddTags", new Quota(5, Duration.ofSeconds(2)))
            .put("CancelSteps", new Quota(10, Duration.ofSeconds(2)))
            .put("DescribeCluster", new Quota(10, Duration.ofSeconds(1)))
            .put("DescribeJobFlows", new Quota(20, Duration.ofSeconds(5)))
            .put("DescribeStep", new Quota(10, Duration.ofSeconds(2)))
            .put("ListBootstrapActions", new Quota(10, Duration.ofSeconds(1)))
            .put("ListClusters", new Quota(20, Duration.ofSeconds(2)))
            .put("ListInstanceFleets", new Quota(5, Duration.ofSeconds(2)))
            .put("ListInstanceGroups", new Quota(10, Duration.ofSeconds(1)))
            .put("ListInstances", new Quota(10, Duration.ofSeconds(2)))
            .put("ListSteps", new Quota(10, Duration.ofSeconds(2)))
            .put("ModifyCluster", new Quota(10, Duration.ofSeconds(2)))
            .put("RemoveTags", new Quota(5, Duration.ofSeconds(2)))
            .put("RunJobFlow", new Quota(10, Duration.ofSeconds(2)))
            .put("SetTerminationProtection", new Quota(5, Duration.ofSeconds(5)))
            .put("TerminateJobFlows", new Quota(10, Duration.ofSeconds(2)))
            .buildOrThrow();

    private final Bucket account = new Bucket(ACCOUNT);
    private final Map<String, Bucket> buckets = new LinkedHashMap<>();

    /**
     * A bucket's size, and how long one token takes to come back.
     *
     * @param burst how many calls a full bucket allows at once
     */
    private record Quota(int burst, Duration interval) {}

    /** A bucket that is exact: it has the time at which it is full, and not a number of tokens. */
    private static final class Bucket {
        final Quota quota;

        @Nullable
        Instant fullAt;

        Bucket(Quota quota) {
            this.quota = quota;
        }

        boolean hasToken(Instant now) {
            return fullAt == null
                    || !fullAt.minus(quota.interval().multipliedBy(quota.burst() - 1L))
                            .isAfter(now);
        }

        void take(Instant now) {
            fullAt = (fullAt == null || fullAt.isBefore(now) ? now : fullAt).plus(quota.interval());
        }
    }

    /** Whether a call is within the quotas; it then counts towards them. A rejected call does not count. */
    synchronized boolean take(String operation, Instant now) {
        Quota quota = OPERATIONS.get(operation);
        Bucket own = quota == null ? null : buckets.computeIfAbsent(operation, unused -> new Bucket(quota));
        if (!account.hasToken(now) || (own != null && !own.hasToken(now))) {
            return false;
        }
        account.take(now);
        if (own != null) {
            own.take(now);
        }
        return true;
    }
}
