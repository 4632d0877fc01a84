package dev.emrys.run

import dev.emrys.spec.FailureKind
import dev.emrys.testing.cluster
import dev.emrys.testing.graph
import dev.emrys.testing.retry
import dev.emrys.testing.step
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.shouldBe
import java.time.Duration

private typealias Visit = Pair<Phase, Class<out Event.OfTask>>

/** The rows of the table that a history uses. */
private fun visits(run: ManualRun): List<Pair<Visit, Phase>> {
    val state = RunState(run.graph)
    return run.events.mapNotNull { event ->
        if (event !is Event.OfTask) {
            state.apply(event)
            return@mapNotNull null
        }
        val index = run.graph.indexOf(event.task())
        val before = state.task(index).phase()
        state.apply(event)
        (before to event.kind()) to state.task(index).phase()
    }
}

private fun one(attempts: Int = 1) =
    ManualRun(graph(step("a", retry = retry(attempts), timeout = Duration.ofMinutes(1))))

private fun running(attempts: Int = 1) = one(attempts).up().accepted("a").running("a")

/** Short histories that together use every row. */
private val lives: Map<String, () -> ManualRun> =
    linkedMapOf(
        "all goes well" to { one().up().done("a").gone() },
        "the target had it twice, and uses the other one" to
            {
                one().up().accepted("a").accepted("a", "other").running("a").succeeded("a").gone()
            },
        "it succeeded before it was seen running" to
            {
                one().up().accepted("a").succeeded("a").gone()
            },
        "refused" to { one().up().failed("a", FailureKind.REFUSED).gone() },
        "it failed before it was seen running" to { one().up().accepted("a").failed("a").gone() },
        "failed, retried, succeeded" to { running(2).failed("a").retryDue("a").done("a").gone() },
        "a step before it fails" to
            {
                ManualRun(graph(step("a"), step("b", "a")))
                    .up()
                    .accepted("a")
                    .running("a")
                    .failed("a")
                    .gone()
            },
        "cancelled at once" to
            {
                one().cancel().accepted("start:etl").gone()
            },
        "cancelled while waiting" to
            {
                ManualRun(graph(step("a"), step("b", "a")))
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
        "cancelled from outside in the queue" to
            {
                one().up().accepted("a").cancelledByEmr("a").gone()
            },
        "cancelled from outside" to { running().cancelledByEmr("a").gone() },
        "timed out" to { running().timedOut("a").cancelledByEmr("a").gone() },
        "timed out and reported as failed" to { running().timedOut("a").failed("a").gone() },
        "timed out, but it had succeeded" to { running().timedOut("a").succeeded("a").gone() },
        "timed out and cancelled" to
            {
                running(2).timedOut("a").cancel().cancelledByEmr("a").gone()
            },
        "cancelled in a wait" to { running(2).failed("a").cancel().gone() },
        "skipped in a wait, because its cluster is not started again" to
            {
                running(2).failed("a").lost("start:etl").gone()
            },
        "the start is not needed" to
            {
                ManualRun(
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
            test("$name: every event leads to the phase in the table, and the run ends") {
                val run = life()
                visits(run).forEach { (visit, after) ->
                    after shouldBe Transitions.TABLE.get(visit.first, visit.second)
                }
                (run.outcome != null) shouldBe true
            }
        }

        test("every row of the table has been used") {
            val visited = lives.values.flatMap { visits(it()) }.map { it.first }.toSet()
            val all: List<Visit> = Transitions.TABLE.cellSet().map { it.rowKey to it.columnKey }
            all.filterNot { it in visited }
                .map { "${it.first} on ${it.second.simpleName}" }
                .shouldBeEmpty()
        }

        test("every event of a task is in the table") {
            val events = Event.OfTask::class.java.permittedSubclasses.toSet()
            (events - Transitions.TABLE.columnKeySet()).shouldBeEmpty()
        }

        test("a task that has ended accepts no event, except that a started cluster can be lost") {
            Phase.entries
                .filter { it.isTerminal() }
                .forEach { phase ->
                    val events = Transitions.TABLE.row(phase).keys.map { it.simpleName }
                    events shouldBe if (phase == Phase.SUCCEEDED) listOf("ScopeLost") else listOf()
                }
        }
    })

class RefusedEventsTest :
    FunSpec({
        fun refuse(run: ManualRun, event: Event): String {
            run.state.accepts(event) shouldBe false
            val before = run.state.tasks()
            val message = shouldThrow<IllegalStateException> { run.state.apply(event) }.message!!
            run.state.tasks() shouldBe before
            return message
        }

        test("a late report of an earlier attempt is refused with run, event and phase") {
            val run = running(2).failed("a").retryDue("a").accepted("a")
            refuse(run, Event.AttemptSucceeded(run.now, "a", 1)) shouldBe
                "Run run-1 cannot take AttemptSucceeded[at=2026-01-01T00:00:00Z, task=a, attempt=1]" +
                    ", whose phase is ACCEPTED, attempt 2."
        }

        test("a report that comes twice is refused") {
            val run = running()
            refuse(run, Event.AttemptAccepted(run.now, "a", 1, "other"))
            refuse(run, Event.AttemptRunning(run.now, "a", 1))
            run.view("a").remoteId() shouldBe "id-a-1"
        }

        test("a step that is accepted again with another id is watched and cancelled by that one") {
            val run = one().up().accepted("a")
            refuse(run, Event.AttemptAccepted(run.now, "a", 1, "id-a-1"))
            run.accepted("a", "other")
            run.view("a").remoteId() shouldBe "other"
            run.commands.filterIsInstance<Command.Watch>().last().remoteId() shouldBe "other"
            run.cancel()
            run.commands.filterIsInstance<Command.Cancel>().last().remoteId() shouldBe "other"
        }

        test("a cluster is not accepted again with another id") {
            val run = one().accepted("start:etl")
            refuse(run, Event.AttemptAccepted(run.now, "start:etl", 1, "other"))
        }

        test("attempts are intended once each and without gaps") {
            val run = running(3).failed("a").retryDue("a")
            refuse(run, Event.AttemptIntended(run.now, "a", 2, "key"))
            refuse(run, Event.AttemptIntended(run.now, "a", 4, "key"))
        }

        test("a task that does not exist is refused") {
            val run = one()
            refuse(run, Event.AttemptRunning(run.now, "unknown", 1)) shouldBe
                "Run run-1 cannot take AttemptRunning[at=2026-01-01T00:00:00Z, task=unknown, attempt=1]."
        }

        test("after the end nothing is accepted, except that the run is reopened") {
            val run = running(2).failed("a").cancel().gone()
            run.outcome shouldBe Outcome.CANCELLED
            val events =
                run.graph.tasks().flatMap { task ->
                    EventSamples.of(task.id(), run.view(task.id()).attempt()) +
                        EventSamples.of(task.id(), run.view(task.id()).attempt() + 1)
                }
            events.forEach { refuse(run, it) }
            refuse(run, Event.CancelRequested(run.now, "ada"))
            refuse(run, Event.RunResumed(run.now, "ada"))
            refuse(run, Event.RunEnded(run.now, Outcome.FAILED))
            refuse(run, Event.RunStarted(run.now, "run-1", "calm-otter"))
            run.state.accepts(Event.RunReopened(run.now, "ada")) shouldBe true
        }

        test("a run that succeeded is not reopened") {
            val run = one().up().done("a").gone()
            run.outcome shouldBe Outcome.SUCCEEDED
            refuse(run, Event.RunReopened(run.now, "ada"))
        }

        test("a run that has not ended is not reopened, started again or cancelled twice") {
            val run = one()
            refuse(run, Event.RunReopened(run.now, "ada"))
            refuse(run, Event.RunStarted(run.now, "run-2", "other"))
            run.cancel()
            refuse(run, Event.CancelRequested(run.now, "bob"))
        }

        test("before its start a run accepts no other event") {
            val state = RunState(graph(step("a")))
            val events =
                EventSamples.of("a", 0) +
                    EventSamples.of("a", 1) +
                    Event.CancelRequested(one().now, "ada") +
                    Event.RunEnded(one().now, Outcome.FAILED) +
                    Event.RunResumed(one().now, "ada")
            events.filter { state.accepts(it) }.shouldBeEmpty()
        }

        test("neither a cluster that is being ended nor a step can be lost") {
            val ending = running().succeeded("a")
            ending.phase("end:etl") shouldBe Phase.SUBMITTING
            refuse(
                ending,
                Event.ScopeLost(ending.now, "start:etl", 1, FailureKind.CLUSTER_LOST, "gone"),
            )
            val run = ManualRun(graph(step("a"), step("b", "a"))).up().done("a")
            refuse(run, Event.ScopeLost(run.now, "a", 1, FailureKind.CLUSTER_LOST, "gone"))
            run.events.map { it::class.java } shouldContain Event.AttemptSucceeded::class.java
        }
    })
