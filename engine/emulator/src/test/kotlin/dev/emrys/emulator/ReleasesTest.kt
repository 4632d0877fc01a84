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
        }

        test("release labels are listed by an application and its version") {
            fun labels(application: String) =
                emr.listReleaseLabels { request ->
                        request.filters { it.application(application).prefix("emr-7") }
                    }
                    .releaseLabels()
            labels("spark@3.5.4") shouldContainExactly listOf("emr-7.8.0")
            labels("MXNet") shouldContainExactly listOf("emr-7.2.0", "emr-7.1.0", "emr-7.0.0")
            labels("spark@9.9.9") shouldContainExactly listOf()
            labels("Sprak") shouldContainExactly listOf()
        }

        test("a release label has applications with concise versions") {
            fun versions(label: String) =
                emr.describeReleaseLabel { it.releaseLabel(label) }
                    .applications()
                    .associate { it.name() to it.version() }
            val newest = versions("emr-7.8.0")
            newest["Spark"] shouldBe "3.5.4"
            newest["Livy"] shouldBe "0.8.0"
            newest["Trino"] shouldBe "467"
            newest["PrestoSQL"] shouldBe null
            newest["MXNet"] shouldBe null
            versions("emr-6.3.0")["PrestoSQL"] shouldBe "350"
            versions("emr-4.2.0")["Presto-Sandbox"] shouldBe "0.125"
            versions("emr-5.0.1")["Spark"] shouldBe "2.0.0"
            fun refused(label: String?) =
                shouldThrow<EmrException> { emr.describeReleaseLabel { it.releaseLabel(label) } }
                    .text()
            refused("emr-0.0.1") shouldBe "The supplied release label is invalid: emr-0.0.1."
            refused("emr-spark-8.0.0") shouldContain "has no table of the applications"
            refused(null) shouldBe "ReleaseLabel is required."
        }

        test("a cluster shows its applications with EMR's names and versions") {
            val harness = EmulatorHarness()
            val id = harness.run { applications({ it.name("spark") }, { it.name("Hive") }) }
            harness.emr.cluster(id).applications().map { it.name() to it.version() } shouldBe
                listOf("Spark" to "3.5.4", "Hive" to "3.1.3")
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
