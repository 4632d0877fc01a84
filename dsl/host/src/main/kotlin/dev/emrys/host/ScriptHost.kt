package dev.emrys.host

import dev.emrys.dsl.Evaluated
import dev.emrys.dsl.Notice
import dev.emrys.dsl.ScriptInputs
import dev.emrys.spec.Mistake
import dev.emrys.spec.Mistakes
import dev.emrys.spec.Place
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
 */
public class ScriptHost(cacheFolder: Path, private val deadline: Duration = 30.seconds) {
    private val cache = ScriptCache(cacheFolder)

    /**
     * Reads, compiles (unless it is in the cache) and evaluates a script. Errors that are not the
     * author's (a bug of ours, a compiler that breaks) are thrown.
     */
    public fun load(request: LoadRequest): Loaded {
        val text =
            when (val read = ScriptText.of(request)) {
                is ScriptText.Unreadable ->
                    return Loaded.Refused(listOf(read.mistake), emptyList(), emptyList(), null)
                is ScriptText.Read -> read.text
            }
        val notices = ArrayList<Notice>()
        val key = cache.key(text)
        val cached = find(key, request, notices)
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
        val mistakes = Mistakes()
        (evaluated.mistakes + spec?.check()?.all().orEmpty()).forEach {
            mistakes.add(it.place(), it.what(), it.mend())
        }
        return if (spec != null && mistakes.isEmpty)
            Loaded.Ready(spec, evaluated.params, notices, compiled.fromCache)
        else
            Loaded.Refused(
                mistakes.all(),
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
        val widths = LinkedHashMap<Mistake, Int>()
        for (error in Consequences.without(failed.errors, text)) {
            widths.putIfAbsent(CompilerMessages.mistake(error, request.display, text), error.width)
        }
        val mistakes =
            widths.keys.sortedWith(compareBy({ it.place().line() }, { it.place().column() }))
        return Loaded.Refused(mistakes, emptyList(), notices, Source(text, request.display, widths))
    }

    private fun notice(request: LoadRequest, text: String) =
        Notice(Place.at(request.display, 0), text)

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
