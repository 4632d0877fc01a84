package dev.emrys.drive

import dev.emrys.journal.ControlRequest
import dev.emrys.journal.JournalException
import dev.emrys.run.Command
import dev.emrys.run.Event
import dev.emrys.run.Outcome
import dev.emrys.testing.graph
import dev.emrys.testing.retry
import dev.emrys.testing.step
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.ints.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import java.time.Duration
import java.util.concurrent.CompletableFuture
import java.util.concurrent.ExecutionException
import java.util.concurrent.TimeUnit

private fun simple() = ManualDriver(graph(step("a")))

private fun ManualDriver.outcome(): Outcome = driver.done().get(10, TimeUnit.SECONDS)

private fun ManualDriver.failure(): Throwable? =
    shouldThrow<ExecutionException> { driver.done().get(10, TimeUnit.SECONDS) }.cause

private val cancelRequest = ControlRequest(7, "run-1", ControlRequest.Cancel(), "bob")

class DriverTest :
    FunSpec({
        test("nothing is done before the journal has said that it is durable") {
            val run = simple().start().turn()
            run.journal.unwritten shouldBe 1
            run.effects.performed.shouldBeEmpty()
            run.heard.shouldBeEmpty()
            run.journal.write()
            run.turn()
            run.kinds() shouldContainExactly listOf("RunStarted", "AttemptIntended")
            run.asked() shouldContainExactly listOf("Submit start:etl #1")
            run.heard shouldContainExactly run.journal.durable
        }

        test("a fact and all that follows from it are one append") {
            val run = simple().start().settle()
            run.accepted("start:etl").settle().succeeded("start:etl").settle()
            run.journal.appends shouldBe 3
            run.kinds() shouldContainExactly
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
            val run = ManualDriver(graph(step("a"), step("b"))).start().settle()
            run.accepted("start:etl").settle().succeeded("start:etl").settle()
            run.accepted("a").turn().accepted("b").turn().running("a").turn()
            run.journal.unwritten shouldBe 3
            val before = run.effects.performed.size
            run.journal.write()
            run.turn()
            run.asked().drop(before) shouldContainExactly listOf("Watch a #1")
            run.settle()
            run.asked().drop(before) shouldContainExactly listOf("Watch a #1", "Watch b #1")
            run.heard shouldContainExactly run.journal.durable
        }

        test(
            "a run goes to its end: the outcome is told when the end is durable, and the effects are closed"
        ) {
            val run = simple().untilRunning()
            run.succeeded("a").settle().accepted("end:etl").settle().succeeded("end:etl").turn()
            run.driver.done().isDone shouldBe false
            run.effects.closed shouldBe false
            run.settle()
            run.outcome() shouldBe Outcome.SUCCEEDED
            run.effects.closed shouldBe true
            run.kinds().last() shouldBe "RunEnded"
            run.heard shouldContainExactly run.journal.durable
        }

        test("facts that come late, twice or for nobody are dropped and not journaled") {
            val run = simple().untilRunning()
            val before = run.journal.durable.toList()
            run.running("a").accepted("a").succeeded("start:etl").settle()
            run.report(Event.AttemptSucceeded(run.now, "a", 2)).settle()
            run.report(Event.AttemptSucceeded(run.now, "nobody", 1)).settle()
            run.journal.durable shouldContainExactly before
            run.untilEnded()
            run.outcome() shouldBe Outcome.SUCCEEDED
        }

        test("after the end nothing is journaled or done") {
            val run = simple().untilRunning().untilEnded()
            val appends = run.journal.appends
            run.succeeded("a").settle()
            run.driver.cancel("ada")
            run.driver.handle(cancelRequest)
            run.settle()
            run.journal.appends shouldBe appends
        }

        test("the next attempt begins when its timer says so, and not before") {
            val run =
                ManualDriver(graph(step("a", retry = retry(2)))).untilRunning().failed("a").settle()
            run.wait(Duration.ofMillis(9_999)).asked().last() shouldBe "Watch a #1"
            run.wait(Duration.ofMillis(1)).asked().last() shouldBe "Submit a #2"
            run.journal.durable.filterIsInstance<Event.RetryDue>().single().at() shouldBe run.now
        }

        test(
            "a step over its deadline is cancelled when the timer fires, and a timer that comes late is dropped"
        ) {
            val run = ManualDriver(graph(step("a", timeout = Duration.ofMinutes(5)))).untilRunning()
            run.wait(Duration.ofMinutes(5)).asked().last() shouldBe "Cancel a #1"
            run.cancelledByEmr("a").settle()
            run.kinds().count { it == "AttemptTimedOut" } shouldBe 1
            val quick =
                ManualDriver(graph(step("a", timeout = Duration.ofMinutes(5))))
                    .untilRunning()
                    .untilEnded()
            quick.wait(Duration.ofMinutes(5)).kinds().count { it == "AttemptTimedOut" } shouldBe 0
            quick.outcome() shouldBe Outcome.SUCCEEDED
        }

        test("a deadline is cancelled when its step ends") {
            val run = ManualDriver(graph(step("a", timeout = Duration.ofMinutes(5)))).untilRunning()
            run.timers.size shouldBe 1
            run.succeeded("a").settle()
            run.timers.shouldBeEmpty()
        }

        test("a deadline is not set for a step that ended before its start was taken") {
            val run =
                ManualDriver(graph(step("a", timeout = Duration.ofMinutes(5)))).start().settle()
            run.accepted("start:etl").settle().succeeded("start:etl").settle()
            run.accepted("a").settle().running("a").succeeded("a").settle()
            run.timers.shouldBeEmpty()
            run.kinds() shouldContain "AttemptRunning"
        }

        test("events that wait together are one append") {
            val run = ManualDriver(graph(step("a"), step("b"), step("c"))).start().settle()
            run.accepted("start:etl").settle().succeeded("start:etl").settle()
            val appends = run.journal.appends
            run.accepted("a").accepted("b").accepted("c").running("b").turn()
            run.journal.appends shouldBe appends + 1
            run.settle().kinds().count { it == "AttemptAccepted" } shouldBe 4
        }

        test(
            "an append has at most 2,000 events, and nothing of the next is done before it is durable"
        ) {
            val steps = (1..2_500).map { step("s$it") }.toTypedArray()
            val run = ManualDriver(graph(*steps, capacity = 2_500)).start().settle()
            run.accepted("start:etl").settle()
            val done = run.effects.performed.size
            run.succeeded("start:etl").turn()
            run.journal.unwritten shouldBe 2
            run.journal.write()
            run.turn().effects.performed.size shouldBe done + 1_999
            run.settle().effects.performed.size shouldBe done + 2_500
            run.journal.largest shouldBe 2_000
        }

        test("a bug of the effects gives the run up with its words") {
            val run = simple().untilRunning()
            run.effects.reports!!.fail(IllegalStateException("a bug"))
            run.settle().failure()!!.message shouldBe "a bug"
            run.effects.closed shouldBe true
        }

        test("a driver with much to do leaves the thread to others in between") {
            val run = simple().start().settle()
            repeat(100) { run.driver.handle(cancelRequest) }
            run.runOne()
            run.journal.acknowledged.size shouldBeLessThan 100
            run.settle().journal.acknowledged.size shouldBe 100
        }

        test(
            "who is abandoned lets go when nothing is under way to the journal or to EMR any more"
        ) {
            val run = simple().untilRunning()
            run.effects.whenIdle = CompletableFuture()
            run.succeeded("a").turn()
            val over = run.driver.abandon()
            run.turn()
            run.effects.closed shouldBe true
            over.isDone shouldBe false
            run.effects.whenIdle.complete(null)
            over.isDone shouldBe false
            run.journal.write()
            over.isDone shouldBe true
            run.driver.done().isCompletedExceptionally shouldBe true
            run.turn().asked().last() shouldBe "Watch a #1"
        }

        test("an error gives the run up, as an exception does") {
            val run = simple()
            run.listener = Listener { _, _ -> throw NoClassDefFoundError("gone") }
            run.start().settle()
            run.driver.done().isCompletedExceptionally shouldBe true
            run.effects.closed shouldBe true
        }

        test("a cancelled run ends its cluster, and only then is done") {
            val run = simple().untilRunning()
            run.driver.cancel("ada")
            run.settle().asked().last() shouldBe "Cancel a #1"
            run.cancelledByEmr("a").settle().asked().last() shouldBe "Release end:etl #1"
            run.driver.done().isDone shouldBe false
            run.accepted("end:etl").settle().succeeded("end:etl").settle()
            run.outcome() shouldBe Outcome.CANCELLED
            run.journal.durable.filterIsInstance<Event.CancelRequested>().single().by() shouldBe
                "ada"
        }

        test("a cancel request is acknowledged when its event is durable") {
            val run = simple().untilRunning()
            run.driver.handle(cancelRequest)
            run.turn()
            run.journal.acknowledged.shouldBeEmpty()
            run.settle()
            run.journal.acknowledged shouldContainExactly listOf(cancelRequest)
            run.journal.durable.filterIsInstance<Event.CancelRequested>().single().by() shouldBe
                "bob"
        }

        test(
            "a request whose event cannot be written is not acknowledged: a resume receives it again"
        ) {
            val run = simple().untilRunning()
            run.driver.handle(cancelRequest)
            run.turn().journal.fail()
            run.turn().journal.acknowledged.shouldBeEmpty()
        }

        test(
            "a request that comes when the run has ended is acknowledged when that end is durable"
        ) {
            val run = simple().untilRunning()
            run.succeeded("a").settle().accepted("end:etl").settle().succeeded("end:etl").turn()
            run.driver.handle(cancelRequest)
            run.turn().journal.acknowledged.shouldBeEmpty()
            run.settle().journal.acknowledged shouldContainExactly listOf(cancelRequest)
            run.outcome() shouldBe Outcome.SUCCEEDED
        }

        test("a request that comes twice is one event, and is acknowledged") {
            val run = simple().untilRunning()
            run.driver.handle(cancelRequest)
            run.driver.handle(cancelRequest)
            run.settle()
            run.kinds().count { it == "CancelRequested" } shouldBe 1
            run.journal.acknowledged.toSet() shouldBe setOf(cancelRequest)
        }

        test(
            "when the journal fails, the run is given up with its words and nothing more is done"
        ) {
            val run = simple().untilRunning()
            val asked = run.asked()
            run.succeeded("a").turn()
            run.journal.fail()
            run.turn()
            run.failure().shouldBeInstanceOf<JournalException>().message shouldBe
                "The disk is full."
            run.effects.closed shouldBe true
            run.running("a").settle()
            run.driver.cancel("ada")
            run.settle()
            run.asked() shouldContainExactly asked
            run.kinds().last() shouldBe "AttemptRunning"
        }

        test("when a listener fails, the run is given up, and what is durable stays") {
            val run = simple().untilRunning()
            run.listener = Listener { _, _ -> error("the screen is broken") }
            run.succeeded("a").settle()
            run.failure()!!.message shouldBe "the screen is broken"
            run.effects.closed shouldBe true
            run.kinds().last() shouldBe "AttemptIntended"
        }

        test(
            "a run that is abandoned does nothing more, and another goes on from what is durable"
        ) {
            val first = ManualDriver(graph(step("a"), step("b"))).untilRunning()
            first.driver.abandon()
            first.settle()
            first.effects.closed shouldBe true
            val appends = first.journal.appends
            first.succeeded("a").settle()
            first.journal.appends shouldBe appends

            val second = ManualDriver(first.graph, first.journal).resume()
            second.effects.performed.shouldBeEmpty()
            second.settle()
            second.journal.durable.filterIsInstance<Event.RunResumed>().single().by() shouldBe "ada"
            second.asked() shouldContainExactly
                listOf("Watch start:etl #1", "Watch a #1", "Submit b #1")
            second.effects.performed.filterIsInstance<Command.Submit>().last().uncertain() shouldBe
                true
            second.succeeded("a").accepted("b").settle().succeeded("b").settle()
            second.accepted("end:etl").settle().succeeded("end:etl").settle()
            second.outcome() shouldBe Outcome.SUCCEEDED
        }

        test("what is sent for the first time is certain, so nobody has to look for it") {
            val run = simple().untilRunning().untilEnded()
            run.effects.performed.filterIsInstance<Command.Submit>().first().uncertain() shouldBe
                false
            run.effects.performed.filterIsInstance<Command.Submit>().last().uncertain() shouldBe
                false
        }

        test("whoever died between the record and the first event is followed by a start") {
            val run = simple().resume().settle()
            run.kinds() shouldContainExactly listOf("RunStarted", "AttemptIntended")
            run.asked() shouldContainExactly listOf("Submit start:etl #1")
        }

        test("a run that has ended is told as it ended, and touched by nobody") {
            val first = simple().untilRunning().untilEnded()
            val before = first.journal.durable.toList()
            val second = ManualDriver(first.graph, first.journal).resume(reopen = true).settle()
            second.outcome() shouldBe Outcome.SUCCEEDED
            second.journal.durable shouldContainExactly before
        }

        test("a run that ended without success goes on only when that is asked for") {
            val first = simple().untilRunning().failed("a").settle()
            first.accepted("end:etl").settle().succeeded("end:etl").settle()
            first.outcome() shouldBe Outcome.FAILED
            val looked = ManualDriver(first.graph, first.journal).resume().settle()
            looked.outcome() shouldBe Outcome.FAILED
            looked.effects.performed.shouldBeEmpty()
            val again = ManualDriver(first.graph, first.journal).resume(reopen = true).settle()
            again.asked() shouldContainExactly listOf("Submit start:etl #2")
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
                ManualDriver(graph(step("a", timeout = Duration.ofMinutes(5)))).untilRunning()
            val due = first.timers.single().first
            val second = ManualDriver(first.graph, first.journal)
            second.now = first.now + Duration.ofMinutes(3)
            second.resume().settle()
            second.timers.single().first shouldBe due
            second.wait(Duration.ofMinutes(2)).asked().last() shouldBe "Cancel a #1"
        }
    })
