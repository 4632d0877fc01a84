package dev.emrys.storage

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.time.Instant
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient
import software.amazon.awssdk.services.cloudwatchlogs.model.CloudWatchLogsException
import software.amazon.awssdk.services.cloudwatchlogs.model.InputLogEvent
import software.amazon.awssdk.services.cloudwatchlogs.model.ResourceAlreadyExistsException
import software.amazon.awssdk.services.cloudwatchlogs.model.ResourceNotFoundException

/** The same events over the wire as without it; what only the wire has. */
class LogsEndpointTest :
    FunSpec({
        fun CloudWatchLogsClient.put(vararg messages: String) = putLogEvents { request ->
            val now = Instant.now().toEpochMilli()
            request
                .logGroupName("g")
                .logStreamName("s")
                .logEvents(
                    messages.mapIndexed { i, message ->
                        InputLogEvent.builder().timestamp(now + i).message(message).build()
                    }
                )
        }

        fun CloudWatchLogsClient.created() = apply {
            createLogGroup { it.logGroupName("g") }
            createLogStream { it.logGroupName("g").logStreamName("s") }
        }

        test("the SDK for Java writes, pages and reads, and knows the errors") {
            Storage().use { storage ->
                val client = storage.logs("client", "client-secret").created()
                shouldThrow<ResourceAlreadyExistsException> {
                    client.createLogGroup { it.logGroupName("g") }
                }
                shouldThrow<ResourceNotFoundException> {
                    client.getLogEvents { it.logGroupName("g").logStreamName("none") }
                }
                val messages = (1..25).map { "message $it ü\u0000\n" }
                client.put(*messages.toTypedArray())
                client
                    .getLogEventsPaginator {
                        it.logGroupName("g").logStreamName("s").startFromHead(true).limit(10)
                    }
                    .events()
                    .map { it.message() } shouldContainExactly messages
                client
                    .filterLogEventsPaginator {
                        it.logGroupName("g").filterPattern("-\"message 1\"").limit(3)
                    }
                    .events()
                    .map { it.message() } shouldContainExactly
                    messages.filter { "message 1" !in it }
                client.deleteLogGroup { it.logGroupName("g") }
                client.describeLogGroups().logGroups().size shouldBe 0
            }
        }

        test("a batch of 1 MiB, each byte of which takes six as JSON, is stored") {
            Storage().use { storage ->
                val client = storage.logs("client", "client-secret").created()
                val message = "\u0001".repeat(1_048_576 - 26)
                client.put(message)
                client
                    .getLogEvents { it.logGroupName("g").logStreamName("s") }
                    .events()
                    .single()
                    .message() shouldBe message
            }
        }

        test("a key or a signature that is wrong is refused") {
            Storage().use { storage ->
                fun error(key: String, secret: String): String? =
                    shouldThrow<CloudWatchLogsException> {
                            storage.logs(key, secret).describeLogGroups()
                        }
                        .awsErrorDetails()
                        .errorCode()
                error("nobody", "client-secret") shouldBe "UnrecognizedClientException"
                error("client", "another") shouldBe "InvalidSignatureException"
            }
        }

        test("a request without a signature, or for another service, is refused") {
            Storage().use { storage ->
                fun answer(authorization: String?): String {
                    val request =
                        HttpRequest.newBuilder(URI("${storage.uri}/"))
                            .header("X-Amz-Target", "Logs_20140328.DescribeLogGroups")
                            .POST(HttpRequest.BodyPublishers.ofString("{}"))
                    if (authorization != null) request.header("Authorization", authorization)
                    val response =
                        HttpClient.newHttpClient()
                            .send(request.build(), HttpResponse.BodyHandlers.ofString())
                    return "${response.statusCode()} ${response.body()}"
                }
                answer(null) shouldContain "MissingAuthenticationTokenException"
                val s3 =
                    "AWS4-HMAC-SHA256 Credential=client/20260101/us-east-1/s3/aws4_request, " +
                        "SignedHeaders=host, Signature=${"0".repeat(64)}"
                answer(s3) shouldContain "IncompleteSignatureException"
                answer(s3.replace("/s3/", "/logs/")) shouldContain "400 {\"__type\":"
            }
        }

        test("S3 and CloudWatch Logs are served at one address") {
            withStorage { storage ->
                storage.logs("step", "step-secret").created().put("in the log")
                storage.client.put("k", "in the bucket")
                storage.client.text("k") shouldBe "in the bucket"
                storage
                    .logs("client", "client-secret")
                    .filterLogEvents { it.logGroupName("g") }
                    .events()
                    .map { it.message() } shouldContainExactly listOf("in the log")
            }
        }
    })
