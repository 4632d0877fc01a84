package dev.emrys.cli

import com.google.common.base.Throwables
import dev.emrys.drive.TargetUnavailableException
import dev.emrys.host.Excerpt
import dev.emrys.journal.AmbiguousRunException
import dev.emrys.journal.JournalException
import dev.emrys.runtime.Engine
import dev.emrys.spec.Diagnostic
import dev.emrys.spec.InvalidSpecException
import java.io.IOException
import java.nio.file.Files
import java.util.concurrent.CompletionException

/** Ends a command with a message and an exit code. */
internal class StopException(val exit: ExitCode, message: String) : RuntimeException(message)

/** Prints a failure and maps it to an exit code: user error, external failure, or bug in Emrys. */
internal class Failures(private val console: Console, private val json: Boolean = false) {
    fun report(failure: Throwable): Int {
        val cause = if (failure is CompletionException) failure.cause ?: failure else failure
        val exit = print(cause)
        if (json) console.print(Json.failure(cause, exit))
        return exit
    }

    private fun print(cause: Throwable): Int =
        when (cause) {
            is StopException -> {
                console.status(cause.message.orEmpty())
                cause.exit.code
            }
            is InvalidSpecException -> {
                cause.diagnostics().forEach { diagnostic(it, null) }
                ExitCode.USER_ERROR.code
            }
            is AmbiguousRunException -> {
                console.status(cause.message.orEmpty())
                ExitCode.USER_ERROR.code
            }
            is Engine.HeldException -> {
                console.status(cause.message.orEmpty())
                ExitCode.DRIVEN_ELSEWHERE.code
            }
            is TargetUnavailableException,
            is JournalException -> {
                console.status(cause.message.orEmpty())
                ExitCode.EXTERNAL_FAILURE.code
            }
            else -> bug(cause)
        }

    fun diagnostic(diagnostic: Diagnostic, excerpt: Excerpt?) {
        console.status(diagnostic.headline())
        if (excerpt != null) {
            console.status("    | ${excerpt.line}")
            excerpt.mark?.let { console.status("    | $it") }
        }
        if (diagnostic.advice().isNotEmpty()) console.status("    ${diagnostic.advice()}")
    }

    private fun bug(cause: Throwable): Int {
        val trace =
            try {
                val file = Files.createTempFile("emrys-bug-", ".txt")
                Files.writeString(file, Throwables.getStackTraceAsString(cause))
                "The details are in $file. Please report them with the command that you ran."
            } catch (e: IOException) {
                "The details could not be written: ${e.message}"
            }
        val what = "${cause.javaClass.simpleName}: ${cause.message}"
        console.status("This is a bug in Emrys: $what\n    $trace")
        return ExitCode.INTERNAL_ERROR.code
    }
}
