package dev.emrys.cli

import com.github.ajalt.mordant.terminal.Terminal
import dev.emrys.drive.Target
import java.time.Duration
import java.time.Instant

/**
 * Progress of a download of what the steps need: on a terminal one line that is overwritten,
 * elsewhere a line every 5 s. Thread-safe.
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

    @Synchronized
    override fun fetched(what: String, files: Int, bytes: Long) {
        line = "Fetching $what, once: ${Formats.count(files, "file")}, ${Formats.bytes(bytes)}"
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
