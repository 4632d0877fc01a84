package dev.emrys.emulator

import com.google.common.collect.ImmutableSet
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import software.amazon.awssdk.services.emr.model.CloudWatchLogConfiguration
import software.amazon.awssdk.services.emr.model.EmrException
import software.amazon.awssdk.services.emr.model.RunJobFlowRequest

private fun RunJobFlowRequest.Builder.logs(
    configure: CloudWatchLogConfiguration.Builder.() -> Unit
) {
    releaseLabel("emr-7.11.0")
    applications({ it.name("AmazonCloudWatchAgent") })
    monitoringConfiguration { monitoring ->
        monitoring.cloudWatchLogConfiguration { it.enabled(true).apply(configure) }
    }
}

class CloudWatchRulesTest :
    FunSpec({
        fun launched(configure: RunJobFlowRequest.Builder.() -> Unit): Pair<String, StepLaunch> {
            val harness = EmulatorHarness()
            val cluster = harness.ready(step("one")) { configure() }
            return cluster to harness.processes.launches.values.single()
        }

        fun refused(configure: RunJobFlowRequest.Builder.() -> Unit): String {
            val e = shouldThrow<EmrException> { EmulatorHarness().run(configure) }
            e.code() shouldBe "ValidationException"
            return e.text()
        }

        test("by default both files of a step go to the group of the cluster") {
            val (cluster, launch) = launched { logs {} }
            launch.cloudWatch() shouldBe
                StepLaunch.CloudWatch(
                    "/aws/emr/$cluster",
                    "$cluster/steps/${launch.stepId()}/",
                    ImmutableSet.of("stdout", "stderr"),
                )
        }

        test("group, prefix and files are those of the request") {
            val (cluster, launch) =
                launched {
                    logs {
                        logGroupName("/team/emr")
                        logStreamNamePrefix("nightly")
                        logTypes(mapOf("STEP_LOGS" to listOf("STDERR")))
                    }
                }
            launch.cloudWatch() shouldBe
                StepLaunch.CloudWatch(
                    "/team/emr",
                    "nightly/$cluster/steps/${launch.stepId()}/",
                    ImmutableSet.of("stderr"),
                )
        }

        test("nothing is published when it is not enabled, or without STEP_LOGS") {
            launched { logs { enabled(false) } }.second.cloudWatch() shouldBe null
            launched { logs { logTypes(mapOf("SPARK_DRIVER" to listOf("STDOUT"))) } }
                .second
                .cloudWatch() shouldBe null
            launched {}.second.cloudWatch() shouldBe null
        }

        test("what EMR requires is required, and wrong names are refused") {
            refused {
                logs {}
                releaseLabel("emr-7.10.0")
            } shouldContain "it needs emr-7.11.0 or later"
            refused {
                logs {}
                applications({ it.name("Spark") })
            } shouldContain "needs the application AmazonCloudWatchAgent"
            refused { logs { logGroupName("a b") } } shouldContain "'a b' is not the name"
            refused { logs { logStreamNamePrefix("a:b") } } shouldContain "LogStreamNamePrefix"
            refused { logs { logTypes(mapOf("STEPS" to listOf("STDOUT"))) } } shouldContain
                "'STEPS' is not one of [STEP_LOGS, SPARK_DRIVER, SPARK_EXECUTOR]"
            refused { logs { logTypes(mapOf("STEP_LOGS" to listOf("CONTROLLER"))) } } shouldContain
                "'CONTROLLER' of STEP_LOGS is not one of [STDOUT, STDERR]"
        }

        test("what has no effect is said") {
            fun ignored(configure: RunJobFlowRequest.Builder.() -> Unit) =
                IgnoredFields.of(request(configure)).filter { "application" !in it }
            ignored { logs {} } shouldContainExactly emptyList()
            ignored {
                logs {
                    encryptionKeyArn("arn:aws:kms:x")
                    logTypes(mapOf("SPARK_EXECUTOR" to listOf("STDOUT")))
                }
            }
                .map { it.substringBefore(": accepted, not emulated") } shouldContainExactly
                listOf("EncryptionKeyArn of CloudWatchLogConfiguration", "log type SPARK_EXECUTOR")
        }
    })
