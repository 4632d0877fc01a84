package dev.emrys.cli

import com.github.ajalt.mordant.terminal.Terminal
import dev.emrys.drive.Target
import java.time.Duration
import java.time.Instant

/**
 * Progress of a download of what the steps need, or of copies of their files: on a terminal one
 * line that is overwritten, elsewhere a line every 5 s. Thread-safe.
 */
internal class FetchProgress(private val console: Console) : Target.FetchProgress, AutoCloseable {
    private var shown = false
    private var last = Instant.EPOCH
    private var line = ""

    private val startOfLine: String by lazy {
        Terminal().cursor.getMoves {
            startOfLine()
            clearLine()
        }
    }

    override fun fetched(what: String, files: Int, bytes: Long) =
        show("Fetching $what, once: ${Formats.count(files, "file")}, ${Formats.bytes(bytes)}")

    override fun copied(where: String, files: Int, bytes: Long) =
        show("Copying to $where, once: ${Formats.count(files, "file")}, ${Formats.bytes(bytes)}")

    @Synchronized
    private fun show(text: String) {
        line = text
        val now = Instant.now()
        val interval = if (console.interactive) Duration.ofMillis(200) else Duration.ofSeconds(5)
        if (Duration.between(last, now) < interval) return
        last = now
        shown = true
        if (console.interactive) {
            console.err.print(startOfLine + line)
            console.err.flush()
        } else {
            console.status(line)
        }
    }

    @Synchronized
    override fun close() {
        if (shown) console.status(if (console.interactive) startOfLine + line else line)
    }
}
