package dev.emrys.cli

import com.networknt.schema.JsonSchemaFactory
import com.networknt.schema.SpecVersion
import dev.emrys.spec.ClusterCode
import dev.emrys.spec.CommandCode
import dev.emrys.spec.Diagnostic
import dev.emrys.spec.HostCode
import dev.emrys.spec.RuntimeCode
import dev.emrys.spec.ScriptCode
import dev.emrys.spec.SourceLocation
import dev.emrys.spec.SourceRange
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldNotBeEmpty
import io.kotest.matchers.shouldBe
import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.readText
import kotlin.io.path.writeText

/** The published schema, from the jar of a SARIF library. */
private val SCHEMA by lazy {
    val file = checkNotNull(SarifTest::class.java.getResource("/schema/sarif-schema-2.1.0.json"))
    JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7).getSchema(JSON.readTree(file))
}

private fun violations(report: String) = SCHEMA.validate(JSON.readTree(report)).map { "$it" }

private const val SCRIPT = "pipelines/daily etl.emr.kts"

/** One of each form of location. */
private val DIAGNOSTICS: List<Diagnostic> =
    listOf(
        ClusterCode.RELEASE_LABEL.over(
            SourceRange(SourceLocation(SCRIPT, 3, 15), 3, 22),
            "etl",
            "7.8.0",
        ),
        ScriptCode.SPARK_MISSING.at(
            SourceLocation(SCRIPT, 5, 0, SourceLocation(SCRIPT, 9, 0)),
            "load",
            "etl",
        ),
        HostCode.SCRIPT_MISSING.at(SourceLocation("../räw.emr.kts", 0, 0), ""),
        ClusterCode.RELEASE_LABEL.at(SourceLocation("a:b.emr.kts", 4, 2), "two", "7"),
        CommandCode.PARAM_REPEATED.of("day"),
        RuntimeCode.JOURNAL_UNUSABLE.of("The journal is full.", "Free space."),
    )

private fun report(diagnostics: List<Diagnostic>) =
    Sarif.report(diagnostics, ExitCode.USER_ERROR, Path.of("/home/me/räume"), "1.2.3")

class SarifTest :
    FunSpec({
        test("a report equals the golden file") {
            val expected = Path.of("src/test/resources/messages/check.sarif")
            val actual = report(DIAGNOSTICS) + "\n"
            if (System.getProperty("golden.update").toBoolean()) expected.writeText(actual)
            withClue("$expected") {
                (if (expected.exists()) expected.readText() else "") shouldBe actual
            }
        }

        test("a report follows the schema of SARIF 2.1.0") {
            violations(report(DIAGNOSTICS)).shouldBeEmpty()
            violations(report(emptyList())).shouldBeEmpty()
            violations(report(DIAGNOSTICS).replace("\"2.1.0\"", "\"2.2\"")).shouldNotBeEmpty()
        }

        test("a location is relative to the working folder when the file is in it") {
            val locations =
                JSON.readTree(report(DIAGNOSTICS)).path("runs")[0].path("results").map {
                    it.path("locations")[0].path("physicalLocation")
                }
            locations.map { it.path("artifactLocation").path("uri").asText() } shouldContainExactly
                listOf(
                    "pipelines/daily%20etl.emr.kts",
                    "pipelines/daily%20etl.emr.kts",
                    "file:///home/me/r%C3%A4w.emr.kts",
                    "./a:b.emr.kts",
                )
            locations.map { "${it.path("region")}" } shouldContainExactly
                listOf(
                    """{"startLine":3,"startColumn":15,"endLine":3,"endColumn":22}""",
                    """{"startLine":5}""",
                    "",
                    """{"startLine":4,"startColumn":2}""",
                )
        }
    })
