package dev.emrys.emr

import dev.emrys.emulator.Fault
import dev.emrys.run.Event
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.net.InetAddress
import java.net.ServerSocket
import java.net.URI
import java.time.Duration
import software.amazon.awssdk.services.emr.model.ClusterState
import software.amazon.awssdk.services.emr.model.ListClustersRequest
import software.amazon.awssdk.services.emr.model.StepState

/** Throws [failure] at the first call of [operation], and never again. */
private fun once(operation: String, failure: () -> RuntimeException): (String) -> Unit {
    var open = true
    return {
        if (it == operation && open) {
            open = false
            throw failure()
        }
    }
}

private val ACCIDENTS =
    mapOf<String, EmrHarness.(String) -> Unit>(
        "the answer is lost" to { faults.plan(it, Fault.ErrorAfter()) },
        "the answer is lost twice" to { faults.plan(it, Fault.ErrorAfter(), Fault.ErrorAfter()) },
        "EMR throttles" to { faults.plan(it, Fault.Throttle()) },
        "EMR fails before it begins" to { faults.plan(it, Fault.ErrorBefore()) },
        "the connection breaks before" to { recorded.before = once(it, ::noAnswer) },
        "the connection breaks after" to { recorded.after = once(it, ::noAnswer) },
        "the answer is lost and the listing lags" to
            {
                faults.plan(it, Fault.HideFromListing(LAG))
                recorded.after = once(it, ::noAnswer)
            },
    )

private val LIVE =
    setOf(
        ClusterState.STARTING,
        ClusterState.BOOTSTRAPPING,
        ClusterState.RUNNING,
        ClusterState.WAITING,
    )

class AdoptionTest :
    FunSpec({
        for ((accident, happens) in ACCIDENTS) {
            overBoth("one cluster is started when $accident") {
                happens("RunJobFlow")
                perform(start())
                pass(minutes(5))
                val made = clusters().single()
                made.name() shouldBe "etl #run-1.t1.1"
                all<Event.AttemptAccepted>().single().remoteId shouldBe made.id()
                events shouldHaveSize 1
            }

            overBoth("one step each is submitted when $accident") {
                val id = madeCluster(concurrency = 10)
                happens("AddJobFlowSteps")
                perform(submit(id, "a"), submit(id, "b"))
                pass(minutes(5))
                val made = steps(id).associate { it.name() to it.id() }
                steps(id) shouldHaveSize 2
                all<Event.AttemptAccepted>()
                    .map { it.task to it.remoteId }
                    .sortedBy { it.first } shouldContainExactly
                    listOf("a" to made["a #run-1.a.1"], "b" to made["b #run-1.b.1"])
                events shouldHaveSize 2
            }
        }

        test(
            "one cluster is started when the port is closed at first, and the endpoint is notified"
        ) {
            EmrHarness(wire = true).use { harness ->
                val closed =
                    ServerSocket(0, 1, InetAddress.getLoopbackAddress()).use { it.localPort }
                sdkClient(URI.create("http://127.0.0.1:$closed")).use { unreachable ->
                    harness.client = {
                        if (harness.unreached < 2) unreachable else harness.recorded.client
                    }
                    harness.perform(start())
                    harness.pass(minutes(5))
                    harness.unreached shouldBe 2
                    harness.all<Event.AttemptAccepted>().single().remoteId shouldBe
                        harness.clusters().single().id()
                }
            }
        }

        overBoth("an endpoint that cannot give a client yet is waited for") {
            var left = 5
            client = {
                if (left-- > 0)
                    throw Endpoint.UnavailableException("The local account cannot be used.", null)
                else recorded.client
            }
            perform(start())
            pass(minutes(5))
            all<Event.AttemptAccepted>() shouldHaveSize 1
            warnings.first() shouldContain "The local account cannot be used."
        }

        overBoth("a bug is neither retried nor taken for an answer: it is reported") {
            client = { error("a bug") }
            perform(start())
            pass(minutes(5))
            bugs.single().message shouldBe "a bug"
            events.shouldBeEmpty()
        }

        overBoth("a cluster that was started before a crash is adopted") {
            val made = madeCluster("etl #run-1.t1.1")
            madeCluster("etl #run-1.t1.10")
            madeCluster("etl #another-run-1.t1.1")
            perform(start(uncertain = true))
            all<Event.AttemptAccepted>().single().remoteId shouldBe made
            recorded.operations() shouldContainExactly listOf("ListClusters")
            recorded.requests<ListClustersRequest>().single().createdAfter() shouldBe
                SUBMIT_TIME.minus(Duration.ofDays(1))
        }

        overBoth(
            "a cluster that was not started before a crash is started, after two lookups with the lag between"
        ) {
            val begun = time.instant()
            perform(start(uncertain = true))
            recorded.operations() shouldContainExactly listOf("ListClusters")
            pass(LAG.minusMillis(1))
            recorded.operations() shouldContainExactly listOf("ListClusters")
            pass(minutes(10))
            recorded.calls.map { it.operation to it.at } shouldContainExactly
                listOf(
                    "ListClusters" to begun,
                    "ListClusters" to begun.plus(LAG),
                    "RunJobFlow" to begun.plus(LAG),
                )
            all<Event.AttemptAccepted>().single().remoteId shouldBe clusters().single().id()
        }

        overBoth(
            "a cluster that was started before a crash and is not listed yet is adopted at the second lookup"
        ) {
            faults.plan("RunJobFlow", Fault.HideFromListing(LAG))
            val made = madeCluster("etl #run-1.t1.1")
            perform(start(uncertain = true))
            pass(minutes(5))
            all<Event.AttemptAccepted>().single().remoteId shouldBe made
            clusters() shouldHaveSize 1
        }

        overBoth(
            "a step that was submitted before a crash is adopted, and one that was not is submitted once"
        ) {
            val id = madeCluster(concurrency = 10)
            val made = madeStep(id, "a #run-1.a.1")
            val begun = time.instant()
            perform(submit(id, "a", uncertain = true), submit(id, "b", uncertain = true))
            all<Event.AttemptAccepted>().single().remoteId shouldBe made
            pass(minutes(5))
            all<Event.AttemptAccepted>().map { it.task } shouldContainExactly listOf("a", "b")
            steps(id) shouldHaveSize 2
            recorded.calls.map { it.operation to it.at } shouldContainExactly
                listOf(
                    "ListSteps" to begun,
                    "ListSteps" to begun.plus(LAG),
                    "AddJobFlowSteps" to begun.plus(LAG),
                )
        }

        overBoth(
            "a cluster that EMR has twice is used once: the younger is ended, with a warning"
        ) {
            val older = madeCluster("etl #run-1.t1.1")
            pass(seconds(1))
            val younger = madeCluster("etl #run-1.t1.1")
            perform(start(uncertain = true))
            all<Event.AttemptAccepted>().single().remoteId shouldBe older
            (status(older).state() in LIVE) shouldBe true
            status(younger).state() shouldBe ClusterState.TERMINATED
            warnings.single() shouldContain younger
            warnings.single() shouldContain "$older is used"
        }

        overBoth(
            "a step that EMR has twice is used once: the younger is cancelled, with a warning"
        ) {
            val id = madeCluster(concurrency = 10)
            val older = madeStep(id, "a #run-1.a.1")
            val younger = madeStep(id, "a #run-1.a.1")
            val youngest = madeStep(id, "a #run-1.a.1")
            perform(submit(id, "a", uncertain = true))
            all<Event.AttemptAccepted>().single().remoteId shouldBe older
            steps(id).associate { it.id() to it.status().state() } shouldBe
                mapOf(
                    older to StepState.RUNNING,
                    younger to StepState.CANCELLED,
                    youngest to StepState.CANCELLED,
                )
            warnings shouldHaveSize 2
            warnings.last() shouldContain "$older is used"
        }

        overBoth(
            "what EMR has twice and a person protects does not keep the run from the one that is used"
        ) {
            val older = madeCluster("etl #run-1.t1.1")
            pass(seconds(1))
            val younger = madeCluster("etl #run-1.t1.1")
            emulator.setTerminationProtection { it.jobFlowIds(younger).terminationProtected(true) }
            perform(start(uncertain = true))
            pass(minutes(5))
            all<Event.AttemptAccepted>().single().remoteId shouldBe older
            (status(younger).state() in LIVE) shouldBe true
            warnings.last() shouldContain "terminate-clusters --cluster-ids $younger"
        }

        overBoth("a surplus step that EMR will not cancel does not keep the run from the other") {
            val id = madeCluster(concurrency = 10)
            val older = madeStep(id, "a #run-1.a.1")
            val younger = madeStep(id, "a #run-1.a.1")
            faults.plan("CancelSteps", Fault.Refuse("It is over."))
            perform(submit(id, "a", uncertain = true))
            pass(minutes(5))
            all<Event.AttemptAccepted>().single().remoteId shouldBe older
            warnings.last() shouldContain younger
            warnings.last() shouldContain "It is over."
        }

        overBoth("a lookup that EMR refuses does not make a step that may be there be sent again") {
            val id = madeCluster(concurrency = 10)
            madeStep(id, "a #run-1.a.1")
            faults.plan("ListSteps", Fault.Refuse("Not now."))
            perform(submit(id, "a", uncertain = true), submit(id, "b", uncertain = true))
            pass(minutes(5))
            steps(id).map { it.name() }.sorted() shouldContainExactly
                listOf("a #run-1.a.1", "b #run-1.b.1")
            all<Event.AttemptFailed>().shouldBeEmpty()
        }

        overBoth(
            "a lookup that EMR refuses fails neither the one step nor the cluster it was for"
        ) {
            val id = madeCluster(concurrency = 10)
            val there = madeStep(id, "a #run-1.a.1")
            faults.plan("ListSteps", Fault.Refuse("Not now."), Fault.Refuse("Not now."))
            perform(submit(id, "a", uncertain = true))
            pass(minutes(5))
            all<Event.AttemptAccepted>().single().remoteId shouldBe there
            steps(id) shouldHaveSize 1

            val cluster = madeCluster("etl #run-1.t1.1")
            faults.plan("ListClusters", Fault.Refuse("Not now."), Fault.Refuse("Not now."))
            perform(start(uncertain = true))
            pass(minutes(5))
            all<Event.AttemptAccepted>().last().remoteId shouldBe cluster
            all<Event.AttemptFailed>().shouldBeEmpty()
            clusters() shouldHaveSize 2
        }

        overBoth("a lookup of a step does not read what is older than its intent") {
            val id = madeCluster(concurrency = 100)
            repeat(60) { madeStep(id, "old $it") }
            pass(minutes(25 * 60))
            val mine = madeStep(id, "a #run-1.a.1")
            recorded.calls.clear()
            perform(submit(id, "a", uncertain = true).copyWith(intendedAt = time.instant()))
            all<Event.AttemptAccepted>().single().remoteId shouldBe mine
            recorded.operations() shouldBe listOf("ListSteps")
        }

        overBoth("a step whose name has no key in it is not adopted") {
            val id = madeCluster(concurrency = 10)
            madeStep(id, "run-1.a.1")
            perform(submit(id, "a", uncertain = true))
            pass(minutes(5))
            steps(id) shouldHaveSize 2
        }
    })
