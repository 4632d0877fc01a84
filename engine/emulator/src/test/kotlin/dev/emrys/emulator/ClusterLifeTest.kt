package dev.emrys.emulator

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldMatch
import java.time.Duration
import software.amazon.awssdk.services.emr.model.ActionOnFailure.CANCEL_AND_WAIT
import software.amazon.awssdk.services.emr.model.ActionOnFailure.TERMINATE_CLUSTER
import software.amazon.awssdk.services.emr.model.ClusterState.BOOTSTRAPPING
import software.amazon.awssdk.services.emr.model.ClusterState.RUNNING
import software.amazon.awssdk.services.emr.model.ClusterState.STARTING
import software.amazon.awssdk.services.emr.model.ClusterState.TERMINATED
import software.amazon.awssdk.services.emr.model.ClusterState.TERMINATED_WITH_ERRORS
import software.amazon.awssdk.services.emr.model.ClusterState.TERMINATING
import software.amazon.awssdk.services.emr.model.ClusterState.WAITING
import software.amazon.awssdk.services.emr.model.ClusterStateChangeReasonCode
import software.amazon.awssdk.services.emr.model.EmrException
import software.amazon.awssdk.services.emr.model.InstanceRoleType
import software.amazon.awssdk.services.emr.model.StepState

class ClusterLifeTest :
    FunSpec({
        val minute = Duration.ofMinutes(1)

        test(
            "a cluster is STARTING, BOOTSTRAPPING and WAITING for the set durations and has a timeline"
        ) {
            val slow = EmulatorSettings.DEFAULT.withDelays(minute, minute.multipliedBy(2), minute)
            val harness = EmulatorHarness(settings = slow)
            val born = harness.clock.instant()
            val id = harness.run()
            id shouldMatch "j-[0-9A-Z]{13}"
            harness.emr.state(id) shouldBe STARTING
            harness.clock.advance(minute.minusMillis(1))
            harness.emr.state(id) shouldBe STARTING
            harness.clock.advance(Duration.ofMillis(1))
            harness.emr.state(id) shouldBe BOOTSTRAPPING
            harness.clock.advance(minute.multipliedBy(2))
            harness.emr.state(id) shouldBe WAITING
            harness.emr.terminateJobFlows { it.jobFlowIds(id) }
            harness.emr.state(id) shouldBe TERMINATING
            harness.clock.advance(minute)
            val cluster = harness.emr.cluster(id)
            cluster.status().state() shouldBe TERMINATED
            cluster.status().timeline().creationDateTime() shouldBe born
            cluster.status().timeline().readyDateTime() shouldBe born.plus(minute.multipliedBy(3))
            cluster.status().timeline().endDateTime() shouldBe born.plus(minute.multipliedBy(4))
            harness.processes.endedClusters shouldContainExactly listOf(id)
        }

        test("the steps of RunJobFlow run in order, and then the cluster terminates") {
            val harness = EmulatorHarness()
            val id = harness.run {
                steps(step("one"), step("two"))
                instances {
                    it.instanceGroups(group(InstanceRoleType.MASTER, 1))
                }
            }
            harness.emr.steps(id) shouldBe listOf(StepState.PENDING, StepState.PENDING)
            harness.clock.advance()
            harness.emr.state(id) shouldBe RUNNING
            harness.emr.steps(id) shouldBe listOf(StepState.RUNNING, StepState.PENDING)
            harness.processes.complete(harness.processes.spawned.single())
            harness.emr.steps(id) shouldBe listOf(StepState.COMPLETED, StepState.RUNNING)
            harness.processes.complete(harness.processes.spawned[1])
            harness.emr.state(id) shouldBe TERMINATING
            harness.clock.advance()
            val status = harness.emr.cluster(id).status()
            status.state() shouldBe TERMINATED
            status.stateChangeReason().code() shouldBe
                ClusterStateChangeReasonCode.ALL_STEPS_COMPLETED
            status.stateChangeReason().message() shouldBe "Steps completed"
            harness.emr.hasLiveClusters() shouldBe false
        }

        test(
            "the step concurrency level limits running steps, which start in order of submission"
        ) {
            val harness = EmulatorHarness()
            val id =
                harness.ready(step("a"), step("b"), step("c"), step("d")) {
                    stepConcurrencyLevel(2)
                }
            val launch = harness.processes
            launch.spawned.map { launch.launches.getValue(it).name } shouldBe listOf("a", "b")
            launch.complete(launch.spawned[1])
            launch.spawned.map { launch.launches.getValue(it).name } shouldBe listOf("a", "b", "c")
            harness.emr.modifyCluster { it.clusterId(id).stepConcurrencyLevel(3) }
            launch.spawned.size shouldBe 4
            harness.emr.modifyCluster { it.clusterId(id).stepConcurrencyLevel(1) }
            val late = harness.emr.add(id, step("late"))
            launch.complete(launch.spawned[0])
            launch.complete(launch.spawned[2])
            harness.emr.step(id, late.single()).status().state() shouldBe StepState.PENDING
            launch.complete(launch.spawned[3])
            harness.emr.step(id, late.single()).status().state() shouldBe StepState.RUNNING
        }

        test(
            "a step that the runner cannot start while another runs stays PENDING until that one ends"
        ) {
            val harness = EmulatorHarness()
            harness.processes.mayRunBeside = { launch, running ->
                launch.name().startsWith("other") || running.none { it.name().startsWith("sql") }
            }
            val id =
                harness.ready(step("sql 1"), step("sql 2"), step("other 3"), step("sql 4")) {
                    stepConcurrencyLevel(3)
                }
            harness.emr.steps(id) shouldBe
                listOf(StepState.RUNNING, StepState.PENDING, StepState.RUNNING, StepState.PENDING)
            harness.processes.complete(harness.processes.spawned[0])
            harness.emr.steps(id) shouldBe
                listOf(StepState.COMPLETED, StepState.RUNNING, StepState.RUNNING, StepState.PENDING)
            harness.processes.complete(harness.processes.spawned[2])
            harness.processes.complete(harness.processes.spawned[1])
            harness.emr.steps(id).last() shouldBe StepState.RUNNING
        }

        test(
            "after a failed step with CONTINUE the next step runs, and the failure names the log file"
        ) {
            val harness = EmulatorHarness()
            val id = harness.ready(step("bad"), step("next"))
            val bad = harness.processes.spawned.single()
            harness.processes.fail(bad)
            harness.emr.steps(id) shouldBe listOf(StepState.FAILED, StepState.RUNNING)
            val details = harness.emr.step(id, bad).status().failureDetails()
            details.reason() shouldBe "Unknown Error."
            details.message() shouldBe "exit status 1"
            details.logFile() shouldBe "s3://logs/$id/steps/$bad/stderr.gz"
        }

        test(
            "a failed step with CANCEL_AND_WAIT cancels the pending steps, and the cluster is WAITING"
        ) {
            val harness = EmulatorHarness()
            val id = harness.ready(step("bad", CANCEL_AND_WAIT), step("two"), step("three"))
            harness.processes.fail(harness.processes.spawned.single())
            harness.emr.steps(id) shouldBe
                listOf(StepState.FAILED, StepState.CANCELLED, StepState.CANCELLED)
            harness.emr.state(id) shouldBe WAITING
            harness.emr.add(id, step("after"))
            harness.emr.state(id) shouldBe RUNNING
        }

        test("a failed step without an action terminates the cluster with errors") {
            val harness = EmulatorHarness()
            val id = harness.ready(step("bad", null), step("two", null))
            harness.processes.fail(harness.processes.spawned.single())
            harness.emr.state(id) shouldBe TERMINATING
            harness.clock.advance()
            val status = harness.emr.cluster(id).status()
            status.state() shouldBe TERMINATED_WITH_ERRORS
            status.stateChangeReason().code() shouldBe ClusterStateChangeReasonCode.STEP_FAILURE
            status.stateChangeReason().message() shouldBe "Shut down as step failed"
            harness.emr.steps(id) shouldBe listOf(StepState.FAILED, StepState.CANCELLED)
        }

        test("a protected cluster is kept when a step fails, and its pending steps are cancelled") {
            val harness = EmulatorHarness()
            val id = harness.ready(step("bad", TERMINATE_CLUSTER), step("two", TERMINATE_CLUSTER))
            harness.emr.setTerminationProtection { it.jobFlowIds(id).terminationProtected(true) }
            harness.processes.fail(harness.processes.spawned.single())
            harness.emr.state(id) shouldBe WAITING
            harness.emr.steps(id) shouldBe listOf(StepState.FAILED, StepState.CANCELLED)
        }

        test("an action on failure is ignored when the step concurrency level is above one") {
            val harness = EmulatorHarness()
            val id = harness.ready(step("bad", TERMINATE_CLUSTER), step("two", TERMINATE_CLUSTER))
            harness.emr.modifyCluster { it.clusterId(id).stepConcurrencyLevel(2) }
            harness.processes.fail(harness.processes.spawned[0])
            harness.emr.state(id) shouldBe RUNNING
            harness.emr.steps(id) shouldBe listOf(StepState.FAILED, StepState.RUNNING)
        }

        test("a termination kills the running steps and waits for their end") {
            val harness = EmulatorHarness()
            val id = harness.ready(step("long"), step("waiting"))
            harness.processes.cancelsWork = false
            harness.emr.terminateJobFlows { it.jobFlowIds(id) }
            harness.clock.advance(minute)
            val long = harness.processes.spawned.single()
            harness.processes.cancels shouldContainExactly listOf(long to true)
            harness.emr.state(id) shouldBe TERMINATING
            harness.emr.steps(id) shouldBe listOf(StepState.RUNNING, StepState.CANCELLED)
            harness.processes.endedClusters.shouldBeEmpty()
            harness.processes.end(long, StepExit.Cancelled(harness.clock.instant()))
            harness.emr.state(id) shouldBe TERMINATED
            harness.emr.steps(id) shouldBe listOf(StepState.INTERRUPTED, StepState.CANCELLED)
            harness.processes.endedClusters shouldContainExactly listOf(id)
            harness.emr.cluster(id).status().stateChangeReason().message() shouldBe
                "Terminated by user request"
        }

        test("a protected cluster is not terminated, the unprotected one in the same call is") {
            val harness = EmulatorHarness()
            val kept = harness.ready()
            val gone = harness.ready()
            harness.emr.setTerminationProtection { it.jobFlowIds(kept).terminationProtected(true) }
            shouldThrow<EmrException> {
                    harness.emr.terminateJobFlows { it.jobFlowIds(kept, gone) }
                }
                .text() shouldBe
                "Could not shut down one or more job flows since they are termination protected."
            harness.clock.advance()
            harness.emr.state(kept) shouldBe WAITING
            harness.emr.state(gone) shouldBe TERMINATED
            harness.emr.terminateAll("The local account is going.")
            harness.clock.advance()
            harness.emr.state(kept) shouldBe TERMINATED
        }

        test("the auto-termination policy terminates an idle cluster, not a busy one") {
            val harness = EmulatorHarness()
            val id = harness.ready { autoTerminationPolicy { it.idleTimeout(60L) } }
            harness.clock.advance(Duration.ofSeconds(59))
            harness.emr.add(id, step("busy"))
            harness.clock.advance(Duration.ofHours(1))
            harness.emr.state(id) shouldBe RUNNING
            harness.processes.complete(harness.processes.spawned.single())
            harness.clock.advance(Duration.ofSeconds(59))
            harness.emr.state(id) shouldBe WAITING
            harness.clock.advance(Duration.ofSeconds(1))
            harness.clock.advance()
            harness.emr.state(id) shouldBe TERMINATED
        }

        test(
            "an auto-termination policy that is put, shortened and removed counts from the last activity"
        ) {
            val harness = EmulatorHarness()
            val id = harness.ready()
            harness.emr.putAutoTerminationPolicy { it.clusterId(id).autoTerminationPolicy {} }
            harness.emr
                .getAutoTerminationPolicy { it.clusterId(id) }
                .autoTerminationPolicy()
                .idleTimeout() shouldBe 3600
            harness.clock.advance(Duration.ofSeconds(100))
            harness.emr.removeAutoTerminationPolicy { it.clusterId(id) }
            harness.clock.advance(Duration.ofHours(2))
            harness.emr.state(id) shouldBe WAITING
            harness.emr.putAutoTerminationPolicy {
                it.clusterId(id).autoTerminationPolicy { p -> p.idleTimeout(60L) }
            }
            harness.clock.advance()
            harness.clock.advance()
            harness.emr.state(id) shouldBe TERMINATED
        }

        test("a WAITING cluster terminates when it is no longer kept alive") {
            val harness = EmulatorHarness()
            val id = harness.ready()
            harness.emr.setKeepJobFlowAliveWhenNoSteps {
                it.jobFlowIds(id).keepJobFlowAliveWhenNoSteps(false)
            }
            harness.clock.advance()
            harness.emr.state(id) shouldBe TERMINATED
        }

        test("pending steps are cancelled at once, running ones when the runner has ended them") {
            val harness = EmulatorHarness()
            val id = harness.ready(step("run", TERMINATE_CLUSTER), step("wait"), step("last"))
            harness.processes.cancelsWork = false
            val ids = harness.emr.listSteps { it.clusterId(id) }.steps().map { it.id() }.reversed()
            val infos =
                harness.emr
                    .cancelSteps { it.clusterId(id).stepIds(ids[0], ids[1], "s-NOSUCH") }
                    .cancelStepsInfoList()
            infos.map { it.statusAsString() } shouldBe listOf("SUBMITTED", "SUBMITTED", "FAILED")
            infos[2].reason() shouldBe "Step id 's-NOSUCH' is not valid."
            harness.emr.steps(id) shouldBe
                listOf(StepState.CANCEL_PENDING, StepState.CANCELLED, StepState.PENDING)
            harness.processes.cancels shouldContainExactly listOf(ids[0] to false)
            harness.emr.cancelSteps {
                it.clusterId(id).stepIds(ids[0]).stepCancellationOption("TERMINATE_PROCESS")
            }
            harness.processes.cancels.last() shouldBe (ids[0] to true)
            harness.processes.end(ids[0], StepExit.Cancelled(harness.clock.instant()))
            harness.emr.steps(id) shouldBe
                listOf(StepState.CANCELLED, StepState.CANCELLED, StepState.RUNNING)
            val again = harness.emr.cancelSteps { it.clusterId(id).stepIds(ids[0]) }
            again.cancelStepsInfoList().single().reason() shouldBe "The step is already CANCELLED."
        }

        test("a runner may report from within start, and one that throws fails the step") {
            val harness = EmulatorHarness()
            harness.processes.onStart = { launch, listener ->
                if (launch.name == "throws") error("no such jar")
                listener.running(harness.clock.instant())
                listener.ended(StepExit.Completed(harness.clock.instant()))
            }
            val id = harness.ready(step("quick"), step("throws"), step("quick too"))
            harness.emr.steps(id) shouldBe
                listOf(StepState.COMPLETED, StepState.FAILED, StepState.COMPLETED)
            harness.emr.state(id) shouldBe WAITING
            val failed =
                harness.emr.listSteps { it.clusterId(id).stepStatesWithStrings("FAILED") }.steps()
            failed.single().status().failureDetails().message() shouldBe
                "The step could not be started: no such jar"
            // The cluster has a log location, but the step wrote nothing.
            failed.single().status().failureDetails().logFile() shouldBe null
        }

        test("the runner gets all properties of a step") {
            val harness = EmulatorHarness()
            harness.ready(step("one")) {
                applications({ it.name("Spark") }, { it.name("Hive") })
                configurations({
                    it.classification("spark-env")
                        .configurations({ n ->
                            n.classification("export").properties(mapOf("A" to "1"))
                        })
                })
            }
            val launch = harness.processes.launches.values.single()
            launch.releaseLabel shouldBe "emr-7.8.0"
            launch.applications shouldBe listOf("Spark", "Hive")
            launch.jar shouldBe "command-runner.jar"
            launch.args shouldBe listOf("echo", "one")
            launch.logUri shouldBe "s3://logs/"
            launch.configurations.single().nested.single().properties shouldBe mapOf("A" to "1")
        }
    })
