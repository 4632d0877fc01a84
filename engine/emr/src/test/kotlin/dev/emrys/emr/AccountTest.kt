package dev.emrys.emr

import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableSet
import dev.emrys.drive.Effects
import dev.emrys.emulator.EmulatorSettings
import dev.emrys.emulator.Fault
import dev.emrys.run.Command
import dev.emrys.run.Event
import dev.emrys.spec.FailureKind
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.ints.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.time.Duration
import java.time.Instant
import software.amazon.awssdk.services.emr.model.ClusterState
import software.amazon.awssdk.services.emr.model.ListStepsRequest

/** Effects of another run on the account of the harness. */
private fun EmrHarness.another(run: String, vararg commands: Command.ForTarget): EmrEffects {
    val effects =
        EmrEffects(
            account,
            RunTags(run, "quiet-heron", "daily-etl"),
            SUBMIT_TIME,
            ImmutableSet.of(),
        )
    effects.perform(
        ImmutableList.copyOf(commands),
        object : Effects.Reports {
            override fun report(event: Event) {
                events += event
            }

            override fun fail(bug: Throwable) {
                bugs += bug
            }
        },
    )
    time.settle()
    return effects
}

private fun EmrHarness.limited(): QuotaClient = QuotaClient(time).also { recorded.before = it }

private fun limitedHarness() =
    EmrHarness(wire = false, quotas = Quotas.EMR_DEFAULT, linger = seconds(1))

class AccountTest :
    FunSpec({
        test("100 runs make one sweep") {
            EmrHarness(wire = false).use { harness ->
                val ids = List(100) { harness.madeCluster() }
                ids.forEachIndexed { i, id -> harness.another("run-$i", watchCluster(id)) }
                harness.pass(seconds(10))
                harness.all<Event.AttemptSucceeded>() shouldHaveSize 100
                harness.round() shouldContainExactly listOf("ListClusters", "ListClusters")
            }
        }

        test("a closed run is not reported to, and the others go on") {
            EmrHarness(wire = false).use { harness ->
                val one = harness.madeCluster()
                val two = harness.madeCluster()
                val closed = harness.another("run-2", watchCluster(one))
                harness.another("run-3", watchCluster(two))
                harness.events.clear()
                closed.close()
                closed.whenIdle().isDone shouldBe true
                harness.end(one)
                harness.end(two)
                harness.pass(minutes(1))
                harness.all<Event.ScopeLost>() shouldHaveSize 1
                harness.all<Event.ScopeLost>().single().reason shouldContain "Terminated by user"
            }
        }

        test("a run that goes on in the same process takes the watch over") {
            EmrHarness(wire = false).use { harness ->
                val id = harness.madeCluster()
                val step = harness.madeStep(id, "a")
                val first = harness.another("run-2", watchStep(id, step, "a"))
                harness.another("run-2", watchStep(id, step, "a"))
                first.close()
                harness.events.clear()
                harness.runner.complete(step)
                harness.pass(seconds(10))
                harness.all<Event.AttemptSucceeded>() shouldHaveSize 1
            }
        }

        overBoth("a throttled submission is sent again without a lookup, with what became ready") {
            val id = madeCluster(concurrency = 10)
            faults.plan("AddJobFlowSteps", Fault.Throttle())
            perform(submit(id, "a"))
            perform(submit(id, "b"))
            pass(minutes(1))
            recorded.operations() shouldContainExactly listOf("AddJobFlowSteps", "AddJobFlowSteps")
            all<Event.AttemptAccepted>().map { it.task } shouldContainExactly listOf("a", "b")
        }

        overBoth("a throttle between two pages keeps the pages that were read") {
            val id = madeCluster(concurrency = 256)
            val steps = List(120) { madeStep(id, "s$it #run-1.s$it.1") }
            faults
                .planSuccess("ListSteps", 1)
                .plan("ListSteps", Fault.Throttle())
                .planSuccess("ListSteps", 1)
            faults.plan("ListSteps", Fault.Throttle())
            perform(*steps.indices.map { submit(id, "s$it", uncertain = true) }.toTypedArray())
            pass(minutes(1))
            all<Event.AttemptAccepted>().map { it.remoteId }.toSet() shouldBe steps.toSet()
            recorded.requests<ListStepsRequest>() shouldHaveSize 5
            recorded.requests<ListStepsRequest>().map { it.marker() }.distinct() shouldHaveSize 3

            recorded.calls.clear()
            faults.planSuccess("ListSteps", 2).plan("ListSteps", Fault.Throttle())
            perform(steps.mapIndexed { i, step -> watchStep(id, step, "s$i") })
            pass(seconds(2))
            all<Event.AttemptRunning>() shouldHaveSize 120
            recorded.requests<ListStepsRequest>().map { it.marker() }.distinct() shouldHaveSize 3
        }

        overBoth("uncertain starts of clusters share one listing") {
            val made = List(60) { madeCluster("etl #run-1.c$it.1") }
            perform((0 until 60).map { start(key = "run-1.c$it.1", uncertain = true) })
            all<Event.AttemptAccepted>().map { it.remoteId }.toSet() shouldBe made.toSet()
            recorded.operations() shouldContainExactly listOf("ListClusters", "ListClusters")
        }

        test("2,000 uncertain steps on 20 clusters are cleared up under EMR's quotas") {
            limitedHarness().use { harness ->
                val ids = List(20) { harness.madeCluster(concurrency = 256) }
                val quota = harness.limited()
                ids.forEach { id -> repeat(50) { harness.madeStep(id, "s $it #run-1.$id-$it.1") } }
                val begun = harness.time.instant()
                harness.perform(
                    ids.flatMap { id -> List(100) { submit(id, "$id-$it", uncertain = true) } }
                )
                harness.pass(minutes(10))
                harness.all<Event.AttemptAccepted>() shouldHaveSize 2_000
                harness.all<Event.AttemptAccepted>().map { it.remoteId }.distinct() shouldHaveSize
                    2_000
                val took = Duration.between(begun, harness.events.last().at()).toSeconds()
                println("2,000 uncertain steps: $took s, calls ${quota.calls}")
                took.toInt() shouldBeLessThan 240
                quota.throttles.shouldBeEmpty()
            }
        }

        test("steps that become ready within a second are submitted together") {
            limitedHarness().use { harness ->
                val id = harness.madeCluster(concurrency = 10)
                harness.perform(submit(id, "a"))
                harness.pass(Duration.ofMillis(900))
                harness.recorded.operations().shouldBeEmpty()
                harness.perform(submit(id, "b"))
                harness.pass(Duration.ofMillis(200))
                harness.recorded.operations() shouldContainExactly listOf("AddJobFlowSteps")
                harness.all<Event.AttemptAccepted>() shouldHaveSize 2
            }
        }

        test("a start is not kept waiting by status calls") {
            val all = Quotas.Rate(2, 0.1)
            val quotas = Quotas(all, com.google.common.collect.ImmutableMap.of())
            EmrHarness(wire = false, quotas = quotas).use { harness ->
                val ids = List(5) { harness.madeCluster() }
                harness.perform(*ids.map { watchEnd(it) }.toTypedArray())
                ids.forEach { harness.end(it) }
                harness.pass(seconds(15))
                harness.recorded.calls.clear()
                harness.perform(start())
                harness.pass(seconds(10))
                harness.recorded.operations().first() shouldBe "RunJobFlow"
            }
        }

        overBoth("a step that EMR does not know any more does not block its cluster, and fails") {
            val id = madeCluster(concurrency = 10)
            val step = madeStep(id, "a")
            perform(watchCluster(id), watchStep(id, "s-GONE", "x"), watchStep(id, step, "a"))
            pass(seconds(20))
            all<Event.AttemptRunning>().map { it.task } shouldContainExactly listOf("a")
            runner.complete(step)
            pass(minutes(4))
            all<Event.AttemptSucceeded>().map { it.task } shouldContainExactly
                listOf("start:etl", "a")
            all<Event.AttemptFailed>().shouldBeEmpty()
            pass(minutes(4))
            val failed = all<Event.AttemptFailed>().single()
            failed.task shouldBe "x"
            failed.failure shouldBe FailureKind.INTERNAL
            failed.reason shouldContain "EMR does not know the step s-GONE of $id any more"
        }

        fun beganOf(intended: Instant, submitted: Instant?): (Instant) -> Instant {
            val step =
                WatchedCluster.WatchedStep(
                    EmrCommand.StepWatch("a", 1, "j-1", "s-1", intended),
                    object : Effects.Reports {
                        override fun report(event: Event) {}

                        override fun fail(bug: Throwable) {}
                    },
                    submitted,
                )
            return { start ->
                StatusMapper.running(
                        step,
                        software.amazon.awssdk.services.emr.model.StepStatus.builder()
                            .state("RUNNING")
                            .timeline { it.startDateTime(start) }
                            .build(),
                        SUBMIT_TIME.plusSeconds(60),
                    )
                    .at()
            }
        }

        test("a start that EMR dates long before the submission counts from the submission") {
            val begun = beganOf(Instant.EPOCH, SUBMIT_TIME)
            begun(SUBMIT_TIME.minusSeconds(600)) shouldBe SUBMIT_TIME
            begun(SUBMIT_TIME.plusSeconds(30)) shouldBe SUBMIT_TIME.plusSeconds(30)
            begun(SUBMIT_TIME.plusSeconds(600)) shouldBe SUBMIT_TIME.plusSeconds(60)
        }

        test("after a resume, a start that EMR dates before the intent counts from the intent") {
            val begun = beganOf(SUBMIT_TIME, null)
            begun(SUBMIT_TIME.minusSeconds(600)) shouldBe SUBMIT_TIME
            begun(SUBMIT_TIME.plusSeconds(30)) shouldBe SUBMIT_TIME.plusSeconds(30)
        }

        overBoth("a cluster whose step survives its kill is ended, with a warning") {
            runner.endsWhenInterrupted = false
            val id = madeCluster("etl #run-1.t1.1")
            val step = madeStep(id, "a")
            faults.plan("CancelSteps", Fault.Refuse("Not you."), Fault.Refuse("Not you."))
            perform(watchCluster(id), watchStep(id, step, "a"), cancelStep(id, step, "a"))
            pass(seconds(80))
            status(id).state() shouldBe ClusterState.RUNNING
            pass(minutes(2))
            status(id).state() shouldBe ClusterState.TERMINATED
            warnings.last() shouldContain "The cluster $id is being ended: its step $step"
            all<Event.AttemptFailed>().first().failure shouldBe FailureKind.CLUSTER_LOST
        }

        overBoth(
            "a limit of the account on clusters is a quota, and not a refusal",
            EmulatorSettings.DEFAULT.withMaxActiveClusters(1),
        ) {
            madeCluster()
            perform(start())
            all<Event.AttemptFailed>().single().failure shouldBe FailureKind.QUOTA
        }

        test("the texts of limits are distinguished from those of mistakes") {
            listOf(
                    "Number of active clusters exceeds the limit of 500.",
                    "The requested number of instances exceeds your EC2 quota",
                    "You have requested more vCPU capacity than your current vCPU limit of 32 allows",
                    "EC2 is out of capacity: Insufficient instance capacity for m5.xlarge",
                    "InsufficientInstanceCapacity",
                    "The subnet does not have enough free addresses",
                )
                .filterNot(QuotaTexts::isQuota)
                .shouldBeEmpty()
            listOf(
                    "Terminated by user request",
                    "Invalid InstanceProfile: EMR_EC2_DefaultRole.",
                    "The args of the step must not exceed 10240 characters.",
                    "Member must have length less than or equal to 256",
                )
                .filter(QuotaTexts::isQuota)
                .shouldBeEmpty()
        }
    })
