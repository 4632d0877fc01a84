package dev.emrys.cli

import dev.emrys.runtime.LocalTarget
import dev.emrys.spec.RuntimeCode
import java.io.IOException
import java.nio.file.Path
import java.util.concurrent.Callable
import picocli.CommandLine.Command
import picocli.CommandLine.Option
import picocli.CommandLine.Parameters

@Command(
    name = "owner",
    hidden = true,
    description = ["Runs the emulator of a local account. Started by the other commands."],
)
internal class OwnerCommand : Callable<Int> {
    @Option(names = ["--max-running-steps"]) var maxRunningSteps: Int? = null

    @Parameters(paramLabel = "FOLDER") lateinit var folder: Path

    override fun call(): Int {
        try {
            LocalTarget.runOwner(
                folder,
                StateFolders.cache(),
                StepLimit.optional(maxRunningSteps),
            )
        } catch (e: IOException) {
            throw StopException(
                RuntimeCode.ACCOUNT_UNUSABLE.of(e.message ?: e.javaClass.simpleName)
            )
        }
        return ExitCode.SUCCEEDED.code
    }
}
