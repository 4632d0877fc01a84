package dev.emrys.language

import dev.emrys.spec.ScriptCode
import java.time.Duration as JavaDuration
import kotlin.time.Duration

/** How the connection to a mail server is protected. */
public enum class EmailSecurity {
    /** Not at all: for a server on this machine. */
    None,

    /** Encrypted after a first exchange; nothing is sent to a server that does not support it. */
    StartTls,

    /** Encrypted from the start. */
    Tls,
}

/** Where the messages of a pipeline are sent. */
public sealed interface DeclaredChannel {
    /** @property url the name of the secret that holds the URL */
    public data class Webhook(val url: String) : DeclaredChannel

    /** @property words the program and its arguments */
    public data class Command(val words: List<String>) : DeclaredChannel

    /** @property password the name of the secret that holds the password */
    public data class Email(
        val host: String,
        val port: Int,
        val security: EmailSecurity,
        val user: String?,
        val password: String?,
        val from: String,
        val to: List<String>,
    ) : DeclaredChannel

    public data class Sns(val topic: String) : DeclaredChannel
}

/**
 * What a pipeline says of its messages.
 *
 * @property lateAfter null when lateness is not reported
 */
public data class DeclaredNotifications(
    val channels: List<DeclaredChannel> = emptyList(),
    val lateAfter: JavaDuration? = null,
)

/**
 * The block of `notifications`: who is told when a run of a schedule fails, when the first one
 * after failures succeeds, when the schedule is paused after failures, and when its script has an
 * error. `emrys schedule serve` sends the messages; each is tried again for an hour.
 */
@EmrysDsl
public class NotificationsScope internal constructor(private val script: Script) {
    private val channels = ArrayList<DeclaredChannel>()

    /**
     * A run that has not ended this long after its fire was due is reported once. Default: none is.
     */
    public var lateAfter: Duration? = null

    /**
     * Posts JSON with the member `text`, as Slack, Mattermost and others take it:
     * `webhook(secret("slack"))`.
     *
     * @param url a secret, since the URL is as good as a password
     */
    public fun webhook(url: Secret) {
        channels.add(DeclaredChannel.Webhook(url.name))
    }

    /**
     * Runs a program on the machine that serves the schedule, with the message as JSON on its
     * standard input and its main members in the variables `EMRYS_NOTICE_…`. It has 30 s, and has
     * to exit with 0.
     */
    public fun command(program: String, vararg arguments: String) {
        if (program.isBlank()) wrong("command", program, "the name or the path of a program")
        else channels.add(DeclaredChannel.Command(listOf(program) + arguments))
    }

    /**
     * Sends e-mail.
     *
     * ```
     * email("smtp.example.org", from = "emrys@example.org", "data@example.org") {
     *     login("emrys", secret("smtp"))
     * }
     * ```
     *
     * @param host the SMTP server
     * @param to at least one address
     */
    public fun email(
        host: String,
        from: String,
        vararg to: String,
        block: EmailScope.() -> Unit = {},
    ) {
        val scope = EmailScope()
        scope.block()
        val security = scope.security
        val port =
            scope.port
                ?: when (security) {
                    EmailSecurity.None -> PLAIN_PORT
                    EmailSecurity.StartTls -> START_TLS_PORT
                    EmailSecurity.Tls -> TLS_PORT
                }
        when {
            host.isBlank() -> wrong("email", host, "the name of an SMTP server")
            to.isEmpty() -> wrong("email", "", "at least one address to send to")
            (to.toList() + from).any { !ADDRESS.matches(it) } ->
                wrong(
                    "email",
                    (to.toList() + from).first { !ADDRESS.matches(it) },
                    "an address such as data@example.org",
                )
            port !in 1..LAST_PORT -> wrong("port", "$port", "a port from 1 to 65535")
            scope.password != null && security == EmailSecurity.None && host !in LOOPBACK ->
                wrong(
                    "security",
                    "$security",
                    "EmailSecurity.StartTls or EmailSecurity.Tls: a password is not sent without encryption",
                )
            else ->
                channels.add(
                    DeclaredChannel.Email(
                        host,
                        port,
                        security,
                        scope.user,
                        scope.password?.name,
                        from,
                        to.toList(),
                    )
                )
        }
    }

    /**
     * Publishes to a topic of Amazon SNS, with the AWS credentials of the machine that serves the
     * schedule.
     */
    public fun sns(topicArn: String) {
        if (TOPIC.matches(topicArn)) channels.add(DeclaredChannel.Sns(topicArn))
        else
            wrong(
                "sns",
                topicArn,
                "the ARN of a topic, such as arn:aws:sns:eu-central-1:123456789012:data",
            )
    }

    private fun wrong(word: String, value: String, form: String) {
        script.report(ScriptCode.NOTIFICATION_VALUE, word, value, form)
    }

    internal fun build(): DeclaredNotifications {
        if (channels.isEmpty()) script.report(ScriptCode.NOTIFICATIONS_EMPTY)
        return DeclaredNotifications(
            channels,
            lateAfter?.let { script.javaDuration(it, "lateAfter of notifications") },
        )
    }

    private companion object {
        const val PLAIN_PORT = 25
        const val START_TLS_PORT = 587
        const val TLS_PORT = 465
        const val LAST_PORT = 65_535
        val LOOPBACK = setOf("localhost", "127.0.0.1", "::1")
        val ADDRESS = Regex("[^@\\p{Cntrl}]+@[^@\\s]+")
        val TOPIC = Regex("arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_.-]{1,256}")
    }
}

/** The block of `email`. */
@EmrysDsl
public class EmailScope internal constructor() {
    /** Default: [EmailSecurity.StartTls]. */
    public var security: EmailSecurity = EmailSecurity.StartTls

    /** Default: 587; 465 with [EmailSecurity.Tls], 25 with [EmailSecurity.None]. */
    public var port: Int? = null

    internal var user: String? = null
    internal var password: Secret? = null

    /** The user of the SMTP server. Default: none. */
    public fun login(user: String, password: Secret) {
        this.user = user
        this.password = password
    }
}
