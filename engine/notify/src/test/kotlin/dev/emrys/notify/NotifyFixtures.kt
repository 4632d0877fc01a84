package dev.emrys.notify

import dev.emrys.testing.SettableTime
import io.kotest.assertions.throwables.shouldThrow
import java.time.Duration
import java.time.Instant
import java.util.Collections
import java.util.Optional
import java.util.function.Consumer
import java.util.function.DoubleSupplier

val AT: Instant = Instant.parse("2026-04-25T03:00:00Z")

fun notice(
    id: String = "failed/daily-etl-1",
    kind: NoticeKind = NoticeKind.FAILED,
    schedule: String? = "daily",
    run: String? = "daily-etl-1",
    title: String = "daily-etl failed",
    text: String = "The step curate failed: exit code 1.\nemrys resume daily-etl-1",
): Notice = Notice(id, kind, "daily-etl", schedule, run, AT, title, text)

fun secret(value: String): NamedSecret = NamedSecret.of("hidden") { Optional.of(value) }

fun failureOf(channel: Channel, notice: Notice = notice()): ChannelException =
    shouldThrow<ChannelException> { channel.send(notice) }

/** A channel that a test answers for: it fails as long as [failure] gives an exception. */
class ScriptedChannel(private val name: String, var failure: () -> Exception? = { null }) :
    Channel {
    val tried: MutableList<String> = Collections.synchronizedList(mutableListOf())
    val sent: MutableList<String> = Collections.synchronizedList(mutableListOf())
    var closed = false

    override fun name(): String = name

    override fun send(notice: Notice) {
        tried += notice.id
        failure()?.let { throw it }
        sent += notice.id
    }

    override fun close() {
        closed = true
    }
}

/** A notifier whose time, attempts and random numbers the test decides. */
class NotifierHarness(
    vararg channels: Channel,
    settings: NotifierSettings = NotifierSettings.DEFAULT,
    sent: SentNotices = SentNoticesInMemory(),
    random: Double = 1.0,
) {
    val time = SettableTime(AT)
    val warnings = mutableListOf<String>()
    val notifier =
        Notifier(
            channels.toList(),
            settings,
            NotifierPorts(
                time,
                { due, action -> Runnable(time.schedule(due, action)) },
                time,
                DoubleSupplier { random },
                sent,
                Consumer { warnings += it },
            ),
        )

    fun send(vararg ids: String) {
        ids.forEach { notifier.send(notice(id = it)) }
        time.settle()
    }

    fun pass(duration: String) = time.pass(Duration.parse(duration))
}
