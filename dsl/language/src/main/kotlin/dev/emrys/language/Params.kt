package dev.emrys.language

import dev.emrys.spec.Placeholders
import dev.emrys.spec.ScriptCode
import dev.emrys.spec.SourceLocation
import java.nio.file.InvalidPathException
import java.time.LocalDate
import java.time.ZonedDateTime
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
public class ParamScope<T : Any>
internal constructor(internal val script: Script, internal val moment: ParamMoment) {
    /** What the parameter is for, for the person who starts the pipeline. Default: none. */
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

/** The block of a [PipelineScope.fileParam]. */
@EmrysDsl
public class FileParamScope
internal constructor(private val script: Script, private val moment: ParamMoment) {
    /** As [ParamScope.description]. */
    public var description: String? = null

    /** As [ParamScope.default]. */
    public var default: Source? = null

    /**
     * The default as a text: `default("data/james.txt")` is `default = file("data/james.txt")`, and
     * `default("s3://bucket/key")` is a location on S3.
     */
    public fun default(path: String) {
        default = if (S3Uri.FORM.matches(path)) S3Uri(path) else script.fileOfScript(path)
    }

    /**
     * A default that depends on the day of the run: `default { "s3://my-bucket/$logicalDate/" }`. A
     * text, as in the other form, or `s3(…)` or `file(…)`.
     */
    public fun default(block: ParamMoment.() -> Any) {
        when (val value = moment.block()) {
            is Source -> default = value
            is String -> default(value)
            else -> {
                val type = script.typeName(value)
                script.report(ScriptCode.LOCATION_TYPE, "The default of a fileParam", type)
                default = script.localFile(script.inputs.folder, "default")
            }
        }
    }
}

/** What the default of a parameter may depend on. */
@EmrysDsl
public class ParamMoment
internal constructor(
    private val date: Lazy<LocalDate>,
    private val moment: Lazy<RunMoment>,
) {
    /**
     * The day that the run is for: the day of the schedule's fire, or today when a person starts
     * the run.
     */
    public val logicalDate: LocalDate
        get() = date.value

    /**
     * The moment of the schedule's fire, in the schedule's zone; the beginning of today when a
     * person starts the run.
     */
    public val logicalTime: ZonedDateTime
        get() = moment.value.time

    /**
     * The time whose data the run processes: from the schedule's fire before to its own. Yesterday,
     * when a person starts the run. `default { dataInterval.start.toLocalDate().toString() }`
     */
    public val dataInterval: DataInterval
        get() = DataInterval(moment.value.intervalStart, moment.value.time)

    /**
     * The absolute paths or the locations of what has arrived, the oldest first, at most 1,000; for
     * a schedule with [PipelineScope.fileArrival] or [PipelineScope.objectArrival]. Empty for any
     * other run, also when a person starts it or `emrys check` looks at the script: `default {
     * arrived.firstOrNull() ?: "none" }`.
     */
    public val arrived: List<String>
        get() = moment.value.arrived

    /**
     * The name of the run whose success has started this one, for a schedule with
     * [PipelineScope.afterSuccess]. Null for any other run.
     */
    public val triggeringRun: String?
        get() = moment.value.triggeringRun
}

/**
 * The time whose data a run processes.
 *
 * @property start inclusive
 * @property end exclusive
 */
public data class DataInterval(val start: ZonedDateTime, val end: ZonedDateTime)

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
        /** A path from outside is resolved against the working folder, not the script's folder. */
        fun file(script: Script): ParamForm<Source> =
            ParamForm(
                ParamType.FILE,
                "a path or an S3 location",
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
    private class Declared(val owner: Any, val declaration: ParamDeclaration)

    private val declared = LinkedHashMap<String, Declared>()
    private val bound = LinkedHashMap<String, String>()
    private val samples = HashSet<String>()

    /**
     * @param owner the pipeline that declares it: another one may have a parameter of the same name
     */
    fun <T : Any> bind(
        owner: Any,
        name: String,
        form: ParamForm<T>,
        block: ParamScope<T>.() -> Unit,
    ): T {
        val location = script.here()
        val written =
            ParamScope<T>(script, ParamMoment(script.inputs.logicalDate, script.inputs.moment))
                .apply(block)
        declare(owner, name, location, written, form)
        val value = value(name, form, written.default, location)
        bound.putIfAbsent(name, value.toString())
        return value
    }

    private fun declare(
        owner: Any,
        name: String,
        location: SourceLocation,
        written: ParamScope<*>,
        form: ParamForm<*>,
    ) {
        val first = declared[name]
        if (first != null && first.owner === owner) {
            script.reportAt(
                location,
                ScriptCode.PARAM_TWICE,
                name,
                first.declaration.location.withCalls(),
            )
        } else if (!NAME.matches(name)) {
            script.reportAt(location, ScriptCode.PARAM_NAME, name)
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
            // A value from outside must not be able to read the secrets of the user who runs the
            // script.
            script.reportAt(location, ScriptCode.PARAM_PLACEHOLDER, name, given)
        } else if (given != null) {
            form.read(given)?.let {
                return it
            }
            script.reportAt(
                location,
                ScriptCode.PARAM_FORM,
                name,
                given,
                form.form,
                form.example,
            )
        } else if (default != null) {
            return default
        } else if (!script.inputs.sampling) {
            script.reportAt(
                location,
                ScriptCode.PARAM_MISSING,
                name,
                form.type.word,
                form.example,
            )
        }
        return form.sample(name, script.inputs.logicalDate.value).also {
            samples.add(it.toString())
        }
    }

    /** Whether a text is the sample of a parameter that has no value: its form has no meaning. */
    fun isSample(text: String): Boolean = text in samples

    /** A value without a declaration is a misspelling: the run would silently use the default. */
    fun reportUnknown(location: SourceLocation) {
        for (name in script.inputs.params.keys - declared.keys) {
            val near = Spelling.nearest(name, declared.keys)
            val fix =
                when {
                    near != null -> "Did you mean --param $near=…?"
                    declared.isEmpty() -> "It has none: remove --param."
                    else -> "It has ${declared.keys.joinToString()}."
                }
            script.reportAt(location, ScriptCode.PARAM_UNKNOWN, name, fix)
        }
    }

    fun declarations(): List<ParamDeclaration> = declared.values.map { it.declaration }

    fun bound(): Map<String, String> = bound

    private companion object {
        val NAME = Regex("\\p{L}[\\p{L}\\p{N}._-]*")
    }
}
