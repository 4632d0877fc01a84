package dev.emrys.cli

import java.nio.file.Files
import java.nio.file.Path

/** Where state and caches lie. */
internal object Folders {
    private const val NAME = ".emrys"

    /**
     * The state folder: what the author named; else the `.emrys` of the nearest folder that has
     * one, seen from the script (or from here when there is no script); else one beside the script.
     * Cron's working folder is not the author's, so it does not count.
     */
    fun state(named: Path?, script: Path?): Path {
        val explicit =
            named ?: System.getenv("EMRYS_STATE")?.takeIf { it.isNotEmpty() }?.let(Path::of)
        if (explicit != null) return explicit.toAbsolutePath().normalize()
        val from = (script?.toAbsolutePath()?.parent ?: Path.of("").toAbsolutePath()).normalize()
        return generateSequence(from) { it.parent }
            .map { it.resolve(NAME) }
            .firstOrNull(Files::isDirectory) ?: from.resolve(NAME)
    }

    /** What can be made again: compiled scripts, and where fetched jars lie. */
    fun cache(): Path {
        val named = System.getenv("EMRYS_CACHE")?.takeIf { it.isNotEmpty() }
        if (named != null) return Path.of(named).toAbsolutePath()
        val xdg = System.getenv("XDG_CACHE_HOME")?.takeIf { it.isNotEmpty() }
        val base =
            if (xdg != null) Path.of(xdg) else Path.of(System.getProperty("user.home"), ".cache")
        return base.toAbsolutePath().resolve("emrys")
    }
}
