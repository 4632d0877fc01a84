package dev.emrys.host

/** Finds the block without its end, which the compiler reports only at the end of the file. */
internal object Brackets {
    private val TOKENS =
        Regex(
            "(?s)//[^\n]*|/\\*.*?\\*/|\"\"\".*?\"\"\"|\"(?:\\\\.|[^\"\\\\\n])*\"|'(?:\\\\.|[^'\\\\\n])*'|[{}]|\n"
        )

    /**
     * The line of the `{` without its `}`, told by the indentation where it tells; null when all
     * are closed. Texts and comments do not count.
     */
    fun unclosed(text: String): Int? {
        val open = ArrayDeque<Int>()
        val lines = text.lines()
        var line = 1
        for (token in TOKENS.findAll(text)) {
            when (token.value) {
                "{" -> open.addLast(line)
                "}" -> {
                    // A '}' that is indented less than the line of its '{' closes an outer block.
                    val begun = open.removeLastOrNull()
                    val here = lines[line - 1]
                    if (
                        begun != null &&
                            startsWithBrace(here) &&
                            indent(here) < indent(lines[begun - 1])
                    )
                        return begun
                }
            }
            line += token.value.count { it == '\n' }
        }
        return open.lastOrNull()
    }

    private fun indent(line: String) = line.length - line.trimStart().length

    private fun startsWithBrace(line: String) = line.trimStart().startsWith("}")
}
