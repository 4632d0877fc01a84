package dev.emrys.emulator

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.shouldBe
import java.time.Duration
import software.amazon.awssdk.services.emr.model.BootstrapActionConfig
import software.amazon.awssdk.services.emr.model.ClusterState
import software.amazon.awssdk.services.emr.model.ClusterStateChangeReasonCode
import software.amazon.awssdk.services.emr.model.InstanceGroupType
import software.amazon.awssdk.services.emr.model.RunJobFlowRequest
import software.amazon.awssdk.services.emr.model.StepState

private fun RunJobFlowRequest.Builder.actions(vararg paths: String) =
    bootstrapActions(
        paths.map { path ->
            BootstrapActionConfig.builder()
                .name(path)
                .scriptBootstrapAction { it.path("s3://b/$path").args("--of", path) }
                .build()
        }
    )

private fun EmulatorHarness.primary(cluster: String) =
    emr.listInstances { it.clusterId(cluster).instanceGroupTypes(InstanceGroupType.MASTER) }
        .instances()
        .single()
        .ec2InstanceId()

private fun EmulatorHarness.failure() =
    BootstrapExit.Failed(clock.instant(), "no such package", "/logs/stderr")

class BootstrapActionsTest :
    FunSpec({
        test("the actions run one after the other while the cluster is BOOTSTRAPPING") {
            val harness = EmulatorHarness()
            harness.processes.bootstrapExit = { null }
            val id = harness.ready { actions("one.sh", "two.sh").steps(step("work")) }
            harness.emr.state(id) shouldBe ClusterState.BOOTSTRAPPING
            val first = harness.processes.bootstrapStarts.single()
            first.number shouldBe 1
            first.path shouldBe "s3://b/one.sh"
            first.args shouldBe listOf("--of", "one.sh")
            first.logUri shouldBe "s3://logs/"
            first.instanceId shouldBe harness.primary(id)
            harness.processes.spawned.shouldBeEmpty()

            harness.processes.endBootstrapAction(
                1,
                BootstrapExit.Succeeded(harness.clock.instant()),
            )
            harness.clock.advance()
            harness.processes.bootstrapStarts.map { it.number } shouldBe listOf(1, 2)
            harness.emr.state(id) shouldBe ClusterState.BOOTSTRAPPING
            harness.processes.endBootstrapAction(
                2,
                BootstrapExit.Succeeded(harness.clock.instant()),
            )
            harness.clock.advance()
            harness.emr.state(id) shouldBe ClusterState.RUNNING
            harness.processes.spawned.size shouldBe 1
        }

        test("as many actions run at the same time as steps may, and the others wait") {
            val harness =
                EmulatorHarness(settings = EmulatorSettings.DEFAULT.withMaxRunningSteps(2))
            harness.processes.bootstrapExit = { null }
            val ids = (1..4).map { harness.ready { actions("a", "b") } }
            fun started() =
                harness.processes.bootstrapStarts.map { ids.indexOf(it.clusterId) to it.number }
            started() shouldBe listOf(0 to 1, 1 to 1)
            fun end(cluster: Int, number: Int) {
                harness.processes.endBootstrapAction(
                    number,
                    BootstrapExit.Succeeded(harness.clock.instant()),
                    ids[cluster],
                )
                harness.clock.advance()
            }
            // The next action of the same cluster waits longer than the others.
            end(0, 1)
            started().drop(2) shouldBe listOf(2 to 1)
            // One that waits ends with its cluster, and is never started.
            harness.emr.terminateJobFlows { it.jobFlowIds(ids[3]) }
            harness.clock.advance()
            harness.emr.state(ids[3]) shouldBe ClusterState.TERMINATED
            end(2, 1)
            started().drop(3) shouldBe listOf(0 to 2)
            end(0, 2)
            end(1, 1)
            end(1, 2)
            end(2, 2)
            ids.take(3).map { harness.emr.state(it) } shouldBe List(3) { ClusterState.WAITING }
        }

        test("after a restart, an action of a cluster that ends is passed to the runner at once") {
            val store = InMemoryStore()
            val settings = EmulatorSettings.DEFAULT
            val harness = EmulatorHarness(store, settings.withMaxRunningSteps(2))
            harness.processes.bootstrapExit = { null }
            val ids = (1..2).map { harness.ready { actions("a") } }
            harness.emr.terminateJobFlows { it.jobFlowIds(ids) }
            harness.emr.close()
            val again =
                EmulatorHarness(
                    store,
                    settings.withMaxRunningSteps(1),
                    ManualClock(harness.clock.instant()),
                )
            again.emr.recover()
            // Their processes may run: only the runner can end them.
            again.processes.bootstrapStarts.map { it.clusterId } shouldContainExactlyInAnyOrder ids
            again.processes.bootstrapCancels shouldBe listOf(1, 1)
        }

        test("an action that fails ends the cluster with EMR's words, and cancels its steps") {
            val harness = EmulatorHarness()
            harness.processes.bootstrapExit = {
                if (it.number == 2) harness.failure()
                else BootstrapExit.Succeeded(harness.clock.instant())
            }
            val id = harness.ready { actions("a", "b", "c").steps(step("work")) }
            val status = harness.emr.cluster(id).status()
            status.state() shouldBe ClusterState.TERMINATED_WITH_ERRORS
            status.stateChangeReason().code() shouldBe
                ClusterStateChangeReasonCode.BOOTSTRAP_FAILURE
            val instance = harness.processes.bootstrapStarts[0].instanceId
            val words =
                "On the master instance ($instance), bootstrap action 2 returned a non-zero return code"
            status.stateChangeReason().message() shouldBe words
            val detail = status.errorDetails().single()
            detail.errorCode() shouldBe "BOOTSTRAP_FAILURE_PRIMARY_WITH_NON_ZERO_CODE"
            detail.errorMessage() shouldBe words
            detail.errorData().single() shouldBe
                mapOf(
                    "primary-instance-id" to instance,
                    "bootstrap-action" to "2",
                    "log-file" to "/logs/stderr",
                    "log-excerpt" to "no such package",
                )
            harness.processes.bootstrapStarts.map { it.number } shouldBe listOf(1, 2)
            harness.emr.steps(id) shouldBe listOf(StepState.CANCELLED)
        }

        test("a script that cannot be read ends the cluster with EMR's words") {
            val harness = EmulatorHarness()
            harness.processes.bootstrapExit = {
                BootstrapExit.NotStarted(harness.clock.instant(), "it does not exist")
            }
            val id = harness.ready { actions("a") }
            val status = harness.emr.cluster(id).status()
            status.stateChangeReason().message() shouldBe
                "Master instance (${harness.processes.bootstrapStarts[0].instanceId}) failed attempting to download " +
                    "bootstrap action 1 file from S3"
            status.errorDetails().single().errorCode() shouldBe
                "BOOTSTRAP_FAILURE_BA_DOWNLOAD_FAILED_PRIMARY"
        }

        test("a termination ends the running action, and the cluster ends after it") {
            val harness = EmulatorHarness()
            harness.processes.bootstrapExit = { null }
            val id = harness.ready { actions("a", "b") }
            harness.emr.terminateJobFlows { it.jobFlowIds(id) }
            harness.clock.advance()
            harness.processes.bootstrapCancels shouldBe listOf(1)
            harness.emr.state(id) shouldBe ClusterState.TERMINATING
            harness.processes.endBootstrapAction(
                1,
                BootstrapExit.Cancelled(harness.clock.instant()),
            )
            harness.emr.state(id) shouldBe ClusterState.TERMINATED
            harness.processes.bootstrapStarts.size shouldBe 1
        }

        test("after a restart the action that ran is passed to the runner again") {
            val store = InMemoryStore()
            val harness = EmulatorHarness(store)
            harness.processes.bootstrapExit = {
                if (it.number == 1) BootstrapExit.Succeeded(harness.clock.instant()) else null
            }
            val id = harness.ready { actions("a", "b") }
            harness.emr.close()

            val next = EmulatorHarness(store, clock = harness.clock, processes = harness.processes)
            next.emr.recover()
            harness.processes.bootstrapStarts.map { it.number } shouldBe listOf(1, 2, 2)
            next.emr.terminateJobFlows { it.jobFlowIds(id) }
            next.emr.close()

            val last = EmulatorHarness(store, clock = harness.clock, processes = harness.processes)
            last.emr.recover()
            harness.processes.bootstrapCancels shouldBe listOf(2, 2)
            harness.processes.endBootstrapAction(
                2,
                BootstrapExit.Cancelled(harness.clock.instant()),
            )
            last.clock.advance()
            last.emr.state(id) shouldBe ClusterState.TERMINATED
        }

        test("the time of BOOTSTRAPPING begins after the last action") {
            val minutes = Duration.ofMinutes(2)
            val harness =
                EmulatorHarness(
                    settings =
                        EmulatorSettings.DEFAULT.withDelays(Duration.ZERO, minutes, Duration.ZERO)
                )
            harness.processes.bootstrapExit = { null }
            val id = harness.ready { actions("a") }
            harness.clock.advance(minutes.multipliedBy(3))
            harness.emr.state(id) shouldBe ClusterState.BOOTSTRAPPING
            harness.processes.endBootstrapAction(
                1,
                BootstrapExit.Succeeded(harness.clock.instant()),
            )
            harness.clock.advance(minutes.minusSeconds(1))
            harness.emr.state(id) shouldBe ClusterState.BOOTSTRAPPING
            harness.clock.advance(Duration.ofSeconds(1))
            harness.emr.state(id) shouldBe ClusterState.WAITING
        }
    })
