package dev.emrys.aws;

import dev.emrys.emr.Endpoint;
import dev.emrys.emr.FailureLogs;
import java.time.Duration;
import java.util.Optional;
import software.amazon.awssdk.services.emr.EmrClient;

/**
 * Amazon EMR in one account and region, or what serves its API at another address. Thread-safe.
 *
 * <p>It is polled: EMR pushes changes to EventBridge only. Its quotas are EMR's defaults, which all processes that use
 * the same journal share.
 */
public final class AwsEndpoint implements Endpoint {
    /** One listing of the clusters uses a thirtieth of what EMR grants for it in that time. */
    private static final Duration POLL_INTERVAL = Duration.ofSeconds(15);

    private static final Duration RETRY_PAUSE = Duration.ofSeconds(2);

    /** EMR's listings are not up to date at once; AWS states no figure. */
    private static final Duration LISTING_LAG = Duration.ofSeconds(30);

    /** Of an emulator on this machine, whose listings are up to date and whose steps are short. */
    private static final Duration LOOPBACK_PAUSE = Duration.ofMillis(500);

    private final AwsAccess access;
    private final AwsIdentity identity;
    private final Optional<FailureLogs> failureLogs;

    /**
     * For one account: credentials that are renewed as another account's are not used, and what needs them waits.
     *
     * @param access is closed with this
     */
    public AwsEndpoint(AwsAccess access, AwsIdentity identity) {
        this(access, identity, Optional.empty());
    }

    /**
     * As the other, with logs of steps.
     *
     * @param failureLogs is used, and not closed with this
     */
    public AwsEndpoint(AwsAccess access, AwsIdentity identity, Optional<FailureLogs> failureLogs) {
        this.access = access;
        this.identity = identity;
        this.failureLogs = failureLogs;
        access.expectAccount(identity.account());
    }

    @Override
    public EmrClient client() {
        return access.emr();
    }

    @Override
    public Duration pollInterval() {
        return access.isLoopback() ? LOOPBACK_PAUSE : POLL_INTERVAL;
    }

    @Override
    public Duration retryPause() {
        return access.isLoopback() ? LOOPBACK_PAUSE : RETRY_PAUSE;
    }

    @Override
    public Duration listingLag() {
        return access.isLoopback() ? LOOPBACK_PAUSE : LISTING_LAG;
    }

    @Override
    public Optional<FailureLogs> failureLogs() {
        return failureLogs;
    }

    @Override
    public Duration clockAhead() {
        return access.clockAhead();
    }

    @Override
    public Duration callTimeout() {
        return access.timeouts().call();
    }

    @Override
    public Optional<String> account() {
        return Optional.of(identity.account() + "/" + identity.region());
    }

    @Override
    public void credentialsRefused() {
        access.renewCredentials();
    }

    @Override
    public String credentialsAdvice() {
        return AwsFailures.renewal(access.settings());
    }

    @Override
    public String advice(String refusal) {
        return AwsFailures.advice(refusal);
    }

    @Override
    public void close() {
        access.close();
    }
}
