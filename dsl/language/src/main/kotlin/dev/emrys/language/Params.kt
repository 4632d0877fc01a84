package dev.emrys.language

import dev.emrys.spec.Placeholders
import dev.emrys.spec.SourceLocation
import java.nio.file.InvalidPathException
import java.time.LocalDate
import java.time.format.DateTimeParseException

/**
 * The block of a parameter.
 *
 * ```
 * val day = param("day") { description = "The day to load"; default { logicalDate.toString() } }
 * val parts = intParam("parts") { default = 4 }
 * ```
 */
@EmrysDsl
public class ParamScope<T : Any> internal constructor(private val moment: ParamMoment) {
    /** What the parameter is for; shown to whoever starts the pipeline. Default: none. */
    public var description: String? = null

    /**
     * The value when none is given from outside. Default: none, which makes the parameter required.
     */
    public var default: T? = null

    /** A default that depends on the day of the run: `default { logicalDate.minusDays(1) }`. */
    public fun default(block: ParamMoment.() -> T) {
        default = moment.block()
    }
}

/** What the default of a parameter may depend on. */
@EmrysDsl
public class ParamMoment
internal constructor(
    /**
     * The day that the run is for: the day of the schedule's moment, or today when a person starts
     * it.
     */
    public val logicalDate: LocalDate
)

/** How one type of parameter is read, written and sampled. */
internal class ParamForm<T : Any>(
    val type: ParamType,
    /** Ends the sentence "which is not …". */
    val form: String,
    /** An example of a value, as text. */
    val example: String,
    val sample: (String, LocalDate) -> T,
    val read: (String) -> T?,
) {
    companion object {
        /** A file from outside counts from where the person is, not from where the script lies. */
        fun file(script: Script): ParamForm<Source> =
            ParamForm(
                ParamType.FILE,
                "a path or a place on S3",
                "s3://bucket/key",
                { name, _ -> script.localFile(script.inputs.folder, name) },
                { text ->
                    when {
                        text.isBlank() -> null
                        S3Uri.FORM.matches(text) -> S3Uri(text)
                        text.startsWith("file:/") -> LocalFile(text)
                        text.contains("://") -> null
                        else ->
                            try {
                                script.localFile(script.inputs.workingFolder, text)
                            } catch (_: InvalidPathException) {
                                null
                            }
                    }
                },
            )

        val TEXT = ParamForm(ParamType.STRING, "a text", "…", { name, _ -> name }, { it })
        val INT =
            ParamForm(ParamType.INT, "a whole number", "4", { _, _ -> 1 }, { it.toIntOrNull() })
        val BOOLEAN =
            ParamForm(
                ParamType.BOOLEAN,
                "true or false",
                "true",
                { _, _ -> true },
                { it.toBooleanStrictOrNull() },
            )
        val DATE =
            ParamForm(ParamType.DATE, "a date", "2026-04-25", { _, today -> today }, ::readDate)

        private fun readDate(text: String): LocalDate? =
            try {
                LocalDate.parse(text)
            } catch (_: DateTimeParseException) {
                null
            }
    }
}

/** The parameters of one script: declared by it, bound from outside before it goes on. */
internal class Params(private val script: Script) {
    private class Declared(val owner: PipelineScope, val declaration: ParamDeclaration)

    private val declared = LinkedHashMap<String, Declared>()
    private val bound = LinkedHashMap<String, String>()

    fun <T : Any> bind(
        owner: PipelineScope,
        name: String,
        form: ParamForm<T>,
        block: ParamScope<T>.() -> Unit,
    ): T {
        val location = script.here()
        val written = ParamScope<T>(ParamMoment(script.inputs.logicalDate)).apply(block)
        declare(owner, name, location, written, form)
        val value = value(name, form, written.default, location)
        bound.putIfAbsent(name, value.toString())
        return value
    }

    private fun declare(
        owner: PipelineScope,
        name: String,
        location: SourceLocation,
        written: ParamScope<*>,
        form: ParamForm<*>,
    ) {
        val first = declared[name]
        if (first != null && first.owner === owner) {
            script.diagnostic(
                "There are two parameters named \"$name\".",
                "The first is at ${first.declaration.location}: rename one of them.",
                location,
            )
        } else if (!NAME.matches(name)) {
            script.diagnostic(
                "\"$name\" cannot be the name of a parameter: nobody could write --param $name=….",
                "Begin with a letter and use letters, digits, '.', '_' and '-'.",
                location,
            )
        }
        val default = written.default?.toString()
        val declaration =
            ParamDeclaration(
                name,
                form.type,
                default == null,
                default,
                written.description,
                location,
            )
        declared.putIfAbsent(name, Declared(owner, declaration))
    }

    private fun <T : Any> value(
        name: String,
        form: ParamForm<T>,
        default: T?,
        location: SourceLocation,
    ): T {
        val given = script.inputs.params[name]
        if (given != null && Placeholders.any(given)) {
            // Whoever gives a value must not get at the secrets of whoever runs the script.
            script.diagnostic(
                "The parameter \"$name\" is given a placeholder: $given.",
                "Placeholders are the script's to write, such as runName and secret(\"…\").",
                location,
            )
        } else if (given != null) {
            form.read(given)?.let {
                return it
            }
            script.diagnostic(
                "The parameter \"$name\" is \"$given\", which is not ${form.form}.",
                "Write ${form.form}, such as --param $name=${form.example}.",
                location,
            )
        } else if (default != null) {
            return default
        } else if (!script.inputs.sampling) {
            script.diagnostic(
                "The parameter \"$name\" has no value.",
                "Give it one (${form.type.word}) with --param $name=${form.example}, or a default in the script.",
                location,
            )
        }
        return form.sample(name, script.inputs.logicalDate)
    }

    /**
     * A value that no declaration took is a misspelling, and a run with the default instead would
     * be a silent surprise.
     */
    fun refuseUnknown(location: SourceLocation) {
        for (name in script.inputs.params.keys - declared.keys) {
            val near = Spelling.nearest(name, declared.keys)
            script.diagnostic(
                "The script has no parameter \"$name\".",
                when {
                    near != null -> "Did you mean --param $near=…?"
                    declared.isEmpty() -> "It has none at all: leave --param out."
                    else -> "It has ${declared.keys.joinToString()}."
                },
                location,
            )
        }
    }

    fun declarations(): List<ParamDeclaration> = declared.values.map { it.declaration }

    fun bound(): Map<String, String> = bound

    private companion object {
        val NAME = Regex("\\p{L}[\\p{L}\\p{N}._-]*")
    }
}
