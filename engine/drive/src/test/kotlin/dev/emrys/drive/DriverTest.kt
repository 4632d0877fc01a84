package dev.emrys.drive

import dev.emrys.journal.ControlRequest
import dev.emrys.journal.JournalException
import dev.emrys.run.Command
import dev.emrys.run.Event
import dev.emrys.run.Outcome
import dev.emrys.testing.graph
import dev.emrys.testing.retry
import dev.emrys.testing.step
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.ints.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain as shouldContainText
import io.kotest.matchers.types.shouldBeInstanceOf
import java.time.Duration
import java.util.concurrent.CompletableFuture

private val cancelRequest = ControlRequest(7, "run-1", ControlRequest.Cancel(), "bob")

class DriverTest :
    FunSpec({
        test("no command is carried out before its event is durable") {
            val run = simple().start().turn()
            run.journal.unwritten shouldBe 1
            run.effects.performed.shouldBeEmpty()
            run.received.shouldBeEmpty()
            run.journal.write()
            run.turn()
            run.kinds() shouldContainExactly listOf("RunStarted", "AttemptIntended")
            run.asked() shouldContainExactly listOf("Submit start:etl #1")
            run.received shouldContainExactly run.journal.durable
        }

        test("an event and all that follow from it are one append") {
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
            "events that arrive while others are being written are applied, and their commands carried out in order"
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
            run.received shouldContainExactly run.journal.durable
        }

        test(
            "when the end of the run is durable, the outcome is reported and the effects are closed"
        ) {
            val run = simple().untilRunning()
            run.succeeded("a").settle().accepted("end:etl").settle().succeeded("end:etl").turn()
            run.driver.done().isDone shouldBe false
            run.effects.closed shouldBe false
            run.settle()
            run.outcome() shouldBe Outcome.SUCCEEDED
            run.effects.closed shouldBe true
            run.kinds().last() shouldBe "RunEnded"
            run.received shouldContainExactly run.journal.durable
        }

        test("events that are late, repeated or of an unknown task are dropped and not journaled") {
            val run = simple().untilRunning()
            val before = run.journal.durable.toList()
            run.running("a").accepted("a").succeeded("start:etl").settle()
            run.report(Event.AttemptSucceeded(run.now, "a", 2)).settle()
            run.report(Event.AttemptSucceeded(run.now, "unknown", 1)).settle()
            run.journal.durable shouldContainExactly before
            run.untilEnded()
            run.outcome() shouldBe Outcome.SUCCEEDED
        }

        test("after the end nothing is journaled and no command is carried out") {
            val run = simple().untilRunning().untilEnded()
            val appends = run.journal.appends
            run.succeeded("a").settle()
            run.driver.cancel("ada")
            run.driver.handle(cancelRequest)
            run.settle()
            run.journal.appends shouldBe appends
        }

        test("the next attempt begins when its timer is due, and not before") {
            val run =
                ManualDriver(graph(step("a", retry = retry(2)))).untilRunning().failed("a").settle()
            run.wait(Duration.ofMillis(9_999)).asked().last() shouldBe "Watch a #1"
            run.wait(Duration.ofMillis(1)).asked().last() shouldBe "Submit a #2"
            run.journal.durable.filterIsInstance<Event.RetryDue>().single().at() shouldBe run.now
        }

        test("a step is cancelled when its deadline timer fires, and a late timer is ignored") {
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
            "an append has at most 2,000 events, and the commands of the next wait until it is durable"
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

        test("a bug of the effects stops driving the run, and is its failure") {
            val run = simple().untilRunning()
            run.effects.reports!!.fail(IllegalStateException("a bug"))
            run.settle().failure()!!.message shouldBe "a bug"
            run.effects.closed shouldBe true
        }

        test("a driver with a long queue yields its thread to other drivers") {
            val run = simple().start().settle()
            repeat(100) { run.driver.handle(cancelRequest) }
            run.runOne()
            run.journal.acknowledged.size shouldBeLessThan 100
            run.settle().journal.acknowledged.size shouldBe 100
        }

        test("abandoning completes when no write and no EMR call is in flight any more") {
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

        test("an error stops driving the run, as an exception does") {
            val run = simple()
            run.listener = Listener { _, _ -> throw NoClassDefFoundError("gone") }
            run.start().settle()
            run.driver.done().isCompletedExceptionally shouldBe true
            run.effects.closed shouldBe true
        }

        test("a cancelled run is done only after its cluster has ended") {
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
            "when the journal fails, driving stops with its message and no further command is carried out"
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

        test("when a listener fails, driving stops, and durable events are kept") {
            val run = simple().untilRunning()
            run.listener = Listener { _, _ -> error("the screen is broken") }
            run.succeeded("a").settle()
            run.failure()!!.message shouldBe "the screen is broken"
            run.effects.closed shouldBe true
            run.kinds().last() shouldBe "AttemptIntended"
        }

        test(
            "a run that is abandoned does nothing more, and another driver continues from what is durable"
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

        test("a run whose journal has events of two drivers is cancelled, and its cluster ends") {
            val first = simple().untilRunning()
            first.driver.abandon()
            first.settle()
            // What a second driver wrote that had read less of the journal.
            first.journal.durable +=
                listOf(
                    Event.AttemptIntended(first.now, "start:etl", 1, "r1:start:etl:1"),
                    Event.AttemptSucceeded(first.now, "start:etl", 1),
                )
            val second = ManualDriver(first.graph, first.journal).resume().settle()
            second.warnings.single() shouldContainText
                "2 events that do not fit the run and are left out. The first is event"
            second.driver.cancel("ada")
            second.settle().cancelledByEmr("a").settle()
            second.asked().last() shouldBe "Release end:etl #1"
            second.accepted("end:etl").settle().succeeded("end:etl").settle()
            second.outcome() shouldBe Outcome.CANCELLED
        }

        test("a request that is sent for the first time needs no lookup") {
            val run = simple().untilRunning().untilEnded()
            run.effects.performed.filterIsInstance<Command.Submit>().first().uncertain() shouldBe
                false
            run.effects.performed.filterIsInstance<Command.Submit>().last().uncertain() shouldBe
                false
        }

        test("a run whose driver crashed between its record and its first event is started") {
            val run = simple().resume().settle()
            run.kinds() shouldContainExactly listOf("RunStarted", "AttemptIntended")
            run.asked() shouldContainExactly listOf("Submit start:etl #1")
        }

        test("resuming a run that has succeeded reports its outcome and changes nothing") {
            val first = simple().untilRunning().untilEnded()
            val before = first.journal.durable.toList()
            val second = ManualDriver(first.graph, first.journal).resume(reopen = true).settle()
            second.outcome() shouldBe Outcome.SUCCEEDED
            second.journal.durable shouldContainExactly before
        }

        test("a run that ended without success continues only when it is reopened") {
            val first = simple().untilRunning().failed("a").settle()
            first.accepted("end:etl").settle().succeeded("end:etl").settle()
            first.outcome() shouldBe Outcome.FAILED
            val unchanged = ManualDriver(first.graph, first.journal).resume().settle()
            unchanged.outcome() shouldBe Outcome.FAILED
            unchanged.effects.performed.shouldBeEmpty()
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

        test("a resume sets deadlines and waits again, for the same time as before") {
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
