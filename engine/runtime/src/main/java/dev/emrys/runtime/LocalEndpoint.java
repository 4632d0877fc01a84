package dev.emrys.runtime;

import dev.emrys.emr.Endpoint;
import dev.emrys.emr.Quotas;
import dev.emrys.local.LocalSetupException;
import dev.emrys.local.OwnerAddress;
import dev.emrys.local.OwnerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.emr.EmrClient;

/** The emulator of a local account, called over HTTP like AWS. When it has ended it is started again, possibly on another port. */
final class LocalEndpoint implements Endpoint {
    /** The emulator has no quotas, and a call takes less than a millisecond. */
    private static final Duration POLL_INTERVAL = Duration.ofMillis(120);

    private static final int CONNECT_MILLIS = 10_000;
    private static final int READ_MILLIS = 60_000;

    private final OwnerProcess owner;
    private @Nullable OwnerAddress address;
    private @Nullable EmrClient client;

    LocalEndpoint(OwnerProcess owner) {
        this.owner = owner;
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
                    .httpClient(UrlConnectionHttpClient.create(LocalEndpoint::connect))
                    // The SDK must not send RunJobFlow or AddJobFlowSteps twice by itself.
                    .overrideConfiguration(config -> config.retryStrategy(AwsRetryStrategy.doNotRetry()))
                    .build();
        }
        return client;
    }

    private static OwnerAddress address(OwnerProcess owner) {
        try {
            return owner.address();
        } catch (LocalSetupException e) {
            throw new UnavailableException(String.valueOf(e.getMessage()), e);
        }
    }

    /**
     * A connection without a proxy. The SDK's own factory would create an SSL context, 60 ms of a start, which plain HTTP does not
     * need.
     */
    private static HttpURLConnection connect(URI uri) {
        try {
            HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection(Proxy.NO_PROXY);
            connection.setConnectTimeout(CONNECT_MILLIS);
            connection.setReadTimeout(READ_MILLIS);
            return connection;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Duration pollInterval() {
        return POLL_INTERVAL;
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
    public synchronized void unreachable() {
        OwnerAddress last = address;
        if (last == null || !last.answers()) {
            // The next call asks for the address again, which starts the owner process if it has ended.
            client = null;
            address = null;
        }
    }

    @Override
    public synchronized void close() {
        if (client != null) {
            client.close();
            client = null;
        }
    }
}
