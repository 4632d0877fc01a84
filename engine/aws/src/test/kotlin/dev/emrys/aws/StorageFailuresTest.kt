package dev.emrys.aws

import dev.emrys.spec.AwsCode
import dev.emrys.spec.Diagnostic
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import software.amazon.awssdk.awscore.exception.AwsErrorDetails
import software.amazon.awssdk.core.exception.SdkClientException
import software.amazon.awssdk.services.s3.model.S3Exception

private fun diagnostic(status: Int, code: String?, message: String?): Diagnostic =
    StorageFailures.diagnostic(
        S3Exception.builder()
            .statusCode(status)
            .awsErrorDetails(
                AwsErrorDetails.builder().errorCode(code).errorMessage(message).build()
            )
            .build(),
        AwsSettings.DEFAULT,
        "s3:GetObject",
        "arn:aws:s3:::logs/emr/stderr.gz",
        S3Place("logs", "emr/stderr.gz"),
    )

class StorageFailuresTest :
    FunSpec({
        test("a denial names the action and the resource, also that of a request without a body") {
            diagnostic(403, "AccessDenied", "Access Denied").let {
                it.code() shouldBe AwsCode.STORAGE_DENIED
                it.what() shouldBe
                    "S3 denies s3:GetObject on arn:aws:s3:::logs/emr/stderr.gz: Access Denied (AccessDenied)."
                it.fix() shouldBe
                    "Allow s3:GetObject on arn:aws:s3:::logs/emr/stderr.gz in a policy of the caller, and check the policy of the bucket."
            }
            diagnostic(403, "403", null).code() shouldBe AwsCode.STORAGE_DENIED
        }

        test(
            "a denied KMS key, a missing bucket, expired credentials and a wrong clock are told apart"
        ) {
            diagnostic(
                    403,
                    "AccessDenied",
                    "User: x is not authorized to perform: kms:Decrypt on y",
                )
                .code() shouldBe AwsCode.KEY_DENIED
            diagnostic(404, "NoSuchBucket", "The specified bucket does not exist").code() shouldBe
                AwsCode.BUCKET_UNKNOWN
            diagnostic(400, "ExpiredToken", "The provided token has expired.").code() shouldBe
                AwsCode.CREDENTIALS_EXPIRED
            diagnostic(403, "RequestTimeTooSkewed", "The difference is too large").code() shouldBe
                AwsCode.CLOCK_WRONG
            diagnostic(403, "InvalidAccessKeyId", "It does not exist").code() shouldBe
                AwsCode.CREDENTIALS_INVALID
            diagnostic(503, "InternalError", "We encountered an error").code() shouldBe
                AwsCode.REFUSED
            StorageFailures.diagnostic(
                    SdkClientException.create("Connection refused"),
                    AwsSettings.DEFAULT,
                    "s3:GetObject",
                    "arn",
                    S3Place("b", "k"),
                )
                .code() shouldBe AwsCode.UNREACHABLE
        }

        test("a place is read with each scheme of EMR, with and without a key") {
            S3Place.of("s3n://b/k/") shouldBe S3Place("b", "k/")
            S3Place.of("s3://b") shouldBe S3Place("b", "")
            "${S3Place.of("s3://b").below("j-1/")}" shouldBe "s3://b/j-1/"
            "${S3Place.of("s3a://b/logs").below("j-1/")}" shouldBe "s3://b/logs/j-1/"
        }
    })
