package dev.emrys.aws;

import com.google.common.collect.ImmutableMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which account, region and endpoint a run uses. What is absent is AWS's own business: the environment, the shared
 * configuration files, the machine's role. Immutable; without a secret.
 *
 * @param profile of the shared configuration files; null for the default chain of credentials
 * @param region such as {@code eu-central-1}
 * @param role the ARN of a role to assume; null for the caller's own rights
 * @param endpoint the URL that takes the requests to EMR and to STS; null for those of AWS
 * @param storageEndpoint the URL that takes the requests to S3; null for what {@code AWS_ENDPOINT_URL_S3} says, else that
 *     of AWS
 * @param staging the {@code s3://} folder to which files of this machine are copied for the clusters; null for none
 * @see <a href="https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html">shared configuration files</a>
 */
public record AwsSettings(
        @Nullable String profile,
        @Nullable String region,
        @Nullable String role,
        @Nullable String endpoint,
        @Nullable String storageEndpoint,
        @Nullable String staging) {
    private static final String PROFILE = "profile";
    private static final String REGION = "region";
    private static final String ROLE = "role";
    private static final String ENDPOINT = "endpoint";
    private static final String STORAGE_ENDPOINT = "s3Endpoint";
    private static final String STAGING = "staging";
    /** Twelve digits; not a setting: it is known when the caller is known. */
    private static final String ACCOUNT = "account";

    /** With AWS's own endpoint of S3, and without a place for files. */
    public AwsSettings(
            @Nullable String profile, @Nullable String region, @Nullable String role, @Nullable String endpoint) {
        this(profile, region, role, endpoint, null, null);
    }

    /** Nothing but AWS's own settings. */
    public static final AwsSettings DEFAULT = new AwsSettings(null, null, null, null);

    /** What {@link #recorded} has written for a run. */
    public static AwsSettings of(Map<String, String> recorded) {
        return new AwsSettings(
                recorded.get(PROFILE),
                recorded.get(REGION),
                recorded.get(ROLE),
                recorded.get(ENDPOINT),
                recorded.get(STORAGE_ENDPOINT),
                recorded.get(STAGING));
    }

    /** The account that {@link #recorded} has written for a run; null when it has none. */
    public static @Nullable String account(Map<String, String> recorded) {
        return recorded.get(ACCOUNT);
    }

    /** The settings of the first that has one. */
    public AwsSettings orElse(AwsSettings other) {
        return new AwsSettings(
                profile == null ? other.profile : profile,
                region == null ? other.region : region,
                role == null ? other.role : role,
                endpoint == null ? other.endpoint : endpoint,
                storageEndpoint == null ? other.storageEndpoint : storageEndpoint,
                staging == null ? other.staging : staging);
    }

    /**
     * The URL that takes the requests to S3.
     *
     * @param environment of this process
     * @return empty for that of AWS
     */
    public Optional<String> storageEndpoint(Map<String, String> environment) {
        return Stream.of(storageEndpoint, environment.get("AWS_ENDPOINT_URL_S3"), environment.get("AWS_ENDPOINT_URL"))
                .filter(url -> url != null && !url.isBlank())
                .findFirst();
    }

    /**
     * Whether it is known which S3 belongs to EMR's endpoint: what is meant for an emulator must not be sent to AWS.
     *
     * @param environment of this process
     */
    public boolean hasStorage(Map<String, String> environment) {
        return endpoint == null || storageEndpoint(environment).isPresent();
    }

    /** What the record of a run keeps, by names that are never changed. */
    public ImmutableMap<String, String> recorded(AwsIdentity caller) {
        ImmutableMap.Builder<String, String> all = ImmutableMap.builder();
        all.put(ACCOUNT, caller.account());
        all.put(REGION, caller.region());
        put(all, PROFILE, profile);
        put(all, ROLE, role);
        put(all, ENDPOINT, endpoint);
        put(all, STORAGE_ENDPOINT, storageEndpoint);
        put(all, STAGING, staging);
        return all.buildOrThrow();
    }

    private static void put(ImmutableMap.Builder<String, String> all, String name, @Nullable String value) {
        if (value != null) {
            all.put(name, value);
        }
    }
}
