package dev.emrys.emulator

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.time.Duration
import software.amazon.awssdk.services.emr.model.EmrException

private fun EmulatorHarness.accepted(calls: Int, call: EmulatorHarness.() -> Unit): Int {
    var accepted = 0
    repeat(calls) {
        try {
            call()
            accepted++
        } catch (e: EmrException) {
            if (!e.isThrottlingException) throw e
        }
    }
    return accepted
}

class ApiQuotasTest :
    FunSpec({
        fun harness() = EmulatorHarness(settings = EmulatorSettings.DEFAULT.withQuotas(true))

        test("an operation has a burst, and a token comes back at its rate") {
            val harness = harness()
            val id = harness.ready()
            val list: EmulatorHarness.() -> Unit = { emr.listSteps { it.clusterId(id) } }
            harness.accepted(15, list) shouldBe 10
            val e = shouldThrow<EmrException> { list(harness) }
            e.code() shouldBe "ThrottlingException"
            e.text() shouldBe "Rate exceeded"
            e.statusCode() shouldBe 400
            harness.clock.advance(Duration.ofMillis(1999))
            harness.accepted(2, list) shouldBe 0
            harness.clock.advance(Duration.ofMillis(1))
            harness.accepted(2, list) shouldBe 1
            // A full bucket grows no more.
            harness.clock.advance(Duration.ofHours(1))
            harness.accepted(15, list) shouldBe 10
        }

        test("the account has a burst of 25 over all operations, and 5 calls a second") {
            val harness = harness()
            harness.accepted(30) { emr.listStudios {} } shouldBe 25
            harness.accepted(1) { run() } shouldBe 0
            harness.clock.advance(Duration.ofSeconds(1))
            harness.accepted(10) { emr.listStudios {} } shouldBe 5
        }

        test("a throttled call changes nothing and does not count") {
            val harness = harness()
            harness.accepted(12) { run() } shouldBe 10
            harness.emr.listClusters {}.clusters().size shouldBe 10
            harness.accepted(20) { emr.listStudios {} } shouldBe 14
        }

        test("by default there are no quotas") {
            EmulatorHarness().accepted(40) { emr.listClusters {} } shouldBe 40
        }
    })
