package dev.emrys.cli

import dev.emrys.drive.AttemptLogs
import java.nio.charset.StandardCharsets

/**
 * The last lines of a log that may be large.
 *
 * @param truncated whether the log has earlier lines
 */
internal class LogTail(val lines: List<String>, val truncated: Boolean) {
    companion object {
        private const val MAX_BYTES = 64 * 1024

        val EMPTY = LogTail(emptyList(), false)

        /** Reads at most [count] lines, and at most 64 KiB. */
        fun read(log: AttemptLogs.Log, count: Int): LogTail {
            val from = maxOf(0, log.size() - MAX_BYTES)
            val bytes = log.read(from, MAX_BYTES)
            val all = String(bytes, StandardCharsets.UTF_8).lines().dropLastWhile(String::isEmpty)
            // The first line may be incomplete, unless it is the only one.
            val lines = all.drop(if (from > 0 && all.size > 1) 1 else 0)
            return LogTail(lines.takeLast(count), from > 0 || lines.size > count)
        }
    }
}
