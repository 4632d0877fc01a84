package dev.emrys.cli

/**
 * Texts of a spec as their author wrote them: `$runName` and `secret("name")` instead of the form
 * in which the spec holds them until a request is sent.
 */
internal object SourceText {
    fun of(text: String): String {
        FORM.matchEntire(text)?.let { whole ->
            val (kind, name) = whole.destructured
            if (kind == "secret") return secret(name)
        }
        return FORM.replace(text) { found ->
            val (kind, name) = found.destructured
            source(kind, name, text.getOrNull(found.range.last + 1))
        }
    }

    private fun source(kind: String, name: String, next: Char?): String {
        if (kind == "secret") return "\${${secret(name)}}"
        val variable = RUN_VARIABLES[name] ?: return "\${$kind:$name}"
        val joined = next != null && (next.isLetterOrDigit() || next == '_')
        return if (joined) "\${$variable}" else "$$variable"
    }

    private fun secret(name: String) = "secret(\"$name\")"

    private val RUN_VARIABLES = mapOf("name" to "runName", "id" to "runId", "attempt" to "attempt")
    private val FORM = Regex("\\$\\{(secret|run):([A-Za-z0-9/_][A-Za-z0-9/_+=.@-]*)}")
}
