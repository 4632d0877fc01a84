package dev.emrys.notify

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.time.Duration
import java.time.Instant

private val DOWN = { ChannelException.retryable("HTTP 503.") }

private class BrokenMemory : SentNotices {
    override fun isSent(noticeId: String, channel: String): Boolean = error("disk full")

    override fun sent(noticeId: String, channel: String, at: Instant) = error("disk full")
}

class NotifierTest :
    FunSpec({
        test("a notice is sent by every channel, without a warning") {
            val one = ScriptedChannel("one")
            val two = ScriptedChannel("two")
            val harness = NotifierHarness(one, two)
            harness.notifier.send(notice(id = "a"))
            one.tried.shouldBeEmpty()
            harness.time.settle()
            one.sent shouldContainExactly listOf("a")
            two.sent shouldContainExactly listOf("a")
            harness.warnings.shouldBeEmpty()
        }

        test("a failed attempt is repeated after 1, 2, 4 seconds and so on, at most 5 minutes") {
            val channel = ScriptedChannel("hook", DOWN)
            val harness = NotifierHarness(channel)
            val times = mutableListOf<Long>()
            channel.failure = {
                times += Duration.between(AT, harness.time.instant()).toSeconds()
                DOWN()
            }
            harness.send("a")
            harness.pass("PT20M")
            times shouldContainExactly listOf(0, 1, 3, 7, 15, 31, 63, 127, 255, 511, 811, 1111)
        }

        test("the random part makes a wait shorter by up to a half") {
            val channel = ScriptedChannel("hook", DOWN)
            val harness = NotifierHarness(channel, random = 0.0)
            harness.send("a")
            harness.pass("PT0.499S")
            channel.tried shouldHaveSize 1
            harness.pass("PT0.001S")
            channel.tried shouldHaveSize 2
            NotifierSettings.DEFAULT.retryWait(1, 0.5) shouldBe Duration.ofMillis(750)
            NotifierSettings.DEFAULT.retryWait(1_000_000, 1.0) shouldBe Duration.ofMinutes(5)
        }

        test("the first failure of a notice is a warning, and so is the end of the attempts") {
            val channel = ScriptedChannel("hook", DOWN)
            val harness = NotifierHarness(channel)
            harness.send("a")
            harness.warnings shouldContainExactly
                listOf("The notice \"a\" was not sent by hook, and is tried again: HTTP 503.")
            harness.pass("PT58M")
            harness.warnings shouldHaveSize 1
            harness.pass("PT10M")
            harness.warnings shouldHaveSize 2
            harness.warnings[1] shouldBe
                "The notice \"a\" is not sent by hook, after attempt ${channel.tried.size}: HTTP 503."
            harness.time.idle() shouldBe true
        }

        test("a failure that lasts is not tried again, and the next notice is sent") {
            val channel = ScriptedChannel("hook")
            val harness = NotifierHarness(channel)
            channel.failure = {
                ChannelException.permanent("HTTP 400 (no_text).").takeIf {
                    channel.tried.last() == "a"
                }
            }
            harness.send("a", "b")
            channel.tried shouldContainExactly listOf("a", "b")
            channel.sent shouldContainExactly listOf("b")
            harness.warnings shouldContainExactly
                listOf("The notice \"a\" is not sent by hook, after attempt 1: HTTP 400 (no_text).")
        }

        test("the receiver's wait is respected when it is longer than the own one") {
            val channel = ScriptedChannel("hook")
            val harness = NotifierHarness(channel)
            channel.failure = { ChannelException.retryable("HTTP 429.", Duration.ofSeconds(30)) }
            harness.send("a")
            harness.pass("PT29S")
            channel.tried shouldHaveSize 1
            channel.failure = { null }
            harness.pass("PT1S")
            channel.sent shouldContainExactly listOf("a")
        }

        test("a receiver that asks for more than the limit gets no second attempt") {
            val channel =
                ScriptedChannel("hook") {
                    ChannelException.retryable("HTTP 429.", Duration.ofHours(2))
                }
            val harness = NotifierHarness(channel)
            harness.send("a")
            harness.warnings shouldContainExactly
                listOf("The notice \"a\" is not sent by hook, after attempt 1: HTTP 429.")
        }

        test("notices of one channel stay in order, and another channel is not held up") {
            val slow = ScriptedChannel("slow", DOWN)
            val quick = ScriptedChannel("quick")
            val harness = NotifierHarness(slow, quick)
            harness.send("a", "b")
            slow.tried shouldContainExactly listOf("a")
            quick.sent shouldContainExactly listOf("a", "b")
            slow.failure = { null }
            harness.pass("PT1S")
            slow.sent shouldContainExactly listOf("a", "b")
        }

        test("a notice that came long ago gets one attempt at least") {
            val channel = ScriptedChannel("hook", DOWN)
            val harness = NotifierHarness(channel)
            harness.send("a")
            harness.pass("PT50M")
            harness.send("b")
            channel.failure = { DOWN().takeIf { channel.tried.last() == "a" } }
            harness.pass("PT1H")
            channel.sent shouldContainExactly listOf("b")
        }

        test("a notice of an id is sent once, while it waits, afterwards and after a restart") {
            val sent = SentNoticesInMemory()
            val channel = ScriptedChannel("hook", DOWN)
            val harness = NotifierHarness(channel, sent = sent)
            harness.send("a", "a", "b", "a")
            channel.failure = { null }
            harness.pass("PT1S")
            harness.send("a", "b")
            channel.sent shouldContainExactly listOf("a", "b")

            val again = ScriptedChannel("hook")
            val other = ScriptedChannel("mail")
            val restarted = NotifierHarness(again, other, sent = sent)
            restarted.send("a")
            again.tried.shouldBeEmpty()
            other.sent shouldContainExactly listOf("a")
            restarted.warnings.shouldBeEmpty()
        }

        test("a notice that was given up may be sent again under its id") {
            val channel = ScriptedChannel("hook") { ChannelException.permanent("HTTP 404.") }
            val harness = NotifierHarness(channel)
            harness.send("a")
            channel.failure = { null }
            harness.send("a")
            channel.sent shouldContainExactly listOf("a")
        }

        test("a notice that waits already is not queued a second time") {
            val channel = ScriptedChannel("hook") { ChannelException.permanent("HTTP 404.") }
            val harness = NotifierHarness(channel)
            harness.send("a", "b", "a", "b")
            channel.tried shouldContainExactly listOf("a", "b")
        }

        test("the oldest notice is dropped with a warning when too many wait") {
            val channel = ScriptedChannel("hook", DOWN)
            val harness =
                NotifierHarness(
                    channel,
                    settings =
                        NotifierSettings(
                            Duration.ofSeconds(1),
                            Duration.ofMinutes(5),
                            Duration.ofHours(1),
                            2,
                        ),
                )
            harness.send("a", "b", "c", "d")
            harness.warnings.first() shouldBe
                "More than 2 notices wait for hook. The oldest, \"b\", is not sent."
            channel.failure = { null }
            harness.pass("PT1S")
            channel.sent shouldContainExactly listOf("a", "c", "d")
            harness.send("b")
            channel.sent.last() shouldBe "b"
        }

        test("a defect of a channel is one failed notice, and its message is not told") {
            val channel = ScriptedChannel("hook")
            val harness = NotifierHarness(channel)
            channel.failure = {
                IllegalStateException("https://hooks/secret").takeIf { channel.tried.last() == "a" }
            }
            harness.send("a", "b")
            channel.sent shouldContainExactly listOf("b")
            harness.warnings shouldContainExactly
                listOf(
                    "The notice \"a\" is not sent by hook, after attempt 1: " +
                        "The channel failed with a java.lang.IllegalStateException."
                )
        }

        test("a notice is sent, with a warning, when the memory of what was sent fails") {
            val channel = ScriptedChannel("hook")
            val harness = NotifierHarness(channel, sent = BrokenMemory())
            harness.send("a")
            channel.sent shouldContainExactly listOf("a")
            harness.warnings shouldHaveSize 2
            harness.warnings.forEach { it shouldContain "disk full" }
        }

        test("channels have names of their own, in a form that every log can show") {
            for (name in listOf("", "a b", "https://hooks.slack.com/x", "x".repeat(101))) {
                shouldThrow<IllegalArgumentException> { NotifierHarness(ScriptedChannel(name)) }
            }
            shouldThrow<IllegalArgumentException> {
                    NotifierHarness(ScriptedChannel("a"), ScriptedChannel("a"))
                }
                .message shouldBe "Two channels have one name: [a, a]."
        }

        test("settings that make no sense are refused") {
            fun settings(first: Long, longest: Long, giveUp: Long, limit: Int) =
                NotifierSettings(
                    Duration.ofSeconds(first),
                    Duration.ofSeconds(longest),
                    Duration.ofSeconds(giveUp),
                    limit,
                )
            shouldThrow<IllegalArgumentException> { settings(0, 1, 1, 1) }
            shouldThrow<IllegalArgumentException> { settings(2, 1, 1, 1) }
            shouldThrow<IllegalArgumentException> { settings(1, 1, 0, 1) }
            shouldThrow<IllegalArgumentException> { settings(1, 1, 1, 0) }
            settings(1, 1, 1, 1).queueLimit shouldBe 1
        }
    })
