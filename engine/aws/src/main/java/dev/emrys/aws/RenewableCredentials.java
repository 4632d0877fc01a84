package dev.emrys.aws;

import com.google.common.base.Throwables;
import dev.emrys.emr.Endpoint;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/**
 * Credentials that are asked for with each request, of a provider that is made anew after a refusal: what a person or a
 * program has renewed meanwhile is found. Thread-safe.
 */
final class RenewableCredentials implements AwsCredentialsProvider, SdkAutoCloseable {
    private final Supplier<AwsCredentialsProvider> providers;
    private final Consumer<AwsCredentials> check;
    private @Nullable AwsCredentialsProvider provider;

    /** @param check is given all credentials before they are used, and throws when they must not be */
    RenewableCredentials(Supplier<AwsCredentialsProvider> providers, Consumer<AwsCredentials> check) {
        this.providers = providers;
        this.check = check;
    }

    /**
     * Those of the moment.
     *
     * @throws Endpoint.CredentialsException when there are none, or none that may be used
     * @throws Endpoint.UnavailableException when it is not known whether they may be used
     */
    @Override
    public AwsCredentials resolveCredentials() {
        AwsCredentials credentials;
        try {
            credentials = provider().resolveCredentials();
        } catch (RuntimeException e) {
            renew();
            throw new Endpoint.CredentialsException(text(e), e);
        }
        check.accept(credentials);
        return credentials;
    }

    private synchronized AwsCredentialsProvider provider() {
        if (provider == null) {
            provider = providers.get();
        }
        return provider;
    }

    /** The next request asks a new provider. */
    synchronized void renew() {
        if (provider instanceof SdkAutoCloseable closeable) {
            closeable.close();
        }
        provider = null;
    }

    private static String text(Throwable failure) {
        String message = failure.getMessage();
        String own = message == null ? failure.getClass().getSimpleName() : message;
        Throwable root = Throwables.getRootCause(failure);
        return root == failure || root.getMessage() == null || own.contains(root.getMessage())
                ? own
                : own + ": " + root.getMessage();
    }

    @Override
    public void close() {
        renew();
    }
}
