package dev.emrys.spec;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Encryption and authentication.
 *
 * @param configuration the name of an EMR security configuration; null for none
 * @param kerberos null for none
 * @param logEncryptionKeyId the KMS key that logs on S3 are encrypted with; null for none
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record SecurityOptions(
        @Nullable String configuration,
        @Nullable Kerberos kerberos,
        @Nullable String logEncryptionKeyId) {

    static final Pattern ARN = Pattern.compile("arn:[a-z0-9-]+:[a-z0-9-]+:[a-z0-9-]*:[0-9]*:.+");

    /** Nothing said. */
    public static final SecurityOptions NONE = new SecurityOptions(null, null, null);

    void check(ClusterFacts cluster, MemberCheck check) {
        check.text("securityConfiguration", configuration, MemberCheck.LONG);
        check.text("logEncryptionKey", logEncryptionKeyId, MemberCheck.LONG);
        check.needs(
                logEncryptionKeyId != null && !cluster.hasLogs(),
                "logEncryptionKey",
                "log location",
                "Add logs = \"s3://…\", or remove it.");
        check.needs(
                kerberos != null && configuration == null,
                "kerberos { }",
                "security configuration",
                "Add securityConfiguration = \"…\": that configuration turns Kerberos on.");
        if (kerberos != null) {
            kerberos.check(check);
        }
    }
}
