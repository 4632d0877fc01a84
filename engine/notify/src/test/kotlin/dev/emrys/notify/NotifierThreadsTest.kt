package dev.emrys.notify

import dev.emrys.testing.awaitUntil
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.time.Duration
import java.time.InstantSource
import java.util.Collections
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import kotlin.concurrent.thread

private class ThreadHarness(
    vararg channels: Channel,
    settings: NotifierSettings = NotifierSettings.DEFAULT,
) {
    val warnings: MutableList<String> = Collections.synchronizedList(mutableListOf())
    val notifier: Notifier =
        Notifier.start(
            channels.toList(),
            settings,
            InstantSource.system(),
            SentNoticesInMemory(),
        ) {
            warnings += it
        }
}

/** A channel whose attempts last until the test opens it. */
private class GatedChannel(private val name: String) : Channel {
    val entered = CountDownLatch(1)
    val gate = CountDownLatch(1)
    val interrupted = CountDownLatch(1)
    val sent: MutableList<String> = Collections.synchronizedList(mutableListOf())

    override fun name(): String = name

    override fun send(notice: Notice) {
        entered.countDown()
        try {
            gate.await()
        } catch (e: InterruptedException) {
            interrupted.countDown()
            throw ChannelException.retryable("interrupted")
        }
        sent += notice.id
    }
}

class NotifierThreadsTest :
    FunSpec({
        test("the end sends what is due, on threads of the notifier") {
            val channel = GatedChannel("hook")
            val harness = ThreadHarness(channel)
            listOf("a", "b", "c").forEach { harness.notifier.send(notice(id = it)) }
            channel.entered.await()
            val closer = thread { harness.notifier.close(Duration.ofHours(1)) }
            channel.gate.countDown()
            awaitUntil("the end") { !closer.isAlive }
            channel.sent shouldContainExactly listOf("a", "b", "c")
            harness.warnings.shouldBeEmpty()
        }

        test("another attempt is made on the notifier's own timer") {
            val sent = CountDownLatch(1)
            val channel = ScriptedChannel("hook")
            channel.failure = {
                if (channel.tried.size == 3) sent.countDown()
                ChannelException.retryable("HTTP 503.").takeIf { channel.tried.size < 3 }
            }
            val wait = Duration.ofMillis(1)
            val harness =
                ThreadHarness(
                    channel,
                    settings = NotifierSettings(wait, wait, Duration.ofHours(1), 10),
                )
            harness.notifier.send(notice(id = "a"))
            sent.await(90, TimeUnit.SECONDS) shouldBe true
            harness.notifier.close()
            channel.sent shouldContainExactly listOf("a")
        }

        test("the end drops what waits for another attempt, and what is behind it") {
            val failing = ScriptedChannel("hook") { ChannelException.retryable("HTTP 503.") }
            val good = ScriptedChannel("mail")
            val harness = NotifierHarness(failing, good)
            harness.send("a", "b", "c")
            harness.warnings.clear()
            harness.notifier.close(Duration.ofMinutes(1))
            harness.notifier.close(Duration.ofMinutes(1))
            harness.warnings shouldContainExactly
                listOf("Notices are not sent, because this process ends: 3 by hook.")
            good.sent shouldContainExactly listOf("a", "b", "c")
            harness.time.idle() shouldBe true
            failing.closed shouldBe true
            good.closed shouldBe true
        }

        test("an attempt that fails during the end is the last one") {
            val channel = ScriptedChannel("hook")
            val harness = NotifierHarness(channel)
            lateinit var closer: Thread
            channel.failure = {
                closer = thread { harness.notifier.close(Duration.ofMinutes(1)) }
                awaitUntil("the end waits") { closer.state == Thread.State.TIMED_WAITING }
                ChannelException.retryable("HTTP 503.")
            }
            harness.send("a", "b")
            closer.join()
            harness.warnings shouldContainExactly
                listOf("Notices are not sent, because this process ends: 2 by hook.")
            harness.time.idle() shouldBe true
        }

        test("the end does not wait for a channel that hangs, and interrupts it") {
            val channel = GatedChannel("hook")
            val harness = ThreadHarness(channel)
            harness.notifier.send(notice(id = "a"))
            harness.notifier.send(notice(id = "b"))
            channel.entered.await()
            harness.notifier.close(Duration.ZERO)
            harness.warnings shouldContainExactly
                listOf("Notices are not sent, because this process ends: 2 by hook.")
            channel.interrupted.await(90, TimeUnit.SECONDS) shouldBe true
        }

        test("a notice after the end is dropped with a warning") {
            val channel = ScriptedChannel("hook")
            val harness = NotifierHarness(channel)
            harness.notifier.close()
            harness.send("a")
            channel.tried.shouldBeEmpty()
            harness.warnings shouldContainExactly
                listOf("The notice \"a\" is not sent: it came after the end.")
        }
    })
