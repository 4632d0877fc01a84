package dev.emrys.emr

import com.google.common.collect.ImmutableList
import dev.emrys.emr.ResizedInstances.Part
import dev.emrys.emr.ResizedInstances.Progress
import dev.emrys.spec.ClusterOperation
import dev.emrys.spec.FailureKind
import dev.emrys.spec.FleetSize
import dev.emrys.spec.GroupSize
import dev.emrys.spec.InstanceRole
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import software.amazon.awssdk.services.emr.model.InstanceFleet
import software.amazon.awssdk.services.emr.model.InstanceGroup

private fun group(
    role: String,
    requested: Int,
    running: Int,
    state: String = "RUNNING",
    id: String = "ig-$role",
    name: String = role.lowercase(),
): Part =
    Part.of(
        InstanceGroup.builder()
            .id(id)
            .name(name)
            .instanceGroupType(role)
            .requestedInstanceCount(requested)
            .runningInstanceCount(running)
            .status {
                it.state(state).stateChangeReason { reason -> reason.message("No capacity.") }
            }
            .build()
    )

/** With instance types of the weights 4 and 8. */
private fun fleet(target: Int, provisioned: Int, spot: Int = 0, provisionedSpot: Int = 0): Part =
    Part.of(
        InstanceFleet.builder()
            .id("if-1")
            .name("Core")
            .instanceFleetType("CORE")
            .targetOnDemandCapacity(target)
            .provisionedOnDemandCapacity(provisioned)
            .targetSpotCapacity(spot)
            .provisionedSpotCapacity(provisionedSpot)
            .instanceTypeSpecifications({ it.weightedCapacity(4) }, { it.weightedCapacity(8) })
            .status { it.state("RUNNING") }
            .build()
    )

private val CORE_TO_TEN =
    ClusterOperation.Resize(
        ImmutableList.of(GroupSize(InstanceRole.CORE, null, 10)),
        ImmutableList.of(),
    )

private fun of(vararg parts: Part, resize: ClusterOperation.Resize = CORE_TO_TEN) =
    ResizedInstances("j-1", resize, ImmutableList.copyOf(parts))

private fun fleetTo(onDemand: Int?, spot: Int?) =
    ClusterOperation.Resize(
        ImmutableList.of(),
        ImmutableList.of(FleetSize(InstanceRole.CORE, onDemand, spot)),
    )

class ResizedInstancesTest :
    FunSpec({
        test("a resize is done when as many run as were asked for, in the state RUNNING") {
            of(group("CORE", 10, 10)).result(true).progress() shouldBe Progress.DONE
            of(group("CORE", 10, 9)).result(true).progress() shouldBe Progress.WAITING
            of(group("CORE", 10, 12)).result(true).progress() shouldBe Progress.WAITING
            of(group("CORE", 10, 10, "RESIZING")).result(true).progress() shouldBe Progress.WAITING
        }

        test("what EMR lists at first may be from before the resize") {
            val before = group("CORE", 2, 2, "SUSPENDED")
            of(before).result(false).progress() shouldBe Progress.WAITING
            of(before).result(true).progress() shouldBe Progress.FAILED
        }

        test("a group that EMR has stopped to resize has failed, with EMR's reason") {
            for (state in listOf("SUSPENDED", "ARRESTED")) {
                val result = of(group("CORE", 10, 4, state)).result(true)
                result.failure() shouldBe FailureKind.INTERNAL
                "${result.diagnostic()}" shouldContain "E758"
                "${result.diagnostic()}" shouldContain
                    "core instance group of the cluster j-1 is $state with 4 instances running of 10"
                "${result.diagnostic()}" shouldContain "No capacity."
            }
        }

        test("a group that something else resizes has failed") {
            val result = of(group("CORE", 4, 4)).result(true)
            "${result.diagnostic()}" shouldContain "E757"
            "${result.diagnostic()}" shouldContain "was to have 10 instances"
            "${result.diagnostic()}" shouldContain "asked for 4 instances now"
        }

        test("the end of the cluster is told as its loss, also at first") {
            for (state in listOf("TERMINATING", "TERMINATED", "SHUTTING_DOWN", "ENDED")) {
                val result = of(group("CORE", 10, 0, state)).result(false)
                result.failure() shouldBe FailureKind.CLUSTER_LOST
            }
        }

        test("a fleet may have more than its target by less than its largest instance") {
            val resize = fleetTo(10, null)
            of(fleet(10, 16), resize = resize).result(true).progress() shouldBe Progress.DONE
            of(fleet(10, 10), resize = resize).result(true).progress() shouldBe Progress.DONE
            of(fleet(10, 18), resize = resize).result(true).progress() shouldBe Progress.WAITING
            of(fleet(10, 9), resize = resize).result(true).progress() shouldBe Progress.WAITING
        }

        test("of a fleet only what is named is waited for") {
            of(fleet(10, 10, 8, 0), resize = fleetTo(10, null)).result(true).progress() shouldBe
                Progress.DONE
            of(fleet(10, 10, 8, 0), resize = fleetTo(null, 8)).result(true).progress() shouldBe
                Progress.WAITING
            of(fleet(10, 0, 8, 8), resize = fleetTo(null, 8)).result(true).progress() shouldBe
                Progress.DONE
        }

        test("a group is found by its role, its name and its id, and never guessed") {
            val one = group("TASK", 1, 1, id = "ig-1", name = "Spot")
            val other = group("TASK", 1, 1, id = "ig-2", name = "On demand")
            fun resize(role: InstanceRole?, group: String?) =
                ClusterOperation.Resize(
                    ImmutableList.of(GroupSize(role, group, 3)),
                    ImmutableList.of(),
                )
            of(one, resize = resize(InstanceRole.TASK, null)).wanted().single().part() shouldBe one
            of(one, other, resize = resize(null, "Spot")).wanted().single().part() shouldBe one
            of(one, other, resize = resize(null, "ig-2")).wanted().single().part() shouldBe other
            val several = of(one, other, resize = resize(InstanceRole.TASK, null)).mistake()
            "$several" shouldContain "E756"
            "$several" shouldContain "Spot (ig-1, task), On demand (ig-2, task)"
            "${of(one, resize = resize(null, "spot")).mistake()}" shouldContain "E755"
        }
    })
