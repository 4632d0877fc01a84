package dev.emrys.emr

import dev.emrys.emulator.EmulatorSettings
import dev.emrys.emulator.Fault
import dev.emrys.emulator.StepExit
import dev.emrys.run.Event
import dev.emrys.spec.FailureKind
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import java.time.Duration
import software.amazon.awssdk.services.emr.model.StepState

private val SLOW = EmulatorSettings.DEFAULT.withDelays(minutes(4), minutes(2), minutes(1))

/** Submits [names] and watches them; gives their ids. */
private fun EmrHarness.watched(clusterId: String, vararg names: String): List<String> {
    perform(names.map { submit(clusterId, it) })
    val ids = all<Event.AttemptAccepted>().associate { it.task to it.remoteId }
    events.clear()
    perform(names.map { watchStep(clusterId, ids.getValue(it), it) })
    return names.map { ids.getValue(it) }
}

class StatusPollerTest :
    FunSpec({
        overBoth("a step is reported running since when EMR says, and succeeded when it is") {
            val id = madeCluster()
            val (first, second) = watched(id, "a", "b")
            val begun = time.instant()
            all<Event.AttemptRunning>() shouldContainExactly
                listOf(Event.AttemptRunning(begun, "a", 1))
            pass(minutes(3))
            events shouldHaveSize 1
            pass(seconds(1))
            val ended = time.instant()
            runner.complete(first)
            pass(minutes(3))
            all<Event.AttemptSucceeded>().map { it.task } shouldContainExactly listOf("a")
            all<Event.AttemptRunning>().last() shouldBe Event.AttemptRunning(ended, "b", 1)
            runner.complete(second)
            pass(POLL_INTERVAL)
            all<Event.AttemptSucceeded>().map { it.task } shouldContainExactly listOf("a", "b")
            events shouldHaveSize 4
        }

        overBoth(
            "a failed step is reported with EMR's reason, its message and where the log lies"
        ) {
            val id = madeCluster()
            val (step) = watched(id, "a")
            runner.end(
                step,
                StepExit.Failed(time.instant(), "Unknown Error.", "Table not found: sales", null),
            )
            pass(POLL_INTERVAL)
            val failed = events.last().shouldBeInstanceOf<Event.AttemptFailed>()
            failed.failure shouldBe FailureKind.STEP
            failed.reason shouldBe "Unknown Error.\nTable not found: sales"
            failed.log shouldBe "s3://logs/emr/$id/steps/$step/stderr.gz"
        }

        overBoth(
            "why the emulator keeps steps PENDING is told once",
            EmulatorSettings.DEFAULT.withMaxRunningSteps(1),
        ) {
            val first = madeCluster()
            val second = madeCluster("other")
            watched(first, "a")
            watched(second, "b", "c")
            pass(minutes(5))
            warnings shouldBe
                listOf(
                    "Steps of the run are PENDING. Waits for a step of the account to end: " +
                        "at most 1 run at the same time on this machine."
                )
        }

        overBoth("a step that is cancelled from outside is reported as cancelled") {
            val id = madeCluster()
            val (running, pending) = watched(id, "a", "b")
            emulator.cancelSteps { it.clusterId(id).stepIds(pending, running) }
            pass(POLL_INTERVAL)
            all<Event.AttemptCancelled>().map { it.task } shouldContainExactly listOf("a", "b")
            all<Event.AttemptFailed>().shouldBeEmpty()
        }

        overBoth("a step that EMR interrupts is reported as cancelled") {
            val id = madeCluster()
            val (step) = watched(id, "a")
            runner.end(step, StepExit.Cancelled(time.instant()))
            steps(id).single().status().state() shouldBe StepState.INTERRUPTED
            pass(POLL_INTERVAL)
            all<Event.AttemptCancelled>().single().reason shouldContain "INTERRUPTED"
        }

        overBoth(
            "a step whose cluster ends beneath it has lost its cluster, and that is reported before the cluster's end"
        ) {
            val id = madeCluster()
            perform(watchCluster(id))
            watched(id, "a", "b")
            events.clear()
            end(id)
            pass(minutes(1))
            // That the first had begun is reported too: an attempt that never ran costs nothing.
            events.map { it::class } shouldContainExactly
                listOf(
                    Event.AttemptRunning::class,
                    Event.AttemptFailed::class,
                    Event.AttemptFailed::class,
                    Event.AttemptFailed::class,
                    Event.ScopeLost::class,
                )
            all<Event.AttemptRunning>().single().task shouldBe "a"
            all<Event.AttemptFailed>().map { it.task } shouldContainExactly
                listOf("a", "b", "start:etl")
            all<Event.AttemptFailed>().map { it.failure }.distinct() shouldContainExactly
                listOf(FailureKind.CLUSTER_LOST)
            all<Event.ScopeLost>().single().reason shouldContain "Terminated by user request"
        }

        overBoth(
            "a step that is cancelled because its cluster is ending has lost its cluster",
            SLOW,
        ) {
            val id = madeCluster()
            pass(minutes(7))
            perform(watchCluster(id))
            watched(id, "a", "b")
            emulator.terminateJobFlows { it.jobFlowIds(id) }
            pass(POLL_INTERVAL.multipliedBy(2))
            all<Event.AttemptFailed>().map { it.task to it.failure } shouldContainExactly
                listOf("a" to FailureKind.CLUSTER_LOST, "b" to FailureKind.CLUSTER_LOST)
            all<Event.AttemptCancelled>().shouldBeEmpty()
            all<Event.ScopeLost>().shouldBeEmpty()
            pass(minutes(2))
            all<Event.ScopeLost>() shouldHaveSize 1
        }

        overBoth("a cluster is reported up once, when it is", SLOW) {
            val id = madeCluster()
            perform(watchCluster(id))
            pass(minutes(6).minusMillis(1))
            events.shouldBeEmpty()
            pass(minutes(30))
            events.single().shouldBeInstanceOf<Event.AttemptSucceeded>().task shouldBe "start:etl"
        }

        overBoth("a cluster that is ended before it is up did not come up", SLOW) {
            val id = madeCluster()
            perform(watchCluster(id))
            emulator.terminateJobFlows { it.jobFlowIds(id) }
            pass(minutes(2))
            val failed = all<Event.AttemptFailed>().single()
            failed.task shouldBe "start:etl"
            failed.failure shouldBe FailureKind.CLUSTER_LOST
            failed.reason shouldContain "did not come up"
            failed.reason shouldContain "Terminated by user request"
            all<Event.AttemptSucceeded>().shouldBeEmpty()
        }

        overBoth("a cluster's end is reported when it is gone, not before", SLOW) {
            val id = madeCluster()
            pass(minutes(7))
            emulator.terminateJobFlows { it.jobFlowIds(id) }
            perform(watchEnd(id))
            pass(minutes(1).minusMillis(1))
            events.shouldBeEmpty()
            pass(POLL_INTERVAL)
            events.single().shouldBeInstanceOf<Event.AttemptSucceeded>().task shouldBe "end:etl"
        }

        overBoth("rounds stop when nothing is watched, and begin again") {
            val id = madeCluster()
            val (first) = watched(id, "a")
            runner.complete(first)
            pass(POLL_INTERVAL)
            pass(POLL_INTERVAL)
            time.idle() shouldBe true
            round().shouldBeEmpty()
            val (second) = watched(id, "b")
            runner.complete(second)
            pass(POLL_INTERVAL)
            all<Event.AttemptSucceeded>().map { it.task } shouldContainExactly listOf("b")
            perform(watchCluster(id))
            end(id)
            perform(watchEnd(id))
            pass(minutes(1))
            time.idle() shouldBe true
        }

        for (count in listOf(1, 10)) {
            overBoth("a round over one cluster with $count open steps is two calls") {
                val id = madeCluster()
                perform(watchCluster(id))
                watched(id, *Array(count) { "s$it" })
                round() shouldContainExactly listOf("DescribeCluster", "ListSteps")
            }
        }

        overBoth("more than ten open steps cost one call for each page of 50") {
            val id = madeCluster()
            perform(watchCluster(id))
            watched(id, *Array(70) { "s$it" })
            round() shouldContainExactly listOf("DescribeCluster", "ListSteps", "ListSteps")
        }

        overBoth(
            "a round over several clusters is one sweep, and a listing for each that has open steps"
        ) {
            val ids = List(12) { madeCluster() }
            ids.forEach { perform(watchCluster(it)) }
            watched(ids[3], "a", "b")
            watched(ids[7], "c")
            round() shouldContainExactly listOf("ListClusters", "ListSteps", "ListSteps")
        }

        overBoth("clusters that ended long ago do not make a sweep longer") {
            val ids = List(2) { madeCluster() }
            ids.forEach { perform(watchCluster(it)) }
            repeat(60) { end(madeCluster()) }
            round() shouldContainExactly listOf("ListClusters")
        }

        overBoth("steps that the listing no longer shows are asked for by their ids") {
            val id = madeCluster(concurrency = 256)
            val old = List(11) { "old$it" to madeStep(id, "old$it") }
            runner.immediate = true
            repeat(10) { part -> perform((0 until 100).map { submit(id, "n$part-$it") }) }
            events.clear()
            recorded.calls.clear()
            perform(old.map { (task, step) -> watchStep(id, step, task) })
            all<Event.AttemptRunning>().map { it.task } shouldContainExactlyInAnyOrder
                old.map { it.first }
            recorded.operations() shouldContainExactly
                listOf("DescribeCluster") + List(22) { "ListSteps" }
        }

        overBoth(
            "a cluster that EMR does not know concludes nothing, and does not hold up another"
        ) {
            val id = madeCluster()
            perform(watchCluster("j-UNKNOWN"), watchStep("j-UNKNOWN", "s-UNKNOWN", "x"))
            val (step) = watched(id, "a")
            runner.complete(step)
            pass(minutes(1))
            events.map { (it as Event.OfTask).task() }.distinct() shouldContainExactly listOf("a")
            all<Event.AttemptSucceeded>() shouldHaveSize 1
        }

        overBoth("a cluster that EMR has not known for long is gone, and its steps with it") {
            perform(watchCluster("j-GONE"), watchStep("j-GONE", "s-GONE", "x"))
            pass(minutes(5).minus(POLL_INTERVAL))
            events.shouldBeEmpty()
            pass(POLL_INTERVAL.multipliedBy(2))
            val lost = all<Event.AttemptFailed>().first()
            lost.task shouldBe "x"
            lost.failure shouldBe FailureKind.CLUSTER_LOST
            lost.reason shouldContain "EMR does not know the cluster any more"
            all<Event.ScopeLost>().single().task shouldBe "start:etl"
            round().shouldBeEmpty()
        }

        overBoth("throttled rounds reach every cluster in turn") {
            val ids = List(12) { madeCluster() }
            ids.forEach { perform(watchStep(it, madeStep(it, "x"), it)) }
            pass(seconds(10))
            events.clear()
            // EMR's own quota of ListSteps: a burst of 10, then one every two seconds.
            var tokens = 10.0
            var filled = time.instant()
            recorded.before = { operation ->
                if (operation == "ListSteps") {
                    val passed = Duration.between(filled, time.instant()).toMillis() / 2000.0
                    tokens = minOf(10.0, tokens + passed)
                    filled = time.instant()
                    if (tokens < 1) throw throttled()
                    tokens--
                }
            }
            ids.forEach { id -> runner.complete(steps(id).single().id()) }
            pass(minutes(3))
            all<Event.AttemptSucceeded>().map { it.task }.toSet() shouldBe ids.toSet()
        }

        overBoth(
            "a step that EMR does not know concludes nothing, and does not hold up another cluster"
        ) {
            val ids = List(2) { madeCluster() }
            perform(watchStep(ids[0], "s-UNKNOWN", "x"))
            val (step) = watched(ids[1], "a")
            runner.complete(step)
            pass(minutes(1))
            all<Event.AttemptSucceeded>().map { it.task } shouldContainExactly listOf("a")
            events.filter { (it as Event.OfTask).task() == "x" }.shouldBeEmpty()
        }

        overBoth("throttled and failing rounds conclude nothing and go on") {
            val id = madeCluster()
            perform(watchCluster(id))
            val (step) = watched(id, "a")
            events.clear()
            faults.plan(
                "DescribeCluster",
                Fault.Throttle(),
                Fault.ErrorBefore(),
                Fault.ErrorAfter(),
            )
            faults.plan("ListSteps", Fault.Throttle(), Fault.ErrorBefore())
            runner.complete(step)
            pass(minutes(5))
            events.map { it::class } shouldContainExactly
                listOf(Event.AttemptRunning::class, Event.AttemptSucceeded::class)
        }

        overBoth("a step that starts and ends between two polls has the duration that EMR says") {
            val id = madeCluster()
            val (first, second) = watched(id, "a", "b")
            pass(POLL_INTERVAL)
            events.clear()
            runner.complete(first)
            time.settle()
            val began = time.instant()
            pass(Duration.ofMillis(100))
            runner.complete(second)
            val ended = time.instant()
            pass(POLL_INTERVAL)
            all<Event.AttemptRunning>() shouldContainExactly
                listOf(Event.AttemptRunning(began, "b", 1))
            all<Event.AttemptSucceeded>().associate { it.task to it.at } shouldBe
                mapOf("a" to began, "b" to ended)
        }
    })
