package dev.emrys.notify

import com.sun.net.httpserver.HttpExchange
import com.sun.net.httpserver.HttpServer
import com.sun.net.httpserver.HttpsConfigurator
import com.sun.net.httpserver.HttpsServer
import java.net.InetAddress
import java.net.InetSocketAddress
import java.util.Collections
import java.util.concurrent.Executors

private val LOOPBACK = InetSocketAddress(InetAddress.getLoopbackAddress(), 0)

/** One request as it came over the wire. */
class Received(val path: String, val method: String, val type: String, val body: String)

/**
 * An HTTP server on loopback whose answer a test decides.
 *
 * @param tls for HTTPS
 */
class Receiver(tls: LoopbackTls? = null) : AutoCloseable {
    private val threads = Executors.newCachedThreadPool()
    private val server =
        if (tls == null) HttpServer.create(LOOPBACK, 0)
        else
            HttpsServer.create(LOOPBACK, 0).apply {
                httpsConfigurator = HttpsConfigurator(tls.context)
            }

    val requests: MutableList<Received> = Collections.synchronizedList(mutableListOf())
    val authorization: MutableList<String> = Collections.synchronizedList(mutableListOf())
    val port: Int = server.address.port
    var answer: (HttpExchange) -> Unit = { it.reply(200, "ok") }

    init {
        server.executor = threads
        server.createContext("/") { exchange ->
            exchange.requestHeaders.getFirst("Authorization")?.let { authorization += it }
            requests +=
                Received(
                    exchange.requestURI.toString(),
                    exchange.requestMethod,
                    exchange.requestHeaders.getFirst("Content-Type"),
                    String(exchange.requestBody.readAllBytes()),
                )
            answer(exchange)
        }
        server.start()
    }

    override fun close() {
        server.stop(0)
        threads.shutdownNow()
    }
}

fun HttpExchange.reply(status: Int, body: String, vararg headers: Pair<String, String>) {
    headers.forEach { (name, value) -> responseHeaders.set(name, value) }
    val bytes = body.toByteArray()
    sendResponseHeaders(status, if (bytes.isEmpty()) -1 else bytes.size.toLong())
    responseBody.use { it.write(bytes) }
}
