package dev.emrys.cli

import dev.emrys.local.Distributions
import java.time.Duration
import java.time.Instant

/**
 * Shows what is being fetched for the steps, and how much has come: a line drawn over, or one every
 * few seconds.
 */
internal class Fetching(private val console: Console) : Distributions.Progress, AutoCloseable {
    private var shown = false
    private var last = Instant.EPOCH
    private var line = ""

    @Synchronized
    override fun fetched(what: String, files: Int, bytes: Long) {
        line = "Fetching $what, once: ${Words.count(files, "file")}, ${Words.bytes(bytes)}"
        val now = Instant.now()
        val pace = if (console.interactive) Duration.ofMillis(200) else Duration.ofSeconds(5)
        if (Duration.between(last, now) < pace) return
        last = now
        shown = true
        if (console.interactive) {
            console.err.print("\r\u001b[2K$line")
            console.err.flush()
        } else {
            console.problem(line)
        }
    }

    @Synchronized
    override fun close() {
        if (shown) console.problem(if (console.interactive) "\r\u001b[2K$line" else line)
    }
}
