package dev.emrys.host

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.ObjectMapper
import dev.emrys.spec.PipelineSpec
import dev.emrys.spec.SpecJson
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.io.StringWriter
import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readLines
import kotlin.io.path.readText
import kotlin.io.path.writeText

/**
 * Each script in `golden/` beside what it comes to: `.json` holds the spec and its warnings, `.txt`
 * what its author is told. `-Dgolden.update=true` writes the expectations anew, to be read before
 * they are committed.
 */
class GoldenTest :
    FunSpec({
        val folder = Path.of("src/test/resources/golden")
        val host = ScriptHost(tempdir().toPath())
        val scripts = folder.listDirectoryEntries("*.emr.kts").sortedBy { it.name }
        val update = System.getProperty("golden.update").toBoolean()

        fun stem(path: Path) =
            path.name.removeSuffix(".emr.kts").removeSuffix(".json").removeSuffix(".txt")

        for (script in scripts) {
            test("${stem(script)} comes to what is written beside it") {
                val (ending, actual) = outcome(host.load(goldenRequest(script)))
                val expected = folder.resolve(stem(script) + ending)
                if (update) expected.writeText(actual)
                withClue("$expected") {
                    (if (expected.exists()) expected.readText() else "") shouldBe actual
                }
            }
        }

        test("every script has one expectation and every expectation a script") {
            val expectations =
                folder.listDirectoryEntries().filterNot { it.name.endsWith(".emr.kts") }
            expectations.map(::stem).sorted() shouldContainExactly scripts.map(::stem).sorted()
        }
    })

/** The first line may say `// given: a=1 b=2` or `// mode: check`. */
private fun goldenRequest(script: Path): LoadRequest {
    val first = script.readLines().firstOrNull().orEmpty()
    val given = first.substringAfter("// given: ", "").split(' ').filter { it.isNotEmpty() }
    return request(
        script,
        given.associate { it.substringBefore('=') to it.substringAfter('=') },
        sampling = first == "// mode: check",
        display = "pipelines/${script.name}",
    )
}

/** The form in which every step has all its members. */
private fun complete(spec: PipelineSpec): String =
    StringWriter()
        .also { text ->
            ObjectMapper().factory.createGenerator(text).use {
                it.writeStartObject()
                SpecJson.writeMembers(spec, it)
                it.writeEndObject()
            }
        }
        .toString()

private fun outcome(loaded: LoadResult): Pair<String, String> =
    when (loaded) {
        is LoadResult.Refused -> ".txt" to loaded.told()
        is LoadResult.Ready -> {
            val json = ObjectMapper()
            val root = json.createObjectNode()
            val warnings = root.putArray("warnings")
            loaded.warnings.forEach { warnings.add("$it") }
            root.set<JsonNode>("spec", json.readTree(complete(loaded.spec)))
            ".json" to json.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n"
        }
    }
