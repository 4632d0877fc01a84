package dev.emrys.cli

import com.google.common.base.Throwables
import dev.emrys.drive.TargetUnavailableException
import dev.emrys.host.Excerpt
import dev.emrys.journal.AmbiguousRunException
import dev.emrys.journal.JournalException
import dev.emrys.runtime.Engine
import dev.emrys.runtime.UntrustedStateException
import dev.emrys.spec.AwsCode
import dev.emrys.spec.CommandCode
import dev.emrys.spec.Diagnostic
import dev.emrys.spec.DiagnosticCode
import dev.emrys.spec.InvalidSpecException
import dev.emrys.spec.RuntimeCode
import java.io.IOException
import java.nio.file.Files
import java.util.concurrent.CompletionException

/** Ends a command. The first diagnostic decides the exit code. */
internal class StopException(val diagnostics: List<Diagnostic>) :
    RuntimeException(diagnostics.joinToString("\n")) {
    constructor(diagnostic: Diagnostic) : this(listOf(diagnostic))
}

/** Prints a failure as diagnostics, in the form that the command line asks for. */
internal class Failures(
    private val console: Console,
    private val output: DiagnosticOutput = DiagnosticOutput.TEXT,
) {
    /** Returns the exit code. */
    fun report(failure: Throwable): Int {
        val cause = if (failure is CompletionException) failure.cause ?: failure else failure
        val diagnostics = diagnostics(cause)
        val exit = exitCode(diagnostics.first().code())
        diagnostics.forEach { print(it) }
        when (output) {
            DiagnosticOutput.TEXT -> {}
            DiagnosticOutput.JSON ->
                console.print(
                    if (cause is InvalidSpecException) Json.diagnostics(diagnostics)
                    else Json.failure(diagnostics, exit)
                )
            DiagnosticOutput.SARIF -> console.print(Sarif.report(diagnostics, exit))
        }
        return exit.code
    }

    fun print(diagnostic: Diagnostic, excerpt: Excerpt? = null) {
        console.status(diagnostic.headline())
        if (excerpt != null) {
            console.status("    | ${excerpt.line}")
            excerpt.mark?.let { console.status("    | $it") }
        }
        if (diagnostic.advice().isNotEmpty()) console.status("    ${diagnostic.advice()}")
    }

    companion object {
        /** As [diagnostics], for a failure that has one. */
        fun diagnostic(failure: Throwable): Diagnostic = diagnostics(failure).first()

        /** Never empty; what is not expected is a bug in Emrys. */
        fun diagnostics(failure: Throwable): List<Diagnostic> =
            when (failure) {
                is StopException -> failure.diagnostics
                is InvalidSpecException -> failure.diagnostics()
                is AmbiguousRunException -> listOf(CommandCode.RUN_AMBIGUOUS.ofMessage(failure))
                is Engine.HeldException ->
                    listOf(RuntimeCode.RUN_DRIVEN.of(failure.message.orEmpty(), failure.run()))
                is UntrustedStateException -> listOf(RuntimeCode.STATE_UNTRUSTED.ofMessage(failure))
                is TargetUnavailableException ->
                    listOf(
                        failure.diagnostic().orElseGet {
                            RuntimeCode.TARGET_UNUSABLE.ofMessage(failure)
                        }
                    )
                is JournalException -> listOf(RuntimeCode.JOURNAL_UNUSABLE.ofMessage(failure))
                else -> listOf(bug(failure))
            }

        /** A diagnostic of the script or of the command line is the user's error. */
        fun exitCode(code: DiagnosticCode): ExitCode =
            when (code) {
                RuntimeCode.RUN_DRIVEN -> ExitCode.DRIVEN_ELSEWHERE
                RuntimeCode.BUG -> ExitCode.INTERNAL_ERROR
                is RuntimeCode,
                is AwsCode -> ExitCode.EXTERNAL_FAILURE
                else -> ExitCode.USER_ERROR
            }

        /**
         * The engine's exceptions say first what is wrong. The lines at the end that begin with
         * four spaces say what to do.
         */
        private fun DiagnosticCode.ofMessage(failure: Throwable): Diagnostic {
            val lines = failure.message.orEmpty().lines()
            val fix = lines.takeLastWhile { it.startsWith(INDENTATION) }
            val what = lines.dropLast(fix.size)
            return of(what.joinToString("\n"), fix.joinToString(" ") { it.trim() })
        }

        private fun bug(cause: Throwable): Diagnostic {
            val details =
                try {
                    val file = Files.createTempFile("emrys-bug-", ".txt")
                    Files.writeString(file, Throwables.getStackTraceAsString(cause))
                    "The details are in $file. Please report them with the command that you ran."
                } catch (e: IOException) {
                    "The details could not be written: ${e.message}"
                }
            return RuntimeCode.BUG.of("${cause.javaClass.simpleName}: ${cause.message}", details)
        }

        private const val INDENTATION = "    "
    }
}
