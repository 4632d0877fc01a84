package dev.emrys.emr

import dev.emrys.emulator.Fault
import dev.emrys.run.Event
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.time.Duration
import software.amazon.awssdk.services.emr.model.ClusterState
import software.amazon.awssdk.services.emr.model.ListClustersRequest
import software.amazon.awssdk.services.emr.model.StepState

/** A run whose journal was restored from an older copy before it was taken over. */
class TakeoverTest :
    FunSpec({
        overBoth("a cluster that the journal does not know is adopted, after one lookup") {
            val made = madeCluster("etl #run-1.t1.1")
            effects.takenOver()
            perform(start())
            all<Event.AttemptAccepted>().single().remoteId shouldBe made
            recorded.operations() shouldContainExactly listOf("ListClusters")
            recorded.requests<ListClustersRequest>().single().createdAfter() shouldBe
                SUBMIT_TIME.minus(Duration.ofDays(1))
        }

        overBoth("a cluster that was never started is started, after one lookup") {
            effects.takenOver()
            perform(start())
            recorded.operations() shouldContainExactly listOf("ListClusters", "RunJobFlow")
            all<Event.AttemptAccepted>().single().remoteId shouldBe clusters().single().id()
        }

        overBoth(
            "steps that the journal does not know are adopted, and their cluster is listed once"
        ) {
            val id = madeCluster(concurrency = 100)
            val first = madeStep(id, "a #run-1.a.1")
            repeat(60) { madeStep(id, "other $it") }
            pass(minutes(25 * 60))
            val second = madeStep(id, "b #run-1.b.1")
            effects.takenOver()
            perform(submit(id, "a"), submit(id, "c"))
            perform(submit(id, "b"), submit(id, "d"))
            all<Event.AttemptAccepted>()
                .associate { it.task to it.remoteId }
                .filterKeys { it < "c" } shouldBe mapOf("a" to first, "b" to second)
            steps(id) shouldHaveSize 64
            recorded.operations() shouldContainExactly
                listOf("ListSteps", "ListSteps", "AddJobFlowSteps", "AddJobFlowSteps")
        }

        overBoth("a step that EMR has twice is used once, also when it was found before") {
            val id = madeCluster(concurrency = 10)
            madeStep(id, "a #run-1.a.1")
            val older = madeStep(id, "b #run-1.b.1")
            val younger = madeStep(id, "b #run-1.b.1")
            effects.takenOver()
            perform(submit(id, "a"))
            perform(submit(id, "b"))
            all<Event.AttemptAccepted>().last().remoteId shouldBe older
            steps(id).single { it.id() == younger }.status().state() shouldBe StepState.CANCELLED
        }

        overBoth("a listing that fails between two pages adopts what both have") {
            val id = madeCluster(concurrency = 100)
            val first = madeStep(id, "a #run-1.a.1")
            repeat(60) { madeStep(id, "other $it") }
            effects.takenOver()
            var calls = 0
            recorded.before = { if (it == "ListSteps" && ++calls == 2) throw noAnswer() }
            perform(submit(id, "a"))
            pass(minutes(5))
            all<Event.AttemptAccepted>().single().remoteId shouldBe first
        }

        overBoth("what is left at the end is ended, except for clusters of other runs") {
            val known = madeCluster("etl #run-1.t1.1")
            val ended = madeCluster("etl #run-1.t1.3")
            end(ended)
            val left = madeCluster("etl #run-1.t1.2")
            val another = madeCluster("etl #run-10.t1.2")
            effects.takenOver()
            perform(watchCluster(known))
            recorded.calls.clear()
            val over = effects.endLeftovers()
            time.settle()
            over.isDone shouldBe true
            recorded.operations() shouldContainExactly listOf("ListClusters", "TerminateJobFlows")
            status(left).state() shouldBe ClusterState.TERMINATED
            listOf(known, another).map { status(it).state() } shouldBe
                List(2) { ClusterState.WAITING }
            warnings.single() shouldContain left
        }

        overBoth("a cluster that EMR will not end does not keep the run from its end") {
            val left = madeCluster("etl #run-1.t1.2")
            emulator.setTerminationProtection { it.jobFlowIds(left).terminationProtected(true) }
            effects.takenOver()
            val over = effects.endLeftovers()
            time.settle()
            over.isDone shouldBe true
            warnings.last() shouldContain "terminate-clusters --cluster-ids $left"
        }

        overBoth("without a listing of the clusters the run does not end") {
            faults.plan("ListClusters", Fault.Refuse("Not now."), Fault.ErrorBefore())
            effects.takenOver()
            val over = effects.endLeftovers()
            time.settle()
            over.isDone shouldBe false
            pass(minutes(5))
            over.isDone shouldBe true
            warnings.shouldBeEmpty()
        }
    })
