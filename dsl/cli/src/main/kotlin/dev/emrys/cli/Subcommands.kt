package dev.emrys.cli

import picocli.CommandLine

/**
 * The commands of `emrys`, in the order in which the help lists them.
 *
 * picocli reads the annotations of each registered command by reflection, which takes half the time
 * of a short command. So only the command that a line names is registered; all of them for the help
 * and for a word that is no command.
 */
internal object Subcommands {
    private val ALL: Map<String, () -> Class<*>> =
        linkedMapOf(
            "run" to { RunCommand::class.java },
            "plan" to { PlanCommand::class.java },
            "check" to { CheckCommand::class.java },
            "resume" to { ResumeCommand::class.java },
            "cancel" to { CancelCommand::class.java },
            "runs" to { RunsCommand::class.java },
            "show" to { ShowCommand::class.java },
            "logs" to { LogsCommand::class.java },
            "reap" to { ReapCommand::class.java },
            "schedule" to { ScheduleCommand::class.java },
            "emulator" to { EmulatorCommand::class.java },
            "faults" to { FaultsCommand::class.java },
            "completion" to { CompletionCommand::class.java },
            "version" to { VersionCommand::class.java },
            "help" to { CommandLine.HelpCommand::class.java },
            "owner" to { OwnerCommand::class.java },
        )

    /** Commands that read the declarations of the others. */
    private val NEED_ALL = setOf("completion", "help")

    /** `emrys` with the commands that [args] may need. */
    fun commandLine(args: Array<String>, factory: CommandLine.IFactory): CommandLine {
        val line = CommandLine(EmrysCommand(), factory)
        for ((name, type) in named(args)) {
            line.addSubcommand(name, CommandLine(type(), factory))
        }
        return line
    }

    private fun named(args: Array<String>): Map<String, () -> Class<*>> {
        val first = args.firstOrNull()
        val command = ALL[first]
        return when {
            args.size == 1 && (first == "--version" || first == "-V") -> emptyMap()
            first != null && command != null && first !in NEED_ALL -> mapOf(first to command)
            else -> ALL
        }
    }
}
