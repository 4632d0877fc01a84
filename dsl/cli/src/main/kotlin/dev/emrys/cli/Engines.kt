package dev.emrys.cli

import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableMap
import dev.emrys.aws.AwsSettings
import dev.emrys.cost.ClusterRates
import dev.emrys.drive.Target
import dev.emrys.journal.JournalException
import dev.emrys.runtime.AwsTarget
import dev.emrys.runtime.Engine
import dev.emrys.runtime.EngineSettings
import dev.emrys.runtime.JournalDatabase
import dev.emrys.runtime.LocalTarget
import dev.emrys.runtime.UntrustedStateException
import dev.emrys.spec.CommandCode
import dev.emrys.spec.Severity
import dev.emrys.view.RunHeader
import java.nio.file.Files
import java.nio.file.Path
import java.util.Optional

/** Opens the engine of a state folder, with this program as the emulator's owner process. */
internal object Engines {
    /**
     * @param choice the target of new runs
     * @param settings those with which a run on AWS is continued, by the recorded ones
     * @param script beside which the settings for prices are looked for
     */
    fun open(
        console: Console,
        state: Path,
        database: JournalDatabase? = null,
        choice: TargetChoice = TargetChoice.LOCAL,
        settings: (ImmutableMap<String, String>) -> ImmutableMap<String, String> = { it },
        script: () -> Path? = { null },
    ): Engine {
        val existed = Files.exists(state)
        val prices = HashMap<String, ClusterRates?>()
        val used = Files.exists(state.resolve("journal.db"))
        val engine =
            Engine.open(
                EngineSettings(
                    state,
                    StateFolders.cache(),
                    ImmutableList.of(target(console, state, choice)),
                    { console.statusAsync("! $it") },
                    driver(),
                    Optional.ofNullable(database),
                    { name, recorded ->
                        Optional.ofNullable(
                            find(
                                console,
                                state,
                                name,
                                recorded,
                                settings(recorded),
                                choice,
                            )
                        )
                    },
                ) { target, _ ->
                    synchronized(prices) {
                        Optional.ofNullable(
                            prices.getOrPut(target) { PriceFiles.rates(target, script(), state) }
                        )
                    }
                }
            )
        // With a database it is created when a run starts.
        if (!used && database == null) StateFolders.ignoreInGit(state, existed)
        return engine
    }

    /** A target without an engine: `plan` and `check` need no journal. */
    fun target(
        console: Console,
        state: Path,
        choice: TargetChoice = TargetChoice.LOCAL,
    ): Target =
        checkNotNull(
            find(
                console,
                state,
                choice.name,
                choice.settings,
                choice.settings,
                choice,
            )
        )

    private fun find(
        console: Console,
        state: Path,
        name: String,
        recorded: ImmutableMap<String, String>,
        settings: ImmutableMap<String, String>,
        choice: TargetChoice,
    ): Target? {
        val warn = { text: String -> console.statusAsync("! $text") }
        return when (name) {
            TargetName.LOCAL.text ->
                LocalTarget(
                    LocalTarget.Settings(
                        state,
                        StateFolders.cache(),
                        ownerCommand(LocalSteps.of(choice, state)),
                        warn,
                    )
                )
            TargetName.AWS.text -> awsTarget(console, state, recorded, settings, warn)
            else -> null
        }
    }

    /** In a function of its own, so that nothing of it is loaded for another target. */
    private fun awsTarget(
        console: Console,
        state: Path,
        recorded: ImmutableMap<String, String>,
        settings: ImmutableMap<String, String>,
        warn: (String) -> Unit,
    ): Target =
        AwsTarget(
            AwsTarget.Settings(
                state,
                AwsSettings.of(settings),
                Optional.ofNullable(AwsSettings.account(recorded)),
                console::statusAsync,
                warn,
            )
        )

    /**
     * Finds a run in the state folders that are visible from here, and calls [action] with the
     * engine of its folder, which is closed afterwards.
     *
     * @param run its name, its id, a unique beginning of either, or [RunOptions.LAST]
     */
    fun <T> withRun(
        console: Console,
        run: RunOptions,
        action: (Engine, RunHeader) -> T,
    ): T = withRun(console, run, null, action)

    /** @param target how the run is continued, when the command line may say so */
    fun <T> withRun(
        console: Console,
        run: RunOptions,
        target: TargetSelection?,
        action: (Engine, RunHeader) -> T,
    ): T {
        var continued: ImmutableMap<String, String>? = null
        var script: Path? = null
        fun act(engine: Engine): T {
            val header = record(engine, run.run) ?: throw notFound(run)
            script = header.script().takeIf { it.isNotEmpty() }?.let(Path::of)
            continued = target?.continued(header)
            return action(engine, header)
        }
        val settings = { recorded: ImmutableMap<String, String> -> continued ?: recorded }
        run.state.database?.let { database ->
            val folder = StateFolders.of(run.state.state, null)
            return open(console, folder, database, settings = settings, script = { script })
                .use(::act)
        }
        val folders = StateFolders.visible(run.state.state)
        if (folders.isEmpty()) {
            throw StopException(CommandCode.NO_RUNS.of(StateFolders.of(run.state.state, null)))
        }
        val folder = choose(console, run, folders) ?: throw notFound(run)
        return open(console, folder, settings = settings, script = { script }).use(::act)
    }

    private fun notFound(run: RunOptions) =
        StopException(
            if (run.isLast) CommandCode.NO_RUN_YET.of() else CommandCode.RUN_UNKNOWN.of(run.run)
        )

    private fun record(engine: Engine, run: String): RunHeader? =
        if (run == RunOptions.LAST) engine.runs().list(1).firstOrNull()
        else engine.runs().find(run).orElse(null)

    /** One folder is not opened to look: it is opened next anyway. */
    private fun choose(console: Console, run: RunOptions, folders: List<Path>): Path? {
        if (folders.size == 1) return folders.single()
        val found = folders.mapNotNull { folder ->
            read(console, folder) { record(it, run.run) }?.let { folder to it }
        }
        if (run.isLast) return found.maxByOrNull { (_, record) -> record.startedAt() }?.first
        if (found.size > 1) {
            val where = found.joinToString(" and in ") { "${it.first}" }
            throw StopException(CommandCode.RUN_IN_SEVERAL_FOLDERS.of(run.run, where))
        }
        return found.firstOrNull()?.first
    }

    /**
     * Calls [action] with the engine of one of several folders; one that cannot be read is skipped.
     */
    fun <T> read(console: Console, folder: Path, action: (Engine) -> T): T? =
        try {
            open(console, folder).use(action)
        } catch (e: JournalException) {
            skipped(console, e)
        } catch (e: UntrustedStateException) {
            skipped(console, e)
        }

    private fun skipped(console: Console, failure: Exception): Nothing? {
        console.status("${Failures.diagnostic(failure).withSeverity(Severity.WARNING)}")
        return null
    }

    private fun ownerCommand(localSteps: Int?): ImmutableList<String> =
        ImmutableList.builder<String>()
            .add(Path.of(System.getProperty("java.home"), "bin", "java").toString())
            .add("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m")
            .addAll(nativeAccess())
            .addAll(archive())
            .add("-cp", System.getProperty("java.class.path"), "dev.emrys.cli.MainKt", "owner")
            .addAll(localSteps?.let { listOf("--max-running-steps", "$it") }.orEmpty())
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
