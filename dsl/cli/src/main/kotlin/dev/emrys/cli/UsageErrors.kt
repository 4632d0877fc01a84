package dev.emrys.cli

import dev.emrys.language.Spelling
import picocli.CommandLine
import picocli.CommandLine.ParameterException
import picocli.CommandLine.UnmatchedArgumentException

/** Messages for a command line that cannot be parsed, with the nearest known spelling. */
internal object UsageErrors {
    fun text(failure: ParameterException): String {
        val unmatched = (failure as? UnmatchedArgumentException)?.unmatched.orEmpty()
        // The arguments after an unknown option are unmatched, too; the option is the cause.
        val argument =
            unmatched.firstOrNull { it.startsWith("-") }
                ?: unmatched.firstOrNull()
                ?: return failure.message ?: "The command line is invalid."
        val commands =
            failure.commandLine.subcommands
                .filterValues { !it.commandSpec.usageMessage().hidden() }
                .keys
        return when {
            argument.startsWith("-") ->
                "Unknown option \"$argument\"." +
                    suggestion(argument, failure.commandLine.optionNames())
            commands.isNotEmpty() ->
                "Unknown command \"$argument\"." + suggestion(argument, commands)
            else -> "Unexpected argument \"$argument\"."
        }
    }

    private fun CommandLine.optionNames(): List<String> =
        commandSpec.options().filterNot { it.hidden() }.flatMap { it.names().toList() }

    private fun suggestion(argument: String, known: Collection<String>): String =
        Spelling.nearest(argument, known)?.let { " Did you mean $it?" }.orEmpty()
}
