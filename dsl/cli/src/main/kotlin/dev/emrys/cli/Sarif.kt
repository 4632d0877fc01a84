package dev.emrys.cli

import com.fasterxml.jackson.annotation.JsonInclude
import com.fasterxml.jackson.annotation.JsonProperty
import com.fasterxml.jackson.annotation.JsonPropertyOrder
import com.fasterxml.jackson.databind.ObjectMapper
import dev.emrys.spec.AwsCode
import dev.emrys.spec.Diagnostic
import dev.emrys.spec.DiagnosticCode
import dev.emrys.spec.RuntimeCode
import dev.emrys.spec.Severity
import dev.emrys.spec.SourceLocation
import dev.emrys.spec.SourceRange
import java.net.URI
import java.nio.file.Path

/**
 * Diagnostics as SARIF 2.1.0, for editors and code scanning:
 * https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html. One that is about a file is a
 * result; one that is about no file, such as one about the command line, is a notification of the
 * invocation. The records below are the document, member by member.
 */
internal object Sarif {
    private const val SCHEMA =
        "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

    /** The name that code scanning gives to the root of the sources. */
    private const val ROOT = "%SRCROOT%"

    private val mapper = ObjectMapper().setDefaultPropertyInclusion(JsonInclude.Include.NON_NULL)

    @JsonPropertyOrder("\$schema", "version")
    class Log(val runs: List<Run>) {
        @get:JsonProperty("\$schema") val schema = SCHEMA
        val version = "2.1.0"
    }

    class Run(
        val tool: Tool,
        val invocations: List<Invocation>,
        val originalUriBaseIds: Map<String, ArtifactLocation>,
        val results: List<Result>,
    ) {
        val columnKind = "utf16CodeUnits"
    }

    class Tool(val driver: Driver)

    @JsonPropertyOrder("name", "version")
    class Driver(
        val version: String,
        val rules: List<Descriptor>,
        val notifications: List<Descriptor>,
    ) {
        val name = "Emrys"
    }

    class Descriptor(code: DiagnosticCode) {
        val id: String = code.id()
        val name: String = code.name()
        val shortDescription = Text(code.title())
        val help: Text = DiagnosticsPage.section(code.id()).let { Text(it.example, it.markdown) }
        val defaultConfiguration = Configuration(level(code.severity()))
    }

    class Configuration(val level: String)

    class Text(val text: String, val markdown: String? = null)

    class Invocation(
        val executionSuccessful: Boolean,
        val exitCode: Int,
        val toolConfigurationNotifications: List<Notification>,
        val toolExecutionNotifications: List<Notification>,
    )

    class Notification(diagnostic: Diagnostic, index: Int) {
        val descriptor = Reference(diagnostic.code().id(), index)
        val level: String = level(diagnostic.severity())
        val message = Text(sentences(diagnostic))
    }

    class Reference(val id: String, val index: Int)

    @JsonPropertyOrder("ruleId", "ruleIndex")
    class Result(diagnostic: Diagnostic, val ruleIndex: Int, paths: Paths) {
        val ruleId: String = diagnostic.code().id()
        val level: String = level(diagnostic.severity())
        val message = Text(sentences(diagnostic))
        val locations: List<Location> = listOf(Location(paths.physical(diagnostic.range())))
        val relatedLocations: List<Location>? =
            generateSequence(diagnostic.location().calledFrom()) { it.calledFrom() }
                .map { Location(paths.physical(SourceRange.at(it)), Text("Called from here.")) }
                .toList()
                .ifEmpty { null }
    }

    class Location(val physicalLocation: PhysicalLocation, val message: Text? = null)

    class PhysicalLocation(val artifactLocation: ArtifactLocation, val region: Region?)

    class ArtifactLocation(val uri: String, val uriBaseId: String? = null)

    class Region(
        val startLine: Int,
        val startColumn: Int?,
        val endLine: Int?,
        val endColumn: Int?,
    )

    /** Files as URIs relative to a folder, when they are in it. */
    class Paths(folder: Path) {
        private val root = folder.toAbsolutePath().normalize()

        /** With a slash at the end, also for a folder that does not exist. */
        private val rootUri = URI.create("${root.toUri()}".removeSuffix("/") + "/")

        val bases: Map<String, ArtifactLocation> = mapOf(ROOT to ArtifactLocation("$rootUri"))

        fun physical(range: SourceRange): PhysicalLocation =
            PhysicalLocation(artifact(range.start().file()), region(range))

        private fun artifact(file: String): ArtifactLocation {
            val path = root.resolve(file).normalize()
            if (!path.startsWith(root)) return ArtifactLocation("${path.toUri()}")
            val relative = rootUri.relativize(path.toUri()).rawPath
            // What precedes a colon in a first segment would be a scheme.
            val isSchemeLike = ':' in relative.substringBefore('/')
            return ArtifactLocation(if (isSchemeLike) "./$relative" else relative, ROOT)
        }

        private fun region(range: SourceRange): Region? {
            val start: SourceLocation = range.start()
            if (start.line() == 0) return null
            val isExact = start.column() > 0 && range.endLine() > 0 && range.endColumn() > 0
            return Region(
                start.line(),
                start.column().takeIf { it > 0 },
                range.endLine().takeIf { isExact },
                range.endColumn().takeIf { isExact },
            )
        }
    }

    /** @param folder the working folder */
    fun report(
        diagnostics: List<Diagnostic>,
        exit: ExitCode,
        folder: Path = Path.of(""),
        version: String = Version.number,
    ): String {
        val (located, others) = diagnostics.partition { it.hasLocation() }
        val rules = located.map { it.code() }.distinct()
        val descriptors = others.map { it.code() }.distinct()
        val paths = Paths(folder)
        val (execution, configuration) =
            others
                .map { it.code() to Notification(it, descriptors.indexOf(it.code())) }
                .partition { (code, _) -> code is RuntimeCode || code is AwsCode }
        val invocation =
            Invocation(
                // Errors in the script are a result of a successful check.
                executionSuccessful = others.none { it.isError },
                exitCode = exit.code,
                configuration.map { it.second },
                execution.map { it.second },
            )
        val driver = Driver(version, rules.map(::Descriptor), descriptors.map(::Descriptor))
        val results = located.map { Result(it, rules.indexOf(it.code()), paths) }
        val log = Log(listOf(Run(Tool(driver), listOf(invocation), paths.bases, results)))
        return mapper.writerWithDefaultPrettyPrinter().writeValueAsString(log)
    }

    private fun level(severity: Severity): String =
        when (severity) {
            Severity.ERROR -> "error"
            Severity.WARNING -> "warning"
        }

    private fun sentences(diagnostic: Diagnostic): String =
        listOf(diagnostic.what(), diagnostic.why(), diagnostic.fix())
            .filter { it.isNotEmpty() }
            .joinToString(" ")
}

/** The page that documents all diagnostics; it is a resource of the catalogue's module. */
internal object DiagnosticsPage {
    class Section(val markdown: String) {
        /** The example, without the marks around it. */
        val example: String = markdown.substringAfter("```\n").substringBefore("\n```")
    }

    private val sections: Map<String, Section> by lazy {
        val page = DiagnosticCode::class.java.getResource("diagnostics.md")
        checkNotNull(page) { "diagnostics.md is not on the class path" }
            .readText()
            .split("\n## ")
            .drop(1)
            .associate { it.substringBefore(' ') to Section("## $it".trim()) }
    }

    /** @param id the code, such as `E112` */
    fun section(id: String): Section = sections.getValue(id)
}
