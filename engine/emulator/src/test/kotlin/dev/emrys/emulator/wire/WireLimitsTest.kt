package dev.emrys.emulator.wire

import com.google.common.collect.ImmutableMap
import dev.emrys.emulator.EmulatorHarness
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.time.Duration
import java.util.concurrent.Callable
import java.util.concurrent.Executors
import java.util.logging.Handler
import java.util.logging.Level
import java.util.logging.LogRecord
import java.util.logging.Logger
import software.amazon.awssdk.services.emr.EmrClient

const val WIRE_TOKEN = "EMRYSTOKEN0123456789"

private val SHORT: Duration = Duration.ofMillis(200)
private val LONG: Duration = Duration.ofMinutes(5)

private fun limits(
    head: Int = 16 * 1024,
    body: Int = 10 * 1024 * 1024,
    unauthenticatedTime: Duration = LONG,
    bodyTime: Duration = LONG,
    idleTime: Duration = LONG,
    maxUnauthenticated: Int = 256,
    maxConnections: Int = 2_048,
) =
    WireLimits(
        head,
        body,
        unauthenticatedTime,
        bodyTime,
        idleTime,
        maxUnauthenticated,
        maxConnections,
    )

private class Endpoint(limits: WireLimits = limits()) : AutoCloseable {
    val harness = EmulatorHarness()
    val server = WireServer(ImmutableMap.of(WIRE_TOKEN, harness.emr), 0, limits)
    private val peers = mutableListOf<RawPeer>()

    fun peer() = RawPeer(server.port()).also { peers += it }

    fun peers(count: Int, text: String) = List(count) { peer().send(text) }

    fun status(text: String) = peer().send(text).answer()?.status

    override fun close() {
        peers.forEach { it.close() }
        server.close()
    }
}

private fun <T> endpoint(limits: WireLimits = limits(), action: Endpoint.() -> T): T =
    Endpoint(limits).use { it.action() }

/** What is logged at WARNING and above while [action] runs. */
private fun warnings(action: () -> Unit): List<String> {
    val messages = mutableListOf<String>()
    val handler =
        object : Handler() {
            override fun publish(record: LogRecord) {
                if (record.level.intValue() >= Level.WARNING.intValue())
                    synchronized(messages) { messages += "${record.loggerName} ${record.message}" }
            }

            override fun flush() = Unit

            override fun close() = Unit
        }
    val root = Logger.getLogger("")
    root.addHandler(handler)
    try {
        action()
    } finally {
        root.removeHandler(handler)
    }
    return synchronized(messages) { messages.toList() }
}

private const val HALF_HEAD = "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Amz-"
private const val NO_TOKEN = ""
private val HALF_BODY = head(more = "Content-Length: 1000\r\n\r\n{\"Marker\"")
private val HALF_BODY_NO_TOKEN =
    head(authorization = NO_TOKEN, more = "Content-Length: 1000\r\n\r\n{\"Marker\"")

class WireLimitsTest :
    FunSpec({
        test("64 peers that sent half a head hold nothing that a good request needs") {
            endpoint {
                peers(64, HALF_HEAD)
                repeat(20) { status(post()) shouldBe 200 }
            }
        }

        test("64 peers that sent half a body hold nothing that a good request needs") {
            endpoint {
                peers(64, HALF_BODY)
                repeat(20) { status(post()) shouldBe 200 }
            }
        }

        test("a peer without the token is rejected by its head and closed, its body is not read") {
            endpoint {
                for (peer in peers(64, HALF_BODY_NO_TOKEN)) {
                    val answer = peer.answer().shouldNotBeNull()
                    answer.status shouldBe 403
                    answer.body shouldContain "\"__type\":\"UnrecognizedClientException\""
                    peer.awaitClosed()
                }
                val waiting =
                    head(
                        authorization = NO_TOKEN,
                        more = "Expect: 100-continue\r\nContent-Length: 1000\r\n\r\n",
                    )
                status(waiting) shouldBe 403
            }
        }

        test("a connection without a complete head is closed after the time for it, also idle") {
            endpoint(limits(unauthenticatedTime = SHORT)) {
                val connections = peers(64, HALF_HEAD) + peers(8, "") + peers(8, "\r\n")
                connections.forEach { it.awaitClosed() }
                status(post()) shouldBe 200
            }
        }

        test("sending one byte after the other does not give a head more time") {
            endpoint(limits(head = 8 * 1024 * 1024, unauthenticatedTime = SHORT)) {
                val peer = peer().send("GET /")
                generateSequence { peer.trySend("x") }.takeWhile { it }.take(10_000_000).count()
                // Without a limit of the time there would be the answer that the head is too large.
                peer.answer() shouldBe null
            }
        }

        test("a connection that has sent the token stays open beyond the time for the head") {
            endpoint(limits(unauthenticatedTime = SHORT)) {
                val peer = peer().send(post())
                peer.answer()!!.status shouldBe 200
                peer().send(HALF_HEAD).awaitClosed()
                peer.send(post()).answer()!!.status shouldBe 200
            }
        }

        test("a body that is not complete in time is answered with 408, however it comes") {
            endpoint(limits(bodyTime = SHORT)) {
                for (peer in peers(16, HALF_BODY)) {
                    val answer = peer.answer().shouldNotBeNull()
                    answer.status shouldBe 408
                    answer.body shouldContain "\"__type\":\"RequestTimeoutException\""
                    answer.headers["x-amzn-errortype"] shouldBe "RequestTimeoutException"
                    peer.awaitClosed()
                }
                val dripping = peer().send(head(more = "Content-Length: 9000000\r\n\r\n"))
                val bytes = generateSequence { dripping.trySend(" ") }.takeWhile { it }
                val sender = Thread { bytes.take(8_000_000).count() }.apply { start() }
                dripping.answer()?.status shouldBe 408
                dripping.close()
                sender.join()
            }
        }

        test("an idle connection is closed, and a waiting request for changes is answered") {
            endpoint(limits(idleTime = SHORT)) {
                val idle = peer().send(post())
                idle.answer()!!.status shouldBe 200
                idle.awaitClosed()
                val get =
                    "GET /changes%s HTTP/1.1\r\nHost: localhost\r\nX-Emrys-Token: $WIRE_TOKEN\r\n\r\n"
                val position =
                    peer().send(get.format("")).answer()!!.body.trim().substringAfter(' ')
                val waiting = peer().send(get.format("?after=$position")).answer()!!
                waiting.status shouldBe 200
                waiting.body shouldBe "complete $position\n"
            }
        }

        test("a head above the limit is answered with 431") {
            endpoint(limits(head = 4_096)) {
                val long = peer().send(head(more = "X-Long: ${"x".repeat(5_000)}\r\n\r\n"))
                val answer = long.answer().shouldNotBeNull()
                answer.status shouldBe 431
                answer.body shouldContain "\"__type\":\"RequestHeaderFieldsTooLargeException\""
                status(
                    head(more = "X: ${"x".repeat(3_000)}\r\nContent-Length: 2\r\n\r\n{}")
                ) shouldBe 200
            }
        }

        test("a body above the limit is answered with 413: declared before it is read, chunked") {
            endpoint(limits(body = 1_000)) {
                val declared = peer().send(head(more = "Content-Length: 1001\r\n\r\n"))
                val answer = declared.answer().shouldNotBeNull()
                answer.status shouldBe 413
                answer.body shouldContain "\"__type\":\"RequestEntityTooLargeException\""
                val chunk = "1f4\r\n${" ".repeat(500)}\r\n"
                val chunked = head(more = "Transfer-Encoding: chunked\r\n\r\n")
                status(chunked + "2\r\n{}\r\n0\r\n\r\n") shouldBe 200
                val growing = peer().send(chunked + chunk + chunk + chunk).answer()!!
                growing.status shouldBe 413
                growing.body shouldContain "\"__type\":\"RequestEntityTooLargeException\""
                status(post(" ".repeat(998) + "{}")) shouldBe 200
            }
        }

        test("a client that sends a large body to its end finds the answer and no reset") {
            endpoint(limits(body = 1_000)) {
                val large = peer().send(head(more = "Content-Length: 4000000\r\n\r\n"))
                large.answer()!!.status shouldBe 413
                repeat(400) { large.trySend(" ".repeat(10_000)) shouldBe true }
                large.answer() shouldBe null
            }
        }

        test("one unauthenticated connection more than may be open closes the oldest of them") {
            endpoint(limits(maxUnauthenticated = 8)) {
                val good = peer().send(post())
                good.answer()!!.status shouldBe 200
                val first = peer().send(HALF_HEAD)
                // The server opens connections on several threads: when these are answered, it has
                // opened the first one.
                repeat(5) { status(post()) shouldBe 200 }
                val others = peers(8, HALF_HEAD)
                first.awaitClosed()
                good.send(post()).answer()!!.status shouldBe 200
                val rest = post().removePrefix(HALF_HEAD)
                others.first().send(rest).answer()!!.status shouldBe 200
            }
        }

        test("thousands of silent connections do not keep a good client from being answered") {
            endpoint {
                repeat(40) {
                    peers(50, HALF_HEAD)
                    status(post()) shouldBe 200
                }
            }
        }

        test("200 clients at once and a client with 50 connections are served") {
            endpoint {
                val position = peer().send(post())
                position.answer()!!.status shouldBe 200
                val clients = List(200) { peer() }
                val threads = Executors.newFixedThreadPool(50)
                val calls = clients.map { Callable { it.send(post()).answer()!!.status } }
                repeat(3) { threads.invokeAll(calls).forEach { it.get() shouldBe 200 } }
                val sdk: EmrClient = client(server.uri())
                threads
                    .invokeAll(List(200) { Callable { sdk.listClusters().clusters().size } })
                    .forEach { it.get() shouldBe 0 }
                sdk.close()
                threads.shutdown()
            }
        }

        test("only requests for a loopback host are answered") {
            endpoint {
                val port = server.port()
                for (host in
                    listOf(
                        "127.0.0.1",
                        "127.0.0.1:$port",
                        "localhost",
                        "LocalHost:$port",
                        "[::1]",
                    )) {
                    status(post(host = host)) shouldBe 200
                }
                for (host in
                    listOf(
                        "attacker.example",
                        "attacker.example:$port",
                        "127.0.0.1.attacker.example",
                        "localhost.",
                        "0.0.0.0:$port",
                        "127.0.0.2",
                    )) {
                    val answer = peer().send(post(host = host)).answer().shouldNotBeNull()
                    answer.status shouldBe 403
                    answer.body shouldContain "\"__type\":\"AccessDeniedException\""
                }
                status(post(host = null)) shouldBe 400
                status(post(host = "a:b:c")) shouldBe 400
                status(post().replaceFirst("POST / ", "POST http://attacker.example/ ")) shouldBe
                    400
                val old = post(host = null).replaceFirst("HTTP/1.1", "HTTP/1.0")
                status(old) shouldBe 403
            }
        }

        test("a page of another origin cannot use the endpoint") {
            endpoint {
                val origin = "Origin: http://attacker.example\r\n"
                val preflight =
                    "OPTIONS / HTTP/1.1\r\nHost: 127.0.0.1:${server.port()}\r\n$origin" +
                        "Access-Control-Request-Method: POST\r\n" +
                        "Access-Control-Request-Headers: authorization,x-amz-target\r\n\r\n"
                val asked = peer().send(preflight).answer().shouldNotBeNull()
                asked.status shouldBe 403
                asked.headers.keys.filter { it.startsWith("access-control") }.shouldBeEmpty()
                val simple =
                    "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n${origin}Content-Type: text/plain\r\n" +
                        "Content-Length: 2\r\n\r\n{}"
                status(simple) shouldBe 403
            }
        }

        test(
            "requests that are malformed or cut off are answered or closed, and nothing is logged"
        ) {
            warnings {
                endpoint(limits(head = 4_096, body = 1_000, bodyTime = SHORT)) {
                    val bad =
                        listOf(
                            "\u0000\u0001\u0002\r\n\r\n",
                            "GET\r\n\r\n",
                            "GET / HTTP/9.9\r\n\r\n",
                            head(more = "Content-Length: x\r\n\r\n"),
                            head(more = "Content-Length: -1\r\n\r\n"),
                            head(more = "Content-Length: 99999999999999999999\r\n\r\n"),
                            head(more = "Content-Length: 1\r\nContent-Length: 2\r\n\r\n12"),
                            head(
                                more =
                                    "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
                            ),
                            head(more = "Transfer-Encoding: chunked\r\n\r\nzz\r\n"),
                            head(more = "X: ${"x".repeat(5_000)}\r\n\r\n"),
                            head(more = "Content-Length: 2000\r\n\r\n"),
                            post(authorization = NO_TOKEN),
                            post(host = null),
                            post(host = "attacker.example"),
                            HALF_BODY,
                        )
                    for (request in bad) {
                        val peer = peer().send(request)
                        val status = peer.answer()?.status ?: 400
                        (status in 400..499 || status == 505) shouldBe true
                        peer.awaitClosed()
                    }
                    for (request in bad + HALF_HEAD) peer().send(request).close()
                    status(post()) shouldBe 200
                    status(post(operation = "FlyToTheMoon")) shouldBe 400
                }
            }
                .shouldBeEmpty()
        }

        test("the answer does not tell which server it is") {
            endpoint {
                val answer = peer().send(post()).answer()!!
                answer.headers.keys.filter { it == "server" }.shouldBeEmpty()
                val rejected = peer().send("GET\r\n\r\n").answer()!!
                rejected.body shouldNotContain "etty"
            }
        }
    })
