package dev.emrys.host

import dev.emrys.language.DeclaredNotifications
import dev.emrys.language.DeclaredSchedule
import dev.emrys.language.ParamDeclaration
import dev.emrys.language.RunMoment
import dev.emrys.language.RunTarget
import dev.emrys.spec.Diagnostic
import dev.emrys.spec.PipelineSpec
import java.nio.file.Path
import java.time.LocalDate

/**
 * Which script to load, and with what.
 *
 * @property file the script; a relative path is one of the working folder
 * @property display the script as the author named it: all messages call it so
 * @property params the values from outside, as text, by name
 * @property sampling true for a check: a missing required parameter gets a sample of its type
 * @property logicalDate the day the run is for; computed only when the script uses it
 * @property moment the fire that the run is for. Default: null, a person starts the run
 * @property text the script's text, to be used in place of the file's. Default: null, the file is
 *   read
 */
public data class LoadRequest(
    val file: Path,
    val display: String,
    val params: Map<String, String>,
    val sampling: Boolean,
    val logicalDate: Lazy<LocalDate>,
    val moment: Lazy<RunMoment>? = null,
    val text: String? = null,
)

/** The result of loading a script. */
public sealed interface LoadResult {
    /** Of the language, of the compiler, and of a cache that could not be used. */
    public val warnings: List<Diagnostic>

    /**
     * A spec without an error, as far as can be seen without the order of its steps.
     *
     * @property params in the order of their declaration
     * @property fromCache true when nothing had to be compiled
     * @property schedules in the order of the script
     * @property notifications null when the script has none
     * @property target null when the script names none
     */
    public data class Ready(
        val spec: PipelineSpec,
        val params: List<ParamDeclaration>,
        override val warnings: List<Diagnostic>,
        val fromCache: Boolean,
        val schedules: List<DeclaredSchedule> = emptyList(),
        val notifications: DeclaredNotifications? = null,
        val target: RunTarget? = null,
    ) : LoadResult

    /**
     * The author's errors, all that could be seen, in the order of the script.
     *
     * @property errors never empty
     * @property params what the script declared before it was refused; empty when it did not
     *   compile
     */
    public class Refused
    internal constructor(
        public val errors: List<Diagnostic>,
        public val params: List<ParamDeclaration>,
        override val warnings: List<Diagnostic>,
        private val source: ScriptLines?,
    ) : LoadResult {
        /** The line of the script that [diagnostic] is about; null when it is about no line. */
        public fun excerpt(diagnostic: Diagnostic): Excerpt? = source?.excerpt(diagnostic)

        override fun toString(): String = errors.joinToString("\n")
    }
}

/**
 * A line of a script, to be printed with a mark beneath it.
 *
 * @property line as written in the script, without its end
 * @property mark spaces (and the line's own tabs) and `^`s, to be printed beneath [line] with the
 *   same indentation; null when only the line is known
 */
public data class Excerpt(val line: String, val mark: String?)

/** The lines of a script, for excerpts. */
internal class ScriptLines(text: String, private val display: String) {
    private val lines = text.lines()

    fun excerpt(diagnostic: Diagnostic): Excerpt? {
        val start = diagnostic.location()
        if (start.file() != display) return null
        val line = lines.getOrNull(start.line() - 1) ?: return null
        if (start.column() == 0) return Excerpt(line, null)
        val before =
            line.take(start.column() - 1).map { if (it == '\t') '\t' else ' ' }.joinToString("")
        val range = diagnostic.range()
        val end = if (range.endLine() == start.line()) range.endColumn() else 0
        val width =
            (end - start.column()).coerceAtMost(line.length - before.length).coerceAtLeast(1)
        return Excerpt(line, before + "^".repeat(width))
    }
}
