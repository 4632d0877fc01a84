package dev.emrys.language

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.time.LocalDate

private class Bound {
    var values: List<Any> = emptyList()
}

private fun PipelineScope.fourParams(bound: Bound) {
    val day =
        param("day") {
            description = "The day"
            default { logicalDate.toString() }
        }
    val parts = intParam("parts") { default = 4 }
    val full = booleanParam("full") { default = false }
    val from = dateParam("from") { default { logicalDate.minusDays(1) } }
    bound.values = listOf(day, parts, full, from)
}

private fun PipelineScope.fourRequired(bound: Bound) {
    bound.values = listOf(param("day"), intParam("parts"), booleanParam("full"), dateParam("from"))
}

class ParamsTest :
    FunSpec({
        test(
            "defaults are bound, with their types, and stand in the spec as text in the order of declaration"
        ) {
            val bound = Bound()
            val evaluated = evaluate { pipeline("p") { fourParams(bound) } }
            evaluated.diagnostics.shouldBeEmpty()
            bound.values shouldContainExactly
                listOf("2026-04-25", 4, false, LocalDate.of(2026, 4, 24))
            evaluated.spec!!.params().entries.map { "${it.key}=${it.value}" } shouldContainExactly
                listOf("day=2026-04-25", "parts=4", "full=false", "from=2026-04-24")
        }

        test("a value from outside cannot name a secret, nor what is filled in later") {
            val bound = Bound()
            for (given in listOf("\${secret:db}", "x\${run:name}")) {
                evaluate(mapOf("day" to given)) { pipeline("p") { fourParams(bound) } }
                    .told()
                    .single() shouldBe
                    "The parameter \"day\" is given a placeholder: $given. | " +
                        "Only the script may use placeholders, such as runName and secret(\"…\"). Give the value itself."
            }
            // What a shell writes so is none.
            evaluate(mapOf("day" to "\${secret:-none}")) { pipeline("p") { fourParams(bound) } }
                .diagnostics
                .shouldBeEmpty()
        }

        test("values from outside win over defaults") {
            val bound = Bound()
            val given =
                mapOf("from" to "2025-01-31", "full" to "true", "parts" to "-7", "day" to "")
            val evaluated = evaluate(given) { pipeline("p") { fourParams(bound) } }
            evaluated.diagnostics.shouldBeEmpty()
            bound.values shouldContainExactly listOf("", -7, true, LocalDate.of(2025, 1, 31))
            evaluated.spec!!.params().keys.toList() shouldContainExactly
                listOf("day", "parts", "full", "from")
        }

        test("declarations tell name, type, default, description and place") {
            val params = evaluate { pipeline("p") { fourParams(Bound()) } }.params
            params.map { it.type } shouldContainExactly
                listOf(ParamType.STRING, ParamType.INT, ParamType.BOOLEAN, ParamType.DATE)
            params[0].description shouldBe "The day"
            params[0].default shouldBe "2026-04-25"
            params[0].required shouldBe false
            params[3].default shouldBe "2026-04-24"
            (params[1].location.line() > params[0].location.line()) shouldBe true
        }

        test("a required parameter without a value is an error that shows what to type") {
            toldOf { fourRequired(Bound()) } shouldContainExactly
                listOf(
                    "The parameter \"day\" has no value. | Give it one (text) with --param day=…, or a default in the script.",
                    "The parameter \"parts\" has no value. | Give it one (whole number) with --param parts=4, or a default in the script.",
                    "The parameter \"full\" has no value. | Give it one (true or false) with --param full=true, or a default in the script.",
                    "The parameter \"from\" has no value. | Give it one (date) with --param from=2026-04-25, or a default in the script.",
                )
        }

        test("a check samples what is required, and only that") {
            val bound = Bound()
            val evaluated =
                evaluate(mapOf("parts" to "9"), sampling = true) {
                    pipeline("p") { fourRequired(bound) }
                }
            evaluated.diagnostics.shouldBeEmpty()
            evaluated.params.all { it.required && it.default == null } shouldBe true
            bound.values shouldContainExactly listOf("day", 9, true, TODAY)
        }

        test(
            "a value of the wrong form is an error that shows the value and the form, in a check too"
        ) {
            val told =
                toldOf(
                    mapOf("parts" to "many", "full" to "yes", "from" to "25.04.2026"),
                    sampling = true,
                ) {
                    fourRequired(Bound())
                }
            told shouldContainExactly
                listOf(
                    "The parameter \"parts\" is \"many\", which is not a whole number. | Write a whole number, such as --param parts=4.",
                    "The parameter \"full\" is \"yes\", which is not true or false. | Write true or false, such as --param full=true.",
                    "The parameter \"from\" is \"25.04.2026\", which is not a date. | Write a date, such as --param from=2026-04-25.",
                )
        }

        test("a whole number that does not fit is not one") {
            toldOf(mapOf("n" to "2147483648")) { intParam("n") }.single() shouldBe
                "The parameter \"n\" is \"2147483648\", which is not a whole number. | Write a whole number, such as --param n=4."
        }

        test("two parameters of one name are an error that names the first") {
            val evaluated = evaluate {
                pipeline("p") {
                    param("day") { default = "x" }
                    param("day") { default = "y" }
                }
            }
            val first = evaluated.params.single().location
            evaluated.told().single() shouldBe
                "There are two parameters named \"day\". | The first is at pipelines/x.emr.kts:${first.line()}: rename one of them."
            evaluated.diagnostics.single().location().line() shouldBe first.line() + 1
        }

        test("a name that --param cannot carry is an error") {
            toldOf { param("a=b") { default = "x" } }.single() shouldBe
                "\"a=b\" cannot be the name of a parameter. | It must be possible to write --param name=value. " +
                    "Begin with a letter and use letters, digits, '.', '_' and '-'."
        }

        test("a value that no parameter takes is an error with a suggestion") {
            toldOf(mapOf("dya" to "x")) { param("day") { default = "x" } }.single() shouldBe
                "The script has no parameter \"dya\". | Did you mean --param day=…?"
            toldOf(mapOf("zzzzz" to "x")) { fourParams(Bound()) }.single() shouldBe
                "The script has no parameter \"zzzzz\". | It has day, parts, full, from."
            toldOf(mapOf("day" to "x")) {}.single() shouldBe
                "The script has no parameter \"day\". | It has none: remove --param."
        }
    })
