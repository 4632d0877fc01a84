package dev.emrys.emr

import dev.emrys.emulator.EmulatorSettings
import dev.emrys.emulator.Fault
import dev.emrys.emulator.StepExit
import dev.emrys.run.Command
import dev.emrys.run.Event
import dev.emrys.spec.AwaitedState
import dev.emrys.spec.ClusterOperation
import dev.emrys.spec.ClusterUse
import dev.emrys.spec.FailureKind
import dev.emrys.spec.StepChoice
import dev.emrys.testing.existingCluster
import dev.emrys.testing.operation
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import software.amazon.awssdk.services.emr.model.ListStepsRequest
import software.amazon.awssdk.services.emr.model.StepState

private fun ask(clusterId: String, what: ClusterOperation, task: String = "op") =
    Command.Submit(
        task,
        1,
        "run-1.$task.1",
        operation(task, what = what),
        clusterId,
        SUBMIT_TIME,
        false,
    )

private fun watch(clusterId: String, what: ClusterOperation, remoteId: String, task: String) =
    Command.Watch(task, 1, operation(task, what = what), clusterId, remoteId, SUBMIT_TIME)

private fun stop(clusterId: String, what: ClusterOperation, remoteId: String) =
    Command.Cancel("op", 1, operation("op", what = what), clusterId, remoteId)

private fun awaitStep(id: String? = null, name: String? = null) =
    ClusterOperation.AwaitStep(StepChoice(id, name))

private fun cancelStep(id: String? = null, name: String? = null, kill: Boolean = false) =
    ClusterOperation.CancelStep(StepChoice(id, name), kill)

private val IDLE = ClusterOperation.AwaitCluster(AwaitedState.IDLE)
private val ENDED = ClusterOperation.AwaitCluster(AwaitedState.ENDED)
private val END = ClusterOperation.EndCluster()

/** Submits and watches, as a run does. Returns what it works on. */
private fun EmrHarness.carryOut(
    clusterId: String,
    what: ClusterOperation,
    task: String = "op",
): String {
    perform(ask(clusterId, what, task))
    val remoteId = all<Event.AttemptAccepted>().single { it.task == task }.remoteId
    perform(watch(clusterId, what, remoteId, task))
    return remoteId
}

private fun EmrHarness.use(id: String) =
    perform(Command.Watch("use:prod", 1, ClusterUse(existingCluster()), null, id, SUBMIT_TIME))

private fun EmrHarness.failure(): Event.AttemptFailed = all<Event.AttemptFailed>().single()

private fun EmrHarness.hasSucceeded(task: String = "op") =
    all<Event.AttemptSucceeded>().any { it.task == task }

private fun EmrHarness.state(clusterId: String, step: String): StepState =
    steps(clusterId).single { it.id() == step }.status().state()

private fun limited(behaves: EmrHarness.() -> Unit) =
    EmrHarness(wire = false, quotas = Quotas.EMR_DEFAULT).use(behaves)

private val SLOW_END = EmulatorSettings.DEFAULT.withDelays(minutes(0), minutes(0), minutes(4))

class ForeignWorkTest :
    FunSpec({
        overBoth("a step of others is waited for by its id, until it has completed") {
            val id = madeCluster()
            val step = madeStep(id, "load")
            carryOut(id, awaitStep(step)) shouldBe step
            all<Event.AttemptRunning>() shouldHaveSize 1
            pass(minutes(5))
            hasSucceeded() shouldBe false
            runner.complete(step)
            pass(minutes(1))
            hasSucceeded() shouldBe true
            bugs.shouldBeEmpty()
        }

        overBoth("by its name it is the newest step, also of a run of Emrys") {
            val id = madeCluster(concurrency = 4)
            madeStep(id, "load")
            val newest = madeStep(id, "load #r77.a1.1")
            madeStep(id, "load 2")
            carryOut(id, awaitStep(name = "load")) shouldBe newest
        }

        overBoth("a step that is not there fails, so that it can be tried again") {
            val id = madeCluster()
            madeStep(id, "other")
            perform(ask(id, awaitStep(name = "load")))
            failure().failure() shouldBe FailureKind.STEP
            failure().reason() shouldStartWith "E759: The cluster $id has no step \"load\""
        }

        overBoth("a step that fails, or is cancelled, fails the wait with EMR's reason") {
            val id = madeCluster(concurrency = 4)
            val failing = madeStep(id, "failing")
            val cancelled = madeStep(id, "cancelled")
            carryOut(id, awaitStep(failing), "one")
            carryOut(id, awaitStep(cancelled), "two")
            runner.end(
                failing,
                StepExit.Failed(time.instant(), "Unknown Error.", "No table.", null),
            )
            emulator.cancelSteps { it.clusterId(id).stepIds(cancelled) }
            pass(minutes(2))
            val failures = all<Event.AttemptFailed>().associateBy { it.task }
            failures.getValue("one").failure() shouldBe FailureKind.STEP
            failures.getValue("two").failure() shouldBe FailureKind.STEP
            failures.getValue("two").reason() shouldContain "$cancelled of $id was cancelled"
        }

        overBoth("a step that another task waits for is refused, and the other is told") {
            val id = madeCluster()
            val step = madeStep(id, "load")
            carryOut(id, awaitStep(step), "one")
            carryOut(id, awaitStep(step), "two")
            failure().task() shouldBe "two"
            failure().reason() shouldStartWith "E760"
            runner.complete(step)
            pass(minutes(1))
            hasSucceeded("one") shouldBe true
        }

        test("a step of others is not taken for one that the run has submitted twice") {
            limited {
                val id = madeCluster(concurrency = 4)
                val steps = List(2) { madeStep(id, "load #r77.a1.1") }
                carryOut(id, awaitStep(steps.first()), "one")
                carryOut(id, awaitStep(steps.last()), "two")
                pass(minutes(5))
                steps.map { state(id, it) }.distinct() shouldBe listOf(StepState.RUNNING)
                warnings.shouldBeEmpty()
                recorded.requests<ListStepsRequest>().filter { !it.hasStepIds() }.shouldBeEmpty()
            }
        }

        overBoth("a wait that is cancelled does not touch the step, and may begin again") {
            val id = madeCluster()
            val step = madeStep(id, "load")
            carryOut(id, awaitStep(step))
            perform(stop(id, awaitStep(step), step))
            all<Event.AttemptCancelled>().single().task shouldBe "op"
            state(id, step) shouldBe StepState.RUNNING
            carryOut(id, awaitStep(step), "again")
            runner.complete(step)
            pass(minutes(1))
            hasSucceeded() shouldBe false
            hasSucceeded("again") shouldBe true
        }

        overBoth("the end of the cluster fails the wait for a step") {
            val id = madeCluster()
            val step = madeStep(id, "load")
            carryOut(id, awaitStep(step))
            end(id)
            pass(minutes(5))
            failure().failure() shouldBe FailureKind.CLUSTER_LOST
        }

        overBoth("a step is cancelled by its name, and the operation ends with it") {
            val id = madeCluster()
            runner.endsWhenInterrupted = false
            val step = madeStep(id, "stream")
            carryOut(id, cancelStep(name = "stream")) shouldBe step
            pass(minutes(2))
            hasSucceeded() shouldBe false
            perform(ask(id, cancelStep(step, kill = true), "harder"))
            pass(minutes(2))
            state(id, step) shouldBe StepState.CANCELLED
            hasSucceeded() shouldBe true
        }

        overBoth("a step that has ended, and a name that is not active, need no cancellation") {
            val id = madeCluster()
            val step = madeStep(id, "load")
            runner.complete(step)
            time.settle()
            carryOut(id, cancelStep(step), "one")
            carryOut(id, cancelStep(name = "load"), "two")
            pass(minutes(1))
            hasSucceeded("one") shouldBe true
            hasSucceeded("two") shouldBe true
            state(id, step) shouldBe StepState.COMPLETED
            recorded.operations().count { it == "CancelSteps" } shouldBe 1
        }

        overBoth("a lost answer to a cancellation is asked for again") {
            val id = madeCluster()
            val step = madeStep(id, "stream")
            faults.plan("CancelSteps", Fault.ErrorAfter())
            perform(ask(id, cancelStep(step)))
            pass(minutes(1))
            all<Event.AttemptAccepted>().single().remoteId shouldBe step
            all<Event.AttemptFailed>().shouldBeEmpty()
        }

        overBoth("a cancellation that EMR refuses while the step runs has failed") {
            val id = madeCluster()
            val step = madeStep(id, "stream")
            faults.plan("CancelSteps", Fault.Refuse("Not on this release."))
            perform(ask(id, cancelStep(step)))
            failure().failure() shouldBe FailureKind.REFUSED
            failure().reason() shouldStartWith "E762: EMR does not cancel the step $step"
            failure().reason() shouldContain "Not on this release."
        }

        overBoth("a step that EMR does not know is told as not there") {
            val id = madeCluster()
            perform(ask(id, cancelStep("s-UNKNOWN")))
            failure().reason() shouldStartWith "E759: The cluster $id has no step s-UNKNOWN"
        }

        overBoth("a cluster is waited for until it has no step to run") {
            val id = madeCluster()
            val step = madeStep(id, "load")
            carryOut(id, IDLE)
            pass(minutes(3))
            hasSucceeded() shouldBe false
            runner.complete(step)
            pass(minutes(1))
            hasSucceeded() shouldBe true
        }

        overBoth("a cluster that ends will not be idle: the wait fails at once with the reason") {
            val id = madeCluster()
            madeStep(id, "load")
            carryOut(id, IDLE)
            end(id)
            pass(minutes(1))
            failure().failure() shouldBe FailureKind.CLUSTER_LOST
            failure().reason() shouldStartWith
                "E761: The operation waits until the cluster $id has no step to run, and it is"
            failure().reason() shouldContain "USER_REQUEST"
        }

        overBoth("the end of a cluster is waited for, and is no loss meanwhile", SLOW_END) {
            val id = madeCluster()
            use(id)
            carryOut(id, ENDED)
            end(id)
            pass(minutes(3))
            hasSucceeded() shouldBe false
            all<Event.ScopeLost>().shouldBeEmpty()
            pass(minutes(3))
            hasSucceeded() shouldBe true
            events.indexOfFirst { it is Event.AttemptSucceeded && it.task == "op" } shouldBe
                events.indexOfFirst {
                    it is Event.ScopeLost || it is Event.AttemptSucceeded && it.task == "op"
                }
        }

        overBoth("an existing cluster is ended, and what still runs there is told of its loss") {
            val id = madeCluster()
            use(id)
            val step = madeStep(id, "a #run-1.a.1")
            perform(watchStep(id, step, "a"))
            carryOut(id, END)
            pass(minutes(5))
            status(id).stateAsString() shouldBe "TERMINATED"
            hasSucceeded() shouldBe true
            all<Event.AttemptFailed>().single { it.task == "a" }.failure() shouldBe
                FailureKind.CLUSTER_LOST
            all<Event.ScopeLost>().single().task shouldBe "use:prod"
            bugs.shouldBeEmpty()
        }

        overBoth("a protected cluster is not ended, and its protection stays") {
            val id = madeCluster()
            emulator.setTerminationProtection { it.jobFlowIds(id).terminationProtected(true) }
            perform(ask(id, END))
            failure().failure() shouldBe FailureKind.REFUSED
            failure().reason() shouldContain "termination protected"
            status(id).stateAsString() shouldBe "WAITING"
        }
    })
