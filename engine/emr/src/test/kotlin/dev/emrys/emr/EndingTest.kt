package dev.emrys.emr

import dev.emrys.emulator.EmulatorSettings
import dev.emrys.emulator.Fault
import dev.emrys.run.Command
import dev.emrys.run.Event
import dev.emrys.spec.ClusterEnd
import dev.emrys.spec.ClusterSpec
import dev.emrys.spec.FailureKind
import dev.emrys.spec.InstanceGroup
import dev.emrys.spec.InstanceRole
import dev.emrys.spec.LifecycleOptions
import dev.emrys.testing.group
import dev.emrys.testing.withLifecycle
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.time.Duration
import software.amazon.awssdk.services.emr.model.CancelStepsRequest
import software.amazon.awssdk.services.emr.model.ClusterState
import software.amazon.awssdk.services.emr.model.StepState

private fun protectedCluster(groups: List<InstanceGroup>): ClusterSpec =
    clusterSpec(groups = groups)
        .withLifecycle(LifecycleOptions(null, null, true, null, null, null, null))

class EndingTest :
    FunSpec({
        overBoth("a step is interrupted, and killed half a minute later when it goes on") {
            runner.endsWhenInterrupted = false
            val id = madeCluster()
            val step = madeStep(id, "a")
            perform(watchStep(id, step, "a"), cancelStep(id, step, "a"))
            pass(seconds(30).minusMillis(1))
            runner.cancellations shouldContainExactly listOf(step to false)
            steps(id).single().status().state() shouldBe StepState.CANCEL_PENDING
            pass(seconds(5))
            runner.cancellations shouldContainExactly listOf(step to false, step to true)
            recorded.requests<CancelStepsRequest>().map {
                it.stepCancellationOptionAsString()
            } shouldContainExactly listOf("SEND_INTERRUPT", "TERMINATE_PROCESS")
            all<Event.AttemptCancelled>() shouldHaveSize 1
        }

        overBoth("a cancellation that comes too late is no failure") {
            val id = madeCluster()
            val step = madeStep(id, "a")
            runner.complete(step)
            faults.planSuccess("CancelSteps", 1).plan("CancelSteps", Fault.Refuse("It is over."))
            perform(cancelStep(id, step, "a"), cancelStep("j-UNKNOWN", step, "b"))
            pass(minutes(5))
            events.shouldBeEmpty()
            warnings.shouldBeEmpty()
        }

        overBoth(
            "steps of one cluster are cancelled in one call, and only those that go on are killed"
        ) {
            runner.endsWhenInterrupted = false
            val id = madeCluster(concurrency = 10)
            val made = List(3) { madeStep(id, "s$it") }
            perform(made.mapIndexed { i, step -> watchStep(id, step, "s$i") })
            perform(made.mapIndexed { i, step -> cancelStep(id, step, "s$i") })
            runner.complete(made[1])
            pass(minutes(5))
            recorded.requests<CancelStepsRequest>().map {
                it.stepIds() to it.stepCancellationOptionAsString()
            } shouldContainExactly
                listOf(
                    made to "SEND_INTERRUPT",
                    listOf(made[0], made[2]) to "TERMINATE_PROCESS",
                )
        }

        overBoth("a step that EMR will not cancel is warned of when the kill is refused") {
            runner.endsWhenInterrupted = false
            val id = madeCluster()
            val step = madeStep(id, "a")
            faults.plan("CancelSteps", Fault.Refuse("Not you."), Fault.Refuse("Not you."))
            perform(watchStep(id, step, "a"), cancelStep(id, step, "a"))
            pass(seconds(20))
            warnings.shouldBeEmpty()
            pass(seconds(20))
            warnings.single() shouldContain "The step $step of $id could not be cancelled"
            warnings.single() shouldContain "Not you."
        }

        overBoth("a cancellation that EMR never answers ends the cluster, and with it the step") {
            runner.endsWhenInterrupted = false
            val id = madeCluster("etl #run-1.t1.1")
            val step = madeStep(id, "a")
            recorded.before = { if (it == "CancelSteps") throw noAnswer() }
            perform(watchStep(id, step, "a"), cancelStep(id, step, "a"))
            pass(minutes(2))
            status(id).state() shouldBe ClusterState.RUNNING
            pass(minutes(3))
            warnings.filter {
                "is being ended: its step $step is still active" in it
            } shouldHaveSize 1
            status(id).state() shouldBe ClusterState.TERMINATED
        }

        overBoth("an outage while a step is killed does not end the cluster") {
            runner.endsWhenInterrupted = false
            val id = madeCluster()
            val step = madeStep(id, "a")
            var outage = false
            recorded.before = { if (outage) throw noAnswer() }
            perform(watchStep(id, step, "a"), cancelStep(id, step, "a"))
            pass(Duration.ofSeconds(20))
            outage = true
            pass(minutes(10))
            outage = false
            pass(minutes(5))
            status(id).state() shouldBe ClusterState.WAITING
            warnings.filter { "is being ended" in it } shouldHaveSize 0
        }

        overBoth("one step that cannot be cancelled does not keep the others from it") {
            val id = madeCluster(concurrency = 10)
            val made = List(3) { madeStep(id, "s$it") }
            faults.plan("CancelSteps", Fault.Refuse("One of them is over."))
            perform(made.mapIndexed { i, step -> cancelStep(id, step, "s$i") })
            pass(seconds(20))
            steps(id).map { it.status().state() }.toSet() shouldBe setOf(StepState.CANCELLED)
        }

        overBoth("a cluster of three primaries, which EMR protects by itself, is ended") {
            val three = clusterSpec(groups = listOf(group(InstanceRole.PRIMARY, "m6g.xlarge", 3)))
            perform(start(three))
            val id = clusters().single().id()
            perform(endCluster(id), watchEnd(id))
            pass(minutes(5))
            all<Event.AttemptFailed>().shouldBeEmpty()
            status(id).state() shouldBe ClusterState.TERMINATED
        }

        overBoth("a cluster that the script protects is ended by its run") {
            val spec = protectedCluster(listOf(group(InstanceRole.PRIMARY, "m6g.xlarge", 1)))
            perform(start(spec))
            val id = clusters().single().id()
            emulator.describeCluster { it.clusterId(id) }.cluster().terminationProtected() shouldBe
                true
            perform(Command.Release("end:etl", 1, ClusterEnd(spec), id), watchEnd(id))
            pass(minutes(5))
            all<Event.AttemptFailed>().shouldBeEmpty()
            status(id).state() shouldBe ClusterState.TERMINATED
        }

        overBoth(
            "a cluster that EMR does not know any more has ended, after asking more than once"
        ) {
            perform(endCluster("j-FORGOTTEN"))
            events.shouldBeEmpty()
            pass(minutes(5))
            all<Event.AttemptAccepted>().single().remoteId shouldBe "j-FORGOTTEN"
            perform(watchEnd("j-FORGOTTEN"))
            pass(minutes(6))
            all<Event.AttemptSucceeded>().single().task shouldBe "end:etl"
        }

        overBoth(
            "what is withdrawn before it was sent is not sent, whether it is new or being looked up"
        ) {
            val id = madeCluster(concurrency = 10)
            val there = madeStep(id, "c #run-1.c.1")
            perform(
                withdraw("a"),
                withdraw("b"),
                withdraw("c"),
                submit(id, "a"),
                submit(id, "b", uncertain = true),
                submit(id, "c", uncertain = true),
                Command.Withdraw("start:etl", 1, "run-1.t1.1"),
                start(),
            )
            pass(minutes(5))
            all<Event.AttemptFailed>().map { it.task to it.reason }.toSet() shouldBe
                listOf("a", "b", "start:etl").map { it to RequestFactory.WITHDRAWN }.toSet()
            all<Event.AttemptAccepted>().single().remoteId shouldBe there
            steps(id) shouldHaveSize 1
            clusters() shouldHaveSize 1
        }

        overBoth(
            "steps that wait before EMR's limit are not sent when they are withdrawn meanwhile"
        ) {
            val id = madeCluster()
            perform((1..300).map { submit(id, "s$it") })
            val waiting = 300 - all<Event.AttemptAccepted>().size
            perform((1..300).map { withdraw("s$it") })
            runner.orders.map { it.stepId }.toList().forEach(runner::complete)
            pass(minutes(5))
            all<Event.AttemptFailed>() shouldHaveSize waiting
            steps(id) shouldHaveSize 300 - waiting
        }

        test("a close is complete when the last call has returned") {
            EmrHarness(wire = false).use { harness ->
                var during = false
                harness.recorded.before = {
                    harness.effects.close()
                    during = harness.effects.whenIdle().isDone
                }
                harness.perform(start())
                during shouldBe false
                harness.effects.whenIdle().isDone shouldBe true
            }
        }

        overBoth("a cancellation is asked for until EMR has accepted it") {
            val id = madeCluster()
            val step = madeStep(id, "a")
            faults.plan("CancelSteps", Fault.Throttle(), Fault.ErrorBefore())
            perform(cancelStep(id, step, "a"))
            pass(seconds(20))
            runner.cancellations shouldContainExactly listOf(step to false)
        }

        overBoth(
            "a cluster is ended, and watched until it is gone",
            EmulatorSettings.DEFAULT.withDelays(seconds(0), seconds(0), minutes(1)),
        ) {
            val id = madeCluster()
            perform(watchCluster(id))
            events.clear()
            perform(endCluster(id))
            all<Event.AttemptAccepted>().single().remoteId shouldBe id
            status(id).state() shouldBe ClusterState.TERMINATING
            perform(watchEnd(id))
            pass(minutes(2))
            all<Event.AttemptSucceeded>().map { it.task } shouldContainExactly listOf("end:etl")
            // That it is gone is what we wanted, and no loss.
            all<Event.ScopeLost>().shouldBeEmpty()
            events shouldHaveSize 2
        }

        overBoth("a cluster that is gone before its end is watched is no loss") {
            val id = madeCluster()
            perform(watchCluster(id), endCluster(id))
            pass(minutes(1))
            perform(watchEnd(id))
            all<Event.ScopeLost>().shouldBeEmpty()
            all<Event.AttemptFailed>().shouldBeEmpty()
            all<Event.AttemptSucceeded>().last().task shouldBe "end:etl"
        }

        overBoth("a cluster is ended also when the first answers are lost, throttled or failed") {
            val id = madeCluster()
            faults.plan(
                "TerminateJobFlows",
                Fault.ErrorBefore(),
                Fault.Throttle(),
                Fault.ErrorAfter(),
            )
            perform(endCluster(id))
            pass(minutes(2))
            status(id).state() shouldBe ClusterState.TERMINATED
            all<Event.AttemptAccepted>() shouldHaveSize 1
            events shouldHaveSize 1
        }

        overBoth(
            "a cluster that is protected from its end is reported, and that it may still cost money"
        ) {
            val id = madeCluster()
            emulator.setTerminationProtection { it.jobFlowIds(id).terminationProtected(true) }
            perform(endCluster(id))
            val failed = all<Event.AttemptFailed>().single()
            failed.failure shouldBe FailureKind.REFUSED
            failed.reason shouldContain id
            failed.reason shouldContain "may still cost money"
            failed.reason shouldContain "termination protected"
            events shouldHaveSize 1
        }

        overBoth("after the close nothing that was submitted is sent") {
            val id = madeCluster()
            submitOnly(
                start(),
                submit(id, "a"),
                endCluster(id),
                watchCluster(id),
                cancelStep(id, "s-1", "b"),
            )
            effects.close()
            pass(minutes(10))
            recorded.calls.shouldBeEmpty()
            events.shouldBeEmpty()
        }

        overBoth("after the close nothing that waits is sent") {
            val id = madeCluster()
            val step = madeStep(id, "b")
            recorded.before = { if (it == "RunJobFlow") throw noAnswer() }
            perform(
                start(),
                cancelStep(id, step, "b"),
                submit(id, "a", uncertain = true),
                watchCluster(id),
            )
            effects.close()
            recorded.calls.clear()
            events.clear()
            pass(minutes(10))
            recorded.calls.shouldBeEmpty()
            events.shouldBeEmpty()
            warnings.shouldBeEmpty()
        }

        overBoth("a close during a lookup keeps what would have followed from being sent") {
            val id = madeCluster()
            recorded.after = {
                if (it == "ListClusters" && recorded.operations().count { op -> op == it } == 2)
                    effects.close()
            }
            perform(start(uncertain = true))
            pass(minutes(10))
            recorded.operations() shouldContainExactly listOf("ListClusters", "ListClusters")
            clusters().map { it.id() } shouldContainExactly listOf(id)
        }

        overBoth("a close during a lookup of steps keeps them from being sent") {
            val id = madeCluster()
            recorded.after = {
                if (it == "ListSteps" && recorded.operations().size == 2) effects.close()
            }
            perform(submit(id, "a", uncertain = true))
            pass(minutes(10))
            recorded.operations() shouldContainExactly listOf("ListSteps", "ListSteps")
            steps(id).shouldBeEmpty()
        }

        for (operation in
            listOf("RunJobFlow", "AddJobFlowSteps", "TerminateJobFlows", "DescribeCluster")) {
            overBoth("a close during $operation keeps its answer from being reported") {
                val id = madeCluster()
                recorded.after = { if (it == operation) effects.close() }
                val command =
                    when (operation) {
                        "RunJobFlow" -> start()
                        "AddJobFlowSteps" -> submit(id, "a")
                        "TerminateJobFlows" -> endCluster(id)
                        else -> watchCluster(id)
                    }
                perform(command)
                pass(minutes(1))
                recorded.operations() shouldContainExactly listOf(operation)
                events.shouldBeEmpty()
            }
        }

        overBoth("what is submitted after the close is not begun") {
            effects.close()
            perform(start(), watchCluster("j-1"))
            recorded.calls.shouldBeEmpty()
        }
    })
