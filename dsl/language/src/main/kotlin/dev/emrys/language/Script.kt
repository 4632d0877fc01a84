package dev.emrys.language

import dev.emrys.spec.Diagnostics
import dev.emrys.spec.SourceLocation
import java.net.URI
import java.nio.file.Path
import java.time.LocalDate
import kotlin.time.Duration
import kotlin.time.Duration.Companion.days
import kotlin.time.toJavaDuration

/** What all blocks of one script share: where we are, and what was found so far. */
internal class Script(val inputs: ScriptInputs, private val frameSuffix: String) {
    val diagnostics = Diagnostics()
    val params = Params(this)
    val pipelines = ArrayList<PipelineScope>()
    private val notices = LinkedHashSet<Notice>()

    /**
     * The line of the script that is being evaluated. The frame has a simple file name only, so the
     * name comes from outside.
     */
    fun here(): SourceLocation {
        val line = WALKER.walk { frames ->
            frames
                .filter { it.lineNumber > 0 && it.fileName?.endsWith(frameSuffix) == true }
                .mapToInt { it.lineNumber }
                .findFirst()
                .orElse(0)
        }
        return SourceLocation.at(inputs.scriptFile, line)
    }

    fun diagnostic(what: String, fix: String, location: SourceLocation = here()) {
        diagnostics.add(location, what, fix)
    }

    fun notice(location: SourceLocation, text: String) {
        notices.add(Notice(location, text))
    }

    /**
     * The text of a value that an author handed to us, or a mistake that names the types we can
     * write down.
     */
    fun text(value: Any, what: String): String =
        when (value) {
            is String,
            is Number,
            is Boolean,
            is Secret,
            is LocalDate -> value.toString()
            is Source -> value.uri
            else -> {
                diagnostic(
                    "$what is a ${value.javaClass.simpleName}, which cannot be written as an argument.",
                    if (value is Iterable<*> || value is Array<*>)
                        "Spread a list: args(*list.toTypedArray())."
                    else "Give a text, a number, a Boolean, a date, file(…), s3(…) or secret(…).",
                )
                value.toString()
            }
        }

    /** @throws java.nio.file.InvalidPathException when [path] is none */
    fun localFile(folder: String, path: String): Source {
        val absolute = Path.of(folder).resolve(path).normalize()
        return LocalFile(URI("file", "", absolute.toString(), null).toASCIIString())
    }

    /** A jar or a file may lie anywhere, but what begins as an S3 URI has to be one. */
    fun checkUri(uri: String) {
        if (S3_LIKE.containsMatchIn(uri) && !S3Uri.FORM.matches(uri)) {
            diagnostic("\"$uri\" is not a place on S3.", "Write \"s3://bucket/key\".")
        }
    }

    /**
     * For the values' own type; what is out of range for a field is for the field's own check to
     * say.
     */
    fun javaDuration(value: Duration, what: String): java.time.Duration {
        if (value.absoluteValue > LONGEST) {
            diagnostic(
                "$what is $value, which is longer than anything lasts.",
                "Write a number of minutes, hours or days.",
            )
            return LONGEST.toJavaDuration()
        }
        return value.toJavaDuration()
    }

    fun finish(): Evaluated {
        if (pipelines.isEmpty()) {
            diagnostic(
                "The script declares no pipeline.",
                "Write pipeline(\"name\") { … } at its top level.",
                SourceLocation.at(inputs.scriptFile, 0),
            )
        }
        val first = pipelines.firstOrNull()
        first?.noticeMissingApplications()
        params.refuseUnknown(first?.location ?: SourceLocation.at(inputs.scriptFile, 0))
        return Evaluated(first?.build(), params.declarations(), diagnostics.all(), notices.toList())
    }

    private companion object {
        val WALKER: StackWalker = StackWalker.getInstance()
        val S3_LIKE = Regex("^\\s*s3[an]?:", RegexOption.IGNORE_CASE)
        val LONGEST = 36_500.days
    }
}
