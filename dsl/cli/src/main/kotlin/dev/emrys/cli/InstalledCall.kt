package dev.emrys.cli

import dev.emrys.runtime.JournalDatabase
import dev.emrys.spec.CommandCode
import java.net.URI
import java.nio.file.Files
import java.nio.file.Path

/**
 * A call of `emrys schedule tick` by another scheduler, whose environment has nothing of the
 * author's.
 *
 * @property served the script, or the folder with scripts, absolute
 * @property environment the variables of the installing process that matter
 * @property words the program and its arguments
 */
internal class InstalledCall(
    val served: Path,
    val environment: Map<String, String>,
    val words: List<String>,
) {
    companion object {
        private const val LONGEST_PERIOD = 59

        /** Set by the launcher: its own path. */
        private const val LAUNCHER_PROPERTY = "emrys.launcher"

        /**
         * @param state the state folder, absolute
         * @param journal the URL of a database; null for a journal in the state folder
         * @param options of `emrys schedule tick`
         */
        fun of(
            served: Path,
            state: Path,
            journal: String?,
            options: List<String>,
        ): InstalledCall {
            val words =
                listOf("${launcher()}", "schedule", "tick", "--state", "$state") +
                    (journal?.let { listOf("--journal", withoutPassword(it)) } ?: emptyList()) +
                    options +
                    "$served"
            val call = InstalledCall(served, environment(), words)
            (call.words + call.environment.values)
                .firstOrNull { text -> text.any(Char::isISOControl) }
                ?.let { throw StopException(CommandCode.INSTALLED_CHARACTER.of(printable(it))) }
            return call
        }

        fun checkPeriod(everyMinutes: Int) {
            if (everyMinutes !in 1..LONGEST_PERIOD)
                throw StopException(CommandCode.INSTALLED_PERIOD.of(everyMinutes))
        }

        private fun printable(text: String) =
            text.map { if (it.isISOControl()) '?' else it }.joinToString("")

        private fun launcher(): Path {
            val named =
                System.getProperty(LAUNCHER_PROPERTY)
                    ?: throw StopException(
                        CommandCode.LAUNCHER_UNKNOWN.of("Emrys was not started by its launcher")
                    )
            val path = Path.of(named).toAbsolutePath().normalize()
            if (!Files.isExecutable(path))
                throw StopException(
                    CommandCode.LAUNCHER_UNKNOWN.of("$path is no file that can be executed")
                )
            return path
        }

        private fun withoutPassword(journal: String): String {
            // It refuses what is no such URL.
            val unused = JournalDatabase.parse(journal)
            val url = URI(journal.removePrefix("jdbc:"))
            val parameters = url.rawQuery.orEmpty().split('&')
            if (
                ':' in url.rawUserInfo.orEmpty() ||
                    parameters.any { it.substringBefore('=') == "password" }
            )
                throw StopException(CommandCode.INSTALLED_PASSWORD.of())
            return journal
        }

        /** EMRYS_JAVA_HOME always: the JDK may be one that only the author's PATH names. */
        private fun environment(): Map<String, String> {
            fun variable(name: String) = System.getenv(name)?.takeIf { it.isNotEmpty() }
            val cache =
                if (variable("EMRYS_CACHE") != null || variable("XDG_CACHE_HOME") != null)
                    "${StateFolders.cache()}"
                else null
            return listOf(
                    "EMRYS_CACHE" to cache,
                    "EMRYS_JAVA_HOME" to System.getProperty("java.home"),
                    "JAVA_HOME" to variable("JAVA_HOME"),
                )
                .mapNotNull { (name, value) -> value?.let { name to it } }
                .toMap()
        }
    }
}
