package dev.emrys.cost

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.util.Optional

class PriceTableTest :
    FunSpec({
        fun PriceTable.price(type: String) = instance(type).get()

        test("the standard table has the common families, each size by its share of an xlarge") {
            val table = PriceTable.standard()
            for ((type, ec2, emr) in
                listOf(
                    Triple("m5.xlarge", 0.192, 0.048),
                    Triple("r5.4xlarge", 1.008, 0.252),
                    Triple("m6g.large", 0.077, 0.01925),
                    Triple("m7i-flex.2xlarge", 0.38304, 0.09576),
                )) withClue(type) {
                table.price(type).ec2() shouldBe (ec2 plusOrMinus 1e-9)
                table.price(type).emr() shouldBe (emr plusOrMinus 1e-9)
            }
            table.source() shouldBe "prices of us-east-1 of 2025-06-30"
        }

        test("EMR's price has a maximum up to the fifth generation only") {
            val table = PriceTable.standard()
            table.price("m5d.24xlarge").emr() shouldBe 0.27
            table.price("m6g.16xlarge").emr() shouldBe (0.616 plusOrMinus 1e-9)
        }

        test("a type that is not in the table has no price") {
            for (type in listOf("m99.xlarge", "m5.metal", "m5", "", "x.2xlarge")) withClue(type) {
                PriceTable.standard().instance(type) shouldBe Optional.empty()
            }
        }

        test("prices of the user's own replace the standard ones, which stay for the others") {
            val table =
                PriceTable.read(
                    """{"date": "2026-10-01", "region": "eu-central-1", "families": {"m5": 0.23},
                    "instances": {"m6g.xlarge": {"ec2": 0.184, "emr": 0.04}}, "ebs": {"gp3": 0.0952}}"""
                )
            table.price("m5.2xlarge").ec2() shouldBe 0.46
            table.price("m6g.xlarge") shouldBe InstancePrice(0.184, 0.04)
            table.price("m6g.2xlarge").ec2() shouldBe 0.308
            table.volume("gp3").asDouble shouldBe 0.0952
            table.volume("st1").asDouble shouldBe 0.045
            table.source() shouldBe
                "prices of eu-central-1 of 2026-10-01, and where these have none prices of us-east-1 of 2025-06-30"
        }

        test("what is wrong with a table is said") {
            for ((json, message) in
                listOf(
                    "" to "not a JSON object",
                    "{" to "not JSON",
                    "[]" to "not a JSON object",
                    """{"region": "x"}""" to "date is not a date such as 2026-10-01",
                    """{"date": "2026-10-01"}""" to "region is missing",
                    """{"date": "2026-10-01", "region": "x", "familes": {}}""" to
                        "familes is not known; known are date, region, families, instances, ebs",
                    """{"date": "2026-10-01", "region": "x", "families": {"m5": "0.1"}}""" to
                        "families.m5 is not a price",
                    """{"date": "2026-10-01", "region": "x", "families": {"m5": -1}}""" to
                        "families.m5 is not a price",
                    """{"date": "2026-10-01", "region": "x", "instances": {"m5.xlarge": 1}}""" to
                        "instances.m5.xlarge is not an object",
                    """{"date": "2026-10-01", "region": "x", "instances": {"m5.xlarge": {"emr": 1}}}""" to
                        "instances.m5.xlarge.ec2 is not a price",
                    """{"date": "2026-10-01", "region": "x", "ebs": {}, "ebs": {}}""" to "not JSON",
                )) withClue(json) {
                shouldThrow<IllegalArgumentException> { PriceTable.read(json) }
                    .message shouldContain message
            }
        }
    })
