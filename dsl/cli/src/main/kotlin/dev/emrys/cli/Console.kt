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
 * Where words go: results to standard output, everything about how it goes to standard error.
 * Always UTF-8: a locale that cannot write a name is no reason to lose it.
 */
internal class Console {
    private val results = Sink(FileDescriptor.out)
    val out = PrintStream(results, true, StandardCharsets.UTF_8)
    val err = PrintStream(Sink(FileDescriptor.err), true, StandardCharsets.UTF_8)

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

    private val aside =
        ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            LinkedBlockingQueue(),
            { task -> Thread(task, "emrys-aside").apply { isDaemon = true } },
            ThreadPoolExecutor.DiscardPolicy(),
        )

    /** As [problem], for whoever must not wait for a terminal that stands still. */
    fun aside(text: String) {
        aside.execute { problem(text) }
    }

    /** Waits a moment for what was said aside. */
    fun finish() {
        aside.shutdown()
        aside.awaitTermination(LAST_WORDS_SECONDS, TimeUnit.SECONDS)
    }

    /**
     * Why results did not get to where they were to go; null when they did, and when the reader had
     * enough of them, as `head` has.
     */
    val lost: String?
        get() = results.failure?.takeUnless { it.contains("Broken pipe") }

    private companion object {
        const val LAST_WORDS_SECONDS = 2L
    }

    /** Remembers what a [PrintStream] would swallow. */
    private class Sink(descriptor: FileDescriptor) : OutputStream() {
        private val to = FileOutputStream(descriptor)
        @Volatile var failure: String? = null

        override fun write(byte: Int) = write(byteArrayOf(byte.toByte()), 0, 1)

        override fun write(bytes: ByteArray, offset: Int, length: Int) =
            try {
                to.write(bytes, offset, length)
            } catch (e: IOException) {
                failure = failure ?: e.message ?: e.javaClass.simpleName
                throw e
            }
    }
}
