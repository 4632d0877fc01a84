package dev.emrys.cli

import picocli.CommandLine.Command
import picocli.CommandLine.IVersionProvider
import picocli.CommandLine.Model.CommandSpec
import picocli.CommandLine.ParameterException
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
            "Exit codes:",
            "    0  succeeded",
            "    1  the pipeline failed",
            "    2  a mistake in the script or the command line",
            "    3  an outside failure",
            "    4  somebody else drives the run",
            "   70  a bug of Emrys",
            "  130  interrupted and resumable",
        ],
)
internal class EmrysCommand : Runnable {
    @Spec lateinit var spec: CommandSpec

    override fun run(): Unit =
        throw ParameterException(
            spec.commandLine(),
            "Name a command: run, plan, check, resume, cancel, runs, show or logs.",
        )
}

internal class Version : IVersionProvider {
    override fun getVersion(): Array<String> =
        arrayOf(
            "emrys " + (Version::class.java.`package`.implementationVersion ?: "0.1.0-SNAPSHOT")
        )
}
