package dev.emrys.drive

import dev.emrys.journal.ControlRequest
import dev.emrys.journal.JournalException
import dev.emrys.run.Command
import dev.emrys.run.Event
import dev.emrys.run.Outcome
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import java.time.Duration
import java.util.concurrent.CompletableFuture
import java.util.concurrent.ExecutionException
import java.util.concurrent.TimeUnit

private fun simple() = DriverByHand(graph(step("a")))

private fun DriverByHand.outcome(): Outcome = driver.done().get(10, TimeUnit.SECONDS)

private fun DriverByHand.failure(): Throwable? =
    shouldThrow<ExecutionException> { driver.done().get(10, TimeUnit.SECONDS) }.cause

private val cancelRequest = ControlRequest(7, "run-1", ControlRequest.Cancel(), "bob")

class DriverTest :
    FunSpec({
        test("nothing is done before the journal has said that it is durable") {
            val hand = simple().start().turn()
            hand.journal.unwritten shouldBe 1
            hand.effects.performed.shouldBeEmpty()
            hand.heard.shouldBeEmpty()
            hand.journal.write()
            hand.turn()
            hand.kinds() shouldContainExactly listOf("RunStarted", "AttemptIntended")
            hand.asked() shouldContainExactly listOf("StartCluster start:etl #1")
            hand.heard shouldContainExactly hand.journal.durable
        }

        test("a fact and all that follows from it are one append") {
            val hand = simple().start().settle()
            hand.accepted("start:etl").settle().succeeded("start:etl").settle()
            hand.journal.appends shouldBe 3
            hand.kinds() shouldContainExactly
                listOf(
                    "RunStarted",
                    "AttemptIntended",
                    "AttemptAccepted",
                    "AttemptSucceeded",
                    "AttemptIntended",
                )
        }

        test(
            "facts that arrive while others are on their way to the disk are taken, and acted upon in order"
        ) {
            val hand = DriverByHand(graph(step("a"), step("b"))).start().settle()
            hand.accepted("start:etl").settle().succeeded("start:etl").settle()
            hand.accepted("a").accepted("b").running("a").turn()
            hand.journal.unwritten shouldBe 3
            val before = hand.effects.performed.size
            hand.journal.write()
            hand.turn()
            hand.asked().drop(before) shouldContainExactly listOf("WatchStep a #1")
            hand.settle()
            hand.asked().drop(before) shouldContainExactly
                listOf("WatchStep a #1", "WatchStep b #1")
            hand.heard shouldContainExactly hand.journal.durable
        }

        test(
            "a run goes to its end: the outcome is told when the end is durable, and the effects are closed"
        ) {
            val hand = simple().untilRunning()
            hand.succeeded("a").settle().accepted("end:etl").settle().succeeded("end:etl").turn()
            hand.driver.done().isDone shouldBe false
            hand.effects.closed shouldBe false
            hand.settle()
            hand.outcome() shouldBe Outcome.SUCCEEDED
            hand.effects.closed shouldBe true
            hand.kinds().last() shouldBe "RunEnded"
            hand.heard shouldContainExactly hand.journal.durable
        }

        test("facts that come late, twice or for nobody are dropped and not journaled") {
            val hand = simple().untilRunning()
            val before = hand.journal.durable.toList()
            hand.running("a").accepted("a").succeeded("start:etl").settle()
            hand.report(Event.AttemptSucceeded(hand.now, "a", 2)).settle()
            hand.report(Event.AttemptSucceeded(hand.now, "nobody", 1)).settle()
            hand.journal.durable shouldContainExactly before
            hand.untilEnded()
            hand.outcome() shouldBe Outcome.SUCCEEDED
        }

        test("after the end nothing is journaled or done") {
            val hand = simple().untilRunning().untilEnded()
            val appends = hand.journal.appends
            hand.succeeded("a").settle()
            hand.driver.cancel("ada")
            hand.driver.control(cancelRequest)
            hand.settle()
            hand.journal.appends shouldBe appends
        }

        test("the next attempt begins when its timer says so, and not before") {
            val hand =
                DriverByHand(graph(step("a", retry = retry(2)))).untilRunning().failed("a").settle()
            hand.wait(Duration.ofMillis(9_999)).asked().last() shouldBe "WatchStep a #1"
            hand.wait(Duration.ofMillis(1)).asked().last() shouldBe "SubmitStep a #2"
            hand.journal.durable.filterIsInstance<Event.RetryDue>().single().at() shouldBe hand.now
            hand.effects.performed.filterIsInstance<Command.SetTimer>().shouldBeEmpty()
        }

        test(
            "a step over its deadline is cancelled when the timer fires, and a timer that comes late is dropped"
        ) {
            val hand =
                DriverByHand(graph(step("a", timeout = Duration.ofMinutes(5)))).untilRunning()
            hand.wait(Duration.ofMinutes(5)).asked().last() shouldBe "CancelStep a #1"
            hand.cancelledByEmr("a").settle()
            hand.kinds().count { it == "AttemptTimedOut" } shouldBe 1
            val quick =
                DriverByHand(graph(step("a", timeout = Duration.ofMinutes(5))))
                    .untilRunning()
                    .untilEnded()
            quick.wait(Duration.ofMinutes(5)).kinds().count { it == "AttemptTimedOut" } shouldBe 0
            quick.outcome() shouldBe Outcome.SUCCEEDED
        }

        test(
            "a timer that is moot holds nothing of the run, and does nothing when its time comes"
        ) {
            val hand =
                DriverByHand(graph(step("a", timeout = Duration.ofMinutes(5)))).untilRunning()
            val (_, alarm) = hand.timers.single()
            hand.succeeded("a").settle()
            val appends = hand.journal.appends
            alarm.run()
            hand.turn().journal.appends shouldBe appends
            val held = alarm.javaClass.getDeclaredField("action").apply { isAccessible = true }
            held.get(alarm) shouldBe null
        }

        test(
            "who is abandoned lets go when nothing is under way to the journal or to EMR any more"
        ) {
            val hand = simple().untilRunning()
            hand.effects.quiet = CompletableFuture()
            hand.succeeded("a").turn()
            val over = hand.driver.abandon()
            hand.turn()
            hand.effects.closed shouldBe true
            over.isDone shouldBe false
            hand.effects.quiet.complete(null)
            over.isDone shouldBe false
            hand.journal.write()
            over.isDone shouldBe true
            hand.driver.done().isCompletedExceptionally shouldBe true
            hand.turn().asked().last() shouldBe "WatchStep a #1"
        }

        test("an error gives the run up, as an exception does") {
            val hand = simple()
            hand.listener = Listener { _, _ -> throw NoClassDefFoundError("gone") }
            hand.start().settle()
            hand.driver.done().isCompletedExceptionally shouldBe true
            hand.effects.closed shouldBe true
        }

        test("a cancelled run ends its cluster, and only then is done") {
            val hand = simple().untilRunning()
            hand.driver.cancel("ada")
            hand.settle().asked().last() shouldBe "CancelStep a #1"
            hand.cancelledByEmr("a").settle().asked().last() shouldBe "EndCluster end:etl #1"
            hand.driver.done().isDone shouldBe false
            hand.accepted("end:etl").settle().succeeded("end:etl").settle()
            hand.outcome() shouldBe Outcome.CANCELLED
            hand.journal.durable.filterIsInstance<Event.CancelRequested>().single().by() shouldBe
                "ada"
        }

        test("a cancel request is acknowledged when its event is durable") {
            val hand = simple().untilRunning()
            hand.driver.control(cancelRequest)
            hand.turn()
            hand.journal.acknowledged.shouldBeEmpty()
            hand.settle()
            hand.journal.acknowledged shouldContainExactly listOf(cancelRequest)
            hand.journal.durable.filterIsInstance<Event.CancelRequested>().single().by() shouldBe
                "bob"
        }

        test(
            "a request whose event cannot be written is not acknowledged: a resume receives it again"
        ) {
            val hand = simple().untilRunning()
            hand.driver.control(cancelRequest)
            hand.turn().journal.fail()
            hand.turn().journal.acknowledged.shouldBeEmpty()
        }

        test(
            "a request that comes when the run has ended is acknowledged when that end is durable"
        ) {
            val hand = simple().untilRunning()
            hand.succeeded("a").settle().accepted("end:etl").settle().succeeded("end:etl").turn()
            hand.driver.control(cancelRequest)
            hand.turn().journal.acknowledged.shouldBeEmpty()
            hand.settle().journal.acknowledged shouldContainExactly listOf(cancelRequest)
            hand.outcome() shouldBe Outcome.SUCCEEDED
        }

        test("a request that comes twice is one event, and is acknowledged") {
            val hand = simple().untilRunning()
            hand.driver.control(cancelRequest)
            hand.driver.control(cancelRequest)
            hand.settle()
            hand.kinds().count { it == "CancelRequested" } shouldBe 1
            hand.journal.acknowledged.toSet() shouldBe setOf(cancelRequest)
        }

        test(
            "when the journal fails, the run is given up with its words and nothing more is done"
        ) {
            val hand = simple().untilRunning()
            val asked = hand.asked()
            hand.succeeded("a").turn()
            hand.journal.fail()
            hand.turn()
            hand.failure().shouldBeInstanceOf<JournalException>().message shouldBe
                "The disk is full."
            hand.effects.closed shouldBe true
            hand.running("a").settle()
            hand.driver.cancel("ada")
            hand.settle()
            hand.asked() shouldContainExactly asked
            hand.kinds().last() shouldBe "AttemptRunning"
        }

        test("when a listener fails, the run is given up, and what is durable stays") {
            val hand = simple().untilRunning()
            hand.listener = Listener { _, _ -> error("the screen is broken") }
            hand.succeeded("a").settle()
            hand.failure()!!.message shouldBe "the screen is broken"
            hand.effects.closed shouldBe true
            hand.kinds().last() shouldBe "AttemptIntended"
        }

        test(
            "a run that is abandoned does nothing more, and another goes on from what is durable"
        ) {
            val first = DriverByHand(graph(step("a"), step("b"))).untilRunning()
            first.driver.abandon()
            first.settle()
            first.effects.closed shouldBe true
            val appends = first.journal.appends
            first.succeeded("a").settle()
            first.journal.appends shouldBe appends

            val second = DriverByHand(first.graph, first.journal).resume()
            second.effects.performed.shouldBeEmpty()
            second.settle()
            second.journal.durable.filterIsInstance<Event.RunResumed>().single().by() shouldBe "ada"
            second.asked() shouldContainExactly
                listOf("WatchCluster start:etl #1", "WatchStep a #1", "SubmitStep b #1")
            second.effects.performed
                .filterIsInstance<Command.SubmitStep>()
                .single()
                .uncertain() shouldBe true
            second.succeeded("a").accepted("b").settle().succeeded("b").settle()
            second.accepted("end:etl").settle().succeeded("end:etl").settle()
            second.outcome() shouldBe Outcome.SUCCEEDED
        }

        test("what is sent for the first time is certain, so nobody has to look for it") {
            val hand = simple().untilRunning().untilEnded()
            hand.effects.performed
                .filterIsInstance<Command.StartCluster>()
                .single()
                .uncertain() shouldBe false
            hand.effects.performed
                .filterIsInstance<Command.SubmitStep>()
                .single()
                .uncertain() shouldBe false
        }

        test("whoever died between the record and the first event is followed by a start") {
            val hand = simple().resume().settle()
            hand.kinds() shouldContainExactly listOf("RunStarted", "AttemptIntended")
            hand.asked() shouldContainExactly listOf("StartCluster start:etl #1")
        }

        test("a run that has ended is told as it ended, and touched by nobody") {
            val first = simple().untilRunning().untilEnded()
            val before = first.journal.durable.toList()
            val second = DriverByHand(first.graph, first.journal).resume(reopen = true).settle()
            second.outcome() shouldBe Outcome.SUCCEEDED
            second.journal.durable shouldContainExactly before
        }

        test("a run that ended without success goes on only when that is asked for") {
            val first = simple().untilRunning().failed("a").settle()
            first.accepted("end:etl").settle().succeeded("end:etl").settle()
            first.outcome() shouldBe Outcome.FAILED
            val looked = DriverByHand(first.graph, first.journal).resume().settle()
            looked.outcome() shouldBe Outcome.FAILED
            looked.effects.performed.shouldBeEmpty()
            val again = DriverByHand(first.graph, first.journal).resume(reopen = true).settle()
            again.asked() shouldContainExactly listOf("StartCluster start:etl #2")
            again
                .accepted("start:etl")
                .settle()
                .succeeded("start:etl")
                .settle()
                .accepted("a")
                .settle()
            again.untilEnded().outcome() shouldBe Outcome.SUCCEEDED
            again.kinds().count { it == "RunReopened" } shouldBe 1
        }

        test("deadlines and waits are set again by whoever resumes, at the same time as before") {
            val first =
                DriverByHand(graph(step("a", timeout = Duration.ofMinutes(5)))).untilRunning()
            val due = first.timers.single().first
            val second = DriverByHand(first.graph, first.journal)
            second.now = first.now + Duration.ofMinutes(3)
            second.resume().settle()
            second.timers.single().first shouldBe due
            second.wait(Duration.ofMinutes(2)).asked().last() shouldBe "CancelStep a #1"
        }
    })
