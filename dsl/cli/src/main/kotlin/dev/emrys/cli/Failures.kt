package dev.emrys.cli

import com.google.common.base.Throwables
import dev.emrys.host.Excerpt
import dev.emrys.journal.AmbiguousRunException
import dev.emrys.journal.JournalException
import dev.emrys.local.ToolkitException
import dev.emrys.runtime.Engine
import dev.emrys.spec.Diagnostic
import dev.emrys.spec.InvalidSpecException
import java.io.IOException
import java.nio.file.Files
import java.util.concurrent.CompletionException

/** Stops a command with a message for people and an exit code. */
internal class StopException(val exit: ExitCode, message: String) : RuntimeException(message)

/**
 * Turns what went wrong into words and an exit code: the author's mistake, an outside failure, a
 * bug of ours.
 */
internal class Failures(private val console: Console, private val json: Boolean = false) {
    fun report(failure: Throwable): Int {
        val cause = if (failure is CompletionException) failure.cause ?: failure else failure
        val exit = say(cause)
        if (json) console.print(Json.failure(cause, exit))
        return exit
    }

    private fun say(cause: Throwable): Int =
        when (cause) {
            is StopException -> {
                console.problem(cause.message.orEmpty())
                cause.exit.code
            }
            is InvalidSpecException -> {
                cause.diagnostics().forEach { diagnostic(it, null) }
                ExitCode.MISTAKE.code
            }
            is AmbiguousRunException -> {
                console.problem(cause.message.orEmpty())
                ExitCode.MISTAKE.code
            }
            is Engine.HeldException -> {
                console.problem(cause.message.orEmpty())
                ExitCode.HELD.code
            }
            is ToolkitException,
            is JournalException -> {
                console.problem(cause.message.orEmpty())
                ExitCode.OUTSIDE.code
            }
            else -> bug(cause)
        }

    fun diagnostic(diagnostic: Diagnostic, excerpt: Excerpt?) {
        console.problem(diagnostic.headline())
        if (excerpt != null) {
            console.problem("    | ${excerpt.line}")
            excerpt.mark?.let { console.problem("    | $it") }
        }
        if (diagnostic.advice().isNotEmpty()) console.problem("    ${diagnostic.advice()}")
    }

    private fun bug(cause: Throwable): Int {
        val trace =
            try {
                val file = Files.createTempFile("emrys-bug-", ".txt")
                Files.writeString(file, Throwables.getStackTraceAsString(cause))
                "The details are in $file: please send them with what you did."
            } catch (e: IOException) {
                "The details could not be written: ${e.message}"
            }
        val what = "${cause.javaClass.simpleName}: ${cause.message}"
        console.problem("This is a bug of Emrys, sorry: $what\n    $trace")
        return ExitCode.BUG.code
    }
}
