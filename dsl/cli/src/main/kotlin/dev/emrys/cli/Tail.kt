package dev.emrys.cli

import java.io.RandomAccessFile
import java.nio.charset.StandardCharsets
import java.nio.file.Path

/** The end of a file that may be large. */
internal object Tail {
    private const val BYTES = 64 * 1024L

    /** @param more whether others stand before them */
    class Lines(val last: List<String>, val more: Boolean)

    fun lines(file: Path, count: Int): Lines =
        RandomAccessFile(file.toFile(), "r").use { input ->
            val from = maxOf(0, input.length() - BYTES)
            val bytes = ByteArray((input.length() - from).toInt())
            input.seek(from)
            input.readFully(bytes)
            val all = String(bytes, StandardCharsets.UTF_8).lines().dropLastWhile(String::isEmpty)
            // The first was cut, unless it is all there is.
            val lines = all.drop(if (from > 0 && all.size > 1) 1 else 0)
            Lines(lines.takeLast(count), from > 0 || lines.size > count)
        }
}
