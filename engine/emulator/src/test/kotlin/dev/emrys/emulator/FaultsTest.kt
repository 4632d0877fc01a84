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
            val world = World()
            world.faults.plan("RunJobFlow", Fault.Throttle())
            val e = shouldThrow<EmrException> { world.run() }
            e.isThrottlingException shouldBe true
            e.statusCode() shouldBe 400
            e.text() shouldBe "Rate exceeded"
            world.emr.listClusters {}.clusters().size shouldBe 0
            world.run()
            world.faults.left() shouldBe 0
        }

        test("an internal error before the execution leaves nothing behind") {
            val world = World()
            world.faults
                .plan("RunJobFlow", Fault.ErrorBefore())
                .plan("ListClusters", Fault.ErrorBefore())
            shouldThrow<InternalServerErrorException> { world.run() }.statusCode() shouldBe 500
            shouldThrow<InternalServerException> { world.emr.listClusters {} }.code() shouldBe
                "InternalServerException"
            world.emr.listClusters {}.clusters().size shouldBe 0
        }

        test("a lost reply leaves the cluster and the steps behind") {
            val world = World()
            world.faults.plan("RunJobFlow", Fault.ErrorAfter())
            shouldThrow<InternalServerErrorException> { world.run() }
            val id = world.emr.listClusters {}.clusters().single().id()
            world.clock.pass()
            world.faults.plan("AddJobFlowSteps", Fault.ErrorAfter())
            shouldThrow<InternalServerErrorException> { world.emr.add(id, step("one")) }
            world.processes.orders.values.single().name shouldBe "one"
        }

        test("a refusal has the planned text, and spared calls go well before it") {
            val world = World()
            world.faults.spare("RunJobFlow", 1).plan("RunJobFlow", Fault.Refuse("No such subnet."))
            world.run()
            val e = shouldThrow<EmrException> { world.run() }
            e.code() shouldBe "ValidationException"
            e.text() shouldBe "No such subnet."
        }

        test("a new cluster and new steps can lag behind in listings, not in descriptions") {
            val world = World()
            val lag = Duration.ofSeconds(30)
            world.faults.plan("RunJobFlow", Fault.HideFromListing(lag))
            val id = world.ready()
            world.emr.listClusters {}.clusters().size shouldBe 0
            world.emr.cluster(id).id() shouldBe id
            world.faults.plan("AddJobFlowSteps", Fault.HideFromListing(lag))
            val hidden = world.emr.add(id, step("one")).single()
            world.emr.add(id, step("two"))
            world.emr.listSteps { it.clusterId(id) }.steps().map { it.name() } shouldBe
                listOf("two")
            world.emr.step(id, hidden).name() shouldBe "one"
            world.emr.listSteps { it.clusterId(id).stepIds(hidden) }.steps().size shouldBe 0
            world.clock.pass(lag)
            world.emr.listClusters {}.clusters().single().id() shouldBe id
            world.emr.listSteps { it.clusterId(id) }.steps().size shouldBe 2
        }
    })
