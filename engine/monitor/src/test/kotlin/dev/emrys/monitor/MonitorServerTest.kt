package dev.emrys.monitor

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import io.kotest.matchers.string.shouldStartWith
import java.io.IOException
import java.net.InetAddress
import java.net.ServerSocket
import java.net.http.HttpResponse
import java.util.concurrent.atomic.AtomicInteger

private fun <T> HttpResponse<T>.header(name: String): String? =
    headers().firstValue(name).orElse(null)

private fun hasIpv6() = runCatching {
    ServerSocket(0, 1, InetAddress.getByName("::1")).close()
}
    .isSuccess

class MonitorServerTest :
    FunSpec({
        test("health and readiness are 200 with each check while all are ok") {
            Endpoint(health = listOf(GOOD), ready = listOf()).use { endpoint ->
                val health = endpoint.send("/health")
                health.statusCode() shouldBe 200
                health.body() shouldBe
                    """{"status":"ok","checks":[{"name":"journal","ok":true,"detail":"3 ms"}]}"""
                health.header("content-type") shouldBe "application/json"
                health.header("cache-control") shouldBe "no-store"
                endpoint.send("/ready").body() shouldBe """{"status":"ok","checks":[]}"""
            }
        }

        test("one failing check is 503, for the endpoint that it belongs to") {
            Endpoint(health = listOf(GOOD), ready = listOf(GOOD, BAD)).use { endpoint ->
                endpoint.status("/health") shouldBe 200
                val ready = endpoint.send("/ready")
                ready.statusCode() shouldBe 503
                ready.body() shouldBe
                    """{"status":"failing","checks":[{"name":"journal","ok":true,"detail":"3 ms"},""" +
                        """{"name":"scheduler","ok":false,"detail":"no tick for 90 s"}]}"""
            }
            Endpoint(health = listOf(BAD), ready = listOf(GOOD)).use { endpoint ->
                endpoint.status("/health") shouldBe 503
                endpoint.status("/ready") shouldBe 200
            }
        }

        test("a check is asked for every request") {
            val asked = AtomicInteger()
            val check = Check("third time") { Check.Result(asked.incrementAndGet() > 2, "") }
            Endpoint(health = listOf(check)).use { endpoint ->
                List(4) { endpoint.status("/health") } shouldBe listOf(503, 503, 200, 200)
            }
        }

        test("a check that throws is failing and says why") {
            val checks =
                listOf(
                    Check("a") { throw IllegalStateException("the \"journal\" is closed") },
                    Check("b") { throw StackOverflowError() },
                )
            Endpoint(ready = checks).use { endpoint ->
                val ready = endpoint.send("/ready")
                ready.statusCode() shouldBe 503
                ready.body() shouldContain
                    """{"name":"a","ok":false,"detail":"the \"journal\" is closed"}"""
                ready.body() shouldContain
                    """{"name":"b","ok":false,"detail":"StackOverflowError"}"""
            }
        }

        test("the index lists the endpoints, other paths are 404") {
            Endpoint().use { endpoint ->
                val index = endpoint.send("/")
                index.statusCode() shouldBe 200
                index.header("content-type") shouldBe "text/plain; charset=utf-8"
                for (path in listOf("/health", "/ready", "/metrics")) {
                    index.body() shouldContain path
                    endpoint.status(path) shouldBe 200
                }
                for (path in
                    listOf("/healthz", "/health/", "/Health", "/metrics/x", "/favicon.ico")) {
                    withClue(path) {
                        endpoint.send(path).let {
                            it.statusCode() shouldBe 404
                            it.body() shouldBe "There is no such path; / lists them.\n"
                        }
                    }
                }
            }
        }

        test("HEAD has the head of GET and no body") {
            Endpoint(health = listOf(BAD)).use { endpoint ->
                for ((path, status) in listOf("/health" to 503, "/ready" to 200, "/" to 200)) {
                    val get = endpoint.send(path)
                    val head = endpoint.send(path, "HEAD")
                    head.statusCode() shouldBe status
                    head.body() shouldBe ""
                    head.header("content-length") shouldBe get.header("content-length")
                    head.header("content-type") shouldBe get.header("content-type")
                }
                endpoint.send("/metrics", "HEAD").statusCode() shouldBe 200
                val raw =
                    endpoint.peer().send("HEAD /ready HTTP/1.1\r\nHost: localhost\r\n\r\n").answer()
                raw shouldStartWith "HTTP/1.1 200 OK\r\n"
                raw.substringAfter("\r\n\r\n") shouldBe ""
            }
        }

        test("other methods are 405") {
            Endpoint().use { endpoint ->
                for (method in listOf("POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH")) {
                    for (path in listOf("/health", "/metrics", "/", "/nothing")) {
                        withClue("$method $path") {
                            val answer = endpoint.peer()
                            answer.send("$method $path HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                            answer.answer().let {
                                it shouldStartWith "HTTP/1.1 405 "
                                it shouldContain "Allow: GET, HEAD\r\n"
                            }
                        }
                    }
                }
            }
        }

        test("with a token everything but the bare health needs it") {
            Endpoint(token = TOKEN, health = listOf(GOOD, BAD)).use { endpoint ->
                val wrong =
                    listOf(
                        null,
                        "Bearer",
                        "Bearer ",
                        "Bearer x",
                        "Bearer ${TOKEN}0",
                        "Basic $TOKEN",
                    ) + listOf(TOKEN, "Bearer ${TOKEN.dropLast(1)}", "Bearer $TOKEN $TOKEN")
                for (path in listOf("/", "/ready", "/metrics", "/nothing", "/health/../metrics")) {
                    for (authorization in wrong) {
                        withClue("$path $authorization") {
                            endpoint.status(path, authorization) shouldBe 401
                        }
                    }
                }
                endpoint.send("/ready").header("www-authenticate") shouldBe "Bearer realm=\"emrys\""
                for (authorization in listOf("Bearer $TOKEN", "bearer  $TOKEN")) {
                    endpoint.status("/", authorization) shouldBe 200
                    endpoint.status("/ready", authorization) shouldBe 200
                    endpoint.status("/metrics", authorization) shouldBe 200
                    endpoint.status("/nothing", authorization) shouldBe 404
                }
            }
        }

        test("health without the token has no details") {
            Endpoint(token = TOKEN, health = listOf(GOOD, BAD)).use { endpoint ->
                val bare = endpoint.send("/health")
                bare.statusCode() shouldBe 503
                bare.body() shouldBe
                    """{"status":"failing","checks":[{"name":"journal","ok":true,"detail":""},""" +
                        """{"name":"scheduler","ok":false,"detail":""}]}"""
                val full =
                    endpoint.send("/health", headers = mapOf("Authorization" to "Bearer $TOKEN"))
                full.body() shouldContain "no tick for 90 s"
            }
        }

        test("on loopback only requests for a loopback host are answered") {
            Endpoint().use { endpoint ->
                fun status(host: String) =
                    endpoint.peer().send("GET /health HTTP/1.1\r\n$host\r\n").status()
                val port = endpoint.server.port()
                for (host in listOf("127.0.0.1", "127.0.0.1:$port", "LocalHost:$port", "[::1]")) {
                    withClue(host) { status("Host: $host\r\n") shouldBe 200 }
                }
                for (host in
                    listOf("attacker.example:$port", "127.0.0.1.attacker.example", "127.0.0.2")) {
                    withClue(host) { status("Host: $host\r\n") shouldBe 403 }
                }
                status("Host:\r\n") shouldBe 400
                status("") shouldBe 400
                endpoint.peer().send("GET /health HTTP/1.0\r\n\r\n").status() shouldBe 403
            }
            Endpoint("127.0.0.2:0").use { endpoint ->
                endpoint.server.uri().toString() shouldBe
                    "http://127.0.0.2:${endpoint.server.port()}"
                java.net.Socket("127.0.0.2", endpoint.server.port()).use { socket ->
                    socket
                        .getOutputStream()
                        .write(
                            "GET /health HTTP/1.1\r\nHost: 127.0.0.2\r\n\r\n".encodeToByteArray()
                        )
                    socket.getInputStream().bufferedReader().readLine() shouldBe "HTTP/1.1 200 OK"
                }
            }
        }

        test("beyond loopback every host name is answered, with the token") {
            Endpoint("0.0.0.0:0", TOKEN).use { endpoint ->
                fun status(path: String, authorization: String) =
                    endpoint
                        .peer()
                        .send("GET $path HTTP/1.1\r\nHost: emrys.internal\r\n$authorization\r\n")
                        .status()
                status("/health", "") shouldBe 200
                status("/ready", "") shouldBe 401
                status("/ready", "Authorization: Bearer $TOKEN\r\n") shouldBe 200
            }
        }

        test("it listens on IPv6 loopback").config(enabled = hasIpv6()) {
            Endpoint("[::1]:0").use { endpoint ->
                endpoint.server.uri().toString() shouldBe "http://[::1]:${endpoint.server.port()}"
                java.net.Socket("::1", endpoint.server.port()).use { socket ->
                    socket
                        .getOutputStream()
                        .write("GET /health HTTP/1.1\r\nHost: [::1]\r\n\r\n".encodeToByteArray())
                    socket.getInputStream().bufferedReader().readLine() shouldBe "HTTP/1.1 200 OK"
                }
            }
        }

        test("a second server on the port fails with what to do, and leaves no thread") {
            fun threads() =
                Thread.getAllStackTraces().keys.filter { it.name.startsWith("emrys-monitor") }
            Endpoint().use { endpoint ->
                val address = "127.0.0.1:${endpoint.server.port()}"
                val before = threads()
                shouldThrow<IOException> { Endpoint(address) }.message shouldBe
                    "Cannot listen on $address: Address already in use. " +
                        "Choose another address; port 0 takes any free one."
                shouldThrow<IOException> { Endpoint("192.0.2.1:0", TOKEN) }.message!! shouldContain
                    "Cannot listen on 192.0.2.1:0: Cannot assign requested address."
                (threads() - before.toSet()).filter { it.isAlive }.shouldBeEmpty()
                endpoint.status("/health") shouldBe 200
            }
        }

        test("its threads are daemons, and close frees the port") {
            val port =
                Endpoint().use { endpoint ->
                    endpoint.status("/health") shouldBe 200
                    Thread.getAllStackTraces()
                        .keys
                        .filter { it.name.startsWith("emrys-monitor") && !it.isDaemon }
                        .shouldBeEmpty()
                    endpoint.server.port()
                }
            // Also while the thread that accepts connections is about to.
            repeat(100) { Endpoint("127.0.0.1:$port").close() }
            Endpoint("127.0.0.1:$port").use { it.status("/health") shouldBe 200 }
        }

        test("no answer tells which server it is") {
            Endpoint().use { endpoint ->
                val good = endpoint.send("/health")
                good.header("server") shouldBe null
                val rejected = endpoint.peer().send("GET\r\n\r\n").answer()
                rejected shouldStartWith "HTTP/1.1 400 "
                rejected shouldContain "Bad Request"
                rejected shouldNotContain "etty"
            }
        }
    })
