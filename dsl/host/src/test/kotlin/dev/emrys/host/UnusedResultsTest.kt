package dev.emrys.host

import dev.emrys.spec.HostCode
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf

private fun pipelineWith(cluster: String = "", body: String = "") =
    """
    pipeline("p") {
        val c = cluster("c") {
            instances { primary("m6g.xlarge") }
            $cluster
        }
        c.step("s") { bash("date") }
        $body
    }
    """
        .trimIndent()

class UnusedResultsTest :
    FunSpec({
        val folder = tempdir().toPath()
        val host = ScriptHost(tempdir().toPath())

        fun load(name: String, text: String) =
            host.load(request(folder.script("$name.emr.kts", text)))

        fun warnings(name: String, text: String) =
            load(name, text).shouldBeInstanceOf<LoadResult.Ready>().warnings.map { "$it" }

        test("a comparison in place of an assignment is a warning, from the cache too") {
            repeat(2) {
                warnings("compare", pipelineWith("stepConcurrency == 2")) shouldContainExactly
                    listOf(
                        "compare.emr.kts:4:25: warning E321: The result of '==' is not used.\n" +
                            "    To set a member, write = instead of ==."
                    )
            }
        }

        test("a pair in place of a property is a warning") {
            warnings("pair", pipelineWith("configuration(\"x\") { \"a\" to \"b\" }"))
                .single() shouldBe
                "pair.emr.kts:4:34: warning E321: The result of 'to' is not used.\n" +
                    "    In a configuration write set(name, value)."
        }

        test("a list of steps may go unused, and so may handles") {
            warnings(
                    "list",
                    pipelineWith(
                        "stepConcurrency = 2",
                        "listOf(1).map { c.step(\"t${'$'}it\") { bash(\"date\") } }",
                    ),
                )
                .shouldBeEmpty()
        }

        test("a list of anything else may not") {
            warnings("numbers", pipelineWith(body = "listOf(1).map { it + 1 }")).single() shouldBe
                "numbers.emr.kts:7:15: warning E321: The result of 'map' is not used.\n" +
                    "    Use the result, or remove the expression."
        }

        for ((name, body, column) in
            listOf(
                Triple("map", "listOf(1).map { { c.step(\"t\") { bash(\"date\") } } }", 21),
                Triple(
                    "each",
                    "listOf(1).forEach { n -> { c.step(\"t\") { bash(\"date\") } } }",
                    30,
                ),
                Triple(
                    "value",
                    "val all = listOf(1).map { { c.step(\"t\") { bash(\"date\") } } }",
                    31,
                ),
                Triple(
                    "if",
                    "if (c.name == \"c\") { /* { */ { c.step(\"t\") { bash(\"date\") } } }",
                    34,
                ),
            )) {
            test("a step in a block that is never run is an error: $name") {
                val errors =
                    load(name, pipelineWith(body = body))
                        .shouldBeInstanceOf<LoadResult.Refused>()
                        .errors
                errors.map { "$it" } shouldContainExactly
                    listOf(
                        "$name.emr.kts:7:$column: error E322: This block is never run, so \"step\" in it declares nothing.\n" +
                            "    A block inside another block is only a value. Remove the inner braces."
                    )
            }
        }

        test("a step in a sequence that is not used is an error") {
            for ((name, before) in
                listOf(
                    "lazy" to "listOf(\"u\", \"v\").asSequence()",
                    "chain" to "sequenceOf(\"u\")\n    .filter { it > \"a\" }\n    ",
                )) {
                val body = "$before.map { c.step(it) { bash(\"date\") } }"
                val error =
                    load(name, pipelineWith(body = body))
                        .shouldBeInstanceOf<LoadResult.Refused>()
                        .errors
                        .single()
                error.code() shouldBe HostCode.UNUSED_RESULT
                error.location().line() shouldBe 7 + before.count { it == '\n' }
                error.advice() shouldBe
                    "A sequence runs its blocks when its elements are used, so \"step\" in it " +
                        "declares nothing. Use forEach, or a list instead of the sequence."
            }
        }

        test("a sequence that has become a list is used") {
            val map = "map { c.step(\"t\") { bash(\"date\") } }"
            for (body in
                listOf(
                    "listOf(1).asSequence().toList().$map",
                    "sequenceOf(1).forEach { n -> listOf(n).$map }",
                    // The sequence is in a block or an argument, or in another expression.
                    "listOf(1).filter { n -> listOf(2).asSequence().none { it == n } }.$map",
                    "listOf(1).zip(generateSequence(1) { it + 1 }.take(1).asIterable()).$map",
                    "val n = listOf(1).asSequence().count(); listOf(n).$map",
                    // What follows has made a collection of it, or does so itself.
                    "listOf(1).asSequence().groupBy { it }.$map",
                    "listOf(1).asSequence().chunked(1).first().$map",
                    "listOf(1).asSequence().associateWith { c.step(\"t\") { bash(\"date\") } }",
                )) {
                warnings("used", pipelineWith("stepConcurrency = 2", body)).shouldBeEmpty()
            }
        }

        test("a sequence that is kept in a value and used for nothing is an error") {
            val body =
                "val all = listOf(1, 2).asSequence()\nall.map { n ->\n    c.step(\"t${'$'}n\") { bash(\"date\") }\n}"
            val error =
                load("later", pipelineWith(body = body))
                    .shouldBeInstanceOf<LoadResult.Refused>()
                    .errors
                    .single()
            error.code() shouldBe HostCode.UNUSED_RESULT
            error.location().line() shouldBe 8
            error.advice() shouldBe
                "A sequence runs its blocks when its elements are used, so \"step\" in it " +
                    "declares nothing. Use forEach, or a list instead of the sequence."
        }

        for ((name, body, line) in
            listOf(
                Triple(
                    "never called",
                    "val f = { n: String ->\n    c.step(n) { bash(\"date\") }\n}",
                    8,
                ),
                Triple(
                    "through a function",
                    "fun add(n: String) = c.step(n) { bash(\"date\") }\nval f = { add(\"t\") }",
                    8,
                ),
                Triple("of lazy", "val t by lazy { c.step(\"t\") { bash(\"date\") } }", 7),
                Triple(
                    "with a block in it",
                    "val f = { n: List<String> ->\n" +
                        "    n.asSequence().map { c.step(it) { bash(\"date\") } }.toList()\n}",
                    8,
                ),
            )) {
            test("a step in a block that is kept and does not run is a warning: $name") {
                // From the cache too.
                repeat(2) {
                    warnings("kept-${name.replace(' ', '-')}", pipelineWith(body = body))
                        .single() shouldBe
                        "kept-${name.replace(' ', '-')}.emr.kts:$line: warning E343: The block with this " +
                            "\"step\" has not run, so it declares nothing.\n    A block in a value runs when " +
                            "it is called, and that of a sequence when its elements are used. Call it, use " +
                            "a list instead of the sequence, or remove it."
                }
            }
        }

        test("of blocks to choose from, those that are not chosen are named once each") {
            val body =
                "val ways = mapOf(\"a\" to { c.step(\"a\") { bash(\"date\") } },\n" +
                    "    \"b\" to { c.step(\"b\") { bash(\"date\") } })\nways.getValue(\"a\")()"
            warnings("choice", pipelineWith("stepConcurrency = 2", body))
                .single()
                .substringBefore(" The") shouldBe "choice.emr.kts:8: warning E343:"
        }

        test("a sequence that is used later, and a function that is not called, are none of it") {
            for (body in
                listOf(
                    "val all = listOf(1).asSequence()\n" +
                        "val steps = all.map { c.step(\"t\") { bash(\"date\") } }\nval n = steps.count()",
                    "val all = listOf(1).asSequence()\nall.forEach { c.step(\"t\") { bash(\"date\") } }",
                    "val t by lazy { c.step(\"t\") { bash(\"date\") } }\nprintln(t)",
                    // Such functions may come from a text that scripts have in common.
                    "fun later(n: String) = c.step(n) { bash(\"date\") }",
                    "fun later(n: List<String>) = n.asSequence().map { c.step(it) { bash(\"date\") } }.toList()",
                    "if (c.name == \"d\") c.step(\"t\") { bash(\"date\") }",
                    "listOf<Int>().map { c.step(\"t\") { bash(\"date\") } }",
                )) {
                warnings("later", pipelineWith("stepConcurrency = 2", body)).shouldBeEmpty()
            }
        }

        test("blocks that are kept and run are none of it") {
            warnings(
                    "kept",
                    pipelineWith(
                        "stepConcurrency = 2",
                        "val all = listOf(1).map { { c.step(\"t\") { bash(\"{ { step(\") } } }\nall.forEach { it() }",
                    ),
                )
                .shouldBeEmpty()
        }
    })
