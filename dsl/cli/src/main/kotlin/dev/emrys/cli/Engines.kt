package dev.emrys.cli

import com.google.common.collect.ImmutableList
import dev.emrys.journal.Journal
import dev.emrys.journal.SqliteLibrary
import dev.emrys.runtime.Engine
import java.nio.file.Files
import java.nio.file.Path

/** Opens the engine of a state folder, with this very program as the emulator's owner process. */
internal object Engines {
    fun open(console: Console, state: Path): Engine {
        SqliteLibrary.use(Folders.cache())
        return Engine.open(
            Engine.Settings(
                state,
                Folders.cache(),
                ownerCommand(),
                { console.aside("! $it") },
                driver(),
            )
        )
    }

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

    fun find(engine: Engine, idOrName: String): Journal.RunRecord =
        engine.journal().find(idOrName).orElseThrow {
            StopException(
                ExitCode.MISTAKE,
                "There is no run \"$idOrName\" here.\n    `emrys runs` lists those that there are.",
            )
        }

    private fun ownerCommand(): ImmutableList<String> =
        ImmutableList.builder<String>()
            .add(Path.of(System.getProperty("java.home"), "bin", "java").toString())
            .add("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m")
            .addAll(nativeAccess())
            .addAll(archive())
            .add("-Dsun.net.httpserver.nodelay=true")
            .add("-cp", System.getProperty("java.class.path"), "dev.emrys.cli.MainKt", "owner")
            .build()

    /** For SQLite's library, of which Java 24 and later would warn. On 17 it slows the start. */
    private fun nativeAccess() =
        if (Runtime.version().feature() < FIRST_WITH_NATIVE_ACCESS) emptyList()
        else listOf("--enable-native-access=ALL-UNNAMED")

    private const val FIRST_WITH_NATIVE_ACCESS = 22

    /** The launcher's options for its class-data archive, which fits any JVM of this class path. */
    private fun archive(): List<String> {
        val file = System.getProperty("emrys.archive") ?: return emptyList()
        return listOf(
            "-XX:SharedArchiveFile=$file",
            "-Xlog:cds*=off",
            "-XX:+UnlockDiagnosticVMOptions",
            "-XX:ArchiveRelocationMode=0",
        )
    }

    private fun driver() = "process ${ProcessHandle.current().pid()}"
}
