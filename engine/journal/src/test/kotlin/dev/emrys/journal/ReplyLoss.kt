package dev.emrys.journal

import java.io.IOException
import java.net.InetAddress
import java.net.ServerSocket
import java.net.Socket
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.CountDownLatch
import kotlin.concurrent.thread

/**
 * Stands between a client and a server on this machine, and cuts a connection when the server has
 * answered, before the client has.
 */
class ReplyLoss(private val server: Int) : AutoCloseable {
    private val listening = ServerSocket(0, 50, InetAddress.getLoopbackAddress())
    private val sockets: MutableSet<Socket> = ConcurrentHashMap.newKeySet()
    @Volatile private var awaited: String? = null

    /** Whether the client of a lost reply keeps a connection on which nothing arrives any more. */
    @Volatile var silent: Boolean = false

    /** How many replies were lost. */
    @Volatile
    var lost: Long = 0
        private set

    val port: Int
        get() = listening.localPort

    init {
        thread(isDaemon = true) {
            quietly {
                while (true) connect(listening.accept())
            }
        }
    }

    /**
     * The reply to the next request that contains a text is lost; the server has done what it asks
     * for.
     */
    fun loseReplyTo(text: String) {
        awaited = text
    }

    private fun connect(client: Socket) {
        val upstream = Socket(InetAddress.getLoopbackAddress(), server)
        sockets += listOf(client, upstream)
        val connection = Connection(client, upstream)
        thread(isDaemon = true) { quietly(connection::requests) }
        thread(isDaemon = true) { quietly(connection::replies) }
    }

    private inner class Connection(private val client: Socket, private val upstream: Socket) {
        @Volatile private var losing = false

        fun requests() = use {
            val buffer = ByteArray(65_536)
            while (true) {
                val count = client.getInputStream().read(buffer)
                if (count < 0) break
                val text = String(buffer, 0, count, Charsets.ISO_8859_1)
                val wanted = awaited
                if (wanted != null && wanted in text) {
                    awaited = null
                    losing = true
                }
                upstream.getOutputStream().write(buffer, 0, count)
            }
        }

        fun replies() = use {
            val buffer = ByteArray(65_536)
            while (true) {
                val count = upstream.getInputStream().read(buffer)
                if (count < 0) break
                if (losing) {
                    lost++
                    if (silent) closed.await()
                    break
                }
                client.getOutputStream().write(buffer, 0, count)
            }
        }

        private fun use(copy: () -> Unit) =
            try {
                copy()
            } finally {
                client.close()
                upstream.close()
            }
    }

    private fun quietly(action: () -> Unit) {
        try {
            action()
        } catch (_: IOException) {
            // Closed.
        }
    }

    private val closed = CountDownLatch(1)

    override fun close() {
        closed.countDown()
        listening.close()
        sockets.forEach { it.close() }
    }
}
