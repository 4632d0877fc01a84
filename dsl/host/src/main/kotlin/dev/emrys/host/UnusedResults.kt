package dev.emrys.host

import dev.emrys.spec.Diagnostic
import dev.emrys.spec.HostCode
import dev.emrys.spec.Severity
import dev.emrys.spec.SourceLocation
import dev.emrys.spec.SourceRange

/**
 * Expressions without an effect: what the compiler reports about unused results, and blocks of
 * steps that are never run, such as `days.forEach { { c.step("…") { … } } }`.
 *
 * @property notRun the blocks that have not run in this evaluation, although their value was made
 */
internal class UnusedResults(
    private val text: String,
    private val display: String,
    private val notRun: List<DeclaringBlock>,
) {
    private val lines = text.lines()
    private val starts = lines.runningFold(0) { start, line -> start + line.length + 1 }

    /** The text with comments and strings blanked out, so that only code is found in it. */
    private val code =
        COMMENTS_AND_TEXTS.replace(text.replace("\r\n", " \n")) { found ->
            found.value.map { if (it == '\n') '\n' else ' ' }.joinToString("")
        }

    fun diagnostics(reports: List<CompilerReport>): List<Diagnostic> {
        val blocks = RUN_AS_STATEMENT.findAll(code).mapNotNull { neverRun(it.range.last) }
        val mistakes = (reports.mapNotNull(::diagnostic) + blocks + unusedValues()).distinct()
        // One mistake of this kind at a time: a block in such a block has not run either.
        if (mistakes.any { it.isError }) return mistakes
        return mistakes + notRun.map(::hasNotRun)
    }

    /**
     * A warning only: a script may have blocks to choose from, and a sequence may have no elements.
     */
    private fun hasNotRun(block: DeclaringBlock): Diagnostic =
        HostCode.BLOCK_NOT_RUN.at(SourceLocation.at(display, block.line), block.word)

    /** Blocks in a value that is used nowhere: `val all = xs.map { { c.step(it) { … } } }`. */
    private fun unusedValues(): Sequence<Diagnostic> =
        VALUE_OF_BLOCKS.findAll(code)
            .filter { found -> Regex("\\b${found.groupValues[1]}\\b").findAll(code).count() == 1 }
            .mapNotNull { neverRun(it.range.last) }

    private fun diagnostic(report: CompilerReport): Diagnostic? {
        val end = offset(report.endLine, report.endColumn)
        val inner = BLOCK_IN_BLOCK.matchAt(code, end)
        if (inner != null)
            neverRun(inner.range.last)?.let {
                return it
            }
        val start = offset(report.line, report.column).coerceAtMost(end)
        val word = text.substring(start, end)
        val open = BLOCK.matchAt(code, end)?.range?.last
        val declaration = open?.let { DECLARATION.find(body(it)) }
        if (open != null && declaration != null) {
            // As in days.map { c.step("…") { … } }: the steps are declared, and the list may go
            // unused.
            if (word !in LAZY_OPERATIONS || !(isOfSequence(start) || hasNotRun(open))) return null
            return HostCode.UNUSED_RESULT.over(
                    report.range(display),
                    word,
                    "A sequence runs its blocks when its elements are used, so " +
                        "\"${declaration.groupValues[1]}\" in it declares nothing. " +
                        "Use forEach, or a list instead of the sequence.",
                )
                .withSeverity(Severity.ERROR)
        }
        return HostCode.UNUSED_RESULT.over(report.range(display), word, fix(word))
    }

    private fun isOfSequence(call: Int) = LAZY.containsMatchIn(withoutBlocks(chain(call)))

    /** Whether the block at [open] has not run, as one of a sequence that is kept in a value. */
    private fun hasNotRun(open: Int): Boolean {
        val lines = line(open)..line(open + body(open).length)
        return notRun.any { it.line in lines }
    }

    private fun line(offset: Int): Int = starts.indexOfLast { it <= offset } + 1

    private fun fix(word: String) =
        when (word) {
            "==" -> "To set a member, write = instead of ==."
            "to" -> "In a configuration write set(name, value)."
            else -> "Use the result, or remove the expression."
        }

    /** The code of the same expression before the call at [start]. */
    private fun chain(start: Int): String {
        var line = starts.indexOfLast { it <= start }
        while (line > 0 && CONTINUED.containsMatchIn(code.substring(starts[line]))) line--
        var open = 0
        // Not what is before a block that the call is in.
        for (at in start - 1 downTo starts[line]) {
            if (code[at] == '}') open++
            if (code[at] == '{' && --open < 0) return code.substring(at + 1, start)
        }
        return code.substring(starts[line], start)
    }

    /**
     * Without what is in closed parentheses and braces, where another expression may have a
     * sequence.
     */
    private fun withoutBlocks(expression: String): String {
        var rest = expression
        while (true) {
            val shorter = CLOSED.replace(rest, "")
            if (shorter == rest) return rest
            rest = shorter
        }
    }

    /** @param open the offset of the inner brace */
    private fun neverRun(open: Int): Diagnostic? {
        val declaration = DECLARATION.find(body(open)) ?: return null
        val line = line(open)
        val column = open - starts[line - 1] + 1
        val range = SourceRange(SourceLocation(display, line, column), line, column + 1)
        return HostCode.BLOCK_NEVER_RUNS.over(range, declaration.groupValues[1])
    }

    /** The code from the brace at [open] to its end. */
    private fun body(open: Int): String {
        var depth = 0
        for (at in open until code.length) {
            if (code[at] == '{') depth++
            if (code[at] == '}' && --depth == 0) return code.substring(open, at)
        }
        return code.substring(open)
    }

    private fun offset(line: Int, column: Int): Int =
        (starts.getOrElse(line - 1) { text.length } + column - 1).coerceIn(0, text.length)

    companion object {
        private val COMMENTS_AND_TEXTS =
            Regex("(?s)//[^\n]*|/\\*.*?\\*/|\"\"\".*?\"\"\"|\"(?:\\\\.|[^\"\\\\\n])*\"")
        private const val ARGUMENTS = "(?:\\((?:[^()]|\\([^()]*\\))*\\))?"
        private const val PARAMETERS = "(?:\\w+(?:\\s*,\\s*\\w+)*\\s*->\\s*)?"
        private val BLOCK = Regex("\\s*$ARGUMENTS\\s*\\{")
        private val BLOCK_IN_BLOCK = Regex("\\s*$ARGUMENTS\\s*\\{\\s*$PARAMETERS\\{")

        /** What runs its block and has no use for a value of it. */
        private val RUN_AS_STATEMENT =
            Regex(
                "\\b(?:forEach|forEachIndexed|onEach|repeat|apply|also|pipeline|sequence|if|else|for|while)\\b" +
                    "\\s*$ARGUMENTS\\s*\\{\\s*$PARAMETERS\\{"
            )
        private val DECLARATION = Regex("\\b(step|cluster|sequence)\\s*[({]")

        private val VALUE_OF_BLOCKS =
            Regex("\\bval\\s+(\\w+)\\s*(?::[^=\n]*)?=[^\n{]*\\{\\s*$PARAMETERS\\{")

        /** A line that continues the expression of the line above. */
        private val CONTINUED = Regex("^[ \t]*[?.]")

        /**
         * What runs its block for each element, and of a sequence only when the elements are used.
         */
        private val LAZY_OPERATIONS =
            setOf(
                "map",
                "mapIndexed",
                "mapNotNull",
                "mapIndexedNotNull",
                "flatMap",
                "onEach",
                "onEachIndexed",
                "filter",
                "filterNot",
            )

        /** Innermost first. */
        private val CLOSED = Regex("\\([^(){}]*\\)|\\{[^(){}]*\\}")

        /** A sequence, and behind it only operations whose result is a sequence. */
        private val LAZY =
            Regex(
                "\\b(?:asSequence|sequenceOf|generateSequence|lineSequence|splitToSequence)" +
                    "(?:\\s*\\.\\s*(?:map|mapIndexed|mapNotNull|flatMap|filter|filterNot|filterNotNull|onEach|" +
                    "distinct|distinctBy|sorted|sortedBy|sortedDescending|take|drop|withIndex|plus|minus))*" +
                    "\\s*[?.]*\\s*$"
            )

        fun isAboutUnused(report: CompilerReport): Boolean =
            report.message.startsWith("Unused return value") &&
                // A block that is kept in a value and called, which may declare steps.
                "'invoke'" !in report.message
    }
}
