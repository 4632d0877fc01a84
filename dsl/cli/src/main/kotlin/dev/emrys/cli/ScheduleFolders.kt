package dev.emrys.cli

import dev.emrys.host.LoadRequest
import dev.emrys.host.LoadResult
import dev.emrys.host.ScriptHost
import dev.emrys.runtime.Engine
import dev.emrys.schedule.Fires
import dev.emrys.spec.CommandCode
import dev.emrys.view.ScheduleView
import java.net.InetAddress
import java.net.UnknownHostException
import java.nio.file.Files
import java.nio.file.Path
import java.time.LocalDate

/** Finds recorded schedules in the state folders that are visible from here, or in a database. */
internal object ScheduleFolders {
    /** The folders with a journal; with a database the one that runs would use. */
    fun visible(state: StateOptions): List<Path> =
        if (state.database == null) StateFolders.visible(state.state)
        else listOf(StateFolders.of(state.state, null))

    /** Calls [action] with the engine of each folder; one that cannot be read is skipped. */
    fun <T> each(console: Console, state: StateOptions, action: (Engine, Path) -> T): List<T> {
        val folders = visible(state)
        return if (folders.size == 1)
            Engines.open(console, folders[0], state.database).use { listOf(action(it, folders[0])) }
        else folders.mapNotNull { folder -> Engines.read(console, folder) { action(it, folder) } }
    }

    /**
     * Calls [action] with the ids of the schedules of one name and the engine of their folder.
     *
     * @param name an id, or the name of a pipeline, for all of its schedules
     */
    fun <T> with(
        console: Console,
        state: StateOptions,
        name: String,
        action: (Engine, List<String>) -> T,
    ): T {
        val known = ArrayList<String>()
        val found =
            each(console, state) { engine, folder ->
                    known.addAll(engine.scheduleViews().ids())
                    folder.takeIf { engine.scheduleViews().find(name).isNotEmpty() }
                }
                .filterNotNull()
        if (found.isEmpty()) {
            val fix =
                if (known.isEmpty())
                    "No schedule was served yet: start emrys schedule serve, or name its state folder with --state."
                else
                    "Write one of " +
                        known.distinct().sorted().take(MOST_NAMED).joinToString(", ") +
                        "."
            throw StopException(CommandCode.SCHEDULE_UNKNOWN.of(name, fix))
        }
        if (found.size > 1)
            throw StopException(
                CommandCode.SCHEDULE_IN_SEVERAL_FOLDERS.of(name, found.joinToString(" and in "))
            )
        return Engines.open(console, found.single(), state.database).use { engine ->
            action(engine, engine.scheduleViews().find(name))
        }
    }

    /** Who asks, for the history. */
    fun person(): String = System.getProperty("user.name").orEmpty().ifEmpty { "?" }

    /** This process, for the history. */
    fun thisProcess(): String {
        val host =
            try {
                InetAddress.getLocalHost().hostName
            } catch (_: UnknownHostException) {
                "?"
            }
        return "${ProcessHandle.current().pid()}@$host"
    }

    private const val MOST_NAMED = 20
}

/**
 * The fires of recorded schedules, as their scripts declare them now; one with an error as it was
 * served last.
 */
internal class DeclaredFires(private val lastGood: LastGoodScripts) {
    private val host = ScriptHost(StateFolders.cache().resolve("scripts"))
    private val byScript = HashMap<String, Map<String, Fires>>()

    /** Null when the script is missing or does not declare the schedule any more. */
    fun of(schedule: ScheduleView): Fires? =
        byScript.getOrPut(schedule.script()) { load(Path.of(schedule.script())) }[schedule.id()]

    private fun load(script: Path): Map<String, Fires> {
        if (!Files.exists(script)) return emptyMap()
        val loaded = load(script, null) ?: lastGood.find(script)?.let { load(script, it) }
        return loaded?.schedules.orEmpty().associate {
            it.schedule.id() to Fires.of(it.schedule)
        }
    }

    private fun load(script: Path, text: String?): LoadResult.Ready? =
        host.load(
            LoadRequest(
                script,
                "$script",
                emptyMap(),
                sampling = true,
                lazy { LocalDate.now() },
                text = text,
            )
        ) as? LoadResult.Ready
}
