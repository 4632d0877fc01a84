package dev.emrys.host

import dev.emrys.language.ParamDeclaration
import dev.emrys.language.RunMoment
import dev.emrys.language.ScriptInputs
import dev.emrys.spec.Diagnostic
import dev.emrys.spec.Diagnostics
import dev.emrys.spec.HostCode
import dev.emrys.spec.SourceLocation
import java.io.IOException
import java.nio.file.Path
import java.time.ZoneId
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/**
 * Makes a spec of a `.emr.kts` file, or the list of its author's errors.
 *
 * A script is compiled once and kept in the cache; from then on neither the compiler nor Kotlin's
 * scripting library is loaded. A script is arbitrary code in this JVM, with all permissions of this
 * process.
 *
 * The package `dev.emrys.host` knows how a text becomes a spec or diagnostics: reading, compiling,
 * caching, evaluating, and where in the text something went wrong. It never knows what is done with
 * a spec.
 *
 * Thread-safe; compilations take turns.
 *
 * @param cacheFolder where compiled scripts are kept; made when needed, may be shared by processes
 *   and removed at any time
 * @param deadline how long the evaluation of a script may take
 * @param onCompile called before a script is compiled, which takes seconds; not for a script from
 *   the cache
 * @param onExit called while this process ends, when a script ends it during its evaluation in a
 *   way that cannot be prevented (through a library). To choose the exit code it may call
 *   `Runtime.halt`. `Runtime.halt` that a library calls is not noticed. Default: nothing
 */
public class ScriptHost(
    cacheFolder: Path,
    private val deadline: Duration = 30.seconds,
    private val onCompile: () -> Unit = {},
    private val onExit: (Diagnostic) -> Unit = {},
) {
    private val cache = ScriptCache(cacheFolder)

    /**
     * Reads, compiles (unless it is in the cache) and evaluates a script. Errors that are not the
     * author's (a bug of Emrys, a failure of the compiler) are thrown.
     */
    public fun load(request: LoadRequest): LoadResult {
        val text =
            when (val read = ScriptText.of(request)) {
                is ScriptText.Unreadable ->
                    return LoadResult.Refused(
                        listOf(read.diagnostic),
                        emptyList(),
                        emptyList(),
                        null,
                    )
                is ScriptText.Read -> read.text
            }
        val diagnostics = Diagnostics()
        val key = cache.key(text)
        val compilation =
            find(key, request, diagnostics)?.let { Compilation.Done(it, fromCache = true) }
                ?: compile(key, text, request, diagnostics)
        val (script, cached) =
            when (compilation) {
                is Compilation.Failed -> {
                    diagnostics.addAll(errors(compilation, text, request))
                    return refused(diagnostics, emptyList(), text, request)
                }
                is Compilation.Done -> compilation.script to compilation.fromCache
            }
        val ran = ScriptRunner(deadline, onExit).run(script, inputs(request))
        val evaluated = ran.evaluated
        val spec = evaluated.spec
        val unused = UnusedResults(text, request.display, ran.notRun)
        diagnostics.addAll(unused.diagnostics(script.warnings))
        diagnostics.addAll(evaluated.diagnostics)
        spec?.let { diagnostics.addAll(it.check().all()) }
        return if (spec == null || diagnostics.hasErrors())
            refused(diagnostics, evaluated.params, text, request)
        else
            LoadResult.Ready(
                spec,
                evaluated.params,
                diagnostics.warnings(),
                cached,
                evaluated.schedules,
                evaluated.notifications,
                evaluated.target,
            )
    }

    /** Of many processes that need the same script at once, one compiles it. */
    private fun compile(
        key: String,
        text: String,
        request: LoadRequest,
        diagnostics: Diagnostics,
    ): Compilation {
        onCompile()
        return cache.exclusively(key) {
            val found = cache.find(key)
            if (found is ScriptCache.Found.Hit) Compilation.Done(found.script, fromCache = true)
            else
                ScriptCompiler.compile(text).also {
                    if (it is Compilation.Done) keep(key, it.script, request, diagnostics)
                }
        }
    }

    private fun errors(
        failed: Compilation.Failed,
        text: String,
        request: LoadRequest,
    ): List<Diagnostic> =
        CascadingErrors.without(failed.errors, text).map {
            CompilerMessages.diagnostic(it, request.display, text)
        }

    private fun refused(
        diagnostics: Diagnostics,
        params: List<ParamDeclaration>,
        text: String,
        request: LoadRequest,
    ) =
        LoadResult.Refused(
            diagnostics.errors(),
            params,
            diagnostics.warnings(),
            ScriptLines(text, request.display),
        )

    private fun find(key: String, request: LoadRequest, diagnostics: Diagnostics): CompiledScript? =
        when (val found = cache.find(key)) {
            is ScriptCache.Found.Hit -> found.script
            ScriptCache.Found.Nothing -> null
            ScriptCache.Found.Damaged -> {
                val location = SourceLocation.at(request.display, 0)
                diagnostics.add(HostCode.CACHE_DAMAGED, location, cache.file(key))
                null
            }
        }

    private fun keep(
        key: String,
        script: CompiledScript,
        request: LoadRequest,
        diagnostics: Diagnostics,
    ) {
        try {
            cache.put(key, script)
        } catch (e: IOException) {
            val reason = "${e.javaClass.simpleName}: ${e.message}"
            val location = SourceLocation.at(request.display, 0)
            diagnostics.add(HostCode.CACHE_READ_ONLY, location, reason)
        }
    }

    private fun inputs(request: LoadRequest) =
        ScriptInputs(
            request.params,
            request.sampling,
            request.logicalDate,
            request.display,
            request.file.toAbsolutePath().normalize().parent.toString(),
            Path.of("").toAbsolutePath().toString(),
            request.moment
                ?: lazy { RunMoment.ofDay(request.logicalDate.value, ZoneId.systemDefault()) },
        )
}
