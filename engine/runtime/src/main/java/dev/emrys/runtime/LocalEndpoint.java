package dev.emrys.runtime;

import dev.emrys.emr.Endpoint;
import dev.emrys.emr.Quotas;
import dev.emrys.journal.SqliteJournal;
import dev.emrys.local.LocalSetupException;
import dev.emrys.local.OwnerAddress;
import dev.emrys.local.OwnerProcess;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.emr.EmrClient;

/**
 * The emulator of a local account, called over HTTP like AWS, which pushes changes. When it has ended it is started
 * again, possibly on another port.
 */
final class LocalEndpoint implements Endpoint {
    /**
     * For a notification that was lost. Ten such answers decide that a cluster or a step is gone, so it is no longer
     * than the listing lag.
     */
    private static final Duration POLL_INTERVAL = Duration.ofMillis(500);

    private static final Duration RETRY_PAUSE = Duration.ofMillis(120);

    private final OwnerProcess owner;
    private final Duration pollInterval;
    private volatile boolean connected;
    /** Whether the journal was seen in the same state folder; it may be in a database. */
    private boolean journalBeside;

    private @Nullable OwnerAddress address;
    private @Nullable EmrClient client;

    LocalEndpoint(OwnerProcess owner) {
        this(owner, POLL_INTERVAL);
    }

    /** For tests: with another interval. */
    LocalEndpoint(OwnerProcess owner, Duration pollInterval) {
        this.owner = owner;
        this.pollInterval = pollInterval;
    }

    @Override
    public synchronized EmrClient client() {
        if (client == null) {
            OwnerAddress found = address(owner);
            address = found;
            client = EmrClient.builder()
                    .endpointOverride(found.uri())
                    .region(Region.US_EAST_1)
                    .credentialsProvider(
                            StaticCredentialsProvider.create(AwsBasicCredentials.create(found.token(), "local")))
                    .httpClient(UrlConnectionHttpClient.create(LoopbackConnection::open))
                    // The SDK must not send RunJobFlow or AddJobFlowSteps twice by itself.
                    .overrideConfiguration(config -> config.retryStrategy(AwsRetryStrategy.doNotRetry()))
                    .build();
        }
        return client;
    }

    /** The address that the client uses. */
    private synchronized OwnerAddress address() {
        var unused = client();
        return Objects.requireNonNull(address);
    }

    private OwnerAddress address(OwnerProcess owner) {
        if (isGone() && journalBeside && !isJournalBeside()) {
            // The state folder is being removed: an account that is created anew would keep that from its end. Where
            // only the account was removed, a new one says that it does not know the clusters, and the run fails.
            throw new UnavailableException(
                    "The local account " + owner.account().folder() + " was removed while it was used.", null);
        }
        try {
            OwnerAddress found = owner.address();
            connected = true;
            journalBeside |= isJournalBeside();
            return found;
        } catch (LocalSetupException e) {
            throw new UnavailableException(String.valueOf(e.getMessage()), e);
        }
    }

    private boolean isJournalBeside() {
        return Files.exists(owner.account().folder().resolveSibling(SqliteJournal.FILE));
    }

    @Override
    public String newClusterAdvice() {
        return "This is the local target, whose account has no clusters but those that runs start, and keep with"
                + " keepAfterRun = true. To use one of yours on this machine, start emrys emulator, make the cluster"
                + " with aws emr create-cluster in the environment that it prints, and run there with --target aws --endpoint-url $AWS_ENDPOINT_URL_EMR.";
    }

    @Override
    public Duration pollInterval() {
        return pollInterval;
    }

    @Override
    public Duration callTimeout() {
        return LoopbackConnection.TIMEOUT;
    }

    @Override
    public Duration retryPause() {
        return RETRY_PAUSE;
    }

    @Override
    public Subscription subscribe(ChangeListener listener) {
        return new OwnerChanges(this::address, this::unreachable, listener);
    }

    /**
     * The emulator lists what it created at once; but a request of an engine that was just killed may still be in
     * flight.
     */
    @Override
    public Duration listingLag() {
        return Duration.ofMillis(500);
    }

    @Override
    public Quotas quotas() {
        return Quotas.NONE;
    }

    @Override
    public Duration submissionLinger() {
        return Duration.ZERO;
    }

    @Override
    public boolean isGone() {
        return connected && !owner.account().exists();
    }

    @Override
    public synchronized void unreachable() {
        OwnerAddress last = address;
        if (last == null || !last.answers()) {
            // The next call asks for the address again, which starts the owner process if it has ended.
            client = null;
            address = null;
        }
    }

    /** Another owner process, with a new token, may listen on the port of the one before. */
    @Override
    public void credentialsRefused() {
        unreachable();
    }

    @Override
    public synchronized void close() {
        if (client != null) {
            client.close();
            client = null;
        }
    }
}
