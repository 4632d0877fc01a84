package dev.emrys.host

import dev.emrys.spec.Diagnostic
import dev.emrys.spec.SourceLocation

/**
 * Turns what the compiler says into what an author of a pipeline can use: one sentence, and what to
 * write instead.
 */
internal object CompilerMessages {
    private val UNRESOLVED = Regex("Unresolved reference '([^']+)'.*")
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
    fun diagnostic(error: CompilerError, display: String, text: String): Diagnostic {
        val location = SourceLocation(display, error.line, error.column)
        val lines = error.message.lines().map { it.trim() }.filter { it.isNotEmpty() }
        val message = lines.joinToString(" ")
        UNRESOLVED.matchEntire(message)?.let {
            return unresolved(it.groupValues[1], location, text)
        }
        NESTING.matchEntire(message)?.let {
            return nesting(it.groupValues[1], location)
        }
        if (lines.isNotEmpty() && NO_CANDIDATE.matches(lines.first()))
            return noCandidate(lines.drop(1), location)
        val fix = typeMend(message).ifEmpty { syntaxMend(message, text) }
        return Diagnostic(location, message.ifEmpty { "The compiler refuses this." }, fix)
    }

    /** The word that the compiler does not know; null when the error is of another kind. */
    fun unresolvedWord(error: CompilerError): String? =
        UNRESOLVED.matchEntire(error.message)?.groupValues?.get(1)

    private fun syntaxMend(message: String, text: String): String =
        when {
            message.startsWith("Syntax error: Expecting '}'") ->
                Brackets.unclosed(text)?.let {
                    "The block that begins in line $it has no '}': close it where it is to end."
                } ?: "Close the block with '}'."
            message.startsWith("Syntax error: Expecting '\"'") ->
                "Close the text with a quote; one of several lines stands in three."
            message.startsWith("Syntax error") ->
                "Correct the line from there on: the compiler cannot read it."
            message.startsWith("Too many arguments") -> "Take out what is too much."
            message.startsWith("Unsupported escape sequence") ->
                "Write a backslash as \\\\, or put the text in three quotes."
            MISSING.matches(message) ->
                "Give it one: ${MISSING.matchEntire(message)!!.groupValues[1]} = …."
            else -> "These are the Kotlin compiler's words: correct the line they are about."
        }

    private fun unresolved(word: String, location: SourceLocation, text: String): Diagnostic {
        val home = DslWords.placesOf(word)
        if (home != null)
            return Diagnostic(location, "'$word' is unknown here.", "It may stand $home.")
        val near = DslWords.nearest(word)
        val fix =
            if (near == null) "Declare it above the line that uses it, or correct the spelling."
            else "Did you mean '$near'? It may stand ${DslWords.placesOf(near)}."
        val shell =
            if (!isInTemplate(location, text)) ""
            else
                " For the shell's own variable write \\$$word; in a text of three quotes \${'$'}$word."
        return Diagnostic(location, "'$word' is unknown.", fix + shell)
    }

    /** Whether the word stands in a text, behind a dollar. */
    private fun isInTemplate(location: SourceLocation, text: String): Boolean {
        val line = text.lines().getOrNull(location.line() - 1) ?: return false
        return line.take(maxOf(0, location.column() - 1)).let {
            it.endsWith('$') || it.endsWith("\${")
        }
    }

    private fun nesting(signature: String, location: SourceLocation): Diagnostic {
        val word = signature.substringAfterLast('.').substringAfterLast(' ')
        val home = DslWords.placesOf(word) ?: "in an outer block"
        return Diagnostic(
            location,
            "'$word' cannot stand in this block.",
            "It may stand $home: move it there.",
        )
    }

    /**
     * The compiler lists every form of the word and why it does not fit; the forms are what helps.
     */
    private fun noCandidate(lines: List<String>, location: SourceLocation): Diagnostic {
        val forms = lines.filter { CANDIDATE.matches(it) }
        val word = forms.firstNotNullOfOrNull { CANDIDATE.matchEntire(it)?.groupValues?.get(1) }
        if (word == null)
            return Diagnostic(
                location,
                "No form of this takes these arguments.",
                lines.joinToString(" "),
            )
        val short = forms.map {
            it.removePrefix("fun ").substringBeforeLast(": Unit").replace(UNNAMED_BLOCK, "")
        }
        return Diagnostic(
            location,
            "No form of '$word' takes these arguments.",
            "Its forms are ${short.distinct().joinToString(" and ")}.",
        )
    }

    private fun typeMend(message: String): String {
        val match = MISMATCH.matchEntire(message) ?: return ""
        val (_, actualFirst, expectedSecond, expectedFirst, actualSecond) = match.groupValues
        val actual = (actualFirst + actualSecond).removeSuffix("?")
        return when ((expectedFirst + expectedSecond).removeSuffix("?")) {
            "S3Uri" -> "Write s3(\"s3://bucket/key\")."
            "Source" -> "Write s3(\"s3://bucket/key\") or file(\"path\")."
            "Duration" -> "Write a number with its unit, such as 30.minutes."
            "Application" -> "Write a constant such as Spark, or Application(\"…\")."
            "Release" -> "Write Release(\"emr-7.8.0\")."
            "StepHandle" ->
                "Write the step's handle: val first = c.step(\"first\") { … } and after(first)."
            "Failure" -> "Write one of Failure's words, such as Failure.Bootstrap."
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
