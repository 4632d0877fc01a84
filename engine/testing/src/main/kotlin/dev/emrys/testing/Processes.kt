package dev.emrys.testing

import java.nio.file.Files
import java.nio.file.NoSuchFileException
import java.nio.file.Path

/**
 * Whether a process runs. One that has ended and that its parent has not waited for does not run,
 * though [ProcessHandle.isAlive] says so: in a container whose first process waits for no orphans,
 * it stays for ever.
 */
public fun isRunning(pid: Long): Boolean {
    val alive = ProcessHandle.of(pid).map { it.isAlive }.orElse(false)
    if (!alive || !Files.isDirectory(Path.of("/proc/self"))) return alive
    return try {
        val stat = Files.readString(Path.of("/proc/$pid/stat"), Charsets.ISO_8859_1)
        stat.substringAfterLast(") ").first() !in "ZX"
    } catch (_: NoSuchFileException) {
        false
    }
}
