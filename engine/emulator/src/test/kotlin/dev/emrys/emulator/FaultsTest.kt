package dev.emrys.emulator

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.time.Duration
import software.amazon.awssdk.services.emr.model.EmrException
import software.amazon.awssdk.services.emr.model.InternalServerErrorException
import software.amazon.awssdk.services.emr.model.InternalServerException

class FaultsTest :
    FunSpec({
        test("a throttled call is not executed, and the next one is") {
            val harness = EmulatorHarness()
            harness.faults.plan("RunJobFlow", Fault.Throttle())
            val e = shouldThrow<EmrException> { harness.run() }
            e.isThrottlingException shouldBe true
            e.statusCode() shouldBe 400
            e.text() shouldBe "Rate exceeded"
            harness.emr.listClusters {}.clusters().size shouldBe 0
            harness.run()
            harness.faults.remaining() shouldBe 0
        }

        test("an internal error before the execution changes nothing") {
            val harness = EmulatorHarness()
            harness.faults
                .plan("RunJobFlow", Fault.ErrorBefore())
                .plan("ListClusters", Fault.ErrorBefore())
            shouldThrow<InternalServerErrorException> { harness.run() }.statusCode() shouldBe 500
            shouldThrow<InternalServerException> { harness.emr.listClusters {} }.code() shouldBe
                "InternalServerException"
            harness.emr.listClusters {}.clusters().size shouldBe 0
        }

        test("after a lost response the cluster and the steps exist") {
            val harness = EmulatorHarness()
            harness.faults.plan("RunJobFlow", Fault.ErrorAfter())
            shouldThrow<InternalServerErrorException> { harness.run() }
            val id = harness.emr.listClusters {}.clusters().single().id()
            harness.clock.advance()
            harness.faults.plan("AddJobFlowSteps", Fault.ErrorAfter())
            shouldThrow<InternalServerErrorException> { harness.emr.add(id, step("one")) }
            harness.processes.launches.values.single().name shouldBe "one"
        }

        test("a rejection has the planned text, after the calls that were planned to succeed") {
            val harness = EmulatorHarness()
            harness.faults
                .planSuccess("RunJobFlow", 1)
                .plan("RunJobFlow", Fault.Refuse("No such subnet."))
            harness.run()
            val e = shouldThrow<EmrException> { harness.run() }
            e.code() shouldBe "ValidationException"
            e.text() shouldBe "No such subnet."
        }

        test(
            "a new cluster and new steps can be missing from listings for a time, but not from descriptions"
        ) {
            val harness = EmulatorHarness()
            val lag = Duration.ofSeconds(30)
            harness.faults.plan("RunJobFlow", Fault.HideFromListing(lag))
            val id = harness.ready()
            harness.emr.listClusters {}.clusters().size shouldBe 0
            harness.emr.cluster(id).id() shouldBe id
            harness.faults.plan("AddJobFlowSteps", Fault.HideFromListing(lag))
            val hidden = harness.emr.add(id, step("one")).single()
            harness.emr.add(id, step("two"))
            harness.emr.listSteps { it.clusterId(id) }.steps().map { it.name() } shouldBe
                listOf("two")
            harness.emr.step(id, hidden).name() shouldBe "one"
            harness.emr.listSteps { it.clusterId(id).stepIds(hidden) }.steps().size shouldBe 0
            harness.clock.advance(lag)
            harness.emr.listClusters {}.clusters().single().id() shouldBe id
            harness.emr.listSteps { it.clusterId(id) }.steps().size shouldBe 2
        }
    })
