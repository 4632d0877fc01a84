package dev.emrys.emulator

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.time.Duration
import software.amazon.awssdk.services.emr.EmrClient
import software.amazon.awssdk.services.emr.model.AutoScalingPolicy
import software.amazon.awssdk.services.emr.model.ComputeLimitsUnitType
import software.amazon.awssdk.services.emr.model.Configuration
import software.amazon.awssdk.services.emr.model.EmrException
import software.amazon.awssdk.services.emr.model.InstanceFleet
import software.amazon.awssdk.services.emr.model.InstanceFleetConfig
import software.amazon.awssdk.services.emr.model.InstanceFleetType
import software.amazon.awssdk.services.emr.model.InstanceGroup
import software.amazon.awssdk.services.emr.model.InstanceRoleType.CORE
import software.amazon.awssdk.services.emr.model.InstanceRoleType.MASTER
import software.amazon.awssdk.services.emr.model.InstanceRoleType.TASK
import software.amazon.awssdk.services.emr.model.ScalingRule

private val MINUTE: Duration = Duration.ofMinutes(1)
private val SLOW = EmulatorSettings.DEFAULT.withDelays(MINUTE, MINUTE, MINUTE)

private fun refused(call: () -> Unit): String = shouldThrow<EmrException> { call() }.text()

private fun EmrClient.groups(id: String): List<InstanceGroup> = listInstanceGroups {
    it.clusterId(id)
}
    .instanceGroups()

private fun EmrClient.fleets(id: String): List<InstanceFleet> = listInstanceFleets {
    it.clusterId(id)
}
    .instanceFleets()

private fun EmrClient.resize(group: String, count: Int) = modifyInstanceGroups { request ->
    request.instanceGroups({ it.instanceGroupId(group).instanceCount(count) })
}

private fun EmrClient.limit(id: String, unit: ComputeLimitsUnitType, min: Int, max: Int) =
    putManagedScalingPolicy { request ->
        request.clusterId(id).managedScalingPolicy { policy ->
            policy.computeLimits {
                it.unitType(unit).minimumCapacityUnits(min).maximumCapacityUnits(max)
            }
        }
    }

private fun policy(min: Int, max: Int): AutoScalingPolicy =
    AutoScalingPolicy.builder()
        .constraints { it.minCapacity(min).maxCapacity(max) }
        .rules(
            ScalingRule.builder()
                .name("more")
                .action { action ->
                    action.simpleScalingPolicyConfiguration { it.scalingAdjustment(1) }
                }
                .trigger { trigger ->
                    trigger.cloudWatchAlarmDefinition {
                        it.comparisonOperator("LESS_THAN")
                            .metricName("YARNMemoryAvailablePercentage")
                            .period(300)
                            .threshold(15.0)
                    }
                }
                .build()
        )
        .build()

private fun fleet(type: InstanceFleetType, onDemand: Int, spot: Int, weight: Int) =
    InstanceFleetConfig.builder()
        .instanceFleetType(type)
        .targetOnDemandCapacity(onDemand)
        .targetSpotCapacity(spot)
        .instanceTypeConfigs({ it.instanceType("m5.xlarge").weightedCapacity(weight) })
        .build()

private fun configuration(name: String, vararg properties: Pair<String, String>): Configuration =
    Configuration.builder().classification(name).properties(mapOf(*properties)).build()

/** A cluster that is WAITING, although its start takes time. */
private fun EmulatorHarness.waiting(withFleets: Boolean = false): String {
    val id = run {
        autoScalingRole("EMR_AutoScaling_DefaultRole")
        if (withFleets) {
            instances {
                it.keepJobFlowAliveWhenNoSteps(true)
                    .instanceFleets(
                        fleet(InstanceFleetType.MASTER, 1, 0, 4),
                        fleet(InstanceFleetType.CORE, 8, 0, 4),
                    )
            }
        }
    }
    clock.advance(MINUTE)
    clock.advance(MINUTE)
    return id
}

private fun EmulatorHarness.restarted(): EmulatorHarness {
    emr.close()
    return EmulatorHarness(store, settings, ManualClock(clock.instant()), processes, seed = 8)
        .also {
            it.emr.recover()
        }
}

class ClusterPartsTest :
    FunSpec({
        test("a group that is resized has its old instances until the new ones are ready") {
            val harness = EmulatorHarness(settings = SLOW)
            val id = harness.waiting()
            val core = harness.emr.groups(id)[1]
            val before = harness.emr.listInstances { it.clusterId(id) }.instances()
            harness.emr.resize(core.id(), 4)
            val resizing = harness.emr.groups(id)[1]
            resizing.status().stateAsString() shouldBe "RESIZING"
            resizing.requestedInstanceCount() shouldBe 4
            resizing.runningInstanceCount() shouldBe 2
            harness.emr
                .listInstances { it.clusterId(id).instanceStatesWithStrings("PROVISIONING") }
                .instances()
                .size shouldBe 2
            val second = harness.restarted()
            second.clock.advance(MINUTE)
            val resized = second.emr.groups(id)[1]
            resized.status().stateAsString() shouldBe "RUNNING"
            resized.runningInstanceCount() shouldBe 4
            val after = second.emr.listInstances { it.clusterId(id) }.instances()
            after.map { it.ec2InstanceId() }.containsAll(before.map { it.ec2InstanceId() }) shouldBe
                true
            after.size shouldBe 5
            after.map { it.privateIpAddress() }.toSet().size shouldBe 5
            after.first().privateDnsName() shouldBe "ip-10-0-0-4.ec2.internal"
        }

        test("only a task group can be added, and it is provisioned first") {
            val harness = EmulatorHarness(settings = SLOW)
            val id = harness.waiting()
            refused {
                harness.emr.addInstanceGroups { it.jobFlowId(id).instanceGroups(group(CORE, 1)) }
            } shouldBe "Only task instance groups can be added to a cluster that exists."
            refused {
                harness.emr.addInstanceGroups {
                    it.jobFlowId("j-NONE").instanceGroups(group(TASK, 1))
                }
            } shouldBe "Specified job flow ID not valid."
            val added =
                harness.emr.addInstanceGroups { it.jobFlowId(id).instanceGroups(group(TASK, 3)) }
            added.clusterArn() shouldBe harness.emr.cluster(id).clusterArn()
            val second = harness.restarted()
            val task = second.emr.groups(id)[2]
            task.id() shouldBe added.instanceGroupIds().single()
            task.status().stateAsString() shouldBe "PROVISIONING"
            task.runningInstanceCount() shouldBe 0
            second.clock.advance(MINUTE)
            second.emr.groups(id)[2].runningInstanceCount() shouldBe 3
            second.emr.groups(id)[2].status().timeline().readyDateTime() shouldBe
                second.clock.instant()
        }

        test("a change of a group that EMR does not allow changes nothing") {
            val harness = EmulatorHarness()
            val id = harness.ready()
            val (master, core) = harness.emr.groups(id)
            refused { harness.emr.resize(master.id(), 3) } shouldBe
                "The primary instance group cannot be resized."
            refused { harness.emr.resize(core.id(), 0) } shouldContain
                "instance count 0 is not valid"
            refused { harness.emr.resize("ig-NONE", 1) } shouldBe
                "Instance group id 'ig-NONE' is not valid."
            refused {
                harness.emr.modifyInstanceGroups { request ->
                    request.instanceGroups(
                        { it.instanceGroupId(core.id()).instanceCount(5) },
                        { it.instanceGroupId(master.id()).instanceCount(3) },
                    )
                }
            }
            harness.emr.groups(id)[1].requestedInstanceCount() shouldBe 2
        }

        test("a reconfiguration replaces or merges, and counts versions") {
            val harness = EmulatorHarness(settings = SLOW)
            val id = harness.waiting()
            val core = harness.emr.groups(id)[1].id()
            fun reconfigure(type: String, vararg configurations: Configuration) =
                harness.emr.modifyInstanceGroups { request ->
                    request
                        .clusterId(id)
                        .instanceGroups({
                            it.instanceGroupId(core)
                                .reconfigurationType(type)
                                .configurations(*configurations)
                        })
                }

            reconfigure("OVERWRITE", configuration("yarn-site", "a" to "1", "b" to "2"))
            harness.clock.advance(MINUTE)
            reconfigure("MERGE", configuration("yarn-site", "b" to "3"), configuration("core-site"))
            val changing = harness.emr.groups(id)[1]
            changing.status().stateAsString() shouldBe "RECONFIGURING"
            changing.configurationsVersion() shouldBe 2
            changing.lastSuccessfullyAppliedConfigurationsVersion() shouldBe 1
            changing.configurations().map { it.classification() } shouldContainExactly
                listOf("yarn-site", "core-site")
            changing.configurations()[0].properties() shouldBe mapOf("a" to "1", "b" to "3")
            harness.clock.advance(MINUTE)
            harness.emr.groups(id)[1].lastSuccessfullyAppliedConfigurationsVersion() shouldBe 2
        }

        test("the stored parts of an ended cluster are without confidential values") {
            val harness = EmulatorHarness()
            val id = harness.ready()
            val core = harness.emr.groups(id)[1].id()
            harness.emr.modifyInstanceGroups { request ->
                request.instanceGroups({
                    it.instanceGroupId(core)
                        .configurations(configuration("x", "password" to "hunter2"))
                })
            }
            fun stored() = harness.store.load().single { it.kind == "cluster-parts" }.json
            stored() shouldContain "hunter2"
            harness.emr.terminateJobFlows { it.jobFlowIds(id) }
            harness.clock.advance()
            stored() shouldNotContain "hunter2"
            harness.clock.advance(Duration.ofDays(61))
            harness.restarted().store.load().size shouldBe 0
        }

        test("a fleet of 8 units at weight 4 is 2 instances, and the primary's weight is 1") {
            val harness = EmulatorHarness(settings = SLOW)
            val id = harness.waiting(withFleets = true)
            val (master, core) = harness.emr.fleets(id)
            master.provisionedOnDemandCapacity() shouldBe 1
            core.provisionedOnDemandCapacity() shouldBe 8
            core.instanceTypeSpecifications().single().weightedCapacity() shouldBe 4
            harness.emr.listInstances { it.clusterId(id) }.instances().size shouldBe 3
            harness.emr.modifyInstanceFleet { request ->
                request.clusterId(id).instanceFleet {
                    it.instanceFleetId(core.id()).targetOnDemandCapacity(9).targetSpotCapacity(2)
                }
            }
            val resizing = harness.emr.fleets(id)[1]
            resizing.status().stateAsString() shouldBe "RESIZING"
            resizing.targetOnDemandCapacity() shouldBe 9
            resizing.provisionedOnDemandCapacity() shouldBe 8
            val second = harness.restarted()
            second.clock.advance(MINUTE)
            second.emr.fleets(id)[1].provisionedOnDemandCapacity() shouldBe 12
            second.emr.fleets(id)[1].provisionedSpotCapacity() shouldBe 4
            second.emr.listInstances { it.clusterId(id) }.instances().size shouldBe 5
        }

        test("one task fleet can be added, and the primary fleet cannot be modified") {
            val harness = EmulatorHarness()
            val id = harness.waiting(withFleets = true)
            val task = fleet(InstanceFleetType.TASK, 0, 4, 2)
            val added = harness.emr.addInstanceFleet { it.clusterId(id).instanceFleet(task) }
            harness.emr.fleets(id)[2].id() shouldBe added.instanceFleetId()
            harness.emr
                .listInstances { it.clusterId(id).instanceFleetType("TASK") }
                .instances()
                .size shouldBe 2
            refused {
                harness.emr.addInstanceFleet { it.clusterId(id).instanceFleet(task) }
            } shouldContain "only to a cluster without one"
            refused {
                harness.emr.modifyInstanceFleet { request ->
                    request.clusterId(id).instanceFleet {
                        it.instanceFleetId(harness.emr.fleets(id)[0].id()).targetOnDemandCapacity(1)
                    }
                }
            } shouldBe "The primary instance fleet cannot be modified."
        }

        test("requested EBS volumes are devices of the group and volumes of each instance") {
            val harness = EmulatorHarness()
            val id = harness.ready {
                instances { instances ->
                    instances.instanceGroups(
                        group(MASTER, 1),
                        group(CORE, 2)
                            .toBuilder()
                            .ebsConfiguration { ebs ->
                                ebs.ebsOptimized(true)
                                    .ebsBlockDeviceConfigs({ device ->
                                        device.volumesPerInstance(2).volumeSpecification {
                                            it.volumeType("gp3").sizeInGB(64)
                                        }
                                    })
                            }
                            .build(),
                    )
                }
            }
            val core = harness.emr.groups(id)[1]
            core.ebsOptimized() shouldBe true
            core.ebsBlockDevices().map { it.device() } shouldContainExactly
                listOf("/dev/sdb", "/dev/sdc")
            core.ebsBlockDevices()[0].volumeSpecification().sizeInGB() shouldBe 64
            val instances =
                harness.emr
                    .listInstances { it.clusterId(id).instanceGroupId(core.id()) }
                    .instances()
            instances
                .flatMap { one -> one.ebsVolumes().map { it.volumeId() } }
                .toSet()
                .size shouldBe 4
        }

        test("a managed scaling policy is stored, changed and removed") {
            val harness = EmulatorHarness()
            val id = harness.ready {
                managedScalingPolicy { policy ->
                    policy.computeLimits {
                        it.unitType("Instances").minimumCapacityUnits(1).maximumCapacityUnits(3)
                    }
                }
            }
            fun limits(emr: EmrClient) =
                emr.getManagedScalingPolicy { it.clusterId(id) }
                    .managedScalingPolicy()
                    ?.computeLimits()
            limits(harness.emr)?.maximumCapacityUnits() shouldBe 3
            harness.emr.limit(id, ComputeLimitsUnitType.VCPU, 4, 64)
            val second = harness.restarted()
            limits(second.emr)?.maximumCapacityUnits() shouldBe 64
            second.emr.removeManagedScalingPolicy { it.clusterId(id) }
            limits(second.restarted().emr) shouldBe null
        }

        test("limits of managed scaling that cannot be kept are refused") {
            val harness = EmulatorHarness()
            val emr = harness.emr
            val id = harness.ready()
            refused { emr.limit(id, ComputeLimitsUnitType.INSTANCES, 4, 3) } shouldContain
                "at most MaximumCapacityUnits"
            refused {
                emr.limit(id, ComputeLimitsUnitType.INSTANCE_FLEET_UNITS, 1, 3)
            } shouldContain "not valid for a cluster with instance groups"
            val old = harness.ready { releaseLabel("emr-5.29.0") }
            refused { emr.limit(old, ComputeLimitsUnitType.INSTANCES, 1, 3) } shouldBe
                "Managed scaling is not supported for release label emr-5.29.0."
            refused { emr.limit("j-NONE", ComputeLimitsUnitType.INSTANCES, 1, 3) } shouldBe
                "Cluster id 'j-NONE' is not valid."
        }

        test("an automatic scaling policy is pending, then attached, then removed") {
            val harness = EmulatorHarness(settings = SLOW)
            val id = harness.waiting()
            val (master, core) = harness.emr.groups(id).map { it.id() }
            fun put(group: String, policy: AutoScalingPolicy) =
                harness.emr.putAutoScalingPolicy {
                    it.clusterId(id).instanceGroupId(group).autoScalingPolicy(policy)
                }

            fun state(emr: EmrClient) =
                emr.groups(id)[1].autoScalingPolicy()?.status()?.stateAsString()
            put(core, policy(1, 5)).autoScalingPolicy().status().stateAsString() shouldBe "PENDING"
            state(harness.emr) shouldBe "PENDING"
            refused { put(core, policy(5, 1)) } shouldContain "at most MaxCapacity"
            refused { put(master, policy(1, 5)) } shouldContain "primary instance group"
            val second = harness.restarted()
            second.clock.advance(MINUTE)
            state(second.emr) shouldBe "ATTACHED"
            second.emr.groups(id)[1].autoScalingPolicy().rules().single().name() shouldBe "more"
            second.emr.removeAutoScalingPolicy { it.clusterId(id).instanceGroupId(core) }
            state(second.emr) shouldBe null
        }

        test("unhealthy node replacement is set on the cluster") {
            val harness = EmulatorHarness()
            val id = harness.ready()
            harness.emr.setUnhealthyNodeReplacement {
                it.jobFlowIds(id).unhealthyNodeReplacement(true)
            }
            harness.emr.cluster(id).unhealthyNodeReplacement() shouldBe true
        }
    })
