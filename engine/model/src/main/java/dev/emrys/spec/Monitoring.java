package dev.emrys.spec;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import org.jspecify.annotations.Nullable;

/**
 * Where EMR writes the logs of a cluster, beside its log location. EMR: {@code MonitoringConfiguration}.
 *
 * @param cloudWatchLogs null for none
 * @param s3UploadPolicies what EMR does with each type of log on S3, EMR's {@code LogTypeUploadPolicy}
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Monitoring(@Nullable CloudWatchLogs cloudWatchLogs, ImmutableMap<String, String> s3UploadPolicies) {

    /**
     * EMR's {@code CloudWatchLogConfiguration}.
     *
     * @param enabled false turns it off
     * @param group null for EMR's default
     * @param streamPrefix null for none
     * @param encryptionKeyArn null for none
     * @param types for each type of log the streams, such as {@code STDOUT}; empty for EMR's default
     */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record CloudWatchLogs(
            boolean enabled,
            @Nullable String group,
            @Nullable String streamPrefix,
            @Nullable String encryptionKeyArn,
            ImmutableMap<String, ImmutableList<String>> types) {}

    void check(MemberCheck check) {
        if (cloudWatchLogs != null) {
            check.text("group of cloudWatchLogs", cloudWatchLogs.group(), MemberCheck.LONG);
            check.text("streamPrefix of cloudWatchLogs", cloudWatchLogs.streamPrefix(), MemberCheck.LONG);
            check.form(
                    "encryptionKey of cloudWatchLogs",
                    cloudWatchLogs.encryptionKeyArn(),
                    SecurityOptions.ARN,
                    "its ARN, such as \"arn:aws:kms:eu-central-1:123456789012:key/0a1b2c3d\"");
        }
        s3UploadPolicies.forEach((type, policy) -> check.text("s3Logs of monitoring", policy, MemberCheck.LONG));
    }
}
