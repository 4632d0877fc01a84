package dev.emrys.notify

import com.google.common.collect.ImmutableList
import dev.emrys.notify.EmailSettings.Login
import dev.emrys.notify.EmailSettings.Security
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.comparables.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldMatch
import io.kotest.matchers.string.shouldNotContain
import java.net.InetAddress
import java.net.ServerSocket
import java.time.Duration
import java.util.Base64
import kotlin.time.Duration.Companion.seconds
import kotlin.time.measureTime

private const val PASSWORD = "very-secret-password"

private fun settings(
    port: Int,
    security: Security = Security.NONE,
    login: Login? = null,
    from: String = "Emrys <emrys@example.org>",
    to: List<String> = listOf("team@example.org"),
    host: String = "127.0.0.1",
) = EmailSettings(host, port, security, login, from, ImmutableList.copyOf(to))

private fun channel(settings: EmailSettings, tls: LoopbackTls? = null, timeout: Long = 60) =
    EmailChannel("team", settings, Duration.ofSeconds(timeout), tls?.context?.socketFactory)

class EmailChannelTest :
    FunSpec({
        val tls = LoopbackTls.create()
        val login = Login("emrys", secret(PASSWORD))

        test("a notice is an e-mail of plain text with the title as its subject") {
            SmtpReceiver().use { server ->
                channel(settings(server.port)).send(notice())
                val mail = server.mails.single()
                mail.from shouldBe "emrys@example.org"
                mail.to shouldContainExactly listOf("team@example.org")
                mail.message.subject shouldBe "daily-etl failed"
                (mail.message.content as String).trimEnd() shouldBe
                    "The step curate failed: exit code 1.\r\nemrys resume daily-etl-1"
                mail.message.contentType shouldContain "text/plain"
                mail.message.getHeader("From", null) shouldBe "Emrys <emrys@example.org>"
                mail.message.getHeader("Auto-Submitted", null) shouldBe "auto-generated"
                mail.message.sentDate.toInstant() shouldBe AT
            }
        }

        test("letters beyond ASCII and long titles arrive") {
            SmtpReceiver().use { server ->
                val notice = notice(title = "räw 雪 ".repeat(30).trim(), text = "ä\n.\n雪")
                channel(settings(server.port)).send(notice)
                server.mails.single().message.subject shouldBe notice.title
                (server.mails.single().message.content as String).trimEnd() shouldBe "ä\r\n.\r\n雪"
            }
        }

        test("every address gets it, and a notice keeps its Message-ID") {
            SmtpReceiver().use { server ->
                val to = listOf("a@example.org", "B <b@example.org>")
                val channel = channel(settings(server.port, to = to))
                channel.send(notice())
                channel.send(notice())
                channel.send(notice(id = "other"))
                server.mails[0].to shouldContainExactly listOf("a@example.org", "b@example.org")
                val ids = server.mails.map { it.message.messageID }
                ids[0] shouldBe ids[1]
                ids[0] shouldNotBe ids[2]
                ids[0] shouldMatch "<[0-9a-f]{64}@example.org>"
            }
        }

        test("a title begins no header, and neither does an address") {
            SmtpReceiver().use { server ->
                val title = "failed Bcc: x@example.org =?UTF-8?Q?a=0D=0ABcc:_y@example.org?="
                channel(settings(server.port)).send(notice(title = title))
                server.mails.single().message.getHeader("Bcc") shouldBe null
                server.mails.single().to shouldContainExactly listOf("team@example.org")
            }
            for (address in
                listOf(
                    "a@example.org\r\nBcc: x@example.org",
                    "\"a\r\nBcc: x\" <a@example.org>",
                    "a@example.org, b@example.org",
                    "team: a@example.org;",
                    "a",
                    "",
                )) {
                shouldThrow<IllegalArgumentException> { settings(25, to = listOf(address)) }
                shouldThrow<IllegalArgumentException> { settings(25, from = address) }
            }
        }

        test("the password is sent over STARTTLS, and over TLS from the start") {
            SmtpReceiver(login = "emrys" to PASSWORD, startTls = tls).use { server ->
                channel(settings(server.port, Security.STARTTLS, login), tls).send(notice())
                server.mails shouldHaveSize 1
            }
            SmtpReceiver(login = "emrys" to PASSWORD, tls = tls).use { server ->
                channel(settings(server.port, Security.TLS, login), tls).send(notice())
                server.mails shouldHaveSize 1
            }
        }

        test("nothing is sent to a server without the STARTTLS that was asked for") {
            SmtpReceiver(login = "emrys" to PASSWORD).use { server ->
                val failure =
                    failureOf(channel(settings(server.port, Security.STARTTLS, login), tls))
                failure.message shouldContain "STARTTLS"
                server.logins.shouldBeEmpty()
                server.mails.shouldBeEmpty()
            }
        }

        test("nothing is sent to a server whose certificate is not trusted or is another host's") {
            for ((certificate, trust) in
                listOf(tls to null, LoopbackTls.create("dns:other.example.org").let { it to it })) {
                for (security in listOf(Security.STARTTLS, Security.TLS)) {
                    SmtpReceiver(
                            login = "emrys" to PASSWORD,
                            tls = certificate.takeIf { security == Security.TLS },
                            startTls = certificate.takeIf { security == Security.STARTTLS },
                        )
                        .use { server ->
                            failureOf(channel(settings(server.port, security, login), trust))
                            server.logins.shouldBeEmpty()
                            server.mails.shouldBeEmpty()
                        }
                }
            }
        }

        test("a password is not sent without encryption to another machine") {
            shouldThrow<IllegalArgumentException> {
                    settings(25, Security.NONE, login, host = "mail.example.org")
                }
                .message shouldBe "A password for mail.example.org needs STARTTLS or TLS."
            for (host in listOf("localhost", "127.0.0.1", "::1")) {
                settings(25, Security.NONE, login, host = host).host() shouldBe host
            }
        }

        test("replies of 400 to 499 are worth another attempt, those of 500 to 599 are not") {
            SmtpReceiver().use { server ->
                for (part in SmtpReceiver.RefusedPart.entries) {
                    for ((code, retryable) in listOf(451 to true, 550 to false)) {
                        server.refusal = SmtpReceiver.Refusal(part, code)
                        val failure = failureOf(channel(settings(server.port)))
                        failure.isRetryable shouldBe retryable
                        failure.message shouldContain "$code refused here"
                    }
                }
                server.mails.shouldBeEmpty()
            }
        }

        test("an address that is refused does not keep the others from getting the e-mail") {
            SmtpReceiver().use { server ->
                server.refusal = SmtpReceiver.Refusal(SmtpReceiver.RefusedPart.RECIPIENT, 450, "b@")
                val to = listOf("a@example.org", "b@example.org")
                val failure = failureOf(channel(settings(server.port, to = to)))
                server.mails.single().to shouldContainExactly listOf("a@example.org")
                failure.isRetryable shouldBe false
                failure.message shouldContain "Some of the addresses were refused: 450"
            }
        }

        test("a login that is refused is not worth another attempt") {
            SmtpReceiver(login = "emrys" to "another").use { server ->
                val failure = failureOf(channel(settings(server.port, login = login)))
                failure.isRetryable shouldBe false
                failure.message shouldBe "The SMTP server did not accept the login (535)."
            }
        }

        test("a server that is not there, or does not answer, is worth another attempt") {
            val port = ServerSocket(0, 1, InetAddress.getLoopbackAddress()).use { it.localPort }
            failureOf(channel(settings(port))).isRetryable shouldBe true
            ServerSocket(0, 1, InetAddress.getLoopbackAddress()).use { silent ->
                measureTime {
                        val failure = failureOf(channel(settings(silent.localPort), timeout = 1))
                        failure.isRetryable shouldBe true
                    }
                    .shouldBeLessThan(15.seconds)
            }
            failureOf(channel(settings(25, host = "does-not-exist.invalid"))).isRetryable shouldBe
                true
        }

        test("a login that fails for the moment is worth another attempt") {
            ScriptedServer("220 test", "250-test\r\n250 AUTH PLAIN", "454 4.7.0 not now").use {
                val failure = failureOf(channel(settings(it.port, login = login)))
                failure.isRetryable shouldBe true
                failure.message shouldBe "The SMTP server did not accept the login (454)."
            }
        }

        test("a connection that breaks after the e-mail was accepted is no failure") {
            ScriptedServer("220 test", "250 test", "250 ok", "250 ok", "354 go on", "250 accepted")
                .use { channel(settings(it.port)).send(notice()) }
        }

        test("neither warnings nor exceptions nor names have the password") {
            val encoded =
                Base64.getEncoder().encodeToString("\u0000emrys\u0000$PASSWORD".toByteArray())
            val seen = mutableListOf<String>()
            SmtpReceiver(login = "emrys" to PASSWORD).use { server ->
                val settings = settings(server.port, login = login)
                val channel = channel(settings)
                seen += listOf(settings.toString(), channel.toString(), channel.name())
                server.refusal =
                    SmtpReceiver.Refusal(SmtpReceiver.RefusedPart.DATA, 550, text = "bad $PASSWORD")
                val failure = failureOf(channel)
                failure.message shouldContain "550 bad …"
                failure.cause shouldBe null
                seen += failure.stackTraceToString()
                val harness = NotifierHarness(channel)
                harness.send("a")
                seen += harness.warnings
            }
            SmtpReceiver(login = "emrys" to "another", loginRefusal = "$PASSWORD $encoded").use {
                seen += failureOf(channel(settings(it.port, login = login))).stackTraceToString()
            }
            for (text in seen) {
                text shouldNotContain PASSWORD
                text shouldNotContain encoded
            }
        }

        test("settings that make no sense are refused") {
            shouldThrow<IllegalArgumentException> { settings(25, host = " ") }
            shouldThrow<IllegalArgumentException> { settings(0) }
            shouldThrow<IllegalArgumentException> { settings(65_536) }
            shouldThrow<IllegalArgumentException> { settings(25, to = listOf()) }
        }
    })
