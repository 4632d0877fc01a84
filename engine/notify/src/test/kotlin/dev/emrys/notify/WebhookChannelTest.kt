package dev.emrys.notify

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.ObjectMapper
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.comparables.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldNotContain
import java.net.InetAddress
import java.net.ServerSocket
import java.time.Duration
import java.time.InstantSource
import java.util.Optional
import java.util.concurrent.CountDownLatch
import java.util.concurrent.atomic.AtomicReference
import kotlin.time.Duration.Companion.seconds
import kotlin.time.measureTime

private const val TOKEN = "T0001/B0002/very-secret-token"

private fun json(request: Received): JsonNode = ObjectMapper().readTree(request.body)

private fun channel(url: String, timeout: Duration = Duration.ofSeconds(60)) =
    WebhookChannel("ops", secret(url), InstantSource.fixed(AT), timeout, timeout)

/** A port on which nothing listens. */
private fun freePort(): Int =
    ServerSocket(0, 1, InetAddress.getLoopbackAddress()).use { it.localPort }

class WebhookChannelTest :
    FunSpec({
        val receiver = autoClose(Receiver())
        fun url() = "http://127.0.0.1:${receiver.port}/services/$TOKEN?key=hidden-key"

        beforeTest {
            receiver.requests.clear()
            receiver.answer = { it.reply(200, "ok") }
        }

        test("a notice is posted as Slack takes it, with its fields for programs") {
            channel(url()).send(notice())
            val request = receiver.requests.single()
            request.method shouldBe "POST"
            request.path shouldBe "/services/$TOKEN?key=hidden-key"
            request.type shouldBe "application/json"
            json(request)["text"].textValue() shouldBe
                "daily-etl failed\nThe step curate failed: exit code 1.\nemrys resume daily-etl-1"
            json(request)["mrkdwn"].booleanValue() shouldBe false
            json(request)["emrys"]["kind"].textValue() shouldBe "failed"
            json(request)["emrys"]["run"].textValue() shouldBe "daily-etl-1"
        }

        test("a text mentions no channel, and its letters beyond ASCII arrive") {
            channel(url()).send(notice(title = "<!channel> räw & 雪"))
            val json = json(receiver.requests.single())
            json["text"].textValue().lines().first() shouldBe "&lt;!channel&gt; räw &amp; 雪"
            json["emrys"]["title"].textValue() shouldBe "<!channel> räw & 雪"
        }

        test("a status of 200 to 299 is success") {
            for (status in listOf(200, 202, 204)) {
                receiver.answer = { it.reply(status, "") }
                channel(url()).send(notice())
            }
            receiver.requests shouldHaveSize 3
        }

        test("408, 425, 429 and 500 to 599 are worth another attempt, others are not") {
            for (status in listOf(408, 425, 429, 500, 502, 503, 599)) {
                receiver.answer = { it.reply(status, "") }
                failureOf(channel(url())).isRetryable shouldBe true
            }
            for (status in listOf(400, 401, 403, 404, 410, 413)) {
                receiver.answer = { it.reply(status, "") }
                val failure = failureOf(channel(url()))
                failure.isRetryable shouldBe false
                failure.message shouldBe "HTTP $status."
            }
        }

        test("Slack's error code is told, and no other body is") {
            receiver.answer = { it.reply(400, "invalid_payload") }
            failureOf(channel(url())).message shouldBe "HTTP 400 (invalid_payload)."
            receiver.answer = { it.reply(404, "Cannot POST /services/$TOKEN") }
            failureOf(channel(url())).message shouldBe "HTTP 404."
            receiver.answer = { it.reply(404, "services") }
            failureOf(channel(url())).message shouldBe "HTTP 404."
            receiver.answer = { it.reply(400, "x".repeat(1_000_000)) }
            failureOf(channel(url())).message shouldBe "HTTP 400."
        }

        test("Retry-After is respected in seconds and as a date") {
            fun waitAfter(header: String): Duration {
                receiver.answer = { it.reply(429, "", "Retry-After" to header) }
                return failureOf(channel(url())).retryAfter()
            }
            waitAfter("120") shouldBe Duration.ofSeconds(120)
            waitAfter("Sat, 25 Apr 2026 03:01:30 GMT") shouldBe Duration.ofSeconds(90)
            waitAfter("Sat, 25 Apr 2026 02:00:00 GMT") shouldBe Duration.ZERO
            waitAfter("soon") shouldBe Duration.ZERO
            waitAfter("99999999999999999999") shouldBe Duration.ZERO
        }

        test("a notifier waits as long as the receiver asks") {
            receiver.answer = { it.reply(429, "", "Retry-After" to "90") }
            val harness = NotifierHarness(channel(url()))
            harness.send("a")
            harness.pass("PT89S")
            receiver.requests shouldHaveSize 1
            receiver.answer = { it.reply(200, "ok") }
            harness.pass("PT1S")
            receiver.requests shouldHaveSize 2
            harness.time.idle() shouldBe true
        }

        test("a redirect is not followed") {
            Receiver().use { other ->
                for (status in listOf(301, 302, 303, 307, 308)) {
                    receiver.answer = {
                        it.reply(status, "", "Location" to "http://127.0.0.1:${other.port}/")
                    }
                    val failure = failureOf(channel(url()))
                    failure.message shouldBe "HTTP $status: redirects are not followed."
                    failure.isRetryable shouldBe false
                }
                other.requests shouldHaveSize 0
            }
        }

        test("a server that is not there is worth another attempt") {
            val refused = failureOf(channel("http://127.0.0.1:${freePort()}/$TOKEN"))
            refused.isRetryable shouldBe true
            refused.message shouldBe "The connection was refused."
            val unknown = failureOf(channel("http://does-not-exist.invalid/$TOKEN"))
            unknown.isRetryable shouldBe true
            unknown.message shouldBe "The host of the webhook is not known."
        }

        test("a server whose certificate is not trusted gets nothing") {
            Receiver(LoopbackTls.create()).use { untrusted ->
                val failure = failureOf(channel("https://127.0.0.1:${untrusted.port}/$TOKEN"))
                failure.isRetryable shouldBe true
                failure.message shouldBe "The TLS connection was not established."
                untrusted.requests shouldHaveSize 0
            }
        }

        test("a response that does not come, or does not end, is given up in time") {
            val end = CountDownLatch(1)
            receiver.answer = { end.await() }
            measureTime {
                    val silent = failureOf(channel(url(), Duration.ofSeconds(1)))
                    silent.message shouldBe "There was no complete response in 1 s."
                    silent.isRetryable shouldBe true
                }
                .shouldBeLessThan(15.seconds)
            receiver.answer = {
                it.sendResponseHeaders(200, 0)
                it.responseBody.write("ok".toByteArray())
                it.responseBody.flush()
                end.await()
            }
            failureOf(channel(url(), Duration.ofSeconds(1))).message shouldBe
                "There was no complete response in 1 s."
            end.countDown()
        }

        test("an interrupt ends the attempt, and the thread stays interrupted") {
            val entered = CountDownLatch(1)
            val end = CountDownLatch(1)
            receiver.answer = {
                entered.countDown()
                end.await()
            }
            val seen = AtomicReference<Pair<ChannelException, Boolean>>()
            val sender = Thread {
                seen.set(failureOf(channel(url())) to Thread.currentThread().isInterrupted)
            }
            sender.start()
            entered.await()
            sender.interrupt()
            sender.join()
            end.countDown()
            seen.get().first.isRetryable shouldBe true
            seen.get().second shouldBe true
        }

        test("a secret that is no URL of a webhook is refused without its value") {
            for (url in
                listOf(
                    "hooks.slack.com/$TOKEN",
                    "ftp://host/$TOKEN",
                    "http:///$TOKEN",
                    "https://user:very-secret-token@does-not-exist.invalid/",
                    "http://host/ $TOKEN",
                )) {
                val failure = failureOf(channel(url))
                failure.message shouldBe
                    "The secret \"hidden\" is not an http or https URL of a webhook."
                failure.isRetryable shouldBe false
            }
        }

        test("a secret that is not known yet is worth another attempt") {
            var value = Optional.empty<String>()
            val channel =
                WebhookChannel(
                    "ops",
                    NamedSecret.of("slack") { value },
                    InstantSource.fixed(AT),
                )
            val failure = failureOf(channel)
            failure.isRetryable shouldBe true
            failure.message shouldBe "The secret \"slack\" is not known."
            value = Optional.of(url() + "\n")
            channel.send(notice())
            receiver.requests shouldHaveSize 1
        }

        test("neither warnings nor exceptions nor names have a part of the URL") {
            val channel = channel(url())
            val answers =
                listOf<(com.sun.net.httpserver.HttpExchange) -> Unit>(
                    { it.reply(404, "no such hook: /services/$TOKEN") },
                    { it.reply(503, TOKEN) },
                    { it.close() },
                )
            val seen = mutableListOf(channel.toString(), channel.name(), secret(url()).toString())
            for (answer in answers) {
                receiver.answer = answer
                val failure = failureOf(channel)
                seen += failure.stackTraceToString()
                failure.cause shouldBe null
                val harness = NotifierHarness(channel)
                harness.send("a")
                harness.pass("PT2H")
                seen += harness.warnings
            }
            for (text in seen) {
                for (part in TOKEN.split("/") + "hidden-key" + "127.0.0.1" + "${receiver.port}") {
                    text shouldNotContain part
                }
            }
        }
    })
