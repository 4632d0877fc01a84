package dev.emrys.host

import dev.emrys.spec.Diagnostic
import dev.emrys.spec.HostCode
import dev.emrys.spec.SourceRange

/**
 * Turns an error of the compiler into a diagnostic for the author of a pipeline: one sentence, and
 * what to write instead.
 */
internal object CompilerMessages {
    private val UNRESOLVED = Regex("Unresolved reference '([^']+)'.*")
    private val HIDDEN =
        Regex(
            "Cannot access '(?:fun|val|var) (\\w+).*': it is (?:private|internal) in 'dev\\.emrys\\.language\\..*"
        )
    private val NESTING =
        Regex(
            "'(?:fun|val|var) ([^'(:]+).*' cannot be called in this context with an implicit receiver.*"
        )
    private val MISMATCH =
        Regex(
            ".* type mismatch: (?:actual type is '([^']*)', but '([^']*)' was expected|expected '([^']*)', actual '([^']*)').*"
        )
    private val NO_CANDIDATE = Regex("None of the following candidates is applicable:?")
    private val CANDIDATE = Regex("fun (?:<[^>]*> )?(?:[\\w.<>]+\\.)?(\\w+)\\(.*")
    private val UNNAMED_BLOCK = Regex(", block: .* = \\.\\.\\.(?=\\))")

    private val MISSING = Regex("No value passed for parameter '(\\w+)'.*")

    /** @param text the script */
    fun diagnostic(error: CompilerReport, display: String, text: String): Diagnostic {
        val range = error.range(display)
        val lines = error.message.lines().map { it.trim() }.filter { it.isNotEmpty() }
        val message = lines.joinToString(" ")
        UNRESOLVED.matchEntire(message)?.let {
            return unresolved(it.groupValues[1], range, text)
        }
        HIDDEN.matchEntire(message)?.let {
            return hidden(it.groupValues[1], range, text)
        }
        NESTING.matchEntire(message)?.let {
            return misplaced(it.groupValues[1], range)
        }
        if (lines.isNotEmpty() && NO_CANDIDATE.matches(lines.first()))
            return noCandidate(lines.drop(1), range)
        if (message.startsWith("Syntax error"))
            return HostCode.SYNTAX.over(range, message, syntaxFix(message, text))
        val fix = typeFix(message)
        return if (fix.isEmpty())
            HostCode.COMPILER.over(
                range,
                message.ifEmpty { "The compiler rejects this line." },
                otherFix(message),
            )
        else HostCode.TYPE_MISMATCH.over(range, message, fix)
    }

    /** The word that the compiler does not know; null when the error is of another kind. */
    fun unresolvedWord(error: CompilerReport): String? =
        UNRESOLVED.matchEntire(error.message)?.groupValues?.get(1)

    private fun syntaxFix(message: String, text: String): String =
        when {
            message.startsWith("Syntax error: Expecting '}'") ->
                Brackets.unclosed(text)?.let {
                    "The block that begins in line $it has no '}': close it where it is to end."
                } ?: "Close the block with '}'."
            message.startsWith("Syntax error: Expecting '\"'") ->
                "Close the text with a quote. Use \"\"\" for multi-line strings."
            else -> "Correct the line from there on: the compiler cannot read it."
        }

    private fun otherFix(message: String): String {
        val missing = MISSING.matchEntire(message)
        return when {
            missing != null -> "Give it one: ${missing.groupValues[1]} = …."
            message.startsWith("Too many arguments") -> "Remove the arguments that are too many."
            message.startsWith("Unsupported escape sequence") ->
                "Write a backslash as \\\\, or put the text in three quotes."
            else -> "This is the Kotlin compiler's message: correct the line."
        }
    }

    private fun unresolved(word: String, range: SourceRange, text: String): Diagnostic {
        val home = DslWords.placesOf(word)
        val inTemplate = isInTemplate(range, text)
        if (home != null && !inTemplate) return HostCode.MISPLACED_WORD.over(range, word, home)
        // In a text it is more likely a variable of the shell than a word of EMR's API.
        if (!inTemplate) {
            ForeignWords.explanation(word)?.let {
                return HostCode.UNKNOWN_WORD.over(range, word, it)
            }
        }
        val near = if (home == null) DslWords.nearest(word) else null
        val fix =
            when {
                home != null -> "It can be used $home."
                near != null -> "Did you mean '$near'? It can be used ${DslWords.placesOf(near)}."
                else -> "Declare it above the line that uses it, or correct the spelling."
            }
        val shell =
            if (!inTemplate) ""
            else
                " For a variable of the shell write \\$$word; in a text of three quotes \${'$'}$word."
        return HostCode.UNKNOWN_WORD.over(range, word, fix + shell)
    }

    /** A member that is not for authors: its name may be one of EMR's, or that of a function. */
    private fun hidden(word: String, range: SourceRange, text: String): Diagnostic =
        if (DslWords.placesOf(word) == null) unresolved(word, range, text)
        else
            HostCode.COMPILER.over(
                range,
                "'$word' is a function and cannot be set.",
                "Call it, such as $word(…) or $word { … }.",
            )

    /** Whether the word is in a text, behind a dollar. */
    private fun isInTemplate(range: SourceRange, text: String): Boolean {
        val start = range.start()
        val line = text.lines().getOrNull(start.line() - 1) ?: return false
        return line.take(maxOf(0, start.column() - 1)).let {
            it.endsWith('$') || it.endsWith("\${")
        }
    }

    private fun misplaced(signature: String, range: SourceRange): Diagnostic {
        val word = signature.substringAfterLast('.').substringAfterLast(' ')
        val home = DslWords.placesOf(word) ?: "in an outer block"
        return HostCode.MISPLACED_WORD.over(range, word, home)
    }

    /** The compiler lists every form of the word with a reason; the forms are what helps. */
    private fun noCandidate(lines: List<String>, range: SourceRange): Diagnostic {
        val forms = lines.filter { CANDIDATE.matches(it) }
        val word = forms.firstNotNullOfOrNull { CANDIDATE.matchEntire(it)?.groupValues?.get(1) }
        if (word == null)
            return HostCode.COMPILER.over(
                range,
                "No form of this word takes these arguments.",
                lines.joinToString(" "),
            )
        val short = forms.map {
            it.removePrefix("fun ").substringBeforeLast(": Unit").replace(UNNAMED_BLOCK, "")
        }
        return HostCode.NO_SUCH_FORM.over(
            range,
            word,
            short.distinct().joinToString(" and "),
        )
    }

    private fun typeFix(message: String): String {
        val match = MISMATCH.matchEntire(message) ?: return ""
        val (_, actualFirst, expectedSecond, expectedFirst, actualSecond) = match.groupValues
        val actual = (actualFirst + actualSecond).removeSuffix("?")
        return when ((expectedFirst + expectedSecond).removeSuffix("?")) {
            "S3Uri" -> "Write s3(\"s3://bucket/key\")."
            "Source" -> "Write s3(\"s3://bucket/key\") or file(\"path\")."
            "Duration" -> "Write a number with its unit, such as 30.minutes."
            "Application" -> "Write a constant such as Spark, or Application(\"…\")."
            "Release" -> "Write Release(\"emr-7.8.0\")."
            "TaskHandle",
            "StepHandle" ->
                "Write the task's handle: val first = c.step(\"first\") { … } and after(first)."
            "Failure" -> "Write one of Failure's words, such as Failure.Bootstrap."
            "RunTarget" -> "Write target = Local, or target = aws { region = \"eu-central-1\" }."
            "Backoff" -> "Write exponential(30.seconds) or constant(30.seconds)."
            "Int" ->
                if (actual == "String")
                    "Write a number without quotes; one from outside is an intParam(…)."
                else ""
            "Boolean" ->
                if (actual == "String")
                    "Write true or false without quotes; one from outside is a booleanParam(…)."
                else ""
            "LocalDate" ->
                if (actual == "String")
                    "One from outside is a dateParam(…); a fixed one is LocalDate.of(2026, 4, 25)."
                else ""
            "String" -> if (actual == "Int" || actual == "Double") "Put it in quotes." else ""
            else -> ""
        }
    }
}
