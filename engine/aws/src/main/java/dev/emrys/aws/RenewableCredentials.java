package dev.emrys.aws;

import com.google.common.base.Throwables;
import dev.emrys.emr.Endpoint;
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
    private @Nullable AwsCredentialsProvider provider;

    RenewableCredentials(Supplier<AwsCredentialsProvider> providers) {
        this.providers = providers;
    }

    /** @throws Endpoint.CredentialsException when there are none at the moment */
    @Override
    public AwsCredentials resolveCredentials() {
        try {
            return provider().resolveCredentials();
        } catch (RuntimeException e) {
            renew();
            throw new Endpoint.CredentialsException(text(e), e);
        }
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
