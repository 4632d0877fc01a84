package dev.emrys.cli

import java.nio.file.Path

/**
 * The commands that a message suggests to type next, quoted for a shell. `--state` is added where a
 * command typed in the working folder would not find the run.
 *
 * @param state the state folder of the run
 */
internal class NextCommands(private val state: Path) {
    fun text(command: String, vararg arguments: String): String =
        (listOf("emrys", command) + arguments.map(::quoted)).joinToString(" ") + stateOption

    private val stateOption: String by lazy {
        if (state in StateFolders.visible(null)) "" else " --state ${quoted(state.toString())}"
    }

    private fun quoted(word: String) =
        if (word.matches(PLAIN)) word else "'" + word.replace("'", "'\\''") + "'"

    private companion object {
        val PLAIN = Regex("[\\p{L}\\p{N}_./:=@%+-]+")
    }
}
