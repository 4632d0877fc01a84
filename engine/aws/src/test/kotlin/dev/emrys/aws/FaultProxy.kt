package dev.emrys.aws

import java.io.BufferedInputStream
import java.io.BufferedOutputStream
import java.io.IOException
import java.io.InputStream
import java.net.InetAddress
import java.net.ServerSocket
import java.net.Socket
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.CopyOnWriteArrayList
import kotlin.concurrent.thread

/** What happens to one request on its way to the server and back. */
enum class WireFault(val timesOut: Boolean = false, val doubles: Boolean = false) {
    /** The connection is reset before the server sees the request. */
    REQUEST_LOST,
    /** The server acts, and the connection is reset before its answer. */
    REPLY_LOST,
    /** As [REPLY_LOST], but the connection is closed: Java's HTTP client may send again then. */
    CLOSED_WITHOUT_REPLY,
    /** The server acts, and its answer does not come within the client's time-out. */
    REPLY_LATE(timesOut = true),
    /** The server gets the request after the client has given up, and before its next one. */
    REQUEST_LATE(timesOut = true),
    /** The server gets the request twice, and no answer comes back. */
    DOUBLED_WITHOUT_REPLY(doubles = true),
    /** The server gets the request twice, and the answer to the second one comes back. */
    DOUBLED(doubles = true),
    THROTTLED,
    ERROR_BEFORE,
    ERROR_AFTER,
}

/**
 * Takes connections in the place of a server, and passes each request on, except for one that a
 * fault befalls. It reads HTTP/1.1 with a Content-Length, as the AWS SDK sends it.
 *
 * @param fault asked for each request, in the order of their arrival, by its operation; null: none
 */
class FaultProxy(private val server: URI, private val fault: (String) -> WireFault?) :
    AutoCloseable {
    private class Request(val path: String, val headers: Map<String, String>, val body: ByteArray) {
        /** Such as `RunJobFlow`; empty for another service than EMR. */
        val operation = headers["x-amz-target"]?.substringAfter('.').orEmpty()
    }

    private val accepting = ServerSocket(0, 64, InetAddress.getLoopbackAddress())
    private val sockets = ConcurrentHashMap.newKeySet<Socket>()
    private val http: HttpClient =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()
    private val late = mutableListOf<Request>()

    /** What it could not do: the test has an error then. */
    val bugs = CopyOnWriteArrayList<Throwable>()

    val uri: URI = URI.create("http://127.0.0.1:${accepting.localPort}")

    init {
        thread(isDaemon = true, name = "fault-proxy") {
            try {
                while (true) {
                    val socket = accepting.accept()
                    sockets.add(socket)
                    thread(isDaemon = true, name = "fault-proxy-connection") { serve(socket) }
                }
            } catch (_: IOException) {
                // It was closed.
            }
        }
    }

    private fun serve(socket: Socket) {
        try {
            val input = BufferedInputStream(socket.getInputStream())
            while (true) {
                val request = read(input) ?: break
                val answer = synchronized(this) { handle(request, socket, input) } ?: break
                write(socket, answer.first, answer.second)
            }
        } catch (_: IOException) {
            // The client or the test has closed it.
        } catch (e: RuntimeException) {
            bugs += e
        } finally {
            sockets.remove(socket)
            socket.close()
        }
    }

    /** The status and the body of the answer; null when there is none, and the connection ends. */
    private fun handle(
        request: Request,
        socket: Socket,
        input: InputStream,
    ): Pair<Int, ByteArray>? {
        late.forEach(::pass)
        late.clear()
        return when (fault(request.operation)) {
            null -> pass(request)
            WireFault.REQUEST_LOST -> reset(socket)
            WireFault.REPLY_LOST -> pass(request).let { reset(socket) }
            WireFault.CLOSED_WITHOUT_REPLY -> pass(request).let { null }
            WireFault.REPLY_LATE -> pass(request).let { awaitEnd(input) }
            WireFault.REQUEST_LATE -> awaitEnd(input).also { late += request }
            WireFault.DOUBLED_WITHOUT_REPLY -> repeat(2) { pass(request) }.let { reset(socket) }
            WireFault.DOUBLED -> pass(request).let { pass(request) }
            WireFault.THROTTLED -> 400 to error("ThrottlingException", "Rate exceeded")
            WireFault.ERROR_BEFORE -> 500 to error("InternalServerException", "No.")
            WireFault.ERROR_AFTER ->
                pass(request).let { 500 to error("InternalServerException", "No.") }
        }
    }

    private fun error(code: String, text: String) =
        """{"__type":"$code","message":"$text"}""".encodeToByteArray()

    private fun reset(socket: Socket): Nothing? {
        socket.setSoLinger(true, 0)
        socket.close()
        return null
    }

    /** Until the client has given up. */
    private fun awaitEnd(input: InputStream): Nothing? {
        try {
            while (input.read() >= 0) {}
        } catch (_: IOException) {
            // It may be reset.
        }
        return null
    }

    private fun pass(request: Request): Pair<Int, ByteArray> {
        val builder =
            HttpRequest.newBuilder(server.resolve(request.path))
                .POST(HttpRequest.BodyPublishers.ofByteArray(request.body))
        request.headers
            .filterKeys { it !in OWN }
            .forEach { (name, value) ->
                builder.header(name, value)
            }
        val response = http.send(builder.build(), HttpResponse.BodyHandlers.ofByteArray())
        return response.statusCode() to response.body()
    }

    private fun write(socket: Socket, status: Int, body: ByteArray) {
        val out = BufferedOutputStream(socket.getOutputStream())
        out.write(
            ("HTTP/1.1 $status Answer\r\nContent-Type: application/x-amz-json-1.1\r\n" +
                    "Content-Length: ${body.size}\r\n\r\n")
                .encodeToByteArray()
        )
        out.write(body)
        out.flush()
    }

    private fun read(input: InputStream): Request? {
        val first = line(input) ?: return null
        val headers = LinkedHashMap<String, String>()
        while (true) {
            val line = line(input) ?: return null
            if (line.isEmpty()) break
            headers[line.substringBefore(':').lowercase()] = line.substringAfter(':').trim()
        }
        val length = headers["content-length"]?.toInt() ?: 0
        val body = input.readNBytes(length)
        return if (body.size < length) null else Request(first.split(' ')[1], headers, body)
    }

    private fun line(input: InputStream): String? {
        val text = StringBuilder()
        while (true) {
            val next = input.read()
            if (next < 0) return null
            if (next == '\n'.code) return text.toString().removeSuffix("\r")
            text.append(next.toChar())
        }
    }

    override fun close() {
        accepting.close()
        sockets.forEach { it.close() }
    }

    private companion object {
        /** What the connection to the server has of its own. */
        val OWN = setOf("host", "connection", "content-length", "expect", "accept-encoding")
    }
}
