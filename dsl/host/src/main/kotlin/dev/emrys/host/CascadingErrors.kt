package dev.emrys.host

/**
 * Removes errors that only follow from others: a misspelled `clustr("etl") { … }` makes every word
 * in its block unknown, and a missing bracket makes the rest of the file unreadable.
 */
internal object CascadingErrors {
    fun without(errors: List<CompilerReport>, text: String): List<CompilerReport> {
        val syntax = errors.filter { it.message.startsWith("Syntax error") }
        if (syntax.isNotEmpty()) return syntax
        val starts = lineStarts(text)
        fun offset(error: CompilerReport) =
            starts.getOrElse(error.line - 1) { text.length } + error.column - 1
        val unknown = errors.filter { CompilerMessages.unresolvedWord(it) != null }
        val blocks = unknown.mapNotNull { block(text, offset(it) + it.width) }
        val firstMisspelled =
            unknown.filter { isMisspelled(it) }.minOfOrNull(::offset) ?: Int.MAX_VALUE
        return errors.filter { error ->
            val at = offset(error)
            val inUnknownBlock = blocks.any { at in it }
            val follows = at > firstMisspelled && error in unknown && !isMisspelled(error)
            !inUnknownBlock && !follows
        }
    }

    /**
     * A word that the language does not have. The other unknown words are words of the language in
     * a wrong block, or in a block that the compiler took for another one.
     */
    private fun isMisspelled(error: CompilerReport): Boolean =
        CompilerMessages.unresolvedWord(error)?.let { DslWords.placesOf(it) == null } == true

    private fun lineStarts(text: String): List<Int> =
        listOf(0) + text.indices.filter { text[it] == '\n' }.map { it + 1 }

    /** The range of the `{ … }` of a call whose name ends at [from]; null when it has none. */
    private fun block(text: String, from: Int): IntRange? {
        var at = skipSpace(text, from)
        if (text.getOrNull(at) == '(') at = skipSpace(text, closing(text, at) + 1)
        return if (text.getOrNull(at) == '{') at..closing(text, at) else null
    }

    private fun skipSpace(text: String, from: Int): Int {
        var at = from
        while (at < text.length && text[at] in " \t") at++
        return at
    }

    /**
     * Where the bracket at [open] is closed; brackets in strings count, and are nearly always pairs
     * themselves.
     */
    private fun closing(text: String, open: Int): Int {
        var depth = 0
        for (at in open until text.length) {
            if (text[at] in "({[") depth++
            if (text[at] in ")}]" && --depth == 0) return at
        }
        return text.length
    }
}
