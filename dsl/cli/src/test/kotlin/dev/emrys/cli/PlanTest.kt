package dev.emrys.cli

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe

private fun tasks(vararg steps: Pair<String, List<String>>): List<PlannedTask> {
    val script = buildString {
        append(
            "pipeline(\"p\") {\n val cluster = cluster(\"cluster\") { instances { primary(\"m6g.xlarge\") } }\n"
        )
        for ((name, after) in steps) {
            append(" val $name = cluster.step(\"$name\") { bash(\"true\")")
            if (after.isNotEmpty()) append("; after(${after.joinToString(", ")})")
            append(" }\n")
        }
        append("}\n")
    }
    return PlannedTask.of(EmrysProgram.graph(script))
}

class PlanTest :
    FunSpec({
        test("placeholders are printed as the author wrote them") {
            mapOf(
                    "s3://b/\${run:name}/x" to "s3://b/\$runName/x",
                    "\${run:name}x" to "\${runName}x",
                    "\${run:id}_\${run:attempt}" to "\${runId}_\$attempt",
                    "\${secret:db/password}" to "secret(\"db/password\")",
                    "user:\${secret:pw}@host" to "user:\${secret(\"pw\")}@host",
                    "\${run:other} \$HOME \${X}" to "\${run:other} \$HOME \${X}",
                )
                .forEach { (text, source) -> SourceText.of(text) shouldBe source }
        }

        test("steps are independent when neither waits for the other, directly or not") {
            val order =
                PlannedSteps(
                    tasks(
                        "a" to listOf(),
                        "x" to listOf(),
                        "b" to listOf("a"),
                        "c" to listOf("b"),
                        "y" to listOf("x"),
                    )
                )
            fun independent(name: String) =
                order.independentOf(order.steps.single { it.id == name })
            order.steps.map { it.id } shouldContainExactly listOf("a", "x", "b", "c", "y")
            independent("a") shouldContainExactly listOf("x", "y")
            independent("c") shouldContainExactly listOf("x", "y")
            independent("y") shouldContainExactly listOf("a", "b", "c")
        }

        test("the steps of a chain are independent of none") {
            val order = PlannedSteps(tasks("a" to listOf(), "b" to listOf("a")))
            order.steps.map(order::independentOf) shouldContainExactly listOf(listOf(), listOf())
        }
    })
