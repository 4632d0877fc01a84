package dev.emrys.cli

import dev.emrys.runtime.Engine

/**
 * The commands that a message suggests to type next, quoted for a shell. `--state` and `--journal`
 * are added where a command typed in the working folder would not find the run.
 *
 * @param engine of the run
 */
internal class NextCommands(private val engine: Engine) {
    fun text(command: String, vararg arguments: String): String =
        (listOf("emrys", command) + arguments.map(::quoted)).joinToString(" ") +
            stateOption +
            journalOption

    private val stateOption: String by lazy {
        val state = engine.stateFolder()
        val found =
            if (engine.database().isPresent) state == StateFolders.of(null, null)
            else state in StateFolders.visible(null)
        if (found) "" else " --state ${quoted(state.toString())}"
    }

    private val journalOption: String by lazy {
        val database = engine.database().orElse(null)
        if (database == null || !System.getenv(StateOptions.JOURNAL_VARIABLE).isNullOrEmpty()) ""
        else " --journal ${quoted("$database")}"
    }

    companion object {
        private val PLAIN = Regex("[\\p{L}\\p{N}_./:=@%+-]+")

        /** A word for a shell. */
        fun quoted(word: String): String =
            if (word.matches(PLAIN)) word else "'" + word.replace("'", "'\\''") + "'"
    }
}
