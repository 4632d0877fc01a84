package dev.emrys.notify

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.maps.shouldNotContainKey
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import java.net.URI
import java.net.URLDecoder
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider
import software.amazon.awssdk.core.exception.SdkClientException

private const val TOPIC = "arn:aws:sns:eu-west-1:123456789012:emrys"

private val CREDENTIALS: AwsCredentialsProvider =
    StaticCredentialsProvider.create(AwsBasicCredentials.create("AKIATEST", "very-secret-key"))

private const val PUBLISHED =
    """<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">
    <PublishResult><MessageId>94f20ce6</MessageId></PublishResult>
    <ResponseMetadata><RequestId>f187a3c1</RequestId></ResponseMetadata></PublishResponse>"""

private fun error(code: String, message: String) =
    """<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">
    <Error><Type>Sender</Type><Code>$code</Code><Message>$message</Message></Error>
    <RequestId>f187a3c1</RequestId></ErrorResponse>"""

/** The parameters of the query protocol. */
private fun form(request: Received): Map<String, String> =
    request.body.split("&").associate { pair ->
        val (name, value) = pair.split("=", limit = 2)
        name to URLDecoder.decode(value, Charsets.UTF_8)
    }

class SnsChannelTest :
    FunSpec({
        val receiver = autoClose(Receiver())
        fun channel(topic: String = TOPIC, credentials: AwsCredentialsProvider = CREDENTIALS) =
            autoClose(
                SnsChannel.of(
                    "topic",
                    topic,
                    URI("http://127.0.0.1:${receiver.port}"),
                    credentials,
                )
            )

        beforeTest {
            receiver.requests.clear()
            receiver.answer = { it.reply(200, PUBLISHED) }
        }

        test("a notice is published with its title as the subject") {
            channel().send(notice())
            val form = form(receiver.requests.single())
            form["Action"] shouldBe "Publish"
            form["TopicArn"] shouldBe TOPIC
            form["Subject"] shouldBe "daily-etl failed"
            form["Message"] shouldBe notice().message()
            form.values shouldContain "kind"
            form.values shouldContain "failed"
            form shouldNotContainKey "MessageGroupId"
        }

        test("a long title is cut to what a subject may have, and the message has it all") {
            val title = "räw ".repeat(50).trim()
            channel().send(notice(title = title))
            val form = form(receiver.requests.single())
            form.getValue("Subject").length shouldBe 99
            form.getValue("Message").lines().first() shouldBe title
        }

        test("on a FIFO topic a repetition has the same deduplication id") {
            val channel = channel("$TOPIC.fifo")
            channel.send(notice())
            channel.send(notice())
            channel.send(notice(id = "other"))
            val forms = receiver.requests.map(::form)
            val ids = forms.map { it.getValue("MessageDeduplicationId") }
            ids[0] shouldBe ids[1]
            ids[0] shouldNotBe ids[2]
            forms.map { it.getValue("MessageGroupId") }.distinct() shouldHaveSize 1
        }

        test("throttling, expired credentials and 500 to 599 are worth another attempt") {
            for ((status, code) in
                listOf(
                    400 to "Throttling",
                    400 to "ThrottlingException",
                    403 to "ExpiredToken",
                    403 to "RequestTimeTooSkewed",
                    500 to "InternalError",
                    503 to "ServiceUnavailable",
                )) {
                receiver.answer = { it.reply(status, error(code, "why")) }
                val failure = failureOf(channel())
                failure.isRetryable shouldBe true
                failure.message shouldBe "$code (HTTP $status): why"
            }
        }

        test("another refusal is not worth another attempt") {
            for ((status, code) in listOf(404 to "NotFound", 403 to "AuthorizationError")) {
                receiver.answer = { it.reply(status, error(code, "why")) }
                failureOf(channel()).isRetryable shouldBe false
            }
        }

        test("the SDK sends a request once, and a broken connection is worth another attempt") {
            receiver.answer = { it.close() }
            val failure = failureOf(channel())
            failure.isRetryable shouldBe true
            receiver.requests shouldHaveSize 1
        }

        test("credentials that cannot be had are worth another attempt") {
            val failure =
                failureOf(channel(credentials = { throw SdkClientException.create("no profile") }))
            failure.isRetryable shouldBe true
            failure.message shouldContain "no profile"
            receiver.requests shouldHaveSize 0
        }

        test("only an ARN of a topic is taken, and its region is used") {
            for (arn in
                listOf(
                    "emrys",
                    "arn:aws:sqs:eu-west-1:123456789012:emrys",
                    "arn:aws:sns:eu-west-1:123456789012:",
                    "$TOPIC:1b2c3d",
                )) {
                shouldThrow<IllegalArgumentException> { SnsChannel.of("topic", arn) }
            }
            channel("arn:aws-cn:sns:cn-north-1:123456789012:emrys").send(notice())
            receiver.authorization.last() shouldContain "/cn-north-1/sns/aws4_request"
        }
    })
