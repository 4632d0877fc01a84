package dev.emrys.cli

import dev.emrys.language.Spelling
import picocli.CommandLine
import picocli.CommandLine.ParameterException
import picocli.CommandLine.UnmatchedArgumentException

/** What is wrong with a command line, and the nearest that could have been meant. */
internal object Misspelled {
    fun words(failure: ParameterException): String {
        val unmatched = (failure as? UnmatchedArgumentException)?.unmatched.orEmpty()
        // An option that nobody knows may have taken the words behind it along: it is the one to
        // tell.
        val word =
            unmatched.firstOrNull { it.startsWith("-") }
                ?: unmatched.firstOrNull()
                ?: return failure.message ?: "The command line is wrong."
        val commands =
            failure.commandLine.subcommands
                .filterValues { !it.commandSpec.usageMessage().hidden() }
                .keys
        return when {
            word.startsWith("-") ->
                "There is no option \"$word\"." + near(word, failure.commandLine.options())
            commands.isNotEmpty() -> "There is no command \"$word\"." + near(word, commands)
            else -> "\"$word\" is one word too many."
        }
    }

    private fun CommandLine.options(): List<String> =
        commandSpec.options().filterNot { it.hidden() }.flatMap { it.names().toList() }

    private fun near(word: String, known: Collection<String>): String =
        Spelling.nearest(word, known)?.let { " Did you mean $it?" }.orEmpty()
}
