package dev.emrys.dsl

import dev.emrys.spec.Mistakes
import dev.emrys.spec.Place
import java.net.URI
import java.nio.file.Path
import java.time.LocalDate
import kotlin.time.Duration
import kotlin.time.Duration.Companion.days
import kotlin.time.toJavaDuration

/** What all blocks of one script share: where we are, and what was found so far. */
internal class Script(val inputs: ScriptInputs, private val frameSuffix: String) {
    val mistakes = Mistakes()
    val params = Params(this)
    val pipelines = ArrayList<PipelineScope>()
    private val notices = LinkedHashSet<Notice>()

    /**
     * The line of the script that is being evaluated. The frame has a simple file name only, so the
     * name comes from outside.
     */
    fun here(): Place {
        val line = WALKER.walk { frames ->
            frames
                .filter { it.lineNumber > 0 && it.fileName?.endsWith(frameSuffix) == true }
                .mapToInt { it.lineNumber }
                .findFirst()
                .orElse(0)
        }
        return Place.at(inputs.scriptFile, line)
    }

    fun mistake(what: String, mend: String, place: Place = here()) {
        mistakes.add(place, what, mend)
    }

    fun notice(place: Place, text: String) {
        notices.add(Notice(place, text))
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
                mistake(
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
            mistake("\"$uri\" is not a place on S3.", "Write \"s3://bucket/key\".")
        }
    }

    /**
     * For the values' own type; what is out of range for a field is for the field's own check to
     * say.
     */
    fun javaDuration(value: Duration, what: String): java.time.Duration {
        if (value.absoluteValue > LONGEST) {
            mistake(
                "$what is $value, which is longer than anything lasts.",
                "Write a number of minutes, hours or days.",
            )
            return LONGEST.toJavaDuration()
        }
        return value.toJavaDuration()
    }

    fun finish(): Evaluated {
        if (pipelines.isEmpty()) {
            mistake(
                "The script declares no pipeline.",
                "Write pipeline(\"name\") { … } at its top level.",
                Place.at(inputs.scriptFile, 0),
            )
        }
        val first = pipelines.firstOrNull()
        first?.noticeMissingApplications()
        params.refuseUnknown(first?.place ?: Place.at(inputs.scriptFile, 0))
        return Evaluated(first?.build(), params.declarations(), mistakes.all(), notices.toList())
    }

    private companion object {
        val WALKER: StackWalker = StackWalker.getInstance()
        val S3_LIKE = Regex("^\\s*s3[an]?:", RegexOption.IGNORE_CASE)
        val LONGEST = 36_500.days
    }
}
