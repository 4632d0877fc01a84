package dev.emrys.spec;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where EMR writes the logs of one step, instead of the log location of its cluster. EMR: {@code
 * S3MonitoringConfiguration}.
 *
 * @param uri an {@code s3://} folder; null for that of the cluster
 * @param encryptionKeyArn the KMS key; null for none
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record StepLogs(@Nullable String uri, @Nullable String encryptionKeyArn) {
    private static final Pattern URI = Pattern.compile("s3[an]?://[^/\\s]+(/.*)?");

    void check(String step, SourceLocation location, Diagnostics diagnostics) {
        MemberCheck check = new MemberCheck("the step \"" + step + "\"", location, diagnostics);
        check.text("logs", uri, MemberCheck.LONG);
        check.form("logs", uri, URI, "a folder on S3, such as \"s3://bucket/prefix/\"");
        check.form(
                "logEncryptionKey",
                encryptionKeyArn,
                SecurityOptions.ARN,
                "its ARN, such as \"arn:aws:kms:eu-central-1:123456789012:key/0a1b2c3d\"");
    }
}
