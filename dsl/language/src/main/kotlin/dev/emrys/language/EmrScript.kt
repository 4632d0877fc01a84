package dev.emrys.language

import dev.emrys.spec.PipelineSpec
import java.io.File
import kotlin.script.experimental.annotations.KotlinScript
import kotlin.script.experimental.api.ScriptAcceptedLocation
import kotlin.script.experimental.api.ScriptCompilationConfiguration
import kotlin.script.experimental.api.acceptedLocations
import kotlin.script.experimental.api.compilerOptions
import kotlin.script.experimental.api.defaultImports
import kotlin.script.experimental.api.dependencies
import kotlin.script.experimental.api.displayName
import kotlin.script.experimental.api.ide
import kotlin.script.experimental.api.implicitReceivers
import kotlin.script.experimental.jvm.JvmDependency

/**
 * A file named `*.emr.kts`: a Kotlin script that describes one pipeline for Amazon EMR.
 *
 * What may be written at its top level is in [ScriptScope]. Evaluating a script has no effects: it
 * only builds a value.
 *
 * The package `dev.emrys.language` knows the words that an author types and makes `dev.emrys.spec`
 * values of them. It never reads a file, the environment or a clock, and it knows nothing of how a
 * script is compiled or run.
 */
@KotlinScript(
    displayName = "Emrys pipeline",
    fileExtension = EmrScript.EXTENSION,
    compilationConfiguration = EmrCompilation::class,
)
public abstract class EmrScript {
    public companion object {
        /** How the name of a script ends, after the dot. */
        public const val EXTENSION: String = "emr.kts"
    }
}

/** How a `.emr.kts` file is compiled: what it sees without an import, and on which class path. */
public object EmrCompilation :
    ScriptCompilationConfiguration({
        displayName("Emrys pipeline")
        defaultImports(DEFAULT_IMPORTS)
        implicitReceivers(ScriptScope::class)
        dependencies(JvmDependency(languageClassPath()))
        compilerOptions("-jvm-target", "17", "-no-stdlib", "-no-reflect")
        ide { acceptedLocations(ScriptAcceptedLocation.Everywhere) }
    }) {
    private fun readResolve(): Any = EmrCompilation
}

/** What every script imports without writing it. */
internal val DEFAULT_IMPORTS: List<String> =
    listOf(
        "dev.emrys.language.*",
        "java.time.LocalDate",
        "kotlin.time.Duration.Companion.days",
        "kotlin.time.Duration.Companion.hours",
        "kotlin.time.Duration.Companion.minutes",
        "kotlin.time.Duration.Companion.seconds",
    )

/**
 * Where the classes lie that a script is compiled against: this language, the spec's values and
 * Kotlin's own library. Taken from the loaded classes, because a search by jar name fails when the
 * program runs from renamed or shaded jars.
 */
private fun languageClassPath(): List<File> =
    listOf(ScriptScope::class.java, PipelineSpec::class.java, Unit::class.java)
        .map { File(it.protectionDomain.codeSource.location.toURI()) }
        .distinct()
