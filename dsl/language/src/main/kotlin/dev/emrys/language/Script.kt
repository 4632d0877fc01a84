package dev.emrys.language

import dev.emrys.spec.DiagnosticCode
import dev.emrys.spec.Diagnostics
import dev.emrys.spec.ScriptCode
import dev.emrys.spec.SourceLocation
import java.net.URI
import java.nio.file.InvalidPathException
import java.nio.file.Path
import java.time.LocalDate
import kotlin.time.Duration
import kotlin.time.Duration.Companion.days
import kotlin.time.toJavaDuration

/**
 * What all blocks of one script share: the current line, and the diagnostics found so far.
 *
 * @param frameSuffix how the name of the file of the script's classes ends
 * @param base what the class of a script extends
 */
internal class Script(
    val inputs: ScriptInputs,
    private val frameSuffix: String,
    private val base: Class<*>,
) {
    val diagnostics = Diagnostics()
    val params = Params(this)
    private val ofScript = HashMap<Class<*>, Boolean>()

    /**
     * The line of the script that is being evaluated. In a function of the script, the call of that
     * function too. A stack frame has only a simple file name, so [inputs] gives the full one.
     */
    fun here(): SourceLocation {
        val calls = Calls()
        WALKER.walk { frames ->
            for (frame in frames) {
                if (!isOfScript(frame)) continue
                calls.add(frame.methodName) { frame.lineNumber }
                if (isTopLevel(frame)) break
            }
        }
        return calls.location()
    }

    /** As [here], for the stack of an exception or of another thread. */
    fun at(stack: Array<StackTraceElement>): SourceLocation {
        val calls = Calls()
        for (frame in stack) {
            if (!isOfScript(frame.className, frame.fileName)) continue
            calls.add(frame.methodName) { frame.lineNumber }
            // A class that the script declares is inside of the script's class.
            if (frame.methodName == CONSTRUCTOR && '$' !in frame.className) break
        }
        return calls.location()
    }

    /**
     * The innermost line of the script, then the call of each function. The enclosing blocks are
     * frames of the script, too, and are no calls. The constructor of the script is its top level:
     * below it are only frames of the host.
     */
    private inner class Calls {
        val lines = ArrayList<Int>(1)
        var isNext = true

        inline fun add(method: String, line: () -> Int) {
            if (method.endsWith(DEFAULT_ARGUMENTS)) return
            if (isNext) {
                if (line() <= 0) return
                // A function that calls itself is one call.
                if (line() != lines.lastOrNull()) lines.add(line())
            }
            isNext = isFunction(method) && line() > 0
        }

        fun location(): SourceLocation =
            lines.foldRight(null as SourceLocation?) { line, caller ->
                SourceLocation(inputs.scriptFile, line, 0, caller)
            } ?: SourceLocation.at(inputs.scriptFile, 0)
    }

    private fun isTopLevel(frame: StackWalker.StackFrame): Boolean =
        frame.methodName == CONSTRUCTOR && frame.declaringClass.superclass == base

    /** Remembered per class: to ask a frame for its file takes longer than the rest of the walk. */
    private fun isOfScript(frame: StackWalker.StackFrame): Boolean =
        ofScript.getOrPut(frame.declaringClass) {
            isOfScript(frame.className, frame.fileName)
        }

    private fun isOfScript(className: String, file: String?): Boolean =
        LIBRARIES.none { className.startsWith(it) } && file?.endsWith(frameSuffix) == true

    /**
     * Whether the author wrote the method as a function. The compiler names the method of a block
     * `…$lambda$0`, `invoke` or `invokeSuspend`.
     */
    private fun isFunction(method: String): Boolean =
        !method.startsWith("<") &&
            method != "invoke" &&
            method != "invokeSuspend" &&
            !method.substringAfterLast('$').all(Char::isDigit)

    /** @param arguments what the code's texts name as `{0}`, `{1}` and so on */
    fun report(code: DiagnosticCode, vararg arguments: Any) {
        diagnostics.add(code, here(), *arguments)
    }

    fun reportAt(location: SourceLocation, code: DiagnosticCode, vararg arguments: Any) {
        diagnostics.add(code, location, *arguments)
    }

    /** The texts of values, in order; the elements of a list or an array count as values. */
    fun texts(values: Iterable<Any?>, what: String): List<String> = values.flatMap { value ->
        when (value) {
            is Iterable<*> -> texts(value, what)
            is Array<*> -> texts(value.asIterable(), what)
            else -> listOf(text(value, what))
        }
    }

    /** As [texts], for the arguments of a program: warns of what is likely a mistake. */
    fun arguments(values: Iterable<Any?>, what: String): List<String> =
        texts(values, what).onEach { argument ->
            if (argument.isEmpty()) report(ScriptCode.ARGUMENT_EMPTY, what)
            else if (NO_S3.containsMatchIn(argument)) report(ScriptCode.ARGUMENT_S3, what, argument)
        }

    /**
     * Warns of a value of an open vocabulary that is not known here, with the nearest known one.
     */
    fun checkKnown(what: String, value: String, known: List<String>) {
        if (value in known) return
        val near = Spelling.nearest(value, known)?.let { " Did you mean \"$it\"?" }.orEmpty()
        report(ScriptCode.VALUE_UNKNOWN, "The $what", value, near)
    }

    /** The text of a value; a diagnostic that names the allowed types when it has none. */
    fun text(value: Any?, what: String): String =
        when (value) {
            is String,
            is Number,
            is Boolean,
            is Secret,
            is LocalDate -> value.toString()
            is Source -> value.uri
            else -> {
                report(ScriptCode.VALUE_WITHOUT_TEXT, what, typeName(value))
                value.toString()
            }
        }

    fun typeName(value: Any?): String =
        when (value) {
            null -> "null"
            is List<*> -> "list"
            is Set<*> -> "set"
            is Map<*, *> -> "map"
            else -> value.javaClass.simpleName.ifEmpty { value.javaClass.name }
        }

    /** @throws InvalidPathException when [path] is not a path */
    fun localFile(folder: String, path: String): Source {
        val absolute = Path.of(folder).resolve(path).normalize()
        return LocalFile(URI("file", "", absolute.toString(), null).toASCIIString())
    }

    /** A path that the author wrote, resolved against the folder of the script. */
    fun fileOfScript(path: String): Source {
        try {
            if (path.isNotBlank()) return localFile(inputs.folder, path)
            report(ScriptCode.FILE_EMPTY, "file(\"\")")
        } catch (e: InvalidPathException) {
            report(ScriptCode.FILE_PATH, path.replace('\u0000', '?'), e.reason)
        }
        return LocalFile("file:///")
    }

    /**
     * A location that the author wrote as a text: a URI and a path on the instance (an absolute
     * one) are kept, a relative path is a file of this machine, beside the script.
     */
    fun source(text: String): Source =
        if (KEPT.containsMatchIn(text)) TextLocation(text).also { checkUri(text) }
        else fileOfScript(text)

    /** The location that a member holds as a text or a [Source]; null for none. */
    fun location(value: Any?, what: String): String? =
        when (value) {
            null -> null
            is String -> value
            is Source -> value.uri
            else -> {
                report(ScriptCode.LOCATION_TYPE, what, typeName(value))
                null
            }
        }

    /** A jar or a file may have any location, but what begins as an S3 URI has to be one. */
    fun checkUri(uri: String) {
        if (S3_LIKE.containsMatchIn(uri) && !S3Uri.FORM.matches(uri)) {
            report(ScriptCode.S3_FORM, uri)
        }
    }

    /** A duration in the type of the spec. The range of each member is checked by the spec. */
    fun javaDuration(value: Duration, what: String): java.time.Duration {
        if (value.absoluteValue > LONGEST) {
            report(ScriptCode.DURATION_TOO_LONG, what, value)
            return LONGEST.toJavaDuration()
        }
        return value.toJavaDuration()
    }

    private companion object {
        val WALKER: StackWalker = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE)
        val LIBRARIES = listOf("java.", "jdk.", "kotlin.")
        const val CONSTRUCTOR = "<init>"
        /** A function with default arguments is called through a method of this name. */
        const val DEFAULT_ARGUMENTS = "\$default"
        val S3_LIKE = Regex("^\\s*s3[an]?:", RegexOption.IGNORE_CASE)

        /** `s3:/bucket`, `s3//bucket` and `s3:///bucket`; `s3:GetObject` is an action of IAM. */
        val NO_S3 = Regex("^s3[an]?(:/(?!/)|//|:///)")

        /** A URI, an absolute path, or a text that begins with a placeholder. */
        val KEPT = Regex("^\\s*([A-Za-z][A-Za-z0-9+.-]*:|/|\\$\\{)")
        val LONGEST = 36_500.days
    }
}
