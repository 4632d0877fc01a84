package dev.emrys.cli

import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardCopyOption
import kotlin.io.path.isDirectory
import kotlin.io.path.name

/**
 * The locations of state and of the cache.
 *
 * `run` writes to the nearest ancestor folder of the script that holds `.emrys`, else to a new one
 * beside the script: the working folder does not matter, because cron's is not the author's.
 *
 * The commands about runs have no script. They read the nearest `.emrys` from the working folder
 * upwards, and every `.emrys` in the folders below it: so `runs` finds the runs of `run pipes/x` in
 * the same folder, and those that cron started there. `--state` or EMRYS_STATE name one folder
 * instead, for all commands.
 */
internal object StateFolders {
    private const val NAME = ".emrys"

    /** Limits of the search below the working folder, which may be a home folder or `/`. */
    private const val MAX_DEPTH = 4
    private const val MAX_FOLDERS = 5_000

    /** The state folder that a run of [script] uses; without a script, the working folder's. */
    fun of(named: Path?, script: Path?): Path {
        val explicit = explicit(named)
        if (explicit != null) return explicit
        val from = (script?.toAbsolutePath()?.parent ?: Path.of("").toAbsolutePath()).normalize()
        return nearest(from) ?: from.resolve(NAME)
    }

    /** The state folder of a served script, or of a folder with scripts. */
    fun ofServed(named: Path?, served: Path): Path =
        of(named, if (Files.isDirectory(served)) served.resolve("x") else served)

    /**
     * The state folders with runs that a command sees without a script; absolute, the nearest
     * first.
     */
    fun visible(named: Path?, from: Path = Path.of("")): List<Path> {
        val explicit = explicit(named)
        val start = from.toAbsolutePath().normalize()
        val all =
            if (explicit != null) listOf(explicit)
            else (listOfNotNull(nearest(start)) + below(start)).distinct()
        return all.filter { Files.exists(it.resolve("journal.db")) }
    }

    private fun explicit(named: Path?): Path? =
        (named ?: System.getenv("EMRYS_STATE")?.takeIf { it.isNotEmpty() }?.let(Path::of))
            ?.toAbsolutePath()
            ?.normalize()

    private fun nearest(from: Path): Path? =
        generateSequence(from) { it.parent }
            .map { it.resolve(NAME) }
            .firstOrNull(Files::isDirectory)

    /** Breadth first, so that the limit on the number of folders drops the deepest. */
    private fun below(start: Path): List<Path> {
        val found = ArrayList<Path>()
        var level = listOf(start)
        var seen = 0
        repeat(MAX_DEPTH) {
            val next = ArrayList<Path>()
            for (folder in level) {
                if (seen >= MAX_FOLDERS) return found
                for (child in children(folder)) {
                    seen++
                    if (child.name == NAME) found.add(child)
                    else if (!child.name.startsWith(".")) next.add(child)
                }
            }
            level = next
        }
        return found
    }

    /** Symbolic links are not followed: they may form a cycle. */
    private fun children(folder: Path): List<Path> =
        folder
            .toFile()
            .listFiles()
            .orEmpty()
            .map { it.toPath() }
            .filter { it.isDirectory(java.nio.file.LinkOption.NOFOLLOW_LINKS) }
            .sorted()

    /** The folder of everything that can be made again: compiled scripts and downloaded jars. */
    fun cache(): Path {
        val named = System.getenv("EMRYS_CACHE")?.takeIf { it.isNotEmpty() }
        if (named != null) return Path.of(named).toAbsolutePath()
        val xdg = System.getenv("XDG_CACHE_HOME")?.takeIf { it.isNotEmpty() }
        val base =
            if (xdg != null) Path.of(xdg) else Path.of(System.getProperty("user.home"), ".cache")
        return base.toAbsolutePath().resolve("emrys")
    }

    /**
     * Makes git ignore a state folder that Emrys is about to use for the first time: it holds
     * secrets, tokens and logs. A folder with another name that existed before is the user's own
     * and is left unchanged.
     */
    fun ignoreInGit(state: Path, existed: Boolean) {
        if (existed && state.name != NAME) return
        val file = state.resolve(".gitignore")
        if (Files.exists(file)) return
        try {
            // A temporary file is for this user only, whatever the umask.
            val temporary = Files.createTempFile(state, file.name, "")
            Files.writeString(temporary, "*\n")
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE)
        } catch (_: java.io.IOException) {
            // Without it the folder works as well; a folder that cannot be written fails elsewhere.
        }
    }
}
