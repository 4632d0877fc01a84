package dev.emrys.cli

import dev.emrys.journal.SqliteLibrary
import dev.emrys.local.Account
import dev.emrys.local.Owner
import dev.emrys.runtime.Engine
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
        SqliteLibrary.use(StateFolders.cache())
        try {
            Owner.run(
                Account(folder.toAbsolutePath()),
                Engine.distributions(StateFolders.cache()),
                Engine.ownerIdle(),
            )
        } catch (e: IOException) {
            throw StopException(
                RuntimeCode.ACCOUNT_UNUSABLE.of(e.message ?: e.javaClass.simpleName)
            )
        }
        return ExitCode.SUCCEEDED.code
    }
}
