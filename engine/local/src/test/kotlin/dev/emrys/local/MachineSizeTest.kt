package dev.emrys.local

import com.google.common.collect.ImmutableList
import dev.emrys.emulator.EmulatorSettings
import dev.emrys.sqlite.ProcessLock
import dev.emrys.testing.awaitUntil
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Files
import software.amazon.awssdk.services.emr.EmrClient
import software.amazon.awssdk.services.emr.model.ActionOnFailure
import software.amazon.awssdk.services.emr.model.StepConfig
import software.amazon.awssdk.services.emr.model.StepState

private const val GIBIBYTE = 1L shl 30

private fun EmrClient.cluster(): String = runJobFlow {
    it.name("size").releaseLabel("emr-7.8.0")
    it.serviceRole("EMR_DefaultRole").jobFlowRole("EMR_EC2_DefaultRole")
    it.stepConcurrencyLevel(5).instances { instances ->
        instances.masterInstanceType("m5.xlarge").instanceCount(1)
        instances.keepJobFlowAliveWhenNoSteps(true)
    }
}
    .jobFlowId()

private fun EmrClient.add(cluster: String, script: String): String = addJobFlowSteps {
    it.jobFlowId(cluster)
        .steps(
            StepConfig.builder()
                .name("step")
                .actionOnFailure(ActionOnFailure.CONTINUE)
                .hadoopJarStep { jar ->
                    jar.jar("command-runner.jar").args("bash", "-c", script)
                }
                .build()
        )
}
    .stepIds()
    .single()

private fun EmrClient.state(cluster: String, step: String): StepState = describeStep {
    it.clusterId(cluster).stepId(step)
}
    .step()
    .status()
    .state()

class MachineSizeTest :
    FunSpec({
        test("two steps per processor run, as far as the memory is enough, and at least two") {
            MachineSize.steps(2, 24 * GIBIBYTE) shouldBe 4
            MachineSize.steps(8, 6 * GIBIBYTE) shouldBe 4
            MachineSize.steps(1, GIBIBYTE / 2) shouldBe 2
            MachineSize.steps(2000, Long.MAX_VALUE) shouldBe MachineSize.MOST_STEPS
        }

        test("an account runs real steps of several clusters within its size, also after a kill") {
            val account = account().also { it.create() }
            val log = Files.createFile(account.folder().resolve("log"))
            val go = account.folder().resolve("go")
            // Each step writes when it starts and, also where it is cancelled, when it ends.
            val script =
                "trap 'echo -1 >> \"$log\"' EXIT; trap 'exit 143' TERM; echo 1 >> '$log'; " +
                    "until [ -e '$go' ] || [ ! -e '$log' ]; do sleep 0.02; done"
            // How many ran after each start and end. A state that is asked for step by step is not
            // one instant's.
            fun counts() =
                log.text()
                    .lines()
                    .filter { it.isNotBlank() }
                    .runningFold(0) { n, line ->
                        n + line.toInt()
                    }
            fun count() = counts().last()
            fun open(lock: ProcessLock) =
                AccountEmulator(
                    account,
                    lock.identity(),
                    NO_DISTRIBUTIONS,
                    EmulatorSettings.DEFAULT.withMaxRunningSteps(2),
                    ImmutableList.of(),
                )
            ProcessLock.tryAcquire(account.ownerLock()).get().use { lock ->
                val steps =
                    open(lock).use { opened ->
                        val emr = opened.emulator()
                        val clusters = List(3) { emr.cluster() }
                        val steps = clusters.flatMap { cluster ->
                            awaitUntil("the cluster") {
                                emr.describeCluster { it.clusterId(cluster) }
                                    .cluster()
                                    .status()
                                    .stateAsString() == "WAITING"
                            }
                            List(2) { cluster to emr.add(cluster, script) }
                        }
                        awaitUntil("two steps") { count() == 2 }
                        steps.count { (cluster, step) ->
                            emr.state(cluster, step) == StepState.PENDING
                        } shouldBe 4
                        val (cluster, waits) = steps[2]
                        account.step(cluster, waits).resolve("controller").text() shouldContain
                            "at most 2 run at the same time on this machine"
                        // A cancelled one makes room for one of another cluster.
                        emr.cancelSteps {
                            it.clusterId(steps[0].first)
                                .stepIds(steps[0].second)
                                .stepCancellationOption("SEND_INTERRUPT")
                        }
                        awaitUntil("the next step") {
                            emr.state(cluster, waits) == StepState.RUNNING
                        }
                        steps
                    }
                open(lock).use { opened ->
                    val emr = opened.emulator()
                    fun states() = steps.map { (cluster, step) -> emr.state(cluster, step) }
                    states().count { it == StepState.RUNNING } shouldBe 2
                    Files.createFile(go)
                    awaitUntil("the end of all") {
                        states().all { it == StepState.COMPLETED || it == StepState.CANCELLED }
                    }
                    states().count { it == StepState.COMPLETED } shouldBe 5
                    counts().size shouldBe 1 + 2 * steps.size
                    counts().max() shouldBe 2
                    emr.terminateAll("over")
                }
            }
        }
    })
