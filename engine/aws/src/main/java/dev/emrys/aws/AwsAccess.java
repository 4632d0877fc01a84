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
import java.time.InstantSource;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.retries.api.RetryStrategy;
import software.amazon.awssdk.services.emr.EmrClient;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.auth.StsAssumeRoleCredentialsProvider;
import software.amazon.awssdk.services.sts.model.GetCallerIdentityResponse;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/**
 * The SDK's clients for one choice of account, region and role. Nothing is asked of AWS until it is needed, and no
 * credentials are stored. No client repeats a request that changes something by itself. Thread-safe.
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
    private final ServiceClock clock = new ServiceClock(InstantSource.system());
    private final AccountCheck account = new AccountCheck(this::accountOf);
    private @Nullable EmrClient emr;

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
                ? UrlConnectionHttpClient.create(uri -> openLoopback(uri, timeouts))
                : UrlConnectionHttpClient.builder()
                        .connectionTimeout(timeouts.connect())
                        .socketTimeout(timeouts.read())
                        .build();
        this.credentials = new RenewableCredentials(this::provider, account::check);
    }

    AwsSettings settings() {
        return settings;
    }

    Timeouts timeouts() {
        return timeouts;
    }

    /** Whether the endpoint is on this machine: an emulator. */
    boolean isLoopback() {
        return settings.endpoint() != null && isLoopback(settings.endpoint());
    }

    /** Whether a URL is one of this machine. */
    static boolean isLoopback(String endpoint) {
        String host = URI.create(endpoint).getHost();
        return host != null && (host.equals("127.0.0.1") || host.equals("localhost") || host.equals("[::1]"));
    }

    /** Without a proxy, which another host would be needed for. */
    static HttpURLConnection openLoopback(URI uri, Timeouts timeouts) {
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
        public AwsCredentials resolveCredentials() {
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
        // The SDK must not send RunJobFlow or AddJobFlowSteps twice by itself.
        return configured(builder, provider, AwsRetryStrategy.doNotRetry());
    }

    private <B extends AwsClientBuilder<B, ?>> B configured(
            B builder, AwsCredentialsProvider provider, RetryStrategy retries) {
        B configured = builder.region(region.get())
                .credentialsProvider(provider)
                .overrideConfiguration(ClientOverrideConfiguration.builder()
                        .retryStrategy(retries)
                        .addExecutionInterceptor(clock)
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

    /**
     * EMR's client.
     *
     * @throws AwsException when no region is known
     */
    synchronized EmrClient emr() {
        if (emr == null) {
            emr = configured(EmrClient.builder().httpClient(http), credentials).build();
        }
        return emr;
    }

    /**
     * A client of its own for questions that change nothing: it repeats what was throttled or failed. To be closed.
     *
     * @throws AwsException when no region is known
     */
    EmrClient questions() {
        return configured(EmrClient.builder().httpClient(http), credentials, AwsRetryStrategy.standardRetryStrategy())
                .build();
    }

    /** By how much the clock of AWS is ahead of this machine's, as far as its answers have told. */
    Duration clockAhead() {
        return clock.ahead();
    }

    /**
     * From now on no credentials of another account are used.
     *
     * @param expected twelve digits
     */
    void expectAccount(String expected) {
        account.expect(expected);
    }

    /** Whose credentials these are, so that no request is sent with those of another account. */
    private String accountOf(AwsCredentials found) {
        try (StsClient sts = configured(StsClient.builder().httpClient(http), StaticCredentialsProvider.create(found))
                .build()) {
            return String.valueOf(sts.getCallerIdentity().account());
        } catch (SdkException e) {
            String text = AwsFailures.diagnostic(e, settings, sts()).what();
            throw e instanceof AwsServiceException refusal && refusal.statusCode() < 500 && !AwsFailures.isThrottled(e)
                    ? new Endpoint.CredentialsException(text, e)
                    : new Endpoint.UnavailableException(text, e);
        }
    }

    private String sts() {
        return "AWS STS in " + region.get();
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
            throw AwsFailures.exception(e, settings, sts());
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

    /** Whose rights the requests use. */
    AwsCredentialsProvider credentials() {
        return credentials;
    }

    /** @throws AwsException when no region is known */
    Region region() {
        return region.get();
    }

    @Override
    public void close() {
        synchronized (this) {
            if (emr != null) {
                emr.close();
            }
        }
        credentials.close();
        http.close();
    }
}
