package dev.emrys.host

import dev.emrys.language.EmrCompilation
import dev.emrys.language.EmrScript
import dev.emrys.spec.SourceLocation
import dev.emrys.spec.SourceRange
import kotlin.coroutines.Continuation
import kotlin.coroutines.EmptyCoroutineContext
import kotlin.coroutines.startCoroutine
import kotlin.script.experimental.api.KotlinType
import kotlin.script.experimental.api.ResultWithDiagnostics
import kotlin.script.experimental.api.ScriptCompilationConfiguration
import kotlin.script.experimental.api.ScriptDiagnostic
import kotlin.script.experimental.api.baseClass
import kotlin.script.experimental.api.compilerOptions
import kotlin.script.experimental.api.fileExtension
import kotlin.script.experimental.api.isError
import kotlin.script.experimental.host.StringScriptSource
import kotlin.script.experimental.jvm.impl.KJvmCompiledModuleInMemory
import kotlin.script.experimental.jvm.impl.KJvmCompiledScript
import kotlin.script.experimental.jvmhost.JvmScriptCompiler

/**
 * One error or warning of the compiler.
 *
 * @property line 1-based; 0 when unknown
 * @property column 1-based; 0 when unknown
 * @property endLine 0 when unknown
 * @property endColumn the column behind the last character; 0 when unknown
 */
internal data class CompilerReport(
    val message: String,
    val line: Int,
    val column: Int,
    val endLine: Int,
    val endColumn: Int,
) {
    /** How many characters of its first line it covers, at least 1. */
    val width: Int
        get() = if (endLine == line) (endColumn - column).coerceAtLeast(1) else 1

    fun range(file: String): SourceRange =
        SourceRange(SourceLocation(file, line, column), endLine, endColumn)
}

internal sealed interface Compilation {
    /**
     * @property fromCache whether it was in the cache, perhaps since another process has just
     *   compiled it
     */
    class Done(val script: CompiledScript, val fromCache: Boolean = false) : Compilation

    class Failed(val errors: List<CompilerReport>) : Compilation
}

/**
 * Kotlin's compiler. This is the only file that knows it, and it must not be loaded when a script
 * comes from the cache: the compiler takes seconds to start. One compilation at a time in a
 * process, because the compiler keeps global state.
 */
internal object ScriptCompiler {
    /**
     * The name that every script has for the compiler. It is fixed, so that a name with spaces or
     * letters of any language never becomes part of a class name or a stack trace. Messages get the
     * real name of the file elsewhere.
     */
    private const val SOURCE = "script." + EmrScript.EXTENSION

    /**
     * What the annotations of [EmrScript] say. To derive it from them, as the scripting library
     * does, takes kotlin-reflect, which starts slowly.
     */
    val CONFIGURATION =
        ScriptCompilationConfiguration(EmrCompilation) {
            baseClass(KotlinType(EmrScript::class))
            fileExtension(EmrScript.EXTENSION)
            // Reports unused results of the standard library and of expressions.
            compilerOptions.append("-Xreturn-value-checker=check")
        }

    /** @throws IllegalStateException when the compiler itself fails */
    @Synchronized
    fun compile(text: String): Compilation {
        val result = await {
            JvmScriptCompiler().invoke(StringScriptSource(text, SOURCE), CONFIGURATION)
        }
        return when (result) {
            is ResultWithDiagnostics.Success ->
                Compilation.Done(compiled(result.value as KJvmCompiledScript, result.reports))
            is ResultWithDiagnostics.Failure -> failed(result.reports)
        }
    }

    private fun compiled(
        script: KJvmCompiledScript,
        reports: List<ScriptDiagnostic>,
    ): CompiledScript {
        val module = script.getCompiledModule() as KJvmCompiledModuleInMemory
        val classes = module.compilerOutputFiles.filterKeys { it.endsWith(".class") }
        val warnings =
            reports.filter { it.severity == ScriptDiagnostic.Severity.WARNING }.map(::report)
        val guarded = classes.mapValues { ExitCalls.replacedIn(it.value) }.toSortedMap()
        val marked = DeclaringBlocks.markedIn(guarded)
        return CompiledScript(
            script.scriptClassFQName,
            marked.classes,
            warnings.filter(UnusedResults::isAboutUnused).distinct(),
            marked.blocks,
        )
    }

    private fun failed(reports: List<ScriptDiagnostic>): Compilation {
        reports
            .firstOrNull { it.exception != null }
            ?.let {
                throw IllegalStateException(
                    "The Kotlin compiler failed: ${it.message}",
                    it.exception,
                )
            }
        val errors = reports.filter { it.isError() }.map(::report).distinct()
        check(errors.isNotEmpty()) {
            "The Kotlin compiler rejected a script without an error: $reports"
        }
        return Compilation.Failed(errors)
    }

    private fun report(report: ScriptDiagnostic): CompilerReport {
        val start = report.location?.start
        val end = report.location?.end
        return CompilerReport(
            report.message,
            start?.line ?: 0,
            start?.col ?: 0,
            end?.line ?: 0,
            end?.col ?: 0,
        )
    }

    /** The compiler's entry is a suspend function that never suspends. */
    private fun <T> await(block: suspend () -> T): T {
        var outcome: Result<T>? = null
        block.startCoroutine(Continuation(EmptyCoroutineContext) { outcome = it })
        return checkNotNull(outcome) { "the compiler suspended" }.getOrThrow()
    }
}
