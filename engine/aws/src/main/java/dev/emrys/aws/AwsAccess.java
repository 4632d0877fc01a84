package dev.emrys.aws;

import com.google.common.base.Suppliers;
import dev.emrys.emr.Endpoint;
import dev.emrys.spec.AwsCode;
import dev.emrys.spec.AwsValue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.services.emr.EmrClient;
import software.amazon.awssdk.services.emr.model.InvalidRequestException;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.auth.StsAssumeRoleCredentialsProvider;
import software.amazon.awssdk.services.sts.model.GetCallerIdentityResponse;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/**
 * The SDK's clients for one choice of account, region and role. Nothing is asked of AWS until it is needed, and no
 * credentials are stored. No client repeats a request by itself. Thread-safe.
 */
public final class AwsAccess implements AutoCloseable {
    /**
     * How long is waited for a connection, for each part of an answer, and for a call as a whole, which is given up
     * then.
     */
    record Timeouts(Duration connect, Duration read, Duration call) {
        static final Timeouts DEFAULT =
                new Timeouts(Duration.ofSeconds(4), Duration.ofSeconds(10), Duration.ofSeconds(15));
    }

    private final AwsSettings settings;
    private final Timeouts timeouts;
    private final String session;
    private final SdkHttpClient http;
    private final RenewableCredentials credentials;
    private final Supplier<Region> region = Suppliers.memoize(this::findRegion);
    private final Supplier<EmrClient> emr = Suppliers.memoize(this::makeEmr);

    /**
     * @param session the name under which the role is assumed, for AWS's own logs: 2 to 64 letters, digits and {@code
     *     =,.@-}; unused without a role
     */
    public AwsAccess(AwsSettings settings, String session) {
        this(settings, session, Timeouts.DEFAULT);
    }

    AwsAccess(AwsSettings settings, String session, Timeouts timeouts) {
        this.settings = settings;
        this.timeouts = timeouts;
        this.session = session;
        this.http = isLoopback()
                ? UrlConnectionHttpClient.create(this::openLoopback)
                : UrlConnectionHttpClient.builder()
                        .connectionTimeout(timeouts.connect())
                        .socketTimeout(timeouts.read())
                        .build();
        this.credentials = new RenewableCredentials(this::provider);
    }

    AwsSettings settings() {
        return settings;
    }

    Timeouts timeouts() {
        return timeouts;
    }

    /** Whether the endpoint is on this machine: an emulator. */
    boolean isLoopback() {
        if (settings.endpoint() == null) {
            return false;
        }
        String host = URI.create(settings.endpoint()).getHost();
        return host != null && (host.equals("127.0.0.1") || host.equals("localhost") || host.equals("[::1]"));
    }

    /** Without a proxy, which another host would be needed for. */
    private HttpURLConnection openLoopback(URI uri) {
        try {
            HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection(Proxy.NO_PROXY);
            connection.setConnectTimeout((int) timeouts.connect().toMillis());
            connection.setReadTimeout((int) timeouts.read().toMillis());
            return connection;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A profile that is named is used alone, as by the AWS CLI: keys in the environment do not take its place. */
    private AwsCredentialsProvider ownProvider() {
        return settings.profile() == null
                ? DefaultCredentialsProvider.builder().build()
                : ProfileCredentialsProvider.create(settings.profile());
    }

    private AwsCredentialsProvider provider() {
        AwsCredentialsProvider own = ownProvider();
        return settings.role() == null ? own : new AssumedRole(own);
    }

    /** Closes what the role's provider does not. */
    private final class AssumedRole implements AwsCredentialsProvider, SdkAutoCloseable {
        private final AwsCredentialsProvider own;
        private final StsClient sts;
        private final StsAssumeRoleCredentialsProvider role;

        AssumedRole(AwsCredentialsProvider own) {
            this.own = own;
            this.sts = configured(StsClient.builder().httpClient(http), own).build();
            this.role = StsAssumeRoleCredentialsProvider.builder()
                    .stsClient(sts)
                    .refreshRequest(request -> request.roleArn(settings.role()).roleSessionName(session))
                    .build();
        }

        @Override
        public software.amazon.awssdk.auth.credentials.AwsCredentials resolveCredentials() {
            return role.resolveCredentials();
        }

        @Override
        public void close() {
            role.close();
            sts.close();
            if (own instanceof SdkAutoCloseable closeable) {
                closeable.close();
            }
        }
    }

    private <B extends AwsClientBuilder<B, ?>> B configured(B builder, AwsCredentialsProvider provider) {
        B configured = builder.region(region.get())
                .credentialsProvider(provider)
                .overrideConfiguration(ClientOverrideConfiguration.builder()
                        // The SDK must not send RunJobFlow or AddJobFlowSteps twice by itself.
                        .retryStrategy(AwsRetryStrategy.doNotRetry())
                        .apiCallTimeout(timeouts.call())
                        .build());
        return settings.endpoint() == null ? configured : configured.endpointOverride(URI.create(settings.endpoint()));
    }

    private Region findRegion() {
        if (settings.region() != null) {
            return Region.of(settings.region());
        }
        try {
            DefaultAwsRegionProviderChain.Builder chain = DefaultAwsRegionProviderChain.builder();
            return checked((settings.profile() == null ? chain : chain.profileName(settings.profile()))
                    .build()
                    .getRegion());
        } catch (SdkException e) {
            // As the AWS CLI and boto3 name it.
            String named = System.getenv("AWS_DEFAULT_REGION");
            if (named != null && !named.isBlank()) {
                return checked(Region.of(named));
            }
            throw new AwsException(AwsCode.REGION_MISSING.of(), e);
        }
    }

    /** The SDK makes a host name of it without a look. */
    private static Region checked(Region found) {
        if (!AwsValue.REGION.fits(found.id())) {
            throw new AwsException(
                    AwsCode.VALUE_FORM.of(
                            "The region of the environment or of AWS's configuration files",
                            found.id(),
                            AwsValue.REGION.wanted()),
                    null);
        }
        return found;
    }

    private EmrClient makeEmr() {
        return configured(EmrClient.builder().httpClient(http), credentials).build();
    }

    /**
     * EMR's client.
     *
     * @throws AwsException when no region is known
     */
    EmrClient emr() {
        return emr.get();
    }

    /** The credentials were refused: the next request asks for them anew. */
    void renewCredentials() {
        credentials.renew();
    }

    /**
     * Asks AWS whose credentials these are. Blocks; starts nothing.
     *
     * @throws AwsException when that fails, with the reason
     */
    public AwsIdentity identity() {
        try (StsClient sts =
                configured(StsClient.builder().httpClient(http), credentials).build()) {
            GetCallerIdentityResponse caller = sts.getCallerIdentity();
            return new AwsIdentity(
                    String.valueOf(caller.account()), region.get().id(), String.valueOf(caller.arn()));
        } catch (SdkException | Endpoint.UnavailableException e) {
            throw AwsFailures.exception(e, settings, "AWS STS in " + region.get());
        }
    }

    /**
     * Asks EMR for clusters that do not exist yet: whether it can be reached, and answers the caller. Blocks; starts
     * nothing.
     *
     * @throws AwsException when that fails, with the reason
     */
    public void probe() {
        try {
            var unused = emr().listClusters(request -> request.createdAfter(Instant.now()));
        } catch (SdkException | Endpoint.UnavailableException e) {
            // A throttle is an answer.
            if (!AwsFailures.isThrottled(e)) {
                throw AwsFailures.exception(e, settings, "Amazon EMR in " + region.get());
            }
        }
    }

    /**
     * The folder on Amazon S3 to which EMR copies the logs of a step: every 5 minutes while the cluster runs, and at
     * its end. Blocks.
     *
     * @return empty when the cluster has no log location, or is not known any more
     * @throws AwsException when EMR cannot be asked
     * @see <a href="https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-manage-view-web-log-files.html">View log
     *     files</a>
     */
    public Optional<String> stepLogs(String cluster, String step) {
        try {
            String location = emr().describeCluster(request -> request.clusterId(cluster))
                    .cluster()
                    .logUri();
            if (location == null || location.isEmpty()) {
                return Optional.empty();
            }
            // EMR shows the scheme s3n.
            String folder = location.replaceFirst("^s3[an]:", "s3:");
            return Optional.of(folder + (folder.endsWith("/") ? "" : "/") + cluster + "/steps/" + step + "/");
        } catch (InvalidRequestException e) {
            return Optional.empty();
        } catch (SdkException | Endpoint.UnavailableException e) {
            throw AwsFailures.exception(e, settings, "Amazon EMR in " + region.get());
        }
    }

    @Override
    public void close() {
        credentials.close();
        http.close();
    }
}
