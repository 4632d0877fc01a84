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

        test("a cluster starts, bootstraps and waits, each for its time, and keeps its timeline") {
            val slow = EmulatorSettings.DEFAULT.withDelays(minute, minute.multipliedBy(2), minute)
            val world = World(settings = slow)
            val born = world.clock.instant()
            val id = world.run()
            id shouldMatch "j-[0-9A-Z]{13}"
            world.emr.state(id) shouldBe STARTING
            world.clock.pass(minute.minusMillis(1))
            world.emr.state(id) shouldBe STARTING
            world.clock.pass(Duration.ofMillis(1))
            world.emr.state(id) shouldBe BOOTSTRAPPING
            world.clock.pass(minute.multipliedBy(2))
            world.emr.state(id) shouldBe WAITING
            world.emr.terminateJobFlows { it.jobFlowIds(id) }
            world.emr.state(id) shouldBe TERMINATING
            world.clock.pass(minute)
            val cluster = world.emr.cluster(id)
            cluster.status().state() shouldBe TERMINATED
            cluster.status().timeline().creationDateTime() shouldBe born
            cluster.status().timeline().readyDateTime() shouldBe born.plus(minute.multipliedBy(3))
            cluster.status().timeline().endDateTime() shouldBe born.plus(minute.multipliedBy(4))
            world.processes.endedClusters shouldContainExactly listOf(id)
        }

        test("steps that come with the cluster run one after the other, and then it ends") {
            val world = World()
            val id = world.run {
                steps(step("one"), step("two"))
                instances {
                    it.instanceGroups(group(InstanceRoleType.MASTER, 1))
                }
            }
            world.emr.steps(id) shouldBe listOf(StepState.PENDING, StepState.PENDING)
            world.clock.pass()
            world.emr.state(id) shouldBe RUNNING
            world.emr.steps(id) shouldBe listOf(StepState.RUNNING, StepState.PENDING)
            world.processes.complete(world.processes.spawned.single())
            world.emr.steps(id) shouldBe listOf(StepState.COMPLETED, StepState.RUNNING)
            world.processes.complete(world.processes.spawned[1])
            world.emr.state(id) shouldBe TERMINATING
            world.clock.pass()
            val status = world.emr.cluster(id).status()
            status.state() shouldBe TERMINATED
            status.stateChangeReason().code() shouldBe
                ClusterStateChangeReasonCode.ALL_STEPS_COMPLETED
            status.stateChangeReason().message() shouldBe "Steps completed"
            world.emr.hasLiveClusters() shouldBe false
        }

        test(
            "as many steps run at a time as the concurrency level allows, in order of submission"
        ) {
            val world = World()
            val id =
                world.ready(step("a"), step("b"), step("c"), step("d")) { stepConcurrencyLevel(2) }
            val order = world.processes
            order.spawned.map { order.orders.getValue(it).name } shouldBe listOf("a", "b")
            order.complete(order.spawned[1])
            order.spawned.map { order.orders.getValue(it).name } shouldBe listOf("a", "b", "c")
            world.emr.modifyCluster { it.clusterId(id).stepConcurrencyLevel(3) }
            order.spawned.size shouldBe 4
            world.emr.modifyCluster { it.clusterId(id).stepConcurrencyLevel(1) }
            val late = world.emr.add(id, step("late"))
            order.complete(order.spawned[0])
            order.complete(order.spawned[2])
            world.emr.step(id, late.single()).status().state() shouldBe StepState.PENDING
            order.complete(order.spawned[3])
            world.emr.step(id, late.single()).status().state() shouldBe StepState.RUNNING
        }

        test(
            "a step that the runner cannot start beside another stays pending until that has ended"
        ) {
            val world = World()
            world.processes.beside = { order, running ->
                order.name().startsWith("other") || running.none { it.name().startsWith("sql") }
            }
            val id =
                world.ready(step("sql 1"), step("sql 2"), step("other 3"), step("sql 4")) {
                    stepConcurrencyLevel(3)
                }
            world.emr.steps(id) shouldBe
                listOf(StepState.RUNNING, StepState.PENDING, StepState.RUNNING, StepState.PENDING)
            world.processes.complete(world.processes.spawned[0])
            world.emr.steps(id) shouldBe
                listOf(StepState.COMPLETED, StepState.RUNNING, StepState.RUNNING, StepState.PENDING)
            world.processes.complete(world.processes.spawned[2])
            world.processes.complete(world.processes.spawned[1])
            world.emr.steps(id).last() shouldBe StepState.RUNNING
        }

        test("a failed step with CONTINUE lets the next one run and says where its log is") {
            val world = World()
            val id = world.ready(step("bad"), step("next"))
            val bad = world.processes.spawned.single()
            world.processes.fail(bad)
            world.emr.steps(id) shouldBe listOf(StepState.FAILED, StepState.RUNNING)
            val details = world.emr.step(id, bad).status().failureDetails()
            details.reason() shouldBe "Unknown Error."
            details.message() shouldBe "exit status 1"
            details.logFile() shouldBe "s3://logs/$id/steps/$bad/stderr.gz"
        }

        test("a failed step with CANCEL_AND_WAIT cancels what is pending, and the cluster waits") {
            val world = World()
            val id = world.ready(step("bad", CANCEL_AND_WAIT), step("two"), step("three"))
            world.processes.fail(world.processes.spawned.single())
            world.emr.steps(id) shouldBe
                listOf(StepState.FAILED, StepState.CANCELLED, StepState.CANCELLED)
            world.emr.state(id) shouldBe WAITING
            world.emr.add(id, step("after"))
            world.emr.state(id) shouldBe RUNNING
        }

        test("a failed step without an action ends the cluster with errors") {
            val world = World()
            val id = world.ready(step("bad", null), step("two", null))
            world.processes.fail(world.processes.spawned.single())
            world.emr.state(id) shouldBe TERMINATING
            world.clock.pass()
            val status = world.emr.cluster(id).status()
            status.state() shouldBe TERMINATED_WITH_ERRORS
            status.stateChangeReason().code() shouldBe ClusterStateChangeReasonCode.STEP_FAILURE
            status.stateChangeReason().message() shouldBe "Shut down as step failed"
            world.emr.steps(id) shouldBe listOf(StepState.FAILED, StepState.CANCELLED)
        }

        test(
            "termination protection keeps the cluster when a step fails, and its pending steps are cancelled"
        ) {
            val world = World()
            val id = world.ready(step("bad", TERMINATE_CLUSTER), step("two", TERMINATE_CLUSTER))
            world.emr.setTerminationProtection { it.jobFlowIds(id).terminationProtected(true) }
            world.processes.fail(world.processes.spawned.single())
            world.emr.state(id) shouldBe WAITING
            world.emr.steps(id) shouldBe listOf(StepState.FAILED, StepState.CANCELLED)
        }

        test("an action on failure does not fire when the level was raised above one") {
            val world = World()
            val id = world.ready(step("bad", TERMINATE_CLUSTER), step("two", TERMINATE_CLUSTER))
            world.emr.modifyCluster { it.clusterId(id).stepConcurrencyLevel(2) }
            world.processes.fail(world.processes.spawned[0])
            world.emr.state(id) shouldBe RUNNING
            world.emr.steps(id) shouldBe listOf(StepState.FAILED, StepState.RUNNING)
        }

        test("a termination waits for the running steps and ends them by force") {
            val world = World()
            val id = world.ready(step("long"), step("waiting"))
            world.processes.cancelsWork = false
            world.emr.terminateJobFlows { it.jobFlowIds(id) }
            world.clock.pass(minute)
            val long = world.processes.spawned.single()
            world.processes.cancels shouldContainExactly listOf(long to true)
            world.emr.state(id) shouldBe TERMINATING
            world.emr.steps(id) shouldBe listOf(StepState.RUNNING, StepState.CANCELLED)
            world.processes.endedClusters.shouldBeEmpty()
            world.processes.end(long, StepExit.Cancelled(world.clock.instant()))
            world.emr.state(id) shouldBe TERMINATED
            world.emr.steps(id) shouldBe listOf(StepState.INTERRUPTED, StepState.CANCELLED)
            world.processes.endedClusters shouldContainExactly listOf(id)
            world.emr.cluster(id).status().stateChangeReason().message() shouldBe
                "Terminated by user request"
        }

        test("a protected cluster is not terminated, the unprotected one in the same call is") {
            val world = World()
            val kept = world.ready()
            val gone = world.ready()
            world.emr.setTerminationProtection { it.jobFlowIds(kept).terminationProtected(true) }
            shouldThrow<EmrException> { world.emr.terminateJobFlows { it.jobFlowIds(kept, gone) } }
                .text() shouldBe
                "Could not shut down one or more job flows since they are termination protected."
            world.clock.pass()
            world.emr.state(kept) shouldBe WAITING
            world.emr.state(gone) shouldBe TERMINATED
            world.emr.terminateAll("The local account is going.")
            world.clock.pass()
            world.emr.state(kept) shouldBe TERMINATED
        }

        test("an idle cluster ends by its auto-termination policy, a busy one does not") {
            val world = World()
            val id = world.ready { autoTerminationPolicy { it.idleTimeout(60L) } }
            world.clock.pass(Duration.ofSeconds(59))
            world.emr.add(id, step("busy"))
            world.clock.pass(Duration.ofHours(1))
            world.emr.state(id) shouldBe RUNNING
            world.processes.complete(world.processes.spawned.single())
            world.clock.pass(Duration.ofSeconds(59))
            world.emr.state(id) shouldBe WAITING
            world.clock.pass(Duration.ofSeconds(1))
            world.clock.pass()
            world.emr.state(id) shouldBe TERMINATED
        }

        test("a policy that is put, shortened and removed counts from the last activity") {
            val world = World()
            val id = world.ready()
            world.emr.putAutoTerminationPolicy { it.clusterId(id).autoTerminationPolicy {} }
            world.emr
                .getAutoTerminationPolicy { it.clusterId(id) }
                .autoTerminationPolicy()
                .idleTimeout() shouldBe 3600
            world.clock.pass(Duration.ofSeconds(100))
            world.emr.removeAutoTerminationPolicy { it.clusterId(id) }
            world.clock.pass(Duration.ofHours(2))
            world.emr.state(id) shouldBe WAITING
            world.emr.putAutoTerminationPolicy {
                it.clusterId(id).autoTerminationPolicy { p -> p.idleTimeout(60L) }
            }
            world.clock.pass()
            world.clock.pass()
            world.emr.state(id) shouldBe TERMINATED
        }

        test("a waiting cluster that is no longer kept alive ends") {
            val world = World()
            val id = world.ready()
            world.emr.setKeepJobFlowAliveWhenNoSteps {
                it.jobFlowIds(id).keepJobFlowAliveWhenNoSteps(false)
            }
            world.clock.pass()
            world.emr.state(id) shouldBe TERMINATED
        }

        test("pending steps are cancelled at once, running ones when the runner has ended them") {
            val world = World()
            val id = world.ready(step("run", TERMINATE_CLUSTER), step("wait"), step("last"))
            world.processes.cancelsWork = false
            val ids = world.emr.listSteps { it.clusterId(id) }.steps().map { it.id() }.reversed()
            val infos =
                world.emr
                    .cancelSteps { it.clusterId(id).stepIds(ids[0], ids[1], "s-NOSUCH") }
                    .cancelStepsInfoList()
            infos.map { it.statusAsString() } shouldBe listOf("SUBMITTED", "SUBMITTED", "FAILED")
            infos[2].reason() shouldBe "Step id 's-NOSUCH' is not valid."
            world.emr.steps(id) shouldBe
                listOf(StepState.CANCEL_PENDING, StepState.CANCELLED, StepState.PENDING)
            world.processes.cancels shouldContainExactly listOf(ids[0] to false)
            world.emr.cancelSteps {
                it.clusterId(id).stepIds(ids[0]).stepCancellationOption("TERMINATE_PROCESS")
            }
            world.processes.cancels.last() shouldBe (ids[0] to true)
            world.processes.end(ids[0], StepExit.Cancelled(world.clock.instant()))
            world.emr.steps(id) shouldBe
                listOf(StepState.CANCELLED, StepState.CANCELLED, StepState.RUNNING)
            val again = world.emr.cancelSteps { it.clusterId(id).stepIds(ids[0]) }
            again.cancelStepsInfoList().single().reason() shouldBe "The step is already CANCELLED."
        }

        test(
            "a runner that reports from within its own start is heard, and one that throws fails the step"
        ) {
            val world = World()
            world.processes.onStart = { order, listener ->
                if (order.name == "throws") error("no such jar")
                listener.running(world.clock.instant())
                listener.ended(StepExit.Completed(world.clock.instant()))
            }
            val id = world.ready(step("quick"), step("throws"), step("quick too"))
            world.emr.steps(id) shouldBe
                listOf(StepState.COMPLETED, StepState.FAILED, StepState.COMPLETED)
            world.emr.state(id) shouldBe WAITING
            val failed =
                world.emr.listSteps { it.clusterId(id).stepStatesWithStrings("FAILED") }.steps()
            failed.single().status().failureDetails().message() shouldBe
                "The step could not be started: no such jar"
        }

        test("the runner is told all that a step is") {
            val world = World()
            world.ready(step("one")) {
                applications({ it.name("Spark") }, { it.name("Hive") })
                configurations({
                    it.classification("spark-env")
                        .configurations({ n ->
                            n.classification("export").properties(mapOf("A" to "1"))
                        })
                })
            }
            val order = world.processes.orders.values.single()
            order.releaseLabel shouldBe "emr-7.8.0"
            order.applications shouldBe listOf("Spark", "Hive")
            order.jar shouldBe "command-runner.jar"
            order.args shouldBe listOf("echo", "one")
            order.logUri shouldBe "s3://logs/"
            order.configurations.single().nested.single().properties shouldBe mapOf("A" to "1")
        }
    })
