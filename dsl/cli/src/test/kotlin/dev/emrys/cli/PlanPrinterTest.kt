package dev.emrys.cli

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.ObjectMapper
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.ByteArrayOutputStream

private val mapper = ObjectMapper()

private fun printed(tree: JsonNode) =
    ByteArrayOutputStream()
        .also { out ->
            mapper.factory.createGenerator(out).use {
                it.prettyPrinter = PlanPrinter()
                mapper.writeTree(it, tree)
            }
        }
        .toString(Charsets.UTF_8)

class PlanPrinterTest :
    FunSpec({
        test("it prints what Jackson's own printer prints, at every depth") {
            var tree: JsonNode = mapper.createObjectNode()
            for (level in 0 until 40) {
                tree =
                    mapper.createObjectNode().apply {
                        put("number", level)
                        put("text", "\"\n\u0001")
                        putArray("list").add(tree).add("x").addArray()
                        putNull("null")
                    }
            }
            printed(tree) shouldBe mapper.writerWithDefaultPrettyPrinter().writeValueAsString(tree)
        }

        test("every character of the script is in the plan, also half of a pair") {
            val script =
                """
                pipeline("p") {
                    description = "ä 😀 \uD83D"
                    cluster("c") { instances { primary("m6g.xlarge") } }.step("s") { bash("true") }
                }
                """
                    .trimIndent()
            val graph = EmrysProgram.graph(script)
            val plan =
                ByteArrayOutputStream()
                    .also {
                        Json.writePlan(graph.spec(), PlannedTask.of(graph), listOf(), null, it)
                    }
                    .toString(Charsets.UTF_8)
            plan shouldContain "ä 😀 "
            mapper.readTree(plan)["pipeline"]["description"].textValue() shouldBe "ä 😀 \uD83D"
        }
    })
