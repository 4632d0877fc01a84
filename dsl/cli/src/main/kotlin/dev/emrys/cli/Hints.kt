package dev.emrys.cli

import java.nio.file.Path

/**
 * Commands to type next. They are found where the user stands: `run` takes its state from the
 * script's folder, the others from the working folder.
 *
 * @param state the state folder of the run that they are about
 */
internal class Hints(private val state: Path) {
    fun words(command: String, vararg arguments: String): String =
        (listOf("emrys", command) + arguments.map(::quoted)).joinToString(" ") + where()

    private fun where() =
        if (Folders.state(null, null) == state) "" else " --state ${quoted(state.toString())}"

    private fun quoted(word: String) =
        if (word.matches(PLAIN)) word else "'" + word.replace("'", "'\\''") + "'"

    private companion object {
        val PLAIN = Regex("[\\p{L}\\p{N}_./:=@%+-]+")
    }
}
