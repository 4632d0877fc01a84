package dev.emrys.emr

import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableSet
import dev.emrys.drive.Effects
import dev.emrys.emulator.EmulatorSettings
import dev.emrys.emulator.Fault
import dev.emrys.run.Command
import dev.emrys.run.Event
import dev.emrys.spec.ClusterUse
import dev.emrys.spec.ExistingCluster
import dev.emrys.spec.FailureKind
import dev.emrys.testing.existingCluster
import dev.emrys.testing.keptAfterRun
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import software.amazon.awssdk.services.emr.model.ClusterState
import software.amazon.awssdk.services.emr.model.StepState

private fun use(
    cluster: ExistingCluster,
    task: String = "use:${cluster.name()}",
    key: String = "run-1.u1.1",
) = Command.Submit(task, 1, key, ClusterUse(cluster), null, SUBMIT_TIME, false)

private fun watchUse(clusterId: String) =
    Command.Watch("use:prod", 1, ClusterUse(existingCluster()), null, clusterId, SUBMIT_TIME)

private fun EmrHarness.refusal(): String {
    val failed = all<Event.AttemptFailed>().single()
    failed.failure() shouldBe FailureKind.REFUSED
    return failed.reason()
}

/** What changes a cluster, or its steps; none of it may happen to a cluster of others. */
private val CHANGES =
    setOf("TerminateJobFlows", "AddTags", "SetTerminationProtection", "RunJobFlow")

private fun EmrHarness.changes() = recorded.calls.map { it.operation }.filter { it in CHANGES }

class ExistingClusterTest :
    FunSpec({
        overBoth("a cluster is found by its id, and takes steps when it is up") {
            val id = madeCluster("any")
            perform(use(existingCluster(id = id)))
            all<Event.AttemptAccepted>().single().remoteId shouldBe id
            recorded.operations() shouldContainExactly listOf("DescribeCluster")
            perform(watchUse(id))
            pass(POLL_INTERVAL)
            all<Event.AttemptSucceeded>().single().task shouldBe "use:prod"
        }

        overBoth("a cluster is found by its whole name among those of other names") {
            madeCluster("prod-2")
            val id = madeCluster("prod")
            madeCluster("Prod")
            perform(use(existingCluster()))
            all<Event.AttemptAccepted>().single().remoteId shouldBe id
        }

        overBoth("an id that EMR does not know is refused with EMR's words") {
            perform(use(existingCluster(id = "j-UNKNOWN")))
            refusal() shouldStartWith "E750: EMR does not know the cluster j-UNKNOWN"
            refusal() shouldContain "aws emr list-clusters"
        }

        overBoth("a cluster that has ended is refused") {
            val id = madeCluster()
            end(id)
            pass(minutes(5))
            perform(use(existingCluster(id = id)))
            refusal() shouldStartWith "E751: The cluster $id is TERMINATED"
        }

        overBoth("a name that no cluster has can be tried again") {
            end(madeCluster("prod"))
            perform(use(existingCluster()))
            val failed = all<Event.AttemptFailed>().single()
            failed.failure() shouldBe FailureKind.CLUSTER_LOST
            failed.reason() shouldStartWith "E752: No cluster named \"prod\" is running or waiting."
        }

        overBoth("of several clusters of one name none is used, and all are named") {
            val ids = List(2) { madeCluster("prod") }
            perform(use(existingCluster()))
            all<Event.AttemptAccepted>().shouldBeEmpty()
            val reason = refusal()
            reason shouldStartWith "E753: 2 clusters named \"prod\" are running or waiting"
            ids.forEach { reason shouldContain it }
        }

        overBoth("a cluster that another run keeps is found by the name in its script") {
            perform(start(clusterSpec(name = "prod").keptAfterRun()))
            val id = all<Event.AttemptAccepted>().single().remoteId
            perform(start(clusterSpec(name = "prod"), key = "run-2.t1.1"))
            madeCluster("prod-2 #run-1.t1.1")
            perform(use(existingCluster()))
            all<Event.AttemptAccepted>().last().remoteId shouldBe id
        }

        overBoth("a cluster that ends with another run is not found by its name") {
            perform(start(clusterSpec(name = "prod")))
            val id = all<Event.AttemptAccepted>().single().remoteId
            perform(use(existingCluster()))
            val failed = all<Event.AttemptFailed>().single()
            failed.failure() shouldBe FailureKind.CLUSTER_LOST
            failed.reason() shouldStartWith
                "E763: The only clusters named \"prod\" end with the runs that have started them: $id of the run brave-otter."
        }

        overBoth("a cluster that a run keeps and one of somebody else are two of one name") {
            perform(start(clusterSpec(name = "prod").keptAfterRun()))
            madeCluster("prod")
            perform(use(existingCluster()))
            refusal() shouldStartWith "E753: 2 clusters named \"prod\" are running or waiting"
        }

        overBoth("a cluster in another state is not found by its name", SLOW) {
            madeCluster("prod")
            perform(use(existingCluster()))
            all<Event.AttemptFailed>().single().reason() shouldStartWith "E752"
        }

        overBoth("a cluster that starts is waited for, by its id", SLOW) {
            val id = madeCluster()
            perform(use(existingCluster(id = id)))
            perform(watchUse(id))
            pass(minutes(5))
            all<Event.AttemptSucceeded>().shouldBeEmpty()
            pass(minutes(5))
            all<Event.AttemptSucceeded>().single().task shouldBe "use:prod"
            changes().shouldBeEmpty()
        }

        overBoth("a lost reply of the lookup is asked for again") {
            val id = madeCluster("prod")
            faults.plan("ListClusters", Fault.ErrorAfter())
            perform(use(existingCluster()))
            pass(minutes(1))
            all<Event.AttemptAccepted>().single().remoteId shouldBe id
        }

        overBoth("a lookup that is withdrawn is not made") {
            madeCluster("prod")
            submitOnly(Command.Withdraw("use:prod", 1, "run-1.u1.1"), use(existingCluster()))
            time.settle()
            refusal() shouldBe RequestFactory.WITHDRAWN
            recorded.operations().shouldBeEmpty()
        }

        overBoth("one cluster under two names of a run is refused for the second") {
            val id = madeCluster("prod")
            perform(use(existingCluster(id = id, name = "one")), use(existingCluster()))
            all<Event.AttemptAccepted>().single().task shouldBe "use:one"
            refusal() shouldContain "is used by this run as \"one\" already, and \"prod\" means"
        }

        overBoth("no life lease is put on it, neither at first nor later") {
            val id = madeCluster("prod")
            perform(use(existingCluster()))
            perform(watchUse(id))
            val step = madeStep(id, "a #run-1.a.1")
            perform(watchStep(id, step, "a"))
            pass(minutes(2))
            tags(id).keys.filter { it.startsWith("emrys:") }.shouldBeEmpty()
            changes().shouldBeEmpty()
        }

        overBoth("its end is told as the loss of its steps and of itself") {
            val id = madeCluster("prod")
            perform(use(existingCluster()))
            perform(watchUse(id))
            val step = madeStep(id, "a #run-1.a.1")
            perform(watchStep(id, step, "a"))
            end(id)
            pass(minutes(5))
            all<Event.AttemptFailed>().filter { it.task == "a" }.single().failure() shouldBe
                FailureKind.CLUSTER_LOST
            all<Event.ScopeLost>().single().task shouldBe "use:prod"
        }

        overBoth("a step that cannot be cancelled is told of, and its cluster is not ended") {
            runner.endsWhenInterrupted = false
            val id = madeCluster("prod")
            perform(use(existingCluster()))
            perform(watchUse(id))
            val step = madeStep(id, "a #run-1.a.1")
            recorded.before = { if (it == "CancelSteps") throw noAnswer() }
            perform(watchStep(id, step, "a"), cancelStep(id, step, "a"))
            pass(minutes(8))
            status(id).state() shouldBe ClusterState.RUNNING
            warnings.filter {
                "has not started the cluster, so it does not end it" in it
            } shouldHaveSize 1
            changes().shouldBeEmpty()
            runner.complete(step)
            pass(minutes(1))
            all<Event.AttemptSucceeded>().map { it.task } shouldContain "a"
        }

        overBoth("a run whose journal is lost ends its own clusters and leaves the existing one") {
            val id = madeCluster("prod")
            val own = madeCluster("etl #run-1.t1.1")
            perform(use(existingCluster()))
            val ended = effects.endEverything()
            pass(minutes(5))
            ended.isDone shouldBe true
            status(id).state() shouldBe ClusterState.WAITING
            status(own).state() shouldBe ClusterState.TERMINATED
        }

        overBoth("two runs of one process use one cluster, and each is told of its own steps") {
            val id = madeCluster("prod", concurrency = 4)
            val others = mutableListOf<Event>()
            val second =
                EmrEffects(
                    account,
                    RunTags("run-2", "calm-fox", "other"),
                    SUBMIT_TIME,
                    ImmutableSet.of(),
                )
            fun second(vararg commands: Command.ForTarget) {
                second.perform(
                    ImmutableList.copyOf(commands),
                    object : Effects.Reports {
                        override fun report(event: Event) {
                            others += event
                        }

                        override fun fail(bug: Throwable) {
                            bugs += bug
                        }
                    },
                )
                time.settle()
            }
            perform(watchUse(id))
            second(watchUse(id))
            val one = madeStep(id, "a #run-1.a.1")
            val two = madeStep(id, "b #run-2.b.1")
            perform(watchStep(id, one, "a"))
            second(watchStep(id, two, "b"))
            runner.complete(one)
            runner.complete(two)
            pass(minutes(1))
            all<Event.AttemptSucceeded>().map { it.task } shouldContainExactly
                listOf("use:prod", "a")
            others.filterIsInstance<Event.AttemptSucceeded>().map { it.task } shouldContainExactly
                listOf("use:prod", "b")
            second.close()
            end(id)
            pass(minutes(1))
            all<Event.ScopeLost>() shouldHaveSize 1
            bugs.shouldBeEmpty()
        }

        test("what an endpoint pushes reaches each run that uses the cluster") {
            EmrHarness(wire = false, pollInterval = minutes(60), pushes = true).use { harness ->
                with(harness) {
                    val id = madeCluster("prod")
                    perform(watchUse(id))
                    val step = madeStep(id, "a #run-1.a.1")
                    perform(watchStep(id, step, "a"))
                    val second =
                        EmrEffects(
                            account,
                            RunTags("run-2", "calm-fox", "other"),
                            SUBMIT_TIME,
                            ImmutableSet.of(),
                        )
                    second.perform(
                        ImmutableList.of(watchUse(id)),
                        object : Effects.Reports {
                            override fun report(event: Event) {}

                            override fun fail(bug: Throwable) {
                                bugs += bug
                            }
                        },
                    )
                    time.settle()
                    runner.complete(step)
                    subscribers.toList().forEach {
                        it.stepChanged(
                            id,
                            steps(id)
                                .single { listed -> listed.id() == step }
                                .also { listed ->
                                    listed.status().state() shouldBe StepState.COMPLETED
                                },
                        )
                    }
                    time.settle()
                    all<Event.AttemptSucceeded>().map { it.task } shouldContain "a"
                    bugs.shouldBeEmpty()
                }
            }
        }
    })

private val SLOW = EmulatorSettings.DEFAULT.withDelays(minutes(4), minutes(2), minutes(1))
