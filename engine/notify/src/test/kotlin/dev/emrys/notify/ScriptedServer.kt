package dev.emrys.notify

import java.net.InetAddress
import java.net.ServerSocket
import java.net.Socket
import kotlin.concurrent.thread

/**
 * An SMTP server on loopback that takes one connection, gives each reply after one command or after
 * an e-mail's end, and closes the connection after the last one.
 *
 * @param replies the first one is the greeting
 */
class ScriptedServer(vararg replies: String) : AutoCloseable {
    private val listener = ServerSocket(0, 1, InetAddress.getLoopbackAddress())
    val port: Int = listener.localPort

    init {
        thread(isDaemon = true) { listener.accept().use { serve(it, replies.toList()) } }
    }

    private fun serve(socket: Socket, replies: List<String>) {
        val input = socket.getInputStream().bufferedReader()
        fun say(reply: String) = socket.getOutputStream().write("$reply\r\n".toByteArray())
        say(replies.first())
        replies.zipWithNext { previous, reply ->
            val lines = generateSequence { input.readLine() }
            if (previous.startsWith("354")) lines.first { it == "." } else lines.first()
            say(reply)
        }
    }

    override fun close() = listener.close()
}
