package dev.emrys.monitor

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.time.Duration
import java.util.Optional
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CountDownLatch
import java.util.concurrent.atomic.AtomicInteger
import java.util.logging.Handler
import java.util.logging.Level
import java.util.logging.LogRecord
import java.util.logging.Logger

private val SHORT: Duration = Duration.ofMillis(200)
private const val GET = "GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n"

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

private class Figures(val queued: () -> Int) : DaemonFigures {
    override fun schedules() = 1

    override fun runsDriven() = 0

    override fun runsQueued() = queued()

    override fun brokenScripts() = 0

    override fun sinceLastTick(): Optional<Duration> = Optional.empty()

    override fun untilNextFire(): Optional<Duration> = Optional.empty()
}

class MonitorLimitsTest :
    FunSpec({
        test("a head above the limit is answered with 431") {
            Endpoint().use { endpoint ->
                val long = endpoint.send("/health", headers = mapOf("X-Long" to "x".repeat(9_000)))
                long.statusCode() shouldBe 431
                long.body() shouldBe "Request Header Fields Too Large\n"
                endpoint
                    .send("/health", headers = mapOf("X-Long" to "x".repeat(7_000)))
                    .statusCode() shouldBe 200
            }
        }

        test("each answer closes its connection") {
            Endpoint().use { endpoint ->
                val answers = endpoint.peer().send("$GET\r\n$GET\r\n").answer()
                answers shouldContain "Connection: close\r\n"
                answers.split("HTTP/1.1 ").size shouldBe 2
            }
        }

        test("a connection is closed after its time, silent or not") {
            Endpoint(connectionTime = SHORT).use { endpoint ->
                endpoint.peer().answer() shouldBe ""
                endpoint.peer().send(GET).answer() shouldBe ""
                val slow = endpoint.peer()
                val sent = generateSequence { runCatching { slow.send("x") } }
                sent.takeWhile { it.isSuccess }.take(10_000_000).count()
                // On a busy machine a good request may need that time, too.
                generateSequence { runCatching { endpoint.status("/health") }.getOrNull() ?: 0 }
                    .take(100)
                    .first { it == 200 }
            }
        }

        test("one connection more than may be open closes the oldest of them") {
            val release = CountDownLatch(1)
            val asked = CountDownLatch(1)
            val waiting =
                Check("waiting") {
                    asked.countDown()
                    release.await()
                    Check.Result.ok("")
                }
            Endpoint(health = listOf(waiting), maxConnections = 4).use { endpoint ->
                val first = endpoint.peer().send("$GET\r\n")
                asked.await()
                repeat(4) { endpoint.peer().send(GET) }
                first.answer() shouldBe ""
                endpoint.status("/ready") shouldBe 200
                release.countDown()
            }
        }

        test("a check that does not answer is failing, and occupies one thread at most") {
            val release = CountDownLatch(1)
            val asked = AtomicInteger()
            val hung =
                Check("hung") {
                    asked.incrementAndGet()
                    release.await()
                    Check.Result.ok("at last")
                }
            Endpoint(
                    health = listOf(GOOD, hung),
                    checkTime = Duration.ofSeconds(1),
                )
                .use { endpoint ->
                    val answers =
                        List(20) { CompletableFuture.supplyAsync { endpoint.send("/health") } }
                    for (answer in answers.map { it.join() }) {
                        answer.statusCode() shouldBe 503
                        answer.body() shouldContain
                            """{"name":"journal","ok":true,"detail":"3 ms"}"""
                        answer.body() shouldContain
                            """{"name":"hung","ok":false,"detail":"no answer within 1000 ms"}"""
                    }
                    endpoint.status("/ready") shouldBe 200
                    endpoint.status("/metrics") shouldBe 200
                    asked.get() shouldBe 1
                    release.countDown()
                    generateSequence { endpoint.status("/health") }.take(1_000).first { it == 200 }
                }
        }

        test("figures that do not answer leave health and readiness usable") {
            val release = CountDownLatch(1)
            val reading = CountDownLatch(4)
            Endpoint().use { endpoint ->
                endpoint.metrics.read(
                    Figures {
                        reading.countDown()
                        release.await()
                        0
                    }
                )
                val scrapes =
                    List(4) { CompletableFuture.supplyAsync { endpoint.status("/metrics") } }
                reading.await()
                endpoint.status("/metrics") shouldBe 503
                endpoint.status("/health") shouldBe 200
                endpoint.status("/ready") shouldBe 200
                release.countDown()
                scrapes.forEach { it.join() shouldBe 200 }
                endpoint.status("/metrics") shouldBe 200
            }
        }

        test("malformed requests are answered or closed, and nothing is logged") {
            warnings {
                Endpoint().use { endpoint ->
                    val bad =
                        listOf(
                            "\u0000\u0001\u0002\r\n\r\n",
                            "GET\r\n\r\n",
                            "GET / HTTP/9.9\r\n\r\n",
                            "${GET}Content-Length: x\r\n\r\n",
                            "${GET}Content-Length: 1\r\nContent-Length: 2\r\n\r\n12",
                            "GET /%zz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
                            "GET http://attacker.example/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
                        )
                    for (request in bad) {
                        val answer = endpoint.peer().send(request).answer()
                        val status =
                            answer.substringAfter(' ').substringBefore(' ').toIntOrNull() ?: 400
                        (status in 400..499 || status == 505) shouldBe true
                    }
                    for (request in bad + GET) endpoint.peer().send(request).close()
                    endpoint.status("/health") shouldBe 200
                }
            }
                .shouldBeEmpty()
        }
    })
