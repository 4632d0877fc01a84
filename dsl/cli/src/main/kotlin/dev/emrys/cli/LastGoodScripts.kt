package dev.emrys.cli

import com.google.common.hash.Hashing
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardCopyOption
import java.nio.file.attribute.PosixFilePermissions

/**
 * The texts by which scripts were served last, in the state folder: so that a daemon that starts
 * while a script has an error serves what the one before it did. Files of mode 0600. A copy that
 * cannot be written is left out: it is needed in rare cases only. Not thread-safe.
 *
 * @param folder created when it is needed
 */
internal class LastGoodScripts(private val folder: Path) {
    fun find(script: Path): String? =
        try {
            Files.readString(file(script))
        } catch (_: IOException) {
            null
        }

    fun put(script: Path, text: String) {
        if (find(script) == text) return
        try {
            Files.createDirectories(folder, PRIVATE_FOLDER)
            val temporary = Files.createTempFile(folder, "script", ".tmp", PRIVATE_FILE)
            Files.writeString(temporary, text)
            Files.move(
                temporary,
                file(script),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING,
            )
        } catch (_: IOException) {}
    }

    fun remove(script: Path) {
        try {
            Files.deleteIfExists(file(script))
        } catch (_: IOException) {}
    }

    private fun file(script: Path): Path =
        folder.resolve("${Hashing.sha256().hashString("$script", Charsets.UTF_8)}.emr.kts")

    companion object {
        /** Those of a state folder. */
        fun of(state: Path) = LastGoodScripts(state.resolve("schedules"))

        private val PRIVATE_FOLDER =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
        private val PRIVATE_FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
    }
}
