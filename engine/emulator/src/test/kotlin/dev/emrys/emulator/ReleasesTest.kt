package dev.emrys.emulator

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldNotContain
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import software.amazon.awssdk.services.emr.model.EmrException

class ReleasesTest :
    FunSpec({
        val emr = EmulatorHarness().emr

        test("release labels are listed in pages, newest first, by prefix") {
            val first = emr.listReleaseLabels {}
            first.releaseLabels().size shouldBe 100
            val second = emr.listReleaseLabels { it.nextToken(first.nextToken()) }
            second.nextToken() shouldBe null
            (first.releaseLabels() + second.releaseLabels()).let {
                it.toSet().size shouldBe it.size
                it.indexOf("emr-7.9.0") shouldBe it.indexOf("emr-7.8.0") - 1
            }
            val small = emr.listReleaseLabels { request ->
                request.maxResults(2).filters { it.prefix("emr-6.1") }
            }
            small.releaseLabels() shouldContainExactly listOf("emr-6.15.0", "emr-6.14.0")
            shouldThrow<EmrException> {
                    emr.listReleaseLabels { request -> request.filters { it.application("Spark") } }
                }
                .text() shouldContain "does not emulate the filter Application"
        }

        test("each release label has its own instance types") {
            fun types(label: String) =
                emr.listSupportedInstanceTypesPaginator { it.releaseLabel(label) }
                    .flatMap { it.supportedInstanceTypes() }
            val graviton = types("emr-7.8.0").single { it.type() == "m6g.xlarge" }
            graviton.vcpu() shouldBe 4
            graviton.memoryGB() shouldBe 15.25f
            graviton.architecture() shouldBe "AARCH64"
            types("emr-5.0.0").map { it.type() } shouldNotContain "m6g.xlarge"
            types("emr-5.0.0").map { it.type() } shouldContain "m3.xlarge"
            shouldThrow<EmrException> {
                    emr.listSupportedInstanceTypes { it.releaseLabel("emr-0.0.1") }
                }
                .text() shouldBe "The supplied release label is invalid: emr-0.0.1."
        }
    })
