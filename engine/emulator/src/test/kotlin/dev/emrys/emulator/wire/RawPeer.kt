package dev.emrys.emulator.wire

import java.io.BufferedInputStream
import java.io.IOException
import java.net.InetAddress
import java.net.Socket

private const val READ_MILLIS = 20_000

/** A peer that sends the bytes that a test names, on one connection. */
class RawPeer(val port: Int) : AutoCloseable {
    private val socket = Socket(InetAddress.getByAddress(byteArrayOf(127, 0, 0, 1)), port)
    private val input = BufferedInputStream(socket.getInputStream())

    init {
        socket.tcpNoDelay = true
        socket.soTimeout = READ_MILLIS
    }

    class Response(val status: Int, val headers: Map<String, String>, val body: String)

    fun send(text: String): RawPeer {
        socket.getOutputStream().write(text.encodeToByteArray())
        socket.getOutputStream().flush()
        return this
    }

    /** As [send], and a peer that has been closed by the server is no error. */
    fun trySend(text: String): Boolean =
        try {
            send(text)
            true
        } catch (_: IOException) {
            false
        }

    /** Null when the server closes the connection without an answer. */
    fun answer(): Response? {
        val status = line()?.split(' ')?.get(1)?.toInt() ?: return null
        val headers = linkedMapOf<String, String>()
        while (true) {
            val line = line() ?: return null
            if (line.isEmpty()) break
            headers[line.substringBefore(':').lowercase()] = line.substringAfter(':').trim()
        }
        val length = headers["content-length"]?.toInt() ?: 0
        return Response(status, headers, input.readNBytes(length).decodeToString())
    }

    /** Waits until the server has closed the connection. */
    fun awaitClosed() {
        try {
            while (input.read() >= 0) Unit
        } catch (_: java.net.SocketException) {
            // Reset, since the server had not read everything.
        }
    }

    private fun line(): String? {
        val line = StringBuilder()
        while (true) {
            val next =
                try {
                    input.read()
                } catch (_: java.net.SocketException) {
                    -1
                }
            if (next < 0) return null
            if (next == '\n'.code) return line.toString().trimEnd('\r')
            line.append(next.toChar())
        }
    }

    override fun close() = socket.close()
}

const val AUTHORIZATION =
    "Authorization: AWS4-HMAC-SHA256 Credential=$WIRE_TOKEN/20260425/us-east-1/elasticmapreduce/aws4_request, " +
        "SignedHeaders=host, Signature=00\r\n"

/** The head of a request up to the empty line. */
fun head(
    operation: String = "ListClusters",
    host: String? = "127.0.0.1",
    authorization: String = AUTHORIZATION,
    more: String = "",
): String =
    "POST / HTTP/1.1\r\n" +
        (if (host == null) "" else "Host: $host\r\n") +
        "X-Amz-Target: ElasticMapReduce.$operation\r\nContent-Type: application/x-amz-json-1.1\r\n" +
        authorization +
        more

/** A complete request. */
fun post(
    body: String = "{}",
    operation: String = "ListClusters",
    host: String? = "127.0.0.1",
    authorization: String = AUTHORIZATION,
): String =
    head(operation, host, authorization) +
        "Content-Length: ${body.encodeToByteArray().size}\r\n\r\n$body"
