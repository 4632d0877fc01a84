package dev.emrys.cli

import java.io.RandomAccessFile
import java.nio.charset.StandardCharsets
import java.nio.file.Path

/**
 * The last lines of a file that may be large.
 *
 * @param truncated whether the file has earlier lines
 */
internal class LogTail(val lines: List<String>, val truncated: Boolean) {
    companion object {
        private const val MAX_BYTES = 64 * 1024L

        val EMPTY = LogTail(emptyList(), false)

        /** Reads at most [count] lines, and at most 64 KiB. */
        fun read(file: Path, count: Int): LogTail =
            RandomAccessFile(file.toFile(), "r").use { input ->
                val from = maxOf(0, input.length() - MAX_BYTES)
                val bytes = ByteArray((input.length() - from).toInt())
                input.seek(from)
                input.readFully(bytes)
                val all =
                    String(bytes, StandardCharsets.UTF_8).lines().dropLastWhile(String::isEmpty)
                // The first line may be incomplete, unless it is the only one.
                val lines = all.drop(if (from > 0 && all.size > 1) 1 else 0)
                LogTail(lines.takeLast(count), from > 0 || lines.size > count)
            }
    }
}
