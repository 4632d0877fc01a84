package dev.emrys.cli

import dev.emrys.language.Spelling
import dev.emrys.spec.CommandCode
import dev.emrys.spec.Diagnostic
import picocli.CommandLine
import picocli.CommandLine.MissingParameterException
import picocli.CommandLine.Model.ArgSpec
import picocli.CommandLine.Model.OptionSpec
import picocli.CommandLine.OverwrittenOptionException
import picocli.CommandLine.ParameterException
import picocli.CommandLine.UnmatchedArgumentException

/** Diagnostics for a command line that cannot be parsed, with the nearest known spelling. */
internal object UsageErrors {
    fun diagnostic(failure: ParameterException): Diagnostic {
        val line = failure.commandLine
        val argument = failure.argSpec
        val value = failure.value
        return when {
            failure is UnmatchedArgumentException -> unmatched(failure)
            failure is MissingParameterException -> missing(failure)
            failure is OverwrittenOptionException ->
                CommandCode.OPTION_TWICE.of(nameOf(failure.overwritten, line))
            argument != null && value != null ->
                CommandCode.OPTION_VALUE.of(value, nameOf(argument, line), valuesOf(argument))
            // `help COMMAND` reports an unknown command so.
            argument == null && value != null -> unknownCommand(value, line)
            else -> invalid(failure)
        }
    }

    /** The names of the commands, in the order of the help. */
    fun commands(line: CommandLine): String = line.commandNames().joinToString(", ")

    private fun invalid(failure: ParameterException): Diagnostic {
        val line = failure.commandLine
        // The only other mistake in the use of a command that has commands of its own.
        val message =
            if (line.subcommands.isNotEmpty())
                "${line.name()} is followed by one of ${commands(line)}"
            else failure.message.orEmpty().removeSuffix(".")
        return CommandCode.COMMAND_LINE_INVALID.of(message, line.name())
    }

    private fun unmatched(failure: UnmatchedArgumentException): Diagnostic {
        val line = failure.commandLine
        // The arguments after an unknown option are unmatched, too; the option is the cause.
        val argument =
            failure.unmatched.firstOrNull { it.startsWith("-") }
                ?: failure.unmatched.firstOrNull()
                ?: return invalid(failure)
        return when {
            argument.startsWith("-") ->
                CommandCode.OPTION_UNKNOWN.of(
                    line.name(),
                    argument,
                    suggestion(argument, line.optionNames()) +
                        "`${line.name()} --help` lists the options.",
                )
            line.subcommands.isNotEmpty() -> unknownCommand(argument, line)
            else -> CommandCode.ARGUMENT_UNEXPECTED.of(argument, line.name())
        }
    }

    private fun unknownCommand(name: String, line: CommandLine): Diagnostic =
        CommandCode.COMMAND_UNKNOWN.of(
            name,
            suggestion(name, line.commandNames()) + "`emrys --help` lists the commands.",
        )

    private fun missing(failure: MissingParameterException): Diagnostic {
        val line = failure.commandLine
        val argument = failure.missing.firstOrNull() ?: return invalid(failure)
        return if (argument is OptionSpec)
            CommandCode.OPTION_WITHOUT_VALUE.of(argument.longestName(), argument.paramLabel())
        else CommandCode.ARGUMENT_MISSING.of(argument.paramLabel(), line.name())
    }

    private fun CommandLine.name(): String = commandSpec.qualifiedName()

    private fun CommandLine.commandNames(): Set<String> =
        subcommands.filterValues { !it.commandSpec.usageMessage().hidden() }.keys

    private fun CommandLine.optionNames(): List<String> =
        commandSpec.options().filterNot { it.hidden() }.flatMap { it.names().toList() }

    private fun nameOf(argument: ArgSpec, line: CommandLine): String =
        if (argument is OptionSpec) argument.longestName() else line.name()

    private fun valuesOf(argument: ArgSpec): String {
        val constants = argument.type().enumConstants ?: return "a whole number"
        val words = constants.map { "$it".lowercase() }
        return "${words.dropLast(1).joinToString(", ")} or ${words.last()}"
    }

    private fun suggestion(argument: String, known: Collection<String>): String =
        Spelling.nearest(argument, known)?.let { "Did you mean $it? " }.orEmpty()
}
