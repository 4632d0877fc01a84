package dev.emrys.cli

import com.google.common.collect.ImmutableList
import dev.emrys.journal.RunRecord
import dev.emrys.runtime.Engine
import java.nio.file.Files
import java.nio.file.Path

/** Opens the engine of a state folder, with this very program as the emulator's owner process. */
internal object Engines {
    fun open(console: Console, state: Path): Engine =
        Engine.open(
            Engine.Settings(
                state,
                Folders.cache(),
                ownerCommand(),
                { console.aside("! $it") },
                driver(),
            )
        )

    /** Opens the engine of a state folder that must be there. */
    fun existing(console: Console, options: StateOptions): Engine {
        val state = Folders.state(options.state, null)
        if (!Files.exists(state.resolve("journal.db"))) {
            throw StopException(
                ExitCode.MISTAKE,
                "There are no runs in $state.\n    Name the state folder with --state, or go where the script is.",
            )
        }
        return open(console, state)
    }

    fun find(engine: Engine, idOrName: String): RunRecord =
        engine.journal().runs().find(idOrName).orElseThrow {
            StopException(
                ExitCode.MISTAKE,
                "There is no run \"$idOrName\" here.\n    `emrys runs` lists those that there are.",
            )
        }

    private fun ownerCommand(): ImmutableList<String> =
        ImmutableList.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xmx256m",
            "--enable-native-access=ALL-UNNAMED",
            "-Dsun.net.httpserver.nodelay=true",
            "-cp",
            System.getProperty("java.class.path"),
            "dev.emrys.cli.MainKt",
            "owner",
        )

    private fun driver() = "process ${ProcessHandle.current().pid()}"
}
