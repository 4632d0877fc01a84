package dev.emrys.run

import dev.emrys.spec.FailureKind
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.shouldBe
import java.time.Duration

private typealias Visit = Pair<Phase, Class<out Event.OfTask>>

/** The rows of the table that a history goes over, by folding it anew. */
private fun visits(hand: Hand): List<Pair<Visit, Phase>> {
    val state = RunState(hand.graph)
    return hand.events.mapNotNull { event ->
        if (event !is Event.OfTask) {
            state.apply(event)
            return@mapNotNull null
        }
        val index = hand.graph.indexOf(event.task())
        val before = state.task(index).phase()
        state.apply(event)
        (before to event.kind()) to state.task(index).phase()
    }
}

private fun one(attempts: Int = 1) =
    Hand(graph(step("a", retry = retry(attempts), timeout = Duration.ofMinutes(1))))

private fun running(attempts: Int = 1) = one(attempts).up().accepted("a").running("a")

/** Short lives of a run that go, all together, over every row. */
private val lives: Map<String, () -> Hand> =
    linkedMapOf(
        "all goes well" to { one().up().done("a").gone() },
        "EMR is quick, nobody saw it run" to { one().up().accepted("a").succeeded("a").gone() },
        "refused" to { one().up().failed("a", FailureKind.REFUSED).gone() },
        "failed before anybody saw it run" to { one().up().accepted("a").failed("a").gone() },
        "failed, retried, succeeded" to { running(2).failed("a").retryDue("a").done("a").gone() },
        "a step before it fails" to
            {
                Hand(graph(step("a"), step("b", "a")))
                    .up()
                    .accepted("a")
                    .running("a")
                    .failed("a")
                    .gone()
            },
        "cancelled at once" to
            {
                one().also { it.state.next(it.now) }.cancel().accepted("start:etl").gone()
            },
        "cancelled while waiting" to
            {
                Hand(graph(step("a"), step("b", "a")))
                    .up()
                    .cancel()
                    .accepted("a")
                    .cancelledByEmr("a")
                    .gone()
            },
        "cancelled in EMR's queue" to
            {
                one().up().accepted("a").cancel().running("a").cancelledByEmr("a").gone()
            },
        "cancelled, but it failed" to { running().cancel().failed("a").gone() },
        "cancelled, but it had succeeded" to { running().cancel().succeeded("a").gone() },
        "cancelled by somebody in the queue" to
            {
                one().up().accepted("a").cancelledByEmr("a").gone()
            },
        "cancelled by somebody" to { running().cancelledByEmr("a").gone() },
        "timed out" to { running().timedOut("a").cancelledByEmr("a").gone() },
        "timed out and said failed" to { running().timedOut("a").failed("a").gone() },
        "timed out, but it had succeeded" to { running().timedOut("a").succeeded("a").gone() },
        "timed out and cancelled" to
            {
                running(2).timedOut("a").cancel().cancelledByEmr("a").gone()
            },
        "cancelled in a wait" to { running(2).failed("a").cancel().gone() },
        "skipped in a wait, for its cluster is lost for good" to
            {
                running(2).failed("a").lost("start:etl").gone()
            },
        "the start is not needed" to
            {
                Hand(
                        graph(
                            listOf(cluster("etl"), cluster("late")),
                            listOf(step("a"), step("b", "a", cluster = "late")),
                        )
                    )
                    .up()
                    .accepted("a")
                    .failed("a")
                    .gone()
            },
    )

class TransitionsTest :
    FunSpec({
        lives.forEach { (name, life) ->
            test("$name: every fact leads where the table says, and the run ends") {
                val hand = life()
                visits(hand).forEach { (visit, after) ->
                    after shouldBe Transitions.TABLE.get(visit.first, visit.second)
                }
                (hand.outcome != null) shouldBe true
            }
        }

        test("every row of the table has been gone over") {
            val visited = lives.values.flatMap { visits(it()) }.map { it.first }.toSet()
            val all: List<Visit> = Transitions.TABLE.cellSet().map { it.rowKey to it.columnKey }
            all.filterNot { it in visited }
                .map { "${it.first} on ${it.second.simpleName}" }
                .shouldBeEmpty()
        }

        test("every fact about a task stands in the table") {
            val facts = Event.OfTask::class.java.permittedSubclasses.toSet()
            (facts - Transitions.TABLE.columnKeySet()).shouldBeEmpty()
        }

        test("what is over takes nothing more, but that a cluster that was up can be lost") {
            Phase.entries
                .filter { it.over() }
                .forEach { phase ->
                    val facts = Transitions.TABLE.row(phase).keys.map { it.simpleName }
                    facts shouldBe if (phase == Phase.SUCCEEDED) listOf("ClusterLost") else listOf()
                }
        }
    })

class RefusedFactsSpec :
    FunSpec({
        fun refuse(hand: Hand, fact: Event): String {
            hand.state.accepts(fact) shouldBe false
            val before = hand.state.tasks()
            val message = shouldThrow<IllegalStateException> { hand.state.apply(fact) }.message!!
            hand.state.tasks() shouldBe before
            return message
        }

        test("a late reply of an earlier attempt is refused with run, fact and phase") {
            val hand = running(2).failed("a").retryDue("a").accepted("a")
            refuse(hand, Event.AttemptSucceeded(hand.now, "a", 1)) shouldBe
                "Run run-1 cannot take AttemptSucceeded[at=2026-01-01T00:00:00Z, task=a, attempt=1]" +
                    ", whose phase is ACCEPTED, attempt 2."
        }

        test("a report that comes twice is refused") {
            val hand = running()
            refuse(hand, Event.AttemptAccepted(hand.now, "a", 1, "other"))
            refuse(hand, Event.AttemptRunning(hand.now, "a", 1))
            hand.view("a").remoteId() shouldBe "id-a-1"
        }

        test("an attempt is intended once, and none is left out") {
            val hand = running(3).failed("a").retryDue("a")
            refuse(hand, Event.AttemptIntended(hand.now, "a", 2, "key"))
            refuse(hand, Event.AttemptIntended(hand.now, "a", 4, "key"))
        }

        test("a task that does not exist is refused") {
            val hand = one()
            refuse(hand, Event.AttemptRunning(hand.now, "nobody", 1)) shouldBe
                "Run run-1 cannot take AttemptRunning[at=2026-01-01T00:00:00Z, task=nobody, attempt=1]."
        }

        test("after the end nothing is accepted, except that the run is reopened") {
            val hand = running(2).failed("a").cancel().gone()
            hand.outcome shouldBe Outcome.CANCELLED
            val facts =
                hand.graph.tasks().flatMap { task ->
                    EventSamples.of(task.id(), hand.view(task.id()).attempt()) +
                        EventSamples.of(task.id(), hand.view(task.id()).attempt() + 1)
                }
            facts.forEach { refuse(hand, it) }
            refuse(hand, Event.CancelRequested(hand.now, "ada"))
            refuse(hand, Event.RunResumed(hand.now, "ada"))
            refuse(hand, Event.RunEnded(hand.now, Outcome.FAILED))
            refuse(hand, Event.RunStarted(hand.now, "run-1", "calm-otter"))
            hand.state.accepts(Event.RunReopened(hand.now, "ada")) shouldBe true
        }

        test("a run that succeeded is not reopened") {
            val hand = one().up().done("a").gone()
            hand.outcome shouldBe Outcome.SUCCEEDED
            refuse(hand, Event.RunReopened(hand.now, "ada"))
        }

        test("a run that goes on is not reopened, started again or cancelled twice") {
            val hand = one()
            refuse(hand, Event.RunReopened(hand.now, "ada"))
            refuse(hand, Event.RunStarted(hand.now, "run-2", "other"))
            hand.cancel()
            refuse(hand, Event.CancelRequested(hand.now, "bob"))
        }

        test("before its start a run takes no other fact") {
            val state = RunState(graph(step("a")))
            val facts =
                EventSamples.of("a", 0) +
                    EventSamples.of("a", 1) +
                    Event.CancelRequested(one().now, "ada") +
                    Event.RunEnded(one().now, Outcome.FAILED) +
                    Event.RunResumed(one().now, "ada")
            facts.filter { state.accepts(it) }.shouldBeEmpty()
        }

        test("a cluster that we are ending is not lost, nor is a step") {
            val ending = running().succeeded("a")
            ending.phase("end:etl") shouldBe Phase.INTENDED
            refuse(
                ending,
                Event.ClusterLost(ending.now, "start:etl", 1, FailureKind.CLUSTER_LOST, "gone"),
            )
            val hand = Hand(graph(step("a"), step("b", "a"))).up().done("a")
            refuse(hand, Event.ClusterLost(hand.now, "a", 1, FailureKind.CLUSTER_LOST, "gone"))
            hand.events.map { it::class.java } shouldContain Event.AttemptSucceeded::class.java
        }
    })
