package dev.emrys.host

import dev.emrys.language.Notice
import dev.emrys.language.ParamDeclaration
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
 * @property logicalDate the day the run is for
 */
public data class LoadRequest(
    val file: Path,
    val display: String,
    val params: Map<String, String>,
    val sampling: Boolean,
    val logicalDate: LocalDate,
)

/** What came of a script. */
public sealed interface Loaded {
    /**
     * Worth telling, stopping nobody: hints of the language, and a cache that could not be used.
     */
    public val notices: List<Notice>

    /**
     * A spec without a mistake, as far as can be seen without the order of its steps.
     *
     * @property params in the order of their declaration
     * @property fromCache true when nothing had to be compiled
     */
    public data class Ready(
        val spec: PipelineSpec,
        val params: List<ParamDeclaration>,
        override val notices: List<Notice>,
        val fromCache: Boolean,
    ) : Loaded

    /**
     * The author's mistakes, all that could be seen, in the order of the script; never empty.
     *
     * @property params what the script declared before it was refused; empty when it did not
     *   compile
     */
    public class Refused
    internal constructor(
        public val diagnostics: List<Diagnostic>,
        public val params: List<ParamDeclaration>,
        override val notices: List<Notice>,
        private val source: Source?,
    ) : Loaded {
        /** The line of the script that [diagnostic] points at; null when it points at no line. */
        public fun excerpt(diagnostic: Diagnostic): Excerpt? = source?.excerpt(diagnostic)

        override fun toString(): String = diagnostics.joinToString("\n")
    }
}

/**
 * A line of a script, to be printed with a mark beneath it.
 *
 * @property line as it stands in the script, without its end
 * @property mark spaces (and the line's own tabs) and `^`s, to be printed beneath [line] with the
 *   same indentation; null when only the line is known
 */
public data class Excerpt(val line: String, val mark: String?)

/** A script's text, and how far the compiler's errors reach. */
internal class Source(
    text: String,
    private val display: String,
    private val widths: Map<Diagnostic, Int>,
) {
    private val lines = text.lines()

    fun excerpt(diagnostic: Diagnostic): Excerpt? {
        val location = diagnostic.location()
        if (location.file() != display) return null
        val line = lines.getOrNull(location.line() - 1) ?: return null
        if (location.column() == 0) return Excerpt(line, null)
        val before =
            line.take(location.column() - 1).map { if (it == '\t') '\t' else ' ' }.joinToString("")
        val width =
            (widths[diagnostic] ?: 1).coerceAtMost(line.length - before.length).coerceAtLeast(1)
        return Excerpt(line, before + "^".repeat(width))
    }
}
