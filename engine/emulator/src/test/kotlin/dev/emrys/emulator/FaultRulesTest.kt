package dev.emrys.emulator

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.time.Duration
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit
import software.amazon.awssdk.services.emr.model.BootstrapActionConfig
import software.amazon.awssdk.services.emr.model.ClusterState
import software.amazon.awssdk.services.emr.model.ClusterStateChangeReasonCode
import software.amazon.awssdk.services.emr.model.EmrException
import software.amazon.awssdk.services.emr.model.InstanceFleetConfig
import software.amazon.awssdk.services.emr.model.InstanceFleetType
import software.amazon.awssdk.services.emr.model.InstanceGroupConfig
import software.amazon.awssdk.services.emr.model.InstanceRoleType
import software.amazon.awssdk.services.emr.model.InstanceState
import software.amazon.awssdk.services.emr.model.InternalServerErrorException
import software.amazon.awssdk.services.emr.model.MarketType
import software.amazon.awssdk.services.emr.model.SpotProvisioningTimeoutAction
import software.amazon.awssdk.services.emr.model.StepState

private fun harness(vararg rules: String) =
    EmulatorHarness().also {
        it.emr.faultRules().add(FaultRules.parse("""{"rules":[${rules.joinToString(",")}]}"""))
    }

private fun wrong(json: String) =
    shouldThrow<MalformedJsonException> { FaultRules.parse(json) }.message

private fun EmulatorHarness.isThrottled(): Boolean =
    try {
        emr.listClusters {}
        false
    } catch (e: EmrException) {
        e.isThrottlingException
    }

private fun fleet(type: InstanceFleetType, action: SpotProvisioningTimeoutAction) =
    InstanceFleetConfig.builder()
        .instanceFleetType(type)
        .targetSpotCapacity(1)
        .instanceTypeConfigs({ it.instanceType("m6g.xlarge") })
        .launchSpecifications { launch ->
            launch.spotSpecification { it.timeoutAction(action).timeoutDurationMinutes(5) }
        }
        .build()

private fun spot(role: InstanceRoleType, count: Int): InstanceGroupConfig =
    group(role, count).toBuilder().market(MarketType.SPOT).build()

private fun fleet(type: InstanceFleetType, onDemand: Int, spot: Int, weight: Int) =
    InstanceFleetConfig.builder()
        .instanceFleetType(type)
        .targetOnDemandCapacity(onDemand)
        .targetSpotCapacity(spot)
        .instanceTypeConfigs({ it.instanceType("m6g.xlarge").weightedCapacity(weight) })
        .build()

class FaultRulesTest :
    FunSpec({
        test("a rule leaves the first calls alone, and then applies to as many as it says") {
            val harness =
                harness("""{"kind":"throttle","operation":"ListClusters","skip":2,"count":3}""")
            List(7) { harness.isThrottled() } shouldBe
                listOf(false, false, true, true, true, false, false)
            harness.emr.faultRules().json().path("rules").path(0).let {
                it.path("seen").asInt() shouldBe 7
                it.path("applied").asInt() shouldBe 3
                it.path("kind").asText() shouldBe "throttle"
            }
        }

        test("a rule is about its operation only, and * is about all") {
            val harness = harness("""{"kind":"internalError","operation":"RunJobFlow"}""")
            harness.emr.listClusters {}
            shouldThrow<InternalServerErrorException> { harness.run() }
            harness.emr.listClusters {}.clusters().size shouldBe 0
            shouldThrow<EmrException> { harness("""{"kind":"throttle"}""").emr.listClusters {} }
        }

        test("the same seed gives the same faults, and another seed gives others") {
            fun faults(seed: Int) =
                harness("""{"kind":"throttle","probability":0.5,"seed":$seed}""").let { harness ->
                    List(64) { harness.isThrottled() }
                }
            faults(1) shouldBe faults(1)
            (faults(1) == faults(2)) shouldBe false
            (faults(1).count { it } in 20..44) shouldBe true
        }

        test("the seed of the document is that of rules without one") {
            FaultRules.parse(
                    """{"seed":7,"rules":[{"kind":"throttle"},{"kind":"throttle","seed":8}]}"""
                )
                .map { it.seed() } shouldBe listOf(7L, 8L)
        }

        test("a lost reply is executed, and a refusal has its code and text") {
            val harness =
                harness(
                    """{"kind":"replyLost","operation":"RunJobFlow","count":1}""",
                    """{"kind":"refuse","operation":"ListSteps","code":"AccessDeniedException","message":"No."}""",
                )
            shouldThrow<InternalServerErrorException> { harness.run() }
            val id = harness.emr.listClusters {}.clusters().single().id()
            val refused = shouldThrow<EmrException> { harness.emr.listSteps { it.clusterId(id) } }
            refused.code() shouldBe "AccessDeniedException"
            refused.text() shouldBe "No."
        }

        test("the first rule that applies decides") {
            val harness =
                harness(
                    """{"kind":"refuse","message":"first","count":1}""",
                    """{"kind":"refuse","message":"second"}""",
                )
            List(2) { shouldThrow<EmrException> { harness.emr.listClusters {} }.text() } shouldBe
                listOf("first", "second")
        }

        test("a slow call is answered when the time has passed") {
            val harness = harness("""{"kind":"slow","operation":"ListClusters","seconds":30}""")
            val answer = CompletableFuture.supplyAsync { harness.emr.listClusters {} }
            while (
                harness.emr.faultRules().json().path("rules").path(0).path("applied").asInt() == 0
            ) Thread.onSpinWait()
            harness.clock.advance(Duration.ofSeconds(29))
            answer.isDone shouldBe false
            while (!answer.isDone) harness.clock.advance(Duration.ofSeconds(1))
            answer.get(10, TimeUnit.SECONDS).clusters().size shouldBe 0
        }

        test("a bootstrap action fails without being run, and its cluster ends as on EMR") {
            val harness = harness("""{"kind":"bootstrapFailure","action":2,"count":1}""")
            val actions =
                listOf("a", "b").map { name ->
                    BootstrapActionConfig.builder()
                        .name(name)
                        .scriptBootstrapAction { it.path("s3://b/$name") }
                        .build()
                }
            val id = harness.ready { bootstrapActions(actions).steps(step("work")) }
            val status = harness.emr.cluster(id).status()
            status.state() shouldBe ClusterState.TERMINATED_WITH_ERRORS
            status.stateChangeReason().code() shouldBe
                ClusterStateChangeReasonCode.BOOTSTRAP_FAILURE
            val instance = harness.processes.bootstrapStarts.single().instanceId
            status.stateChangeReason().message() shouldBe
                "On the master instance ($instance), bootstrap action 2 returned a non-zero return code"
            harness.emr.steps(id) shouldBe listOf(StepState.CANCELLED)
            harness.emr.state(harness.ready { bootstrapActions(actions) }) shouldBe
                ClusterState.WAITING
        }

        test("a rule for a bootstrap action is not for a cluster that has fewer") {
            val harness = harness("""{"kind":"bootstrapFailure","action":2}""")
            val one =
                BootstrapActionConfig.builder()
                    .name("a")
                    .scriptBootstrapAction { it.path("s3://b/a") }
                    .build()
            harness.emr.state(harness.ready { bootstrapActions(one) }) shouldBe ClusterState.WAITING
        }

        test("in a cluster without bootstrap actions the applications cannot be installed") {
            val harness = harness("""{"kind":"bootstrapFailure","skip":1}""")
            harness.emr.state(harness.ready()) shouldBe ClusterState.WAITING
            val reason = harness.emr.cluster(harness.ready()).status().stateChangeReason()
            reason.code() shouldBe ClusterStateChangeReasonCode.BOOTSTRAP_FAILURE
            Regex("On the master instance \\(i-[0-9a-f]{17}\\), application provisioning failed")
                .matches(reason.message()) shouldBe true
        }

        test("without capacity a cluster ends, unless its fleets switch to On-Demand Instances") {
            val harness = harness("""{"kind":"insufficientCapacity"}""")
            val status = harness.emr.cluster(harness.ready()).status()
            status.state() shouldBe ClusterState.TERMINATED_WITH_ERRORS
            status.stateChangeReason().code() shouldBe ClusterStateChangeReasonCode.INSTANCE_FAILURE
            status.errorDetails().single().errorCode() shouldBe
                "INTERNAL_ERROR_EC2_INSUFFICIENT_CAPACITY_AZ"
            status.errorDetails().single().errorData().single() shouldBe
                mapOf("instance-type" to "m5.xlarge", "availability-zone" to "us-east-1a")

            fun withFleets(action: SpotProvisioningTimeoutAction) = harness.ready {
                instances {
                    it.keepJobFlowAliveWhenNoSteps(true)
                        .instanceFleets(fleet(InstanceFleetType.MASTER, action))
                }
            }
            val ended =
                harness.emr
                    .cluster(withFleets(SpotProvisioningTimeoutAction.TERMINATE_CLUSTER))
                    .status()
            ended.stateChangeReason().code() shouldBe
                ClusterStateChangeReasonCode.INSTANCE_FLEET_TIMEOUT
            harness.emr.state(
                withFleets(SpotProvisioningTimeoutAction.SWITCH_TO_ON_DEMAND)
            ) shouldBe ClusterState.WAITING
        }

        test(
            "an interrupted Spot Instance is terminated, missing for a time, and replaced by another"
        ) {
            val harness =
                harness(
                    """{"kind":"spotInterruption","role":"TASK","afterSeconds":60,"replacedAfterSeconds":90,"count":1}"""
                )
            val id = harness.ready {
                instances {
                    it.keepJobFlowAliveWhenNoSteps(true)
                        .instanceGroups(
                            group(InstanceRoleType.MASTER, 1),
                            group(InstanceRoleType.CORE, 1),
                            spot(InstanceRoleType.TASK, 2),
                        )
                }
            }
            fun task() = harness.emr.listInstanceGroups { it.clusterId(id) }.instanceGroups()[2]
            fun instances() =
                harness.emr
                    .listInstances { it.clusterId(id).instanceGroupId(task().id()) }
                    .instances()
            val before = instances().map { it.ec2InstanceId() }
            harness.clock.advance(Duration.ofSeconds(59))
            task().runningInstanceCount() shouldBe 2
            harness.clock.advance(Duration.ofSeconds(1))
            task().runningInstanceCount() shouldBe 1
            task().requestedInstanceCount() shouldBe 2
            task().status().stateAsString() shouldBe "RESIZING"
            instances().map { it.status().stateAsString() } shouldBe
                listOf("RUNNING", "TERMINATED", "PROVISIONING")
            instances().take(2).map { it.ec2InstanceId() } shouldBe before
            instances()[1].status().stateChangeReason().codeAsString() shouldBe "INSTANCE_FAILURE"
            val replacement = instances()[2].ec2InstanceId()
            (replacement in before) shouldBe false

            // It is stored.
            harness.emr.close()
            val next =
                EmulatorHarness(harness.store, clock = harness.clock, processes = harness.processes)
            next.emr.recover()
            harness.clock.advance(Duration.ofSeconds(90))
            val groups = next.emr.listInstanceGroups { it.clusterId(id) }.instanceGroups()
            groups[2].runningInstanceCount() shouldBe 2
            groups[2].status().stateAsString() shouldBe "RUNNING"
            next.emr
                .listInstances { it.clusterId(id).instanceStates(InstanceState.RUNNING) }
                .instances()
                .map { it.ec2InstanceId() }
                .takeLast(2) shouldBe listOf(before[0], replacement)
        }

        test("a fleet gives less Spot capacity while an instance is replaced") {
            val harness = harness("""{"kind":"spotInterruption"}""")
            val id = harness.ready {
                instances {
                    it.keepJobFlowAliveWhenNoSteps(true)
                        .instanceFleets(
                            InstanceFleetConfig.builder()
                                .instanceFleetType(InstanceFleetType.MASTER)
                                .targetOnDemandCapacity(1)
                                .instanceTypeConfigs({ type -> type.instanceType("m6g.xlarge") })
                                .build(),
                            InstanceFleetConfig.builder()
                                .instanceFleetType(InstanceFleetType.CORE)
                                .targetOnDemandCapacity(4)
                                .targetSpotCapacity(8)
                                .instanceTypeConfigs({ type ->
                                    type.instanceType("m6g.xlarge").weightedCapacity(4)
                                })
                                .build(),
                        )
                }
            }
            fun core() = harness.emr.listInstanceFleets { it.clusterId(id) }.instanceFleets()[1]
            core().provisionedSpotCapacity() shouldBe 4
            core().provisionedOnDemandCapacity() shouldBe 4
            harness.clock.advance(Duration.ofMinutes(2))
            core().provisionedSpotCapacity() shouldBe 8
            harness.emr.state(id) shouldBe ClusterState.WAITING
        }

        test("without its primary instance or its last core instance a cluster ends") {
            fun ended(vararg groups: InstanceGroupConfig): String {
                val harness = harness("""{"kind":"spotInterruption","afterSeconds":5}""")
                val id =
                    harness.ready(step("work")) {
                        instances { it.keepJobFlowAliveWhenNoSteps(true).instanceGroups(*groups) }
                    }
                harness.clock.advance(Duration.ofSeconds(5))
                val status = harness.emr.cluster(id).status()
                if (harness.emr.steps(id).single() == StepState.INTERRUPTED)
                    status.stateChangeReason().codeAsString() shouldBe "INSTANCE_FAILURE"
                return "${status.state()} ${harness.emr.steps(id).single()}"
            }
            val master = group(InstanceRoleType.MASTER, 1)
            ended(spot(InstanceRoleType.MASTER, 1)) shouldBe "TERMINATED_WITH_ERRORS INTERRUPTED"
            ended(master, spot(InstanceRoleType.CORE, 1)) shouldBe
                "TERMINATED_WITH_ERRORS INTERRUPTED"
            ended(master, spot(InstanceRoleType.CORE, 2)) shouldBe "RUNNING RUNNING"
            ended(master, group(InstanceRoleType.CORE, 1)) shouldBe "RUNNING RUNNING"
        }

        test("an instance that fails is replaced, whatever its market") {
            val harness =
                harness("""{"kind":"instanceLoss","role":"CORE","replacedAfterSeconds":90}""")
            val id = harness.ready {
                instances {
                    it.keepJobFlowAliveWhenNoSteps(true)
                        .instanceGroups(
                            group(InstanceRoleType.MASTER, 1),
                            group(InstanceRoleType.CORE, 2),
                        )
                }
            }
            fun core() = harness.emr.listInstanceGroups { it.clusterId(id) }.instanceGroups()[1]
            core().runningInstanceCount() shouldBe 1
            core().status().stateAsString() shouldBe "RESIZING"
            val instances =
                harness.emr
                    .listInstances { it.clusterId(id).instanceGroupId(core().id()) }
                    .instances()
            instances.map { it.status().stateAsString() } shouldBe
                listOf("RUNNING", "TERMINATED", "PROVISIONING")
            instances[1].status().stateChangeReason().message() shouldBe "The instance has failed."
            harness.clock.advance(Duration.ofSeconds(90))
            core().runningInstanceCount() shouldBe 2
            core().status().stateAsString() shouldBe "RUNNING"
        }

        test("an On-Demand Instance of a fleet that fails takes its capacity with it") {
            val harness = harness("""{"kind":"instanceLoss","role":"CORE"}""")
            val id = harness.ready {
                instances {
                    it.keepJobFlowAliveWhenNoSteps(true)
                        .instanceFleets(
                            fleet(InstanceFleetType.MASTER, 1, 0, 1),
                            fleet(InstanceFleetType.CORE, 8, 4, 4),
                        )
                }
            }
            fun core() = harness.emr.listInstanceFleets { it.clusterId(id) }.instanceFleets()[1]
            core().provisionedOnDemandCapacity() shouldBe 4
            core().provisionedSpotCapacity() shouldBe 4
            harness.clock.advance(Duration.ofMinutes(2))
            core().provisionedOnDemandCapacity() shouldBe 8
        }

        test("a cluster whose only core instance fails, or whose primary one, ends") {
            fun ended(role: String): String {
                val harness = harness("""{"kind":"instanceLoss","role":"$role","afterSeconds":5}""")
                val id =
                    harness.ready(step("work")) {
                        instances {
                            it.keepJobFlowAliveWhenNoSteps(true)
                                .instanceGroups(
                                    group(InstanceRoleType.MASTER, 1),
                                    group(InstanceRoleType.CORE, 1),
                                )
                        }
                    }
                harness.clock.advance(Duration.ofSeconds(5))
                val reason = harness.emr.cluster(id).status().stateChangeReason()
                return "${harness.emr.state(id)} ${reason.codeAsString()} ${reason.message()}"
            }
            ended("CORE") shouldBe
                "TERMINATED_WITH_ERRORS INSTANCE_FAILURE All slaves in the job flow were terminated"
            ended("MASTER") shouldBe
                "TERMINATED_WITH_ERRORS INSTANCE_FAILURE The master node was terminated"
        }

        test("a wrong document is refused with the place and what is wrong") {
            wrong("{\n  \"rules\": [}") shouldBe
                "line 2, column 13: Unexpected close marker '}': expected ']'"
            wrong("[]") shouldBe "The document must be an object with the member rules."
            wrong("{}") shouldBe "/rules must be an array of rules."
            wrong("""{"rules":[{"kind":"throttel"}]}""") shouldBe
                "/rules/0/kind is 'throttel': write one of throttle, internalError, replyLost, slow, refuse, " +
                    "bootstrapFailure, insufficientCapacity, spotInterruption, instanceLoss."
            wrong("""{"rules":[{"operation":"*"}]}""") shouldBe "/rules/0/kind is missing."
            wrong("""{"rules":[{"kind":"throttle","operation":"RunJobFlows"}]}""") shouldBe
                "/rules/0/operation is 'RunJobFlows', which is no operation of EMR; * stands for all."
            wrong("""{"rules":[{"kind":"throttle"},{"kind":"throttle","times":2}]}""") shouldBe
                "/rules/1/times is not known here: write one of kind, count, skip, probability, seed, operation."
            wrong("""{"rules":[{"kind":"throttle","count":0}]}""") shouldBe
                "/rules/0/count must be a whole number from 1."
            wrong("""{"rules":[{"kind":"throttle","probability":2}]}""") shouldBe
                "/rules/0/probability must be a number from 0 to 1."
            wrong("""{"rules":[{"kind":"slow"}]}""") shouldBe
                "/rules/0/seconds must be a number from 0 to 600."
            wrong("""{"rules":[{"kind":"slow","seconds":1e400}]}""") shouldBe
                "/rules/0/seconds must be a number from 0 to 600."
            wrong("""{"rules":[{"kind":"spotInterruption","role":"PRIMARY"}]}""") shouldBe
                "/rules/0/role must be MASTER, CORE or TASK."
            wrong("""{"rules":[{"kind":"refuse"}]}""") shouldBe "/rules/0/message is missing."
        }

        test("every operation of EMR can have a rule") {
            listOf("ListStudios", "StartSession", "DescribeJobFlows", "RunJobFlow").forEach {
                FaultRules.parse("""{"rules":[{"kind":"throttle","operation":"$it"}]}""")
                    .size shouldBe 1
            }
        }
    })
