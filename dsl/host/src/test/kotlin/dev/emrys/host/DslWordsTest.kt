package dev.emrys.host

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain

class DslWordsTest :
    FunSpec({
        test("every kind of word is known with its place") {
            DslWords.placesOf("pipeline") shouldBe "anywhere in a script"
            DslWords.placesOf("cluster") shouldBe "in pipeline(…) { }"
            DslWords.placesOf("release") shouldBe "in cluster(…) { }"
            DslWords.placesOf("idleTimeout") shouldBe "in cluster(…) { }"
            DslWords.placesOf("rawRequest") shouldBe "in cluster(…) { }"
            DslWords.placesOf("sequence")!! shouldContain "in pipeline(…) { }"
            DslWords.placesOf("step")!! shouldContain "c.step(…)"
            DslWords.placesOf("timeout")!! shouldContain "in step(…) { }, or in defaults { }"
            DslWords.placesOf("primary")!! shouldContain "in instances { }"
            DslWords.placesOf("spot")!! shouldContain "task(…) { }"
            DslWords.placesOf("maxPricePerHour") shouldBe "in spot { }"
            DslWords.placesOf("backoff") shouldBe "in retry { }"
            DslWords.placesOf("default") shouldBe "in the block of a parameter"
            DslWords.placesOf("logicalDate") shouldBe "in default { } of a parameter"
            DslWords.placesOf("define") shouldBe "in sparkSql(…) { }"
            DslWords.placesOf("conf") shouldBe "in sparkSubmit(…) { }, or in sparkSql(…) { }"
            DslWords.placesOf("retry") shouldBe
                "in cluster(…) { }, or in existingCluster(…) { }, or in step(…) { }, " +
                    "or in defaults { }, or in the block of an operation, such as c.resize(…) { }"
            DslWords.placesOf("resize")!! shouldContain "c.step(…)"
            DslWords.placesOf("changeIdleTimeout")!! shouldContain "c.step(…)"
            DslWords.placesOf("coreFleet")!! shouldContain "in resize(…) { }"
            DslWords.placesOf("stepName") shouldBe "in awaitStep(…) { } and cancelStep(…) { }"
            DslWords.placesOf("kill") shouldBe "in cancelStep(…) { }"
            DslWords.placesOf("limits") shouldBe "in changeManagedScaling(…) { }"
            DslWords.placesOf("Spark") shouldBe "anywhere in a script"
            DslWords.placesOf("Bootstrap") shouldBe "after Failure, or after Cause"
            DslWords.placesOf("Emr_7_8_0") shouldBe "after Release"
            DslWords.placesOf("M6gXlarge") shouldBe "after InstanceType"
            DslWords.placesOf("minutes") shouldBe "after a number, such as 30.minutes"
        }

        test("what is not for authors is no word") {
            for (name in
                listOf(
                    "build",
                    "getLogs",
                    "component1",
                    "unbox",
                    "toString",
                    "script\$emrys_language",
                )) {
                DslWords.placesOf(name) shouldBe null
            }
        }

        test("a misspelling finds its word") {
            DslWords.nearest("relase") shouldBe "release"
            DslWords.nearest("bootstrp") shouldBe "bootstrap"
            DslWords.nearest("sparksubmit") shouldBe "sparkSubmit"
            DslWords.nearest("somethingElse") shouldBe null
        }

        test("a short word that is two edits away is another word") {
            DslWords.nearest("retyr") shouldBe "retry"
            DslWords.nearest("mebry") shouldBe null
        }
    })
