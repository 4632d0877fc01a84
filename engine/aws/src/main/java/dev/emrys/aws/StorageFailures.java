package dev.emrys.aws;

import dev.emrys.spec.AwsCode;
import dev.emrys.spec.Diagnostic;
import software.amazon.awssdk.awscore.exception.AwsServiceException;

/**
 * What a failed request to S3 means.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html">S3's error responses</a>
 */
final class StorageFailures {
    private StorageFailures() {}

    /**
     * @param action what the caller needs the right to
     * @param arn to what
     * @param place for people
     */
    static Diagnostic diagnostic(Throwable failure, AwsSettings settings, String action, String arn, S3Place place) {
        if (!(failure instanceof AwsServiceException refusal)) {
            return AwsFailures.diagnostic(failure, settings, "Amazon S3");
        }
        String code = AwsFailures.code(refusal);
        String text = AwsFailures.sentence(AwsFailures.text(refusal));
        if (code.equals("NoSuchBucket")) {
            return AwsCode.BUCKET_UNKNOWN.of(place.bucket());
        }
        if (code.equals("InvalidAccessKeyId")) {
            return AwsCode.CREDENTIALS_INVALID.of(text);
        }
        // The answer to HeadObject has no body, and so neither code nor text.
        if (code.equals("AccessDenied") || (refusal.statusCode() == 403 && !code.matches("[A-Z][A-Za-z]+"))) {
            return text.contains("kms:") || text.contains("KMS")
                    ? AwsCode.KEY_DENIED.of(place, text)
                    : AwsCode.STORAGE_DENIED.of(action, arn, text);
        }
        return AwsFailures.diagnostic(refusal, settings, "Amazon S3");
    }
}
