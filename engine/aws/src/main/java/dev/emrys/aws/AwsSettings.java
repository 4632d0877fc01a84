package dev.emrys.aws;

import com.google.common.collect.ImmutableMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which account, region and endpoint a run uses. What is absent is AWS's own business: the environment, the shared
 * configuration files, the machine's role. Immutable; without a secret.
 *
 * @param profile of the shared configuration files; null for the default chain of credentials
 * @param region such as {@code eu-central-1}
 * @param role the ARN of a role to assume; null for the caller's own rights
 * @param endpoint the URL that takes the requests to EMR and to STS; null for those of AWS
 * @see <a href="https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html">shared configuration files</a>
 */
public record AwsSettings(
        @Nullable String profile,
        @Nullable String region,
        @Nullable String role,
        @Nullable String endpoint) {
    private static final String PROFILE = "profile";
    private static final String REGION = "region";
    private static final String ROLE = "role";
    private static final String ENDPOINT = "endpoint";
    /** Twelve digits; not a setting: it is known when the caller is known. */
    private static final String ACCOUNT = "account";

    /** Nothing but AWS's own settings. */
    public static final AwsSettings DEFAULT = new AwsSettings(null, null, null, null);

    /** What {@link #recorded} has written for a run. */
    public static AwsSettings of(Map<String, String> recorded) {
        return new AwsSettings(recorded.get(PROFILE), recorded.get(REGION), recorded.get(ROLE), recorded.get(ENDPOINT));
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
                endpoint == null ? other.endpoint : endpoint);
    }

    /** What the record of a run keeps, by names that are never changed. */
    public ImmutableMap<String, String> recorded(AwsIdentity caller) {
        ImmutableMap.Builder<String, String> all = ImmutableMap.builder();
        all.put(ACCOUNT, caller.account());
        all.put(REGION, caller.region());
        put(all, PROFILE, profile);
        put(all, ROLE, role);
        put(all, ENDPOINT, endpoint);
        return all.buildOrThrow();
    }

    private static void put(ImmutableMap.Builder<String, String> all, String name, @Nullable String value) {
        if (value != null) {
            all.put(name, value);
        }
    }
}
