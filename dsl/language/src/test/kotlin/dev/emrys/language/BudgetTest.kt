package dev.emrys.language

import dev.emrys.spec.PipelineCode
import dev.emrys.spec.PipelineSpec
import dev.emrys.spec.SpecJson
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.math.BigDecimal

class BudgetTest :
    FunSpec({
        fun spec(usd: Usd?): PipelineSpec = specOf {
            pipeline("p") {
                budget = usd
                val c = cluster("c") { instances { primary("m6g.xlarge") } }
                c.step("a") { bash("date") }
            }
        }

        test("a pipeline has a budget in US dollars, or none") {
            spec(25.usd).budget()?.usd() shouldBe BigDecimal(25)
            spec(12.5.usd).budget()?.usd() shouldBe BigDecimal("12.5")
            spec(null).budget() shouldBe null
        }

        test("the stored spec keeps the budget, and where it was set") {
            val spec = spec(25.usd)
            spec.budget()?.location()?.line() shouldBe 15
            SpecJson.read(SpecJson.write(spec)) shouldBe spec
            SpecJson.read(SpecJson.write(spec(null))) shouldBe spec(null)
        }

        test("a budget of nothing, less or more than any run costs is a mistake") {
            for (usd in listOf(0.usd, (-1).usd, Double.NaN.usd, 20_000_000.usd)) {
                val evaluated = evaluate {
                    pipeline("p") {
                        budget = usd
                        val c = cluster("c") { instances { primary("m6g.xlarge") } }
                        c.step("a") { bash("date") }
                    }
                }
                val errors = checkNotNull(evaluated.spec).check().all()
                errors.map { it.code() } shouldContainExactly listOf(PipelineCode.BUDGET_RANGE)
            }
        }
    })
