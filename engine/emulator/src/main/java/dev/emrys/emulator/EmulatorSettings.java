package dev.emrys.emulator;

import java.time.Duration;

/**
 * The properties of the emulated account.
 *
 * @param region as in ARNs
 * @param accountId twelve digits, as in ARNs
 * @param starting how long a cluster is STARTING; zero ends at once, through the scheduler
 * @param bootstrapping how long a cluster is BOOTSTRAPPING after its last bootstrap action
 * @param terminating how long a cluster is TERMINATING at least; it also waits for its running steps to end
 * @param maxActiveClusters how many clusters may be active at the same time; EMR's default quota is 500
 * @param retention how long a terminated cluster can still be described; EMR keeps about two months
 * @param quotas whether calls beyond EMR's default quotas are throttled
 * @param maxRunningSteps how many steps of the account run at the same time, of all its clusters; the others stay
 *     PENDING; and how many bootstrap actions. {@link #NO_LIMIT}: as many as the clusters' step concurrency levels allow
 */
public record EmulatorSettings(
        String region,
        String accountId,
        Duration starting,
        Duration bootstrapping,
        Duration terminating,
        int maxActiveClusters,
        Duration retention,
        boolean quotas,
        int maxRunningSteps) {

    /** For {@link #maxRunningSteps}. */
    public static final int NO_LIMIT = Integer.MAX_VALUE;

    /** us-east-1, account 000000000000, no delays, 500 clusters, 60 days, no quotas on calls, no limit of steps. */
    public static final EmulatorSettings DEFAULT = new EmulatorSettings(
            "us-east-1", "000000000000", Duration.ZERO, Duration.ZERO, Duration.ZERO, 500, Duration.ofDays(60), false);

    /** Without a limit of the account's steps. */
    public EmulatorSettings(
            String region,
            String accountId,
            Duration starting,
            Duration bootstrapping,
            Duration terminating,
            int maxActiveClusters,
            Duration retention,
            boolean quotas) {
        this(region, accountId, starting, bootstrapping, terminating, maxActiveClusters, retention, quotas, NO_LIMIT);
    }

    /** Rejects negative durations and limits below one. */
    public EmulatorSettings {
        if (starting.isNegative() || bootstrapping.isNegative() || terminating.isNegative() || retention.isNegative()) {
            throw new IllegalArgumentException("The emulator's durations must not be negative.");
        }
        if (maxActiveClusters < 1) {
            throw new IllegalArgumentException(
                    "maxActiveClusters is " + maxActiveClusters + ": it must be at least 1.");
        }
        if (maxRunningSteps < 1) {
            throw new IllegalArgumentException("maxRunningSteps is " + maxRunningSteps + ": it must be at least 1.");
        }
    }

    /** The same account with another limit of running steps. */
    public EmulatorSettings withMaxRunningSteps(int max) {
        return new EmulatorSettings(
                region, accountId, starting, bootstrapping, terminating, maxActiveClusters, retention, quotas, max);
    }

    /** The ARN of a resource of EMR in this account and region, in the region's partition. */
    String arn(String resource) {
        return "arn:" + partition() + ":elasticmapreduce:" + region + ":" + accountId + ":" + resource;
    }

    /** See "Partition" in the AWS glossary of the IAM user guide, IAM identifiers. */
    String partition() {
        if (region.startsWith("cn-")) {
            return "aws-cn";
        }
        return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
    }

    /** The same account with other delays. */
    public EmulatorSettings withDelays(Duration start, Duration bootstrap, Duration terminate) {
        return new EmulatorSettings(
                region, accountId, start, bootstrap, terminate, maxActiveClusters, retention, quotas, maxRunningSteps);
    }

    /** The same account with another limit of active clusters. */
    public EmulatorSettings withMaxActiveClusters(int max) {
        return new EmulatorSettings(
                region, accountId, starting, bootstrapping, terminating, max, retention, quotas, maxRunningSteps);
    }

    /** The same account with EMR's quotas on calls, or without. */
    public EmulatorSettings withQuotas(boolean enforced) {
        return new EmulatorSettings(
                region,
                accountId,
                starting,
                bootstrapping,
                terminating,
                maxActiveClusters,
                retention,
                enforced,
                maxRunningSteps);
    }
}
