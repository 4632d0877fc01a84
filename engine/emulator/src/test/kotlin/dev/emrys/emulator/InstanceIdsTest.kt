package dev.emrys.emulator

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainAll
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.time.Duration
import software.amazon.awssdk.services.emr.EmrClient
import software.amazon.awssdk.services.emr.model.Instance
import software.amazon.awssdk.services.emr.model.InstanceFleetType
import software.amazon.awssdk.services.emr.model.InstanceGroup
import software.amazon.awssdk.services.emr.model.InstanceGroupType

private val MINUTE: Duration = Duration.ofMinutes(1)
private val SLOW = EmulatorSettings.DEFAULT.withDelays(MINUTE, MINUTE, MINUTE)

private fun EmrClient.core(id: String): List<Instance> = listInstances {
    it.clusterId(id).instanceGroupTypes(InstanceGroupType.CORE)
}
    .instances()

private fun EmrClient.coreGroup(id: String): InstanceGroup = listInstanceGroups {
    it.clusterId(id)
}
    .instanceGroups()
    .single { it.instanceGroupTypeAsString() == "CORE" }

private fun EmrClient.resize(id: String, count: Int) {
    val group = coreGroup(id).id()
    modifyInstanceGroups { request ->
        request.instanceGroups({ it.instanceGroupId(group).instanceCount(count) })
    }
}

private fun List<Instance>.states() = map { it.status().stateAsString() }

class InstanceIdsTest :
    FunSpec({
        val harness = EmulatorHarness(settings = SLOW)
        val emr = harness.emr

        /** Two core instances. */
        fun waiting(): String = harness.run().also { harness.clock.advance(MINUTE.multipliedBy(3)) }

        fun pass() = harness.clock.advance(MINUTE)

        test("an instance in the place of a removed one is another one, created later") {
            val id = waiting()
            val first = emr.core(id).map { it.ec2InstanceId() }
            emr.resize(id, 1)
            pass()
            emr.core(id).map { it.ec2InstanceId() } shouldContainExactly listOf(first[0])
            val asked = harness.clock.instant()
            emr.resize(id, 3)
            emr.core(id).states() shouldContainExactly
                listOf("RUNNING", "PROVISIONING", "PROVISIONING")
            pass()
            val now = emr.core(id)
            now[0].ec2InstanceId() shouldBe first[0]
            now.map { it.ec2InstanceId() }.toSet().size shouldBe 3
            now.map { it.ec2InstanceId() }.filter { it == first[1] }.shouldBeEmpty()
            now[1].status().timeline().creationDateTime() shouldBe asked
            now.drop(1).map { it.status().timeline().readyDateTime() } shouldBe
                listOf(asked.plusSeconds(30), asked.plusSeconds(60))
            now[0].status().timeline().creationDateTime() shouldBe
                emr.cluster(id).status().timeline().creationDateTime()
        }

        test("a resize that another one replaces has given no instances") {
            val id = waiting()
            val first = emr.core(id).map { it.ec2InstanceId() }
            emr.resize(id, 5)
            harness.clock.advance(Duration.ofSeconds(10))
            val starting = emr.core(id)[2].ec2InstanceId()
            emr.resize(id, 3)
            emr.coreGroup(id).runningInstanceCount() shouldBe 2
            emr.core(id).states() shouldContainExactly listOf("RUNNING", "RUNNING", "PROVISIONING")
            emr.core(id).map { it.ec2InstanceId() } shouldContainExactly first + starting
            pass()
            emr.coreGroup(id).runningInstanceCount() shouldBe 3
            emr.core(id).map { it.ec2InstanceId() } shouldContainExactly first + starting
        }

        test("the instances of a resize are ready, and removed, one after the other") {
            val id = waiting()
            fun running() = emr.coreGroup(id).runningInstanceCount()
            fun pass(seconds: Long) = harness.clock.advance(Duration.ofSeconds(seconds))
            emr.resize(id, 5)
            running() shouldBe 2
            pass(20)
            running() shouldBe 3
            emr.core(id).states().count { it == "RUNNING" } shouldBe 3
            emr.core(id).states().count { it == "PROVISIONING" } shouldBe 2
            emr.coreGroup(id).status().stateAsString() shouldBe "RESIZING"
            pass(39)
            running() shouldBe 4
            pass(1)
            running() shouldBe 5
            emr.coreGroup(id).status().stateAsString() shouldBe "RUNNING"
            val ready = emr.core(id).map { it.status().timeline().readyDateTime() }
            ready.drop(2).zipWithNext { a, b -> Duration.between(a, b).toSeconds() } shouldBe
                listOf(20L, 20L)
            emr.resize(id, 3)
            pass(30)
            running() shouldBe 4
            emr.core(id).size shouldBe 4
            pass(30)
            emr.core(id).states() shouldBe List(3) { "RUNNING" }
        }

        test("instances that were to be removed stay when the group grows again before") {
            val id = waiting()
            val first = emr.core(id).map { it.ec2InstanceId() }
            emr.resize(id, 1)
            harness.clock.advance(Duration.ofSeconds(30))
            emr.resize(id, 2)
            pass()
            emr.core(id).map { it.ec2InstanceId() } shouldContainExactly first
        }

        test("a fleet gives new instances ids of their own, also after a restart") {
            fun fleet(type: InstanceFleetType, spot: Int) =
                software.amazon.awssdk.services.emr.model.InstanceFleetConfig.builder()
                    .instanceFleetType(type)
                    .targetOnDemandCapacity(if (spot == 0) 1 else 0)
                    .targetSpotCapacity(spot)
                    .instanceTypeConfigs({ it.instanceType("m5.xlarge").weightedCapacity(1) })
                    .build()
            val id = harness.run {
                instances {
                    it.keepJobFlowAliveWhenNoSteps(true)
                        .instanceFleets(
                            fleet(InstanceFleetType.MASTER, 0),
                            fleet(InstanceFleetType.CORE, 2),
                        )
                }
            }
            harness.clock.advance(MINUTE.multipliedBy(3))
            fun EmrClient.ofFleet() = listInstances {
                it.clusterId(id).instanceFleetType(InstanceFleetType.CORE)
            }
                .instances()
                .map { it.ec2InstanceId() }
            fun resize(spot: Int) {
                val core =
                    emr.listInstanceFleets { it.clusterId(id) }
                        .instanceFleets()
                        .single { it.instanceFleetTypeAsString() == "CORE" }
                emr.modifyInstanceFleet { request ->
                    request.clusterId(id).instanceFleet {
                        it.instanceFleetId(core.id()).targetSpotCapacity(spot)
                    }
                }
                pass()
            }
            val first = emr.ofFleet()
            resize(1)
            resize(2)
            val now = emr.ofFleet()
            now.first() shouldBe first.first()
            (now.last() == first.last()) shouldBe false
            emr.close()
            val restarted =
                EmulatorHarness(harness.store, SLOW, ManualClock(harness.clock.instant()))
            restarted.emr.recover()
            restarted.emr.ofFleet() shouldContainAll now
        }
    })
