package dev.emrys.cli

import dev.emrys.spec.CommandCode
import picocli.CommandLine.Command
import picocli.CommandLine.Model.CommandSpec
import picocli.CommandLine.Spec

@Command(
    name = "emrys",
    mixinStandardHelpOptions = true,
    versionProvider = Version::class,
    description = ["Runs pipelines on Amazon EMR, and on this machine."],
    synopsisSubcommandLabel = "COMMAND",
    footer =
        [
            "",
            "RUN is the name or the id of a run, a unique beginning of either, or `last` for the",
            "newest run. Run `emrys help COMMAND` for one command.",
            "",
            "Exit codes:",
            "    0  succeeded",
            "    1  the pipeline failed",
            "    2  an error in the script or the command line",
            "    3  an external failure",
            "    4  another process drives the run",
            "   70  a bug in Emrys",
            "  130  interrupted and resumable",
        ],
)
internal class EmrysCommand : Runnable {
    @Spec lateinit var spec: CommandSpec

    override fun run(): Unit =
        throw StopException(
            CommandCode.COMMAND_MISSING.of(UsageErrors.commands(spec.commandLine()))
        )
}
