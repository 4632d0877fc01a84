package dev.emrys.cli

import java.io.FileDescriptor
import java.io.FileOutputStream
import java.io.PrintStream
import java.nio.charset.StandardCharsets

/**
 * Where words go: results to standard output, everything about how it goes to standard error.
 * Always UTF-8: a locale that cannot write a name is no reason to lose it.
 */
internal class Console(
    val out: PrintStream = stream(FileDescriptor.out),
    val err: PrintStream = stream(FileDescriptor.err),
) {
    /** Whether somebody is looking: then lines may be drawn over. */
    val interactive: Boolean = System.console() != null && System.getenv("TERM") != "dumb"

    val colours: Boolean = interactive && System.getenv("NO_COLOR").isNullOrEmpty()

    @Synchronized
    fun print(text: String) {
        out.println(text)
        out.flush()
    }

    @Synchronized
    fun problem(text: String) {
        err.println(text)
        err.flush()
    }

    companion object {
        private fun stream(descriptor: FileDescriptor) =
            PrintStream(FileOutputStream(descriptor), true, StandardCharsets.UTF_8)
    }
}
