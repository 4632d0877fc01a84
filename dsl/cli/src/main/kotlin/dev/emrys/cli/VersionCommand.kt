package dev.emrys.cli

import java.util.concurrent.Callable
import picocli.CommandLine.Command
import picocli.CommandLine.IVersionProvider

/** The version of this build, from the manifest of its jar. */
internal class Version : IVersionProvider {
    override fun getVersion(): Array<String> = arrayOf(text())

    companion object {
        val number: String
            get() = Version::class.java.`package`.implementationVersion ?: "0.1.0-SNAPSHOT"

        fun text(): String = "emrys $number"
    }
}

@Command(
    name = "version",
    mixinStandardHelpOptions = true,
    description = ["Prints the version, as --version does."],
)
internal class VersionCommand(private val console: Console) : Callable<Int> {
    override fun call(): Int {
        console.print(Version.text())
        return ExitCode.SUCCEEDED.code
    }
}
