package dev.emrys.aws

import dev.emrys.emr.Endpoint
import dev.emrys.spec.AwsCode
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import java.net.UnknownHostException
import software.amazon.awssdk.awscore.exception.AwsErrorDetails
import software.amazon.awssdk.core.exception.SdkClientException
import software.amazon.awssdk.services.emr.model.EmrException
import software.amazon.awssdk.services.sts.model.StsException

private fun details(code: String, text: String) =
    AwsErrorDetails.builder().errorCode(code).errorMessage(text).build()

private fun refusal(code: String, text: String) =
    EmrException.builder().statusCode(400).awsErrorDetails(details(code, text)).build()

private fun diagnostic(failure: Throwable, settings: AwsSettings = AwsSettings.DEFAULT) =
    AwsFailures.diagnostic(failure, settings, "AWS STS in eu-central-1")

class AwsFailuresTest :
    FunSpec({
        val refusals =
            listOf(
                Triple(
                    "ExpiredTokenException",
                    "The token is expired",
                    AwsCode.CREDENTIALS_EXPIRED,
                ),
                Triple(
                    "UnrecognizedClientException",
                    "The token is invalid.",
                    AwsCode.CREDENTIALS_INVALID,
                ),
                Triple(
                    "InvalidClientTokenId",
                    "The token is invalid.",
                    AwsCode.CREDENTIALS_INVALID,
                ),
                Triple(
                    "SignatureDoesNotMatch",
                    "The request signature we calculated does not match.",
                    AwsCode.CREDENTIALS_INVALID,
                ),
                Triple("SignatureDoesNotMatch", "Signature expired: now", AwsCode.CLOCK_WRONG),
                Triple("RequestTimeTooSkewed", "Too large.", AwsCode.CLOCK_WRONG),
                Triple("RequestExpired", "Request has expired.", AwsCode.CLOCK_WRONG),
                Triple("ThrottlingException", "Rate exceeded", AwsCode.THROTTLED),
                Triple("ValidationException", "Something else.", AwsCode.REFUSED),
            )
        for ((code, text, expected) in refusals) {
            test("the refusal $code: $text is $expected, with AWS's own words") {
                val found = diagnostic(refusal(code, text))
                found.code() shouldBe expected
                found.what() shouldContain "${text.removeSuffix(".")}"
                found.what() shouldContain "($code)"
            }
        }

        test("a denied request names the action that a policy must allow") {
            val text =
                "User: arn:aws:iam::1:user/ada is not authorized to perform: elasticmapreduce:ListClusters on resource: *"
            val found = diagnostic(refusal("AccessDeniedException", text))
            found.code() shouldBe AwsCode.ACCESS_DENIED
            found.fix() shouldBe "Allow elasticmapreduce:ListClusters in a policy of the caller."
        }

        test("a role that cannot be assumed is named with STS's own words") {
            val role = "arn:aws:iam::123456789012:role/etl"
            val cause =
                StsException.builder()
                    .statusCode(403)
                    .awsErrorDetails(
                        details("AccessDenied", "ada is not authorized to perform: sts:AssumeRole")
                    )
                    .build()
            val found =
                diagnostic(
                    Endpoint.CredentialsException("no", cause),
                    AwsSettings(null, null, role, null),
                )
            found.code() shouldBe AwsCode.ROLE_UNUSABLE
            found.what() shouldContain role
        }

        test("a session of SSO that has expired is renewed with the profile's login") {
            val expired = Endpoint.CredentialsException("The SSO session has expired.", null)
            val found = diagnostic(expired, AwsSettings("prod", null, null, null))
            found.code() shouldBe AwsCode.CREDENTIALS_EXPIRED
            found.fix() shouldBe "Renew them: for example `aws sso login --profile prod`."
        }

        test("an unknown host is named") {
            val failure = SdkClientException.create("x", UnknownHostException("sts.nowhere"))
            val found = diagnostic(failure)
            found.code() shouldBe AwsCode.UNREACHABLE
            found.what() shouldBe
                "AWS STS in eu-central-1 cannot be reached: the host sts.nowhere is not known."
        }

        val advice =
            listOf(
                "Invalid InstanceProfile: EMR_EC2_DefaultRole." to AwsCode.CLUSTER_ROLE,
                "ServiceRole nobody is invalid" to AwsCode.CLUSTER_ROLE,
                "The subnet ID 'subnet-1' does not exist" to AwsCode.SUBNET,
                "The key pair 'ada' does not exist" to AwsCode.KEY_PAIR,
                "The number of active clusters exceeds the limit" to AwsCode.QUOTA,
                "x is not authorized to perform: iam:PassRole" to AwsCode.ACCESS_DENIED,
            )
        for ((refusal, code) in advice) {
            test("the advice against \"$refusal\" is that of $code") {
                AwsFailures.advice(refusal) shouldStartWith "${code.id()}: "
            }
        }

        test("there is no advice against a refusal of unknown meaning") {
            AwsFailures.advice("Something new.") shouldBe ""
        }
    })
