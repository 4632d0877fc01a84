package dev.emrys.aws;

import com.google.common.base.Suppliers;
import com.google.common.collect.ImmutableList;
import dev.emrys.spec.AwsCode;
import dev.emrys.spec.Diagnostic;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.retry.RetryMode;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.PartitionMetadata;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * Amazon S3, with the rights of an {@link AwsAccess}. A bucket may be in another region: S3's redirect is followed.
 * Requests that fail for a short time are repeated up to 3 times. Its methods block, and throw {@link AwsException}
 * with the reason. Thread-safe.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/API/Welcome.html">Amazon S3 API Reference</a>
 */
public final class AwsStorage implements AutoCloseable {
    /** A call is one request, with its body: a part of 8 MB takes 5 minutes at 28 KB/s. */
    private static final AwsAccess.Timeouts TIMEOUTS =
            new AwsAccess.Timeouts(AwsAccess.Timeouts.DEFAULT.connect(), Duration.ofSeconds(60), Duration.ofMinutes(5));

    private final AwsAccess access;
    private final Optional<String> endpoint;
    private final SdkHttpClient http;
    private final Supplier<S3Client> s3 = Suppliers.memoize(this::makeClient);
    private volatile @Nullable S3Client made;

    /**
     * An object.
     *
     * @param size in bytes
     * @param tag changes with its content
     * @param modified in seconds
     */
    record StoredLog(String key, long size, String tag, Instant modified) {}

    /** @param access is used, and not closed with this */
    public AwsStorage(AwsAccess access) {
        this.access = access;
        this.endpoint = access.settings().storageEndpoint(System.getenv());
        this.http = isLoopback()
                ? UrlConnectionHttpClient.create(uri -> AwsAccess.openLoopback(uri, TIMEOUTS))
                : UrlConnectionHttpClient.builder()
                        .connectionTimeout(TIMEOUTS.connect())
                        .socketTimeout(TIMEOUTS.read())
                        .build();
    }

    private S3Client makeClient() {
        S3ClientBuilder builder = S3Client.builder()
                .httpClient(http)
                .region(access.region())
                .credentialsProvider(access.credentials())
                .crossRegionAccessEnabled(true)
                .overrideConfiguration(ClientOverrideConfiguration.builder()
                        .retryStrategy(RetryMode.STANDARD)
                        .apiCallTimeout(TIMEOUTS.call())
                        .build());
        // A bucket is no host name of an emulator.
        endpoint.ifPresent(url -> builder.endpointOverride(URI.create(url)).forcePathStyle(true));
        S3Client client = builder.build();
        made = client;
        return client;
    }

    /** Whether the endpoint is on this machine: an emulator. */
    boolean isLoopback() {
        return endpoint.map(AwsAccess::isLoopback).orElse(false);
    }

    /** The first objects, at most 1,000, whose keys begin like this. */
    ImmutableList<StoredLog> list(S3Place folder) {
        ListObjectsV2Request request = ListObjectsV2Request.builder()
                .bucket(folder.bucket())
                .prefix(folder.key())
                .build();
        return ask(
                "s3:ListBucket",
                folder.bucket(),
                folder,
                () -> s3.get().listObjectsV2(request).contents().stream()
                        .map(AwsStorage::stored)
                        .collect(ImmutableList.toImmutableList()));
    }

    /** The first objects whose keys begin like this. */
    ImmutableList<StoredLog> list(S3Place folder, int most) {
        return ask(
                "s3:ListBucket",
                folder.bucket(),
                folder,
                () -> s3
                        .get()
                        .listObjectsV2Paginator(
                                request -> request.bucket(folder.bucket()).prefix(folder.key()))
                        .contents()
                        .stream()
                        .limit(most)
                        .map(AwsStorage::stored)
                        .collect(ImmutableList.toImmutableList()));
    }

    private static StoredLog stored(S3Object found) {
        return new StoredLog(found.key(), found.size(), found.eTag(), found.lastModified());
    }

    /** The content of an object, as it is stored; the caller closes it. */
    InputStream open(S3Place object) {
        return ask(
                "s3:GetObject",
                object.bucket() + "/" + object.key(),
                object,
                () -> s3.get()
                        .getObject(request -> request.bucket(object.bucket()).key(object.key())));
    }

    /**
     * Copies a file to S3 unless the object is there already. An object that is there is never overwritten, also when
     * another process copies at the same time.
     *
     * @param uri of the object, whose name contains the hash
     * @param sha256 of the file, in hexadecimal
     * @param size of the file, in bytes
     * @param sent is told how many bytes of it were sent so far
     * @return whether it was sent; false when it was there
     * @throws AwsException also when the file changes meanwhile
     */
    public boolean copyOnce(Path file, String uri, String sha256, long size, LongConsumer sent) {
        S3Place object = S3Place.of(uri);
        Optional<Long> there = size(object);
        if (there.isPresent()) {
            if (there.get() != size) {
                throw new AwsException(AwsCode.OBJECT_DIFFERS.of(uri, there.get(), file, size), null);
            }
            return false;
        }
        return ask("s3:PutObject", object.bucket() + "/" + object.key(), object, () -> {
            FileUpload upload = new FileUpload(s3.get(), file, object, sha256, size);
            try {
                return upload.send(sent);
            } catch (IOException e) {
                throw new AwsException(AwsCode.FILE_CHANGED.of(file, String.valueOf(e.getMessage())), e);
            }
        });
    }

    /** Of an object; empty when there is none, or when the caller may not know. */
    private Optional<Long> size(S3Place object) {
        return ask("s3:GetObject", object.bucket() + "/" + object.key(), object, () -> {
            try {
                return Optional.of(s3.get()
                        .headObject(request -> request.bucket(object.bucket()).key(object.key()))
                        .contentLength());
            } catch (S3Exception e) {
                // Without the right to list, S3 says 403 of an object that is not there.
                if (e.statusCode() == 404 || e.statusCode() == 403) {
                    return Optional.empty();
                }
                throw e;
            }
        });
    }

    /**
     * @param action what the caller needs the right to
     * @param resource to which, as the last part of an ARN
     */
    private <T> T ask(String action, String resource, S3Place place, Supplier<T> request) {
        try {
            return request.get();
        } catch (SdkException | dev.emrys.emr.Endpoint.UnavailableException e) {
            String arn = "arn:" + PartitionMetadata.of(access.region()).id() + ":s3:::" + resource;
            Diagnostic diagnostic = StorageFailures.diagnostic(e, access.settings(), action, arn, place);
            throw new AwsException(diagnostic, e);
        }
    }

    @Override
    public void close() {
        S3Client client = made;
        if (client != null) {
            client.close();
        }
        http.close();
    }
}
