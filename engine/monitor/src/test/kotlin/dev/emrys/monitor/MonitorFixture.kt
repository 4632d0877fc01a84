package dev.emrys.monitor

import com.google.common.collect.ImmutableList
import java.io.BufferedInputStream
import java.net.Socket
import java.net.SocketException
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.time.Duration
import java.util.Optional

const val TOKEN = "0123456789abcdef0123456789abcdef"

val GOOD = Check("journal") { Check.Result.ok("3 ms") }
val BAD = Check("scheduler") { Check.Result.failing("no tick for 90 s") }

private val LIMITS: MonitorLimits = MonitorLimits.DEFAULT

/** A server on a free port, and clients of it. */
class Endpoint(
    address: String = "127.0.0.1:0",
    token: String? = null,
    health: List<Check> = listOf(GOOD),
    ready: List<Check> = listOf(GOOD),
    scheduleLabels: Int = 0,
    connectionTime: Duration = LIMITS.connectionTime,
    maxConnections: Int = LIMITS.maxConnections,
    checkTime: Duration = LIMITS.checkTime,
) : AutoCloseable {
    val metrics = Metrics("1.2.3", scheduleLabels)
    val server: MonitorServer =
        MonitorServer.start(
            MonitorAccess.of(MonitorAddress.parse(address), Optional.ofNullable(token)),
            ImmutableList.copyOf(health),
            ImmutableList.copyOf(ready),
            metrics,
            MonitorLimits(
                LIMITS.maxHeadBytes,
                connectionTime,
                maxConnections,
                LIMITS.maxScrapes,
                checkTime,
            ),
        )
    private val client = HttpClient.newHttpClient()
    private val peers = mutableListOf<Peer>()

    fun send(
        path: String,
        method: String = "GET",
        headers: Map<String, String> = mapOf(),
    ): HttpResponse<String> {
        val request =
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:${server.port()}$path"))
                .timeout(Duration.ofSeconds(60))
                .method(method, HttpRequest.BodyPublishers.noBody())
        headers.forEach { (name, value) -> request.header(name, value) }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString())
    }

    fun status(path: String, authorization: String? = null): Int =
        send(path, headers = authorization?.let { mapOf("Authorization" to it) } ?: mapOf())
            .statusCode()

    fun peer() = Peer(server.port()).also { peers += it }

    override fun close() {
        peers.forEach { it.close() }
        server.close()
        metrics.close()
    }
}

/** A peer that sends the bytes that a test names, on one connection. */
class Peer(port: Int) : AutoCloseable {
    private val socket = Socket("127.0.0.1", port).apply { soTimeout = 20_000 }
    private val input = BufferedInputStream(socket.getInputStream())

    fun send(text: String): Peer {
        socket.getOutputStream().write(text.encodeToByteArray())
        return this
    }

    /** What the server sends until it closes the connection. */
    fun answer(): String {
        val text = StringBuilder()
        try {
            while (true) text.append(input.read().takeIf { it >= 0 }?.toChar() ?: break)
        } catch (_: SocketException) {
            // Reset, since the server had not read everything.
        }
        return text.toString()
    }

    fun status(): Int = answer().substringAfter(' ').substringBefore(' ').toInt()

    override fun close() = socket.close()
}
