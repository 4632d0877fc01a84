package dev.emrys.host

import dev.emrys.language.EmrScript
import kotlin.coroutines.Continuation
import kotlin.coroutines.EmptyCoroutineContext
import kotlin.coroutines.startCoroutine
import kotlin.script.experimental.api.ResultWithDiagnostics
import kotlin.script.experimental.api.ScriptDiagnostic
import kotlin.script.experimental.api.isError
import kotlin.script.experimental.host.StringScriptSource
import kotlin.script.experimental.jvm.impl.KJvmCompiledModuleInMemory
import kotlin.script.experimental.jvm.impl.KJvmCompiledScript
import kotlin.script.experimental.jvmhost.JvmScriptCompiler
import kotlin.script.experimental.jvmhost.createJvmCompilationConfigurationFromTemplate

/**
 * One error of the compiler.
 *
 * @property line 1-based; 0 when unknown
 * @property column 1-based; 0 when unknown
 * @property width how many characters of that line it covers, at least 1
 */
internal data class CompilerError(
    val message: String,
    val line: Int,
    val column: Int,
    val width: Int,
)

internal sealed interface Compilation {
    class Done(val script: CompiledScript) : Compilation

    class Failed(val errors: List<CompilerError>) : Compilation
}

/**
 * Kotlin's compiler. This is the only file that knows it, and it must not be loaded when a script
 * comes from the cache: the compiler takes seconds to come up. One compilation at a time in a
 * process, because the compiler keeps global state.
 */
internal object ScriptCompiler {
    /**
     * The name that every script has for the compiler. A fixed one, so that a name with spaces or
     * letters of any language never becomes part of a class name or a stack trace; what the author
     * calls the file is known to those who print it.
     */
    private const val SOURCE = "script." + EmrScript.EXTENSION

    /** @throws IllegalStateException when the compiler itself breaks */
    @Synchronized
    fun compile(text: String): Compilation {
        val result = await {
            JvmScriptCompiler()
                .invoke(
                    StringScriptSource(text, SOURCE),
                    createJvmCompilationConfigurationFromTemplate<EmrScript>(),
                )
        }
        return when (result) {
            is ResultWithDiagnostics.Success ->
                Compilation.Done(compiled(result.value as KJvmCompiledScript))
            is ResultWithDiagnostics.Failure -> failed(result.reports)
        }
    }

    private fun compiled(script: KJvmCompiledScript): CompiledScript {
        val module = script.getCompiledModule() as KJvmCompiledModuleInMemory
        val classes = module.compilerOutputFiles.filterKeys { it.endsWith(".class") }
        return CompiledScript(script.scriptClassFQName, classes.toSortedMap())
    }

    private fun failed(reports: List<ScriptDiagnostic>): Compilation {
        reports
            .firstOrNull { it.exception != null }
            ?.let {
                throw IllegalStateException(
                    "The Kotlin compiler broke: ${it.message}",
                    it.exception,
                )
            }
        val errors = reports.filter { it.isError() }.map(::error).distinct()
        check(errors.isNotEmpty()) {
            "The Kotlin compiler made nothing of a script and gave no reason: $reports"
        }
        return Compilation.Failed(errors)
    }

    private fun error(report: ScriptDiagnostic): CompilerError {
        val start = report.location?.start
        val end = report.location?.end
        val width = if (start != null && end?.line == start.line) end.col - start.col else 1
        return CompilerError(
            report.message,
            start?.line ?: 0,
            start?.col ?: 0,
            width.coerceAtLeast(1),
        )
    }

    /** The compiler's entry is a suspend function that never suspends. */
    private fun <T> await(block: suspend () -> T): T {
        var outcome: Result<T>? = null
        block.startCoroutine(Continuation(EmptyCoroutineContext) { outcome = it })
        return checkNotNull(outcome) { "the compiler went to sleep" }.getOrThrow()
    }
}
