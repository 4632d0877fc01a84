package dev.emrys.emulator

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import software.amazon.awssdk.services.emr.model.EmrException
import software.amazon.awssdk.services.emr.model.InstanceRoleType.CORE
import software.amazon.awssdk.services.emr.model.InstanceRoleType.MASTER
import software.amazon.awssdk.services.emr.model.InstanceRoleType.TASK
import software.amazon.awssdk.services.emr.model.RunJobFlowRequest

class ReleaseRulesTest :
    FunSpec({
        fun refused(call: () -> Unit): String {
            val e = shouldThrow<EmrException> { call() }
            e.code() shouldBe "ValidationException"
            return e.text()
        }

        fun runRefused(configure: RunJobFlowRequest.Builder.() -> Unit): String = refused {
            EmulatorHarness().run(configure)
        }

        fun type(name: String): RunJobFlowRequest.Builder.() -> Unit = {
            instances {
                it.keepJobFlowAliveWhenNoSteps(true).instanceCount(1).masterInstanceType(name)
            }
        }

        test("a label that EMR has not had is rejected, and one later than the tables is not") {
            for (label in
                listOf("emr-5.37.9", "emr-6.16.0", "emr-7.8.5", "emr-8.0.0", "emr-0.0.1")) {
                runRefused { releaseLabel(label) } shouldBe
                    "The supplied release label is invalid: $label."
            }
            EmulatorHarness().run { releaseLabel("emr-7.99.0").applications({ it.name("New") }) }
            EmulatorHarness().run { releaseLabel("emr-7.13.1") }
            EmulatorHarness().run { releaseLabel("emr-spark-8.99.0") }
        }

        test("every label that EMR has had is accepted") {
            val emr = EmulatorHarness().emr
            val listed = emr.listReleaseLabelsPaginator {}.flatMap { it.releaseLabels() }
            val old = listOf("emr-4.0.0", "emr-4.7.2", "emr-5.0.1", "emr-5.0.2", "emr-6.0.0-beta")
            for (label in listed + old) {
                val types = emr.runCatching {
                    listSupportedInstanceTypes { it.releaseLabel(label) }
                        .supportedInstanceTypes()
                        .first()
                        .type()
                }
                EmulatorHarness().run {
                    releaseLabel(label)
                    type(types.getOrDefault("m3.xlarge"))()
                }
            }
        }

        test("an application that the label does not have is rejected") {
            runRefused { applications({ it.name("Sprak") }) } shouldBe
                "The application Sprak is not available in release label emr-7.8.0."
            runRefused { applications({ it.name("Ganglia") }) } shouldBe
                "The application Ganglia is not available in release label emr-7.8.0."
            runRefused { applications({}) } shouldBe "The name of an application must be specified."
            EmulatorHarness().run { applications({ it.name("SPARK") }) }
        }

        test("an instance type that the label does not have is rejected with EMR's text") {
            val text = "Instance type 'm1.tiny' is not supported."
            runRefused(type("m1.tiny")) shouldBe text
            runRefused {
                instances {
                    it.instanceCount(2).masterInstanceType("m5.xlarge").slaveInstanceType("m1.tiny")
                }
            } shouldBe text
            runRefused {
                val tiny = group(CORE, 1).toBuilder().instanceType("m1.tiny").build()
                instances { it.instanceGroups(group(MASTER, 1), tiny) }
            } shouldBe text
            runRefused {
                instances {
                    it.instanceFleets({ f ->
                        f.instanceFleetType("MASTER").targetOnDemandCapacity(1)
                        f.instanceTypeConfigs({ t -> t.instanceType("m1.tiny") })
                    })
                }
            } shouldBe text
            runRefused { releaseLabel("emr-5.0.0") } shouldBe
                "Instance type 'm5.xlarge' is not supported."
            val harness = EmulatorHarness()
            val id = harness.ready()
            refused {
                harness.emr.addInstanceGroups {
                    it.jobFlowId(id)
                        .instanceGroups(group(TASK, 1).toBuilder().instanceType("m1.tiny").build())
                }
            } shouldBe text
        }

        test("a custom AMI needs emr-5.7.0, and logs a location in S3") {
            fun old(label: String): RunJobFlowRequest.Builder.() -> Unit = {
                releaseLabel(label).customAmiId("ami-1")
                type("m4.large")()
            }
            runRefused(old("emr-5.6.0")) shouldBe "Custom AMI is not allowed"
            EmulatorHarness().run(old("emr-5.7.0"))
            for (location in listOf("logs", "s3:/b/", "s3://", "/tmp/logs", "https://b/")) {
                runRefused { logUri(location) } shouldBe
                    "The LogUri '$location' is not valid: it must be a location in Amazon S3, such as s3://bucket/logs/."
            }
            EmulatorHarness().run { logUri("s3n://b") }
        }

        test("the log file of a failed step is a location in S3") {
            val harness = EmulatorHarness()
            val id = harness.ready(step("bad"))
            val bad = harness.processes.spawned.single()
            harness.processes.end(
                bad,
                StepExit.Failed(harness.clock.instant(), "Unknown Error.", null, "/a/b/controller"),
            )
            harness.emr.step(id, bad).status().failureDetails().logFile() shouldBe
                "s3://logs/$id/steps/$bad/controller.gz"
        }
    })
