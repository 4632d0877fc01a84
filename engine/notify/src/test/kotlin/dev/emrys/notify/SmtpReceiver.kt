package dev.emrys.notify

import jakarta.mail.Session
import jakarta.mail.internet.MimeMessage
import java.io.InputStream
import java.net.InetAddress
import java.util.Collections
import java.util.Properties
import org.subethamail.smtp.MessageHandler
import org.subethamail.smtp.RejectException
import org.subethamail.smtp.auth.EasyAuthenticationHandlerFactory
import org.subethamail.smtp.auth.LoginFailedException
import org.subethamail.smtp.server.SMTPServer

/** One e-mail as the server accepted it. */
class Mail(val from: String, val to: List<String>, val message: MimeMessage)

/**
 * An SMTP server on loopback.
 *
 * @param login the user and the password that it demands
 * @param loginRefusal what it says to others
 * @param tls of the whole connection
 * @param startTls of a connection that begins without
 */
class SmtpReceiver(
    login: Pair<String, String>? = null,
    loginRefusal: String = "no",
    tls: LoopbackTls? = null,
    startTls: LoopbackTls? = null,
) : AutoCloseable {
    /** What the server refuses. */
    enum class RefusedPart {
        SENDER,
        RECIPIENT,
        DATA,
    }

    /** @property only refuses what begins with this */
    class Refusal(
        val part: RefusedPart,
        val code: Int,
        val only: String = "",
        val text: String = "refused here",
    )

    val mails: MutableList<Mail> = Collections.synchronizedList(mutableListOf())
    val logins: MutableList<String> = Collections.synchronizedList(mutableListOf())
    @Volatile var refusal: Refusal? = null

    private val server =
        SMTPServer.Builder()
            .bindAddress(InetAddress.getLoopbackAddress())
            .port(0)
            .messageHandlerFactory { Handler() }
            .apply {
                if (login != null) {
                    requireAuth()
                    authenticationHandlerFactory(
                        EasyAuthenticationHandlerFactory { user, password, _ ->
                            logins += user
                            if (user to password != login) throw LoginFailedException(loginRefusal)
                        }
                    )
                }
                if (tls != null) serverSocketFactory(tls.context)
                if (startTls != null) {
                    enableTLS()
                    requireTLS()
                    startTlsSocketFactory(startTls.context)
                }
            }
            .build()

    val port: Int

    init {
        server.start()
        port = server.portAllocated
    }

    private inner class Handler : MessageHandler {
        private var from = ""
        private val to = mutableListOf<String>()

        override fun from(sender: String) {
            refuse(RefusedPart.SENDER, sender)
            from = sender
        }

        override fun recipient(recipient: String) {
            refuse(RefusedPart.RECIPIENT, recipient)
            to += recipient
        }

        override fun data(content: InputStream): String? {
            val message = MimeMessage(Session.getInstance(Properties()), content)
            refuse(RefusedPart.DATA, "")
            mails += Mail(from, to.toList(), message)
            return null
        }

        override fun done() = Unit

        private fun refuse(part: RefusedPart, value: String) {
            val refusal = refusal ?: return
            if (refusal.part == part && value.startsWith(refusal.only)) {
                throw RejectException(refusal.code, refusal.text)
            }
        }
    }

    override fun close() = server.stop()
}
