package dev.emrys.emr

import com.google.common.collect.ImmutableList
import dev.emrys.emulator.EmulatorSettings
import dev.emrys.emulator.Fault
import dev.emrys.run.Command
import dev.emrys.run.Event
import dev.emrys.spec.ClusterOperation
import dev.emrys.spec.FailureKind
import dev.emrys.spec.FleetSize
import dev.emrys.spec.GroupSize
import dev.emrys.spec.InstanceRole
import dev.emrys.spec.ManagedScaling
import dev.emrys.spec.SourceLocation
import dev.emrys.testing.operation
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.ints.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import java.time.Duration
import software.amazon.awssdk.services.emr.model.ModifyInstanceGroupsRequest

private fun ask(clusterId: String, what: ClusterOperation, uncertain: Boolean = false) =
    Command.Submit(
        "op",
        1,
        "run-1.o1.1",
        operation("op", what = what),
        clusterId,
        SUBMIT_TIME,
        uncertain,
    )

private fun watch(clusterId: String, what: ClusterOperation) =
    Command.Watch("op", 1, operation("op", what = what), clusterId, clusterId, SUBMIT_TIME)

private fun cancel(clusterId: String, what: ClusterOperation) =
    Command.Cancel("op", 1, operation("op", what = what), clusterId, clusterId)

private fun resize(vararg sizes: GroupSize) =
    ClusterOperation.Resize(ImmutableList.copyOf(sizes), ImmutableList.of())

private fun core(count: Int) = GroupSize(InstanceRole.CORE, null, count)

private fun task(count: Int) = GroupSize(InstanceRole.TASK, null, count)

/** With a core group of 2 and a task group of 1. */
private fun EmrHarness.sizedCluster(): String {
    val id =
        emulator
            .runJobFlow { request ->
                request
                    .name("prod")
                    .releaseLabel("emr-7.8.0")
                    .serviceRole("EMR_DefaultRole")
                    .jobFlowRole("EMR_EC2_DefaultRole")
                    .instances { instances ->
                        instances
                            .keepJobFlowAliveWhenNoSteps(true)
                            .instanceGroups(
                                listOf("MASTER" to 1, "CORE" to 2, "TASK" to 1).map { (role, count)
                                    ->
                                    software.amazon.awssdk.services.emr.model.InstanceGroupConfig
                                        .builder()
                                        .name(role.lowercase())
                                        .instanceRole(role)
                                        .instanceType("m6g.xlarge")
                                        .instanceCount(count)
                                        .build()
                                }
                            )
                    }
            }
            .jobFlowId()
    pass(minutes(7))
    return id
}

private fun EmrHarness.clusterOfFleets(): String {
    val id =
        emulator
            .runJobFlow { request ->
                request
                    .name("prod")
                    .releaseLabel("emr-7.8.0")
                    .serviceRole("EMR_DefaultRole")
                    .jobFlowRole("EMR_EC2_DefaultRole")
                    .instances { instances ->
                        instances
                            .keepJobFlowAliveWhenNoSteps(true)
                            .instanceFleets(
                                listOf("MASTER", "CORE", "TASK").map { role ->
                                    software.amazon.awssdk.services.emr.model.InstanceFleetConfig
                                        .builder()
                                        .instanceFleetType(role)
                                        .targetOnDemandCapacity(1)
                                        .instanceTypeConfigs({
                                            it.instanceType("m6g.xlarge").weightedCapacity(1)
                                        })
                                        .build()
                                }
                            )
                    }
            }
            .jobFlowId()
    pass(minutes(7))
    return id
}

private fun EmrHarness.sizes(clusterId: String): Map<String, Int> =
    emulator
        .listInstanceGroups { it.clusterId(clusterId) }
        .instanceGroups()
        .associate { it.instanceGroupTypeAsString() to it.requestedInstanceCount() }

private fun EmrHarness.cluster(clusterId: String) =
    emulator.describeCluster { it.clusterId(clusterId) }.cluster()

/** Submits and watches, as a run does. */
private fun EmrHarness.carryOut(clusterId: String, what: ClusterOperation) {
    perform(ask(clusterId, what))
    all<Event.AttemptAccepted>().filter { it.task == "op" } shouldHaveSize 1
    perform(watch(clusterId, what))
}

private fun EmrHarness.failure(): Event.AttemptFailed = all<Event.AttemptFailed>().single()

/** A change of the size takes four minutes. */
private val SLOW = EmulatorSettings.DEFAULT.withDelays(minutes(4), minutes(2), minutes(1))

private fun scaling(unit: String? = null) =
    ClusterOperation.ScalingLimits(
        ManagedScaling(unit, 2, 20, null, 10, null, null, SourceLocation.UNKNOWN)
    )

class ClusterOperationsTest :
    FunSpec({
        overBoth("a resize has succeeded when the instances run, and not before", SLOW) {
            val id = sizedCluster()
            val what = resize(core(10), task(0))
            carryOut(id, what)
            all<Event.AttemptRunning>().single().task shouldBe "op"
            sizes(id) shouldBe mapOf("MASTER" to 1, "CORE" to 10, "TASK" to 0)
            pass(minutes(3))
            all<Event.AttemptSucceeded>().shouldBeEmpty()
            pass(minutes(2))
            all<Event.AttemptSucceeded>().single().task shouldBe "op"
            recorded.requests<ModifyInstanceGroupsRequest>() shouldHaveSize 1
        }

        overBoth("a resize is asked for less and less often", SLOW) {
            val id = sizedCluster()
            carryOut(id, resize(core(3)))
            pass(minutes(5))
            all<Event.AttemptSucceeded>() shouldHaveSize 1
            // Every two seconds it would be 120 calls.
            recorded.operations().count { it == "ListInstanceGroups" } shouldBeLessThan 20
            recorded.calls.clear()
            pass(minutes(5))
            recorded.operations().shouldBeEmpty()
        }

        overBoth("a group may be named by its name, as well as by its role") {
            val id = sizedCluster()
            carryOut(id, resize(GroupSize(null, "task", 7)))
            pass(minutes(1))
            sizes(id) shouldBe mapOf("MASTER" to 1, "CORE" to 2, "TASK" to 7)
            all<Event.AttemptSucceeded>() shouldHaveSize 1
        }

        overBoth("fleets are resized, each in a call of its own", SLOW) {
            val id = clusterOfFleets()
            val what =
                ClusterOperation.Resize(
                    ImmutableList.of(),
                    ImmutableList.of(
                        FleetSize(InstanceRole.CORE, 4, null),
                        FleetSize(InstanceRole.TASK, 0, 6),
                    ),
                )
            carryOut(id, what)
            recorded.operations().count { it == "ModifyInstanceFleet" } shouldBe 2
            pass(minutes(3))
            all<Event.AttemptSucceeded>().shouldBeEmpty()
            pass(minutes(2))
            all<Event.AttemptSucceeded>() shouldHaveSize 1
            emulator
                .listInstanceFleets { it.clusterId(id) }
                .instanceFleets()
                .associate {
                    it.instanceFleetTypeAsString() to
                        listOf(it.targetOnDemandCapacity() ?: 0, it.targetSpotCapacity() ?: 0)
                } shouldBe
                mapOf("MASTER" to listOf(1, 0), "CORE" to listOf(4, 0), "TASK" to listOf(0, 6))
        }

        overBoth("a group that the cluster does not have is refused, and nothing is changed") {
            val id = madeCluster()
            perform(ask(id, resize(task(5))))
            failure().failure() shouldBe FailureKind.REFUSED
            failure().reason() shouldStartWith "E755: The cluster $id has no task instance group"
            recorded.requests<ModifyInstanceGroupsRequest>().shouldBeEmpty()
        }

        overBoth("a resize whose answer is lost is asked for again, and its instances run") {
            val id = sizedCluster()
            faults.plan("ModifyInstanceGroups", Fault.ErrorAfter())
            perform(ask(id, resize(core(5))))
            pass(minutes(1))
            recorded.requests<ModifyInstanceGroupsRequest>() shouldHaveSize 2
            all<Event.AttemptAccepted>() shouldHaveSize 1
            sizes(id)["CORE"] shouldBe 5
        }

        overBoth("a resize that another one replaces fails", SLOW) {
            val id = sizedCluster()
            val what = resize(core(10))
            carryOut(id, what)
            val group =
                emulator
                    .listInstanceGroups { it.clusterId(id) }
                    .instanceGroups()
                    .single { it.instanceGroupTypeAsString() == "CORE" }
            emulator.modifyInstanceGroups { request ->
                request.instanceGroups({ it.instanceGroupId(group.id()).instanceCount(3) })
            }
            pass(minutes(5))
            failure().failure() shouldBe FailureKind.INTERNAL
            failure().reason() shouldStartWith "E757: The core instance group of the cluster $id"
        }

        overBoth("a resize fails with its cluster", SLOW) {
            val id = sizedCluster()
            carryOut(id, resize(core(10)))
            end(id)
            pass(minutes(1))
            failure().failure() shouldBe FailureKind.CLUSTER_LOST
            events.clear()
            perform(ask(id, resize(core(10))))
            failure().failure() shouldBe FailureKind.CLUSTER_LOST
        }

        overBoth("a cancelled resize is not asked for any more, and is not taken back", SLOW) {
            val id = sizedCluster()
            val what = resize(core(10))
            carryOut(id, what)
            perform(cancel(id, what))
            all<Event.AttemptCancelled>().single().task shouldBe "op"
            recorded.calls.clear()
            pass(minutes(10))
            recorded.operations().shouldBeEmpty()
            all<Event.AttemptSucceeded>().shouldBeEmpty()
            sizes(id)["CORE"] shouldBe 10
        }

        overBoth("a process that takes a cancelled resize over reports it, and asks nothing") {
            val id = sizedCluster()
            val what = resize(core(10))
            perform(cancel(id, what), watch(id, what))
            pass(minutes(1))
            all<Event.AttemptCancelled>() shouldHaveSize 1
            all<Event.AttemptSucceeded>().shouldBeEmpty()
            recorded.operations().shouldBeEmpty()
        }

        overBoth("a process that takes a resize over asks for its end alone", SLOW) {
            val id = sizedCluster()
            val what = resize(core(10))
            perform(ask(id, what))
            recorded.calls.clear()
            perform(watch(id, what), watch(id, what))
            pass(minutes(5))
            all<Event.AttemptSucceeded>() shouldHaveSize 1
            recorded.operations().toSet() shouldBe setOf("ListInstanceGroups")
        }

        overBoth("an operation that is withdrawn is not sent") {
            val id = sizedCluster()
            submitOnly(Command.Withdraw("op", 1, "run-1.o1.1"), ask(id, resize(core(5))))
            time.settle()
            failure().reason() shouldBe RequestFactory.WITHDRAWN
            sizes(id)["CORE"] shouldBe 2
        }

        overBoth("step concurrency is changed, and has succeeded with EMR's answer") {
            val id = madeCluster()
            carryOut(id, ClusterOperation.StepConcurrency(10))
            cluster(id).stepConcurrencyLevel() shouldBe 10
            all<Event.AttemptSucceeded>().single().task shouldBe "op"
        }

        overBoth("managed scaling is put and removed, in the unit of the cluster") {
            val groups = sizedCluster()
            carryOut(groups, scaling())
            fun limits(id: String) =
                emulator
                    .getManagedScalingPolicy { it.clusterId(id) }
                    .managedScalingPolicy()
                    ?.computeLimits()
            limits(groups)?.unitTypeAsString() shouldBe "Instances"
            limits(groups)?.minimumCapacityUnits() shouldBe 2
            limits(groups)?.maximumCapacityUnits() shouldBe 20
            limits(groups)?.maximumCoreCapacityUnits() shouldBe 10
            val fleets = clusterOfFleets()
            events.clear()
            perform(ask(fleets, scaling()))
            limits(fleets)?.unitTypeAsString() shouldBe "InstanceFleetUnits"
            recorded.calls.clear()
            perform(ask(groups, scaling("VCPU")))
            limits(groups)?.unitTypeAsString() shouldBe "VCPU"
            recorded.operations() shouldContainExactly listOf("PutManagedScalingPolicy")
            perform(ask(groups, ClusterOperation.ScalingLimits(null)))
            limits(groups) shouldBe null
        }

        overBoth("the idle timeout is put and removed") {
            val id = madeCluster()
            carryOut(id, ClusterOperation.AutoTermination(Duration.ofHours(6)))
            fun timeout() =
                emulator
                    .getAutoTerminationPolicy { it.clusterId(id) }
                    .autoTerminationPolicy()
                    ?.idleTimeout()
            timeout() shouldBe 21_600
            perform(ask(id, ClusterOperation.AutoTermination(null)))
            timeout() shouldBe null
        }

        overBoth("termination protection is set and ended") {
            val id = madeCluster()
            carryOut(id, ClusterOperation.TerminationProtection(true))
            cluster(id).terminationProtected() shouldBe true
            perform(ask(id, ClusterOperation.TerminationProtection(false)))
            cluster(id).terminationProtected() shouldBe false
        }

        overBoth("what EMR refuses has failed with EMR's words, and is not tried again") {
            val id = madeCluster()
            faults.plan("ModifyCluster", Fault.Refuse("Step concurrency is not for you."))
            perform(ask(id, ClusterOperation.StepConcurrency(10)))
            failure().failure() shouldBe FailureKind.REFUSED
            failure().reason() shouldContain "Step concurrency is not for you."
        }

        overBoth("every change of a cluster that has ended is told as its loss") {
            val id = madeCluster()
            end(id)
            pass(minutes(5))
            val all =
                listOf(
                    ClusterOperation.StepConcurrency(10),
                    scaling("Instances"),
                    ClusterOperation.ScalingLimits(null),
                    ClusterOperation.AutoTermination(Duration.ofHours(1)),
                    ClusterOperation.AutoTermination(null),
                    ClusterOperation.TerminationProtection(true),
                )
            all.forEach { perform(ask(id, it)) }
            all<Event.AttemptFailed>().map { it.failure() } shouldBe
                all.map { FailureKind.CLUSTER_LOST }
        }

        overBoth("a throttled change and one without an answer are sent again") {
            val id = madeCluster()
            faults.plan("ModifyCluster", Fault.Throttle(), Fault.ErrorBefore(), Fault.ErrorAfter())
            perform(ask(id, ClusterOperation.StepConcurrency(10)))
            pass(minutes(2))
            all<Event.AttemptAccepted>() shouldHaveSize 1
            all<Event.AttemptFailed>().shouldBeEmpty()
            cluster(id).stepConcurrencyLevel() shouldBe 10
            recorded.operations().count { it == "ModifyCluster" } shouldBe 4
        }

        overBoth("the end of a run's cluster ends the protection that an operation has set") {
            val id = madeCluster("etl #run-1.t1.1")
            carryOut(id, ClusterOperation.TerminationProtection(true))
            val end = dev.emrys.spec.ClusterEnd(clusterSpec(), true)
            perform(
                Command.Release("end:etl", 1, end, id),
                Command.Watch("end:etl", 1, end, id, id, SUBMIT_TIME),
            )
            pass(minutes(5))
            status(id).stateAsString() shouldBe "TERMINATED"
            bugs.shouldBeEmpty()
        }
    })
