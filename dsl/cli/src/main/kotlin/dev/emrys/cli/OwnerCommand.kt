package dev.emrys.cli

import dev.emrys.runtime.LocalTarget
import dev.emrys.spec.RuntimeCode
import java.io.IOException
import java.nio.file.Path
import java.util.concurrent.Callable
import picocli.CommandLine.Command
import picocli.CommandLine.Parameters

@Command(
    name = "owner",
    hidden = true,
    description = ["Runs the emulator of a local account. Started by the other commands."],
)
internal class OwnerCommand : Callable<Int> {
    @Parameters(paramLabel = "FOLDER") lateinit var folder: Path

    override fun call(): Int {
        try {
            LocalTarget.runOwner(folder, StateFolders.cache())
        } catch (e: IOException) {
            throw StopException(
                RuntimeCode.ACCOUNT_UNUSABLE.of(e.message ?: e.javaClass.simpleName)
            )
        }
        return ExitCode.SUCCEEDED.code
    }
}
