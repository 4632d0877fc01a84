package dev.emrys.host

import dev.emrys.language.Evaluated
import dev.emrys.language.Notice
import dev.emrys.language.ScriptInputs
import dev.emrys.spec.Diagnostic
import dev.emrys.spec.Diagnostics
import dev.emrys.spec.SourceLocation
import java.io.IOException
import java.nio.file.Path
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/**
 * Makes a spec of a `.emr.kts` file, or the list of its author's mistakes.
 *
 * A script is compiled once and kept in the cache; from then on neither the compiler nor Kotlin's
 * scripting library is loaded. A script is arbitrary code of this JVM: whoever may write one may do
 * what this process may.
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
 */
public class ScriptHost(
    cacheFolder: Path,
    private val deadline: Duration = 30.seconds,
    private val onCompile: () -> Unit = {},
) {
    private val cache = ScriptCache(cacheFolder)

    /**
     * Reads, compiles (unless it is in the cache) and evaluates a script. Errors that are not the
     * author's (a bug of ours, a compiler that breaks) are thrown.
     */
    public fun load(request: LoadRequest): Loaded {
        val text =
            when (val read = ScriptText.of(request)) {
                is ScriptText.Unreadable ->
                    return Loaded.Refused(listOf(read.diagnostic), emptyList(), emptyList(), null)
                is ScriptText.Read -> read.text
            }
        val notices = ArrayList<Notice>()
        val key = cache.key(text)
        val cached = find(key, request, notices)
        if (cached == null) onCompile()
        val script =
            cached
                ?: when (val compilation = ScriptCompiler.compile(text)) {
                    is Compilation.Failed -> return refused(compilation, text, request, notices)
                    is Compilation.Done ->
                        compilation.script.also { keep(key, it, request, notices) }
                }
        val evaluated = ScriptRunner(deadline).run(script, inputs(request))
        return judge(evaluated, text, request, Compiled(notices, cached != null))
    }

    private class Compiled(val notices: List<Notice>, val fromCache: Boolean)

    private fun judge(
        evaluated: Evaluated,
        text: String,
        request: LoadRequest,
        compiled: Compiled,
    ): Loaded {
        val notices = compiled.notices + evaluated.notices
        val spec = evaluated.spec
        val diagnostics = Diagnostics()
        (evaluated.diagnostics + spec?.check()?.all().orEmpty()).forEach {
            diagnostics.add(it.location(), it.what(), it.fix())
        }
        return if (spec != null && diagnostics.isEmpty)
            Loaded.Ready(spec, evaluated.params, notices, compiled.fromCache)
        else
            Loaded.Refused(
                diagnostics.all(),
                evaluated.params,
                notices,
                Source(text, request.display, emptyMap()),
            )
    }

    private fun find(
        key: String,
        request: LoadRequest,
        notices: MutableList<Notice>,
    ): CompiledScript? =
        when (val found = cache.find(key)) {
            is ScriptCache.Found.Hit -> found.script
            ScriptCache.Found.Nothing -> null
            ScriptCache.Found.Damaged -> {
                notices.add(
                    notice(
                        request,
                        "The compiled copy ${cache.file(key)} was damaged; the script is compiled again.",
                    )
                )
                null
            }
        }

    private fun keep(
        key: String,
        script: CompiledScript,
        request: LoadRequest,
        notices: MutableList<Notice>,
    ) {
        try {
            cache.put(key, script)
        } catch (e: IOException) {
            val why = "${e.javaClass.simpleName}: ${e.message}"
            notices.add(
                notice(
                    request,
                    "The compiled script cannot be kept ($why), so it is compiled again every time.",
                )
            )
        }
    }

    private fun refused(
        failed: Compilation.Failed,
        text: String,
        request: LoadRequest,
        notices: List<Notice>,
    ): Loaded.Refused {
        val widths = LinkedHashMap<Diagnostic, Int>()
        for (error in Consequences.without(failed.errors, text)) {
            widths.putIfAbsent(
                CompilerMessages.diagnostic(error, request.display, text),
                error.width,
            )
        }
        val diagnostics =
            widths.keys.sortedWith(compareBy({ it.location().line() }, { it.location().column() }))
        return Loaded.Refused(
            diagnostics,
            emptyList(),
            notices,
            Source(text, request.display, widths),
        )
    }

    private fun notice(request: LoadRequest, text: String) =
        Notice(SourceLocation.at(request.display, 0), text)

    private fun inputs(request: LoadRequest) =
        ScriptInputs(
            request.params,
            request.sampling,
            request.logicalDate,
            request.display,
            request.file.toAbsolutePath().normalize().parent.toString(),
            Path.of("").toAbsolutePath().toString(),
        )
}
