package dev.emrys.testing

import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.TimeUnit.SECONDS

/**
 * A small file system of its own at an empty [folder], which only root may mount.
 *
 * @property mounted false where that is not possible: then [folder] is an ordinary one
 */
public class SmallDisk(public val folder: Path, megabytes: Int) : AutoCloseable {
    public val mounted: Boolean =
        run("mount", "-t", "tmpfs", "-o", "size=${megabytes}m,mode=0700", "tmpfs", "$folder")
    private val filler = folder.resolve("filler")

    /** Leaves no byte free. */
    public fun fill() {
        check(mounted) { "the disk of the machine is not filled" }
        try {
            Files.newOutputStream(filler).use { out -> while (true) out.write(ByteArray(4_096)) }
        } catch (_: IOException) {
            // It is full.
        }
    }

    public fun free(): Unit = Files.delete(filler)

    override fun close() {
        if (mounted) run("umount", "-l", "$folder")
    }

    private fun run(vararg command: String): Boolean =
        try {
            val process = ProcessBuilder(*command).redirectErrorStream(true).start()
            process.waitFor(10, SECONDS) && process.exitValue() == 0
        } catch (_: IOException) {
            false
        }
}
