package dev.emrys.cli

import java.io.FileDescriptor
import java.io.FileOutputStream
import java.io.IOException
import java.io.OutputStream
import java.io.PrintStream
import java.nio.charset.StandardCharsets
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.ThreadPoolExecutor
import java.util.concurrent.TimeUnit

/**
 * Results go to standard output; progress, warnings and errors go to standard error. Always UTF-8,
 * whatever the locale. Thread-safe.
 */
internal class Console(
    standardOutput: OutputStream = FileOutputStream(FileDescriptor.out),
    standardError: OutputStream = FileOutputStream(FileDescriptor.err),
) {
    private val results = FailureRecordingStream(standardOutput)
    val out = PrintStream(results, true, StandardCharsets.UTF_8)
    val err = PrintStream(FailureRecordingStream(standardError), true, StandardCharsets.UTF_8)

    /** Whether both streams are a terminal whose lines can be overwritten. */
    val interactive: Boolean = System.console() != null && System.getenv("TERM") != "dumb"

    val colours: Boolean = interactive && System.getenv("NO_COLOR").isNullOrEmpty()

    /** Prints a result. */
    @Synchronized
    fun print(text: String) {
        out.println(text)
        out.flush()
    }

    /** As [print], for a text in UTF-8 that may be too large to be held in memory. */
    @Synchronized
    fun write(text: (OutputStream) -> Unit) {
        val buffer = out.buffered(BUFFER_BYTES)
        text(buffer)
        buffer.write('\n'.code)
        buffer.flush()
    }

    /** Prints progress, a warning or an error. */
    @Synchronized
    fun status(text: String) {
        err.println(text)
        err.flush()
    }

    private val statusWriter =
        ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            LinkedBlockingQueue(),
            { task -> Thread(task, "emrys-status").apply { isDaemon = true } },
            ThreadPoolExecutor.DiscardPolicy(),
        )

    /** As [status], without waiting for a terminal whose output is stopped (Ctrl-S). */
    fun statusAsync(text: String) {
        statusWriter.execute { status(text) }
    }

    /** Waits up to 2 s for the texts of [statusAsync]. */
    fun flush() {
        statusWriter.shutdown()
        statusWriter.awaitTermination(FLUSH_SECONDS, TimeUnit.SECONDS)
    }

    /**
     * Why results could not be written; null when they were written, or when the reader closed the
     * pipe, as `head` does.
     */
    val outputFailure: String?
        get() = results.failure?.takeUnless { it.contains("Broken pipe") }

    private companion object {
        const val FLUSH_SECONDS = 2L
        const val BUFFER_BYTES = 64 * 1024
    }

    /** Records the failures that [PrintStream] ignores. */
    private class FailureRecordingStream(private val target: OutputStream) : OutputStream() {
        @Volatile var failure: String? = null

        override fun write(byte: Int) = write(byteArrayOf(byte.toByte()), 0, 1)

        override fun write(bytes: ByteArray, offset: Int, length: Int) =
            try {
                target.write(bytes, offset, length)
            } catch (e: IOException) {
                failure = failure ?: e.message ?: e.javaClass.simpleName
                throw e
            }
    }
}
