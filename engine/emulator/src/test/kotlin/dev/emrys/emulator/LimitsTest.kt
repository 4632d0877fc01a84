package dev.emrys.emulator

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import java.time.Duration
import software.amazon.awssdk.services.emr.model.ActionOnFailure
import software.amazon.awssdk.services.emr.model.EmrException
import software.amazon.awssdk.services.emr.model.InstanceGroupType
import software.amazon.awssdk.services.emr.model.InstanceRoleType.CORE
import software.amazon.awssdk.services.emr.model.InstanceRoleType.MASTER
import software.amazon.awssdk.services.emr.model.InstanceRoleType.TASK
import software.amazon.awssdk.services.emr.model.InstanceTypeConfig
import software.amazon.awssdk.services.emr.model.InvalidRequestException
import software.amazon.awssdk.services.emr.model.ListStepsResponse
import software.amazon.awssdk.services.emr.model.RunJobFlowRequest
import software.amazon.awssdk.services.emr.model.StepConfig
import software.amazon.awssdk.services.emr.model.Tag

class LimitsTest :
    FunSpec({
        fun refused(call: () -> Unit): String {
            val e = shouldThrow<EmrException> { call() }
            e.statusCode() shouldBe 400
            e.code() shouldBe "ValidationException"
            return e.text()
        }

        fun invalid(call: () -> Unit): Pair<String, String> {
            val e = shouldThrow<InvalidRequestException> { call() }
            e.statusCode() shouldBe 400
            return e.emrErrorCode() to e.text()
        }

        fun runRefused(configure: RunJobFlowRequest.Builder.() -> Unit): String {
            val harness = EmulatorHarness()
            val text = refused { harness.run(configure) }
            harness.store.load().isEmpty() shouldBe true
            return text
        }

        test(
            "the 257th active step is rejected with EMR's text, and no step of its call is stored"
        ) {
            val harness = EmulatorHarness()
            val id = harness.ready()
            val many = Array(250) { step("s$it") }
            harness.emr.add(id, *many)
            refused { harness.emr.add(id, *Array(7) { step("t$it") }) } shouldBe
                "Maximum number of active steps(State = 'Running', 'Pending' or 'Cancel_Pending') for cluster exceeded."
            harness.emr.steps(id).size shouldBe 250
            harness.emr.add(id, *Array(6) { step("t$it") })
            harness.processes.complete(harness.processes.spawned.last())
            harness.emr.add(id, step("fits"))
        }

        test(
            "an action on failure other than CONTINUE is rejected above a step concurrency level of one"
        ) {
            val harness = EmulatorHarness()
            val id = harness.ready { stepConcurrencyLevel(2) }
            refused { harness.emr.add(id, step("x", ActionOnFailure.CANCEL_AND_WAIT)) } shouldBe
                "Action on failure 'CANCEL_AND_WAIT' is invalid."
            refused { harness.emr.add(id, step("x", null)) } shouldBe
                "Action on failure 'TERMINATE_CLUSTER' is invalid."
            refused {
                harness.emr.modifyCluster { it.clusterId(id).stepConcurrencyLevel(257) }
            } shouldBe "Invalid step concurrency level. Allowed level is from 1 to 256"
            runRefused { stepConcurrencyLevel(0) } shouldBe
                "Invalid step concurrency level. Allowed level is from 1 to 256"
        }

        test("a terminating cluster accepts neither steps nor changes") {
            val harness = EmulatorHarness()
            val id = harness.ready()
            harness.emr.terminateJobFlows { it.jobFlowIds(id) }
            val text =
                "A job flow that is shutting down, terminated, or finished may not be modified."
            refused { harness.emr.add(id, step("late")) } shouldBe text
            refused {
                harness.emr.setTerminationProtection {
                    it.jobFlowIds(id).terminationProtected(true)
                }
            } shouldBe text
            harness.clock.advance()
            invalid { harness.emr.addTags { it.resourceId(id).tags(tag("a", "b")) } }
                .second shouldBe text
            harness.emr.terminateJobFlows { it.jobFlowIds(id) }
        }

        test("each operation rejects unknown ids with its own error") {
            val harness = EmulatorHarness()
            refused { harness.emr.add("j-NONE", step("x")) } shouldBe
                "Specified job flow ID does not exist."
            refused { harness.emr.terminateJobFlows { it.jobFlowIds("j-NONE") } } shouldBe
                "Specified job flow ID not valid."
            val nowhere = "NoSuchCluster" to "Cluster id 'j-NONE' is not valid."
            invalid { harness.emr.cluster("j-NONE") } shouldBe nowhere
            invalid { harness.emr.steps("j-NONE") } shouldBe nowhere
            invalid { harness.emr.cancelSteps { it.clusterId("j-NONE").stepIds("s-1") } } shouldBe
                nowhere
            invalid {
                harness.emr.modifyCluster { it.clusterId("j-NONE").stepConcurrencyLevel(1) }
            } shouldBe nowhere
            val id = harness.ready()
            invalid { harness.emr.step(id, "s-NONE") }.second shouldBe
                "Step id 's-NONE' is not valid."
        }

        test("a call that terminates more than ten clusters is rejected") {
            val harness = EmulatorHarness()
            val ids = List(11) { harness.run() }
            refused { harness.emr.terminateJobFlows { it.jobFlowIds(ids) } } shouldStartWith
                "TerminateJobFlows takes 1 to 10"
        }

        test("a violation of the service model is named with its path") {
            val harness = EmulatorHarness()
            refused { harness.emr.runJobFlow(RunJobFlowRequest.builder().build()) } shouldBe
                "2 validation errors detected: Value null at 'name' failed to satisfy constraint: " +
                    "Member must not be null; Value null at 'instances' failed to satisfy constraint: " +
                    "Member must not be null"
            runRefused {
                steps(StepConfig.builder().name("x").hadoopJarStep {}.build())
            } shouldContain
                "Value null at 'steps.1.member.hadoopJarStep.jar' failed to satisfy constraint"
            runRefused { name("n".repeat(257)) } shouldContain
                "at 'name' failed to satisfy constraint: Member must have length less than or equal to 256"
            runRefused { name("nul \u0000") } shouldContain "regular expression pattern"
            runRefused { scaleDownBehavior("SOMETIME") } shouldBe
                "1 validation error detected: Value 'SOMETIME' at 'scaleDownBehavior' failed to satisfy " +
                    "constraint: Member must satisfy enum value set: " +
                    "[TERMINATE_AT_INSTANCE_HOUR, TERMINATE_AT_TASK_COMPLETION]"
            val long =
                StepConfig.builder().name("x").hadoopJarStep {
                    it.jar("x.jar").args("a".repeat(10_281))
                }
            runRefused { steps(long.build()) } shouldContain
                "'steps.1.member.hadoopJarStep.args.1.member' failed to satisfy constraint: " +
                    "Member must have length less than or equal to 10280"
            EmulatorHarness().run { name("räw 東京 🜁") }
        }

        test("the total length of the strings of a step's jar is limited") {
            runRefused {
                steps(
                    StepConfig.builder()
                        .name("long")
                        .hadoopJarStep {
                            it.jar("x.jar").args("a".repeat(5_120), "b".repeat(5_120))
                        }
                        .build()
                )
            } shouldContain "must not exceed 10240"
        }

        test(
            "a release label, the roles and one form of instances are required, with EMR's texts"
        ) {
            runRefused { releaseLabel(null) } shouldBe
                "Must specify exactly one of the following: release label, AMI version, or Hadoop version."
            runRefused { amiVersion("3.11.0") } shouldStartWith "Must specify exactly one"
            runRefused { releaseLabel("emr7") } shouldBe
                "The supplied release label is invalid: emr7."
            runRefused { serviceRole(null) } shouldBe
                "ServiceRole is required for creating cluster."
            runRefused { jobFlowRole(null) } shouldBe
                "InstanceProfile is required for creating cluster."
            runRefused { instances {} } shouldStartWith
                "Please configure instances using one and only one of the following"
            runRefused { instances { it.instanceGroups(group(CORE, 1)) } } shouldBe
                "Zero master instance groups supplied, you must specify exactly one master instance group"
            runRefused {
                instances { it.instanceGroups(group(MASTER, 1), group(TASK, 1)) }
            } shouldBe "Clusters with task nodes must also define core nodes."
            runRefused { instances { it.instanceGroups(group(MASTER, 2)) } } shouldBe
                "Master instance group must have exactly 3 instances for HA clusters."
            EmulatorHarness().run { releaseLabel("emr-spark-8.0.0") }
        }

        test("instance fleets have their own rules") {
            fun fleets(capacity: Int, vararg types: String) = runRefused {
                instances {
                    it.instanceFleets({ f ->
                        f.instanceFleetType("MASTER").targetOnDemandCapacity(capacity)
                        f.instanceTypeConfigs(
                            types.map { t ->
                                InstanceTypeConfig.builder().instanceType(t).build()
                            }
                        )
                    })
                }
            }
            fleets(2, "m5.xlarge") shouldContain "target capacity of exactly 1"
            fleets(1, "m5.xlarge", "m5.xlarge") shouldContain "is given twice"
            fleets(
                1,
                "m5.xlarge",
                "m5.2xlarge",
                "m5.4xlarge",
                "r5.xlarge",
                "r5.2xlarge",
                "c5.xlarge",
            ) shouldContain "it must have 1 to 5"
        }

        test("a cluster with fleets lists its fleets and their instances") {
            val harness = EmulatorHarness()
            val type = InstanceTypeConfig.builder().instanceType("m5.xlarge").build()
            val id = harness.ready {
                instances {
                    it.keepJobFlowAliveWhenNoSteps(true)
                    it.instanceFleets(
                        { f ->
                            f.instanceFleetType("MASTER").targetOnDemandCapacity(1)
                            f.instanceTypeConfigs(type)
                        },
                        { f ->
                            f.instanceFleetType("CORE").targetOnDemandCapacity(1)
                            f.targetSpotCapacity(2).instanceTypeConfigs(type)
                        },
                    )
                }
            }
            harness.emr.cluster(id).instanceCollectionTypeAsString() shouldBe "INSTANCE_FLEET"
            val fleets = harness.emr.listInstanceFleets { it.clusterId(id) }.instanceFleets()
            fleets.map { it.provisionedSpotCapacity() } shouldBe listOf(0, 2)
            fleets[1].instanceTypeSpecifications().single().instanceType() shouldBe "m5.xlarge"
            val core = harness.emr.listInstances { it.clusterId(id).instanceFleetType("CORE") }
            core.instances().map { it.marketAsString() } shouldBe
                listOf("SPOT", "SPOT", "ON_DEMAND")
            invalid { harness.emr.listInstanceGroups { it.clusterId(id) } }.second shouldContain
                "ListInstanceFleets operation"
        }

        test("tags, idle timeouts and bootstrap actions have limits") {
            runRefused { tags(tag("k".repeat(129), "v")) } shouldContain "1 to 128 characters"
            runRefused { tags(tag("k", "v".repeat(257))) } shouldContain "at most 256 characters"
            runRefused { tags(tag("AWS:x", "v")) } shouldContain "reserved"
            runRefused { tags(List(51) { tag("k$it", "") }) } shouldContain "at most 50 tags"
            runRefused { autoTerminationPolicy { it.idleTimeout(59L) } } shouldContain
                "between 60 and 604800"
            runRefused { releaseLabel("emr-6.0.0").autoTerminationPolicy {} } shouldContain
                "not supported for release label emr-6.0.0"
            val harness = EmulatorHarness()
            val id = harness.ready { tags(tag("a", "1")) }
            harness.emr.addTags { it.resourceId(id).tags(tag("b", "2"), tag("a", "3")) }
            harness.emr.removeTags { it.resourceId(id).tagKeys("b") }
            harness.emr.cluster(id).tags() shouldContainExactly listOf(tag("a", "3"))
        }

        test("the number of active clusters is limited") {
            val harness =
                EmulatorHarness(settings = EmulatorSettings.DEFAULT.withMaxActiveClusters(2))
            val first = harness.ready()
            harness.ready()
            refused { harness.run() } shouldContain "exceeds the limit of 2"
            harness.emr.terminateJobFlows { it.jobFlowIds(first) }
            harness.clock.advance()
            harness.run()
        }

        test("the newest thousand steps are listed newest first in pages of 50") {
            val harness = EmulatorHarness()
            harness.processes.onStart = { _, l ->
                l.ended(StepExit.Completed(harness.clock.instant()))
            }
            val id = harness.ready()
            val ids = mutableListOf<String>()
            repeat(11) { ids += harness.emr.add(id, *Array(100) { i -> step("$it/$i") }) }
            val first: ListStepsResponse = harness.emr.listSteps { it.clusterId(id) }
            first.steps().map { it.id() } shouldBe ids.reversed().take(50)
            val all = harness.emr.listStepsPaginator { it.clusterId(id) }.steps().map { it.id() }
            all shouldBe ids.reversed().take(1000)
            invalid { harness.emr.step(id, ids[99]) }.second shouldBe
                "Step id '${ids[99]}' is not valid."
            harness.emr.step(id, ids[100]).id() shouldBe ids[100]
            harness.store.load().count { it.kind == "step" } shouldBe 1000
        }

        test("a listing by ids keeps their order, takes at most ten ids, and no states") {
            val harness = EmulatorHarness()
            val id = harness.ready()
            val ids = harness.emr.add(id, *Array(11) { step("s$it") })
            val scheduled = listOf(ids[2], ids[7], ids[0])
            val listed = harness.emr.listSteps { it.clusterId(id).stepIds(scheduled) }.steps()
            listed.map { it.id() } shouldBe scheduled
            invalid { harness.emr.listSteps { it.clusterId(id).stepIds(ids) } }
            invalid {
                harness.emr.listSteps {
                    it.clusterId(id).stepIds(ids[0]).stepStatesWithStrings("PENDING")
                }
            }
            harness.emr
                .listSteps { it.clusterId(id).stepStatesWithStrings("RUNNING") }
                .steps()
                .single()
                .id() shouldBe ids[0]
            invalid { harness.emr.listSteps { it.clusterId(id).marker("?") } }
        }

        test("clusters are listed newest first in pages, filtered by state and creation time") {
            val harness = EmulatorHarness()
            val ids =
                List(60) { harness.run().also { harness.clock.advance(Duration.ofSeconds(1)) } }
            val page = harness.emr.listClusters {}
            page.clusters().map { it.id() } shouldBe ids.reversed().take(50)
            val newer = harness.run()
            val rest = harness.emr.listClusters { it.marker(page.marker()) }
            rest.clusters().map { it.id() } shouldBe ids.reversed().drop(50)
            rest.marker() shouldBe null
            val start = harness.clock.instant()
            harness.emr.listClusters { it.createdAfter(start) }.clusters().map { it.id() } shouldBe
                listOf(newer)
            harness.emr
                .listClusters { it.createdBefore(start.minusSeconds(58)) }
                .clusters()
                .map { it.id() } shouldBe ids.take(3).reversed()
            harness.emr
                .listClusters { it.clusterStatesWithStrings("STARTING") }
                .clusters()
                .single()
                .id() shouldBe newer
        }

        test("instance groups, instances and bootstrap actions follow from the request") {
            val harness = EmulatorHarness()
            val id = harness.run {
                bootstrapActions({
                    it.name("b").scriptBootstrapAction { s -> s.path("s3://b/x.sh") }
                })
            }
            val before = harness.emr.listInstanceGroups { it.clusterId(id) }.instanceGroups()
            before.map { it.status().stateAsString() } shouldBe
                listOf("PROVISIONING", "PROVISIONING")
            harness.clock.advance()
            val groups = harness.emr.listInstanceGroups { it.clusterId(id) }.instanceGroups()
            groups.map { it.runningInstanceCount() } shouldBe listOf(1, 2)
            groups.map { it.id() } shouldBe before.map { it.id() }
            val core =
                harness.emr
                    .listInstances { it.clusterId(id).instanceGroupTypes(InstanceGroupType.CORE) }
                    .instances()
            core.size shouldBe 2
            core.map { it.instanceGroupId() }.toSet() shouldBe setOf(groups[1].id())
            harness.emr
                .listBootstrapActions { it.clusterId(id) }
                .bootstrapActions()
                .single()
                .scriptPath() shouldBe "s3://b/x.sh"
            invalid { harness.emr.listInstanceFleets { it.clusterId(id) } }.second shouldContain
                "ListInstanceGroups operation"
            val big = harness.ready {
                instances { it.instanceGroups(group(MASTER, 1), group(CORE, 120)) }
            }
            harness.emr
                .listInstancesPaginator { it.clusterId(big) }
                .instances()
                .map { it.ec2InstanceId() }
                .toSet()
                .size shouldBe 121
        }

        test("ignored fields are listed") {
            Emulator.ignoredFields(request()).size shouldBe 0
            val texts =
                Emulator.ignoredFields(
                    request {
                        applications({ it.name("Spark") }, { it.name("HBase") })
                        securityConfiguration("strict")
                    }
                )
            texts.size shouldBe 2
            texts[0] shouldStartWith "application HBase: accepted, not installed"
            texts[1] shouldBe
                "SecurityConfiguration: accepted, not emulated (it is shown, not applied)"
        }
    })

private fun tag(key: String, value: String): Tag = Tag.builder().key(key).value(value).build()
