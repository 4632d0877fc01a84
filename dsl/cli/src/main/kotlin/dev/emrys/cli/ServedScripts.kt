package dev.emrys.cli

import dev.emrys.drive.Target
import dev.emrys.graph.TaskGraph
import dev.emrys.host.LoadRequest
import dev.emrys.host.LoadResult
import dev.emrys.host.ScriptHost
import dev.emrys.journal.FireInputs
import dev.emrys.journal.FireRecord
import dev.emrys.language.DeclaredNotifications
import dev.emrys.language.DeclaredSchedule
import dev.emrys.language.RunMoment
import dev.emrys.language.RunTarget
import dev.emrys.runtime.Engine
import dev.emrys.runtime.EngineFireRunner
import dev.emrys.schedule.Fires
import dev.emrys.scheduler.ServedSchedule
import dev.emrys.spec.CommandCode
import dev.emrys.spec.Diagnostic
import dev.emrys.spec.InvalidSpecException
import dev.emrys.spec.PipelineSpec
import java.io.IOException
import java.nio.file.Files
import java.nio.file.NoSuchFileException
import java.nio.file.Path
import java.nio.file.attribute.BasicFileAttributes
import java.time.LocalDate
import java.time.ZoneId
import kotlin.io.path.name

/**
 * A script that has an error.
 *
 * @property change equal for the same content of the file
 * @property schedules those that are served as they were before
 */
internal class BrokenScript(
    val path: Path,
    val reason: String,
    val change: String,
    val schedules: List<String>,
)

/**
 * The scripts that a daemon serves: found by looking at the files again and again, which works on
 * any file system. A script that is changed and has an error is served as it was before.
 *
 * [scan] is for one thread; [of] is thread-safe.
 *
 * @param paths scripts, and folders that are searched with all folders below them
 * @param lastGood the texts by which scripts were served before this process started; null: none
 *   are read, and none are kept
 * @param choice the target of the runs of a script, by what it declares; default: the local one
 */
internal class ServedScripts(
    private val paths: List<Path>,
    private val host: ScriptHost,
    private val log: ServeLog,
    private val lastGood: LastGoodScripts?,
    private val choice: (RunTarget?, Path) -> TargetChoice = { _, _ -> TargetChoice.LOCAL },
) : EngineFireRunner.Specs {
    /** What tells a file from the same file with another content. */
    private data class Signature(val modified: Long, val size: Long, val key: String)

    private class Served(
        val text: String,
        val schedules: List<DeclaredSchedule>,
        val notifications: DeclaredNotifications?,
        val target: RunTarget?,
    )

    private class Script(
        val signature: Signature,
        val served: Served?,
        val broken: BrokenScript? = null,
    )

    private val scripts = sortedMapOf<Path, Script>()
    private val toldCycles = HashSet<List<String>>()
    private var unsettled = emptyMap<Path, Signature>()

    @Volatile private var byId: Map<String, Pair<Path, Served>> = emptyMap()

    /** The scripts whose newest text has an error. */
    @Volatile
    var broken: List<Path> = emptyList()
        private set

    private val newlyBroken = ArrayList<BrokenScript>()

    /** What the script of a schedule declares; null for nothing. */
    fun notifications(schedule: String): DeclaredNotifications? =
        byId[schedule]?.second?.notifications

    /**
     * Looks for changes.
     *
     * @param first whether a file that has just changed is read at once; else when it has not
     *   changed since the last call, so that no half-written one is
     * @return the schedules to serve; null when nothing has changed
     */
    fun scan(first: Boolean = false): List<ServedSchedule>? {
        val found = find()
        var changed = scripts.keys.retainAll(found.keys)
        val waiting = LinkedHashMap<Path, Signature>()
        for ((path, signature) in found) {
            if (scripts[path]?.signature == signature) continue
            if (first || unsettled[path] == signature) {
                load(path, signature)
                changed = true
            } else waiting[path] = signature
        }
        unsettled = waiting
        return if (changed) schedules() else null
    }

    /** The scripts in which [scan] has found an error since the last call of this. */
    fun takeBroken(): List<BrokenScript> = newlyBroken.toList().also { newlyBroken.clear() }

    private fun find(): Map<Path, Signature> {
        val found = sortedMapOf<Path, Signature>()
        for (path in paths) {
            if (Files.isDirectory(path)) below(path, found)
            else signature(path)?.let { found[path] = it }
        }
        return found
    }

    private fun below(folder: Path, found: MutableMap<Path, Signature>) {
        val children = folder.toFile().listFiles() ?: return
        for (child in children) {
            val path = child.toPath()
            when {
                child.name.startsWith(".") -> {}
                child.isDirectory -> if (!Files.isSymbolicLink(path)) below(path, found)
                child.name.endsWith(ENDING) -> signature(path)?.let { found[path] = it }
            }
        }
    }

    private fun signature(path: Path): Signature? =
        try {
            val attributes = Files.readAttributes(path, BasicFileAttributes::class.java)
            Signature(
                attributes.lastModifiedTime().toMillis(),
                attributes.size(),
                "${attributes.fileKey()}",
            )
        } catch (_: IOException) {
            null
        }

    private fun load(path: Path, signature: Signature) {
        val before = scripts[path]?.served
        try {
            val text = read(path) ?: return
            val served = evaluate(path, text)
            if (served.schedules.isEmpty()) lastGood?.remove(path) else lastGood?.put(path, text)
            scripts[path] = Script(signature, served)
            if (served.schedules.isNotEmpty() || before?.schedules?.isNotEmpty() == true)
                log.loaded(path, served.schedules.size, isChange = before != null)
        } catch (e: BrokenException) {
            val kept = before ?: previous(path)
            val broken =
                BrokenScript(
                    path,
                    "${e.message}",
                    "${signature.modified}-${signature.size}",
                    kept?.schedules.orEmpty().map { it.schedule.id() },
                )
            log.broken(broken)
            scripts[path] = Script(signature, kept, broken)
            newlyBroken.add(broken)
        }
    }

    /** Null when it has just been removed. */
    private fun read(path: Path): String? =
        try {
            Files.readString(path)
        } catch (_: NoSuchFileException) {
            null
        } catch (e: IOException) {
            throw BrokenException("it cannot be read: ${e.message}")
        }

    /** What a process before this one served. */
    private fun previous(path: Path): Served? =
        lastGood?.find(path)?.let {
            try {
                evaluate(path, it)
            } catch (_: BrokenException) {
                null
            }
        }

    private class BrokenException(message: String) : Exception(message)

    private fun evaluate(path: Path, text: String): Served {
        // A script without a schedule may have params without a default.
        val sampled = ready(request(path, text, sampling = true))
        if (sampled.schedules.isEmpty()) return Served(text, emptyList(), null, null)
        val checked = ready(request(path, text, sampling = false))
        try {
            TaskGraph.compile(checked.spec)
        } catch (e: InvalidSpecException) {
            throw BrokenException(e.diagnostics().joinToString("; ") { it.headline() })
        }
        refuseObjectsOfAws(path, checked)
        return Served(text, checked.schedules, checked.notifications, checked.target)
    }

    private fun refuseObjectsOfAws(path: Path, script: LoadResult.Ready) {
        // In most scripts nothing waits for objects: then emrys.properties is not read here.
        if (ObjectsOfAws.find(script.schedules, TargetName.AWS.text).isEmpty()) return
        val target =
            try {
                choice(script.target, path).name
            } catch (e: StopException) {
                throw BrokenException(e.diagnostics.first().headline())
            }
        ObjectsOfAws.find(script.schedules, target).firstOrNull()?.let {
            throw BrokenException("${it.headline()} ${it.why()}")
        }
    }

    private fun ready(request: LoadRequest): LoadResult.Ready =
        when (val loaded = host.load(request)) {
            is LoadResult.Ready -> loaded
            is LoadResult.Refused ->
                throw BrokenException(
                    loaded.errors.joinToString("; ", transform = Diagnostic::headline)
                )
        }

    private fun request(path: Path, text: String, sampling: Boolean) =
        LoadRequest(path, "$path", emptyMap(), sampling, lazy { LocalDate.now() }, text = text)

    /** Of two scripts that declare the same schedule the first one is served. */
    private fun schedules(): List<ServedSchedule> {
        val found = LinkedHashMap<String, Pair<Path, Served>>()
        val all = ArrayList<ServedSchedule>()
        for ((path, script) in scripts) {
            for (declared in script.served?.schedules.orEmpty()) {
                val id = declared.schedule.id()
                val other = found[id]
                if (other == null) {
                    found[id] = path to script.served!!
                    all.add(served(path, declared))
                } else {
                    log.declaredTwice(id, path, other.first)
                }
            }
        }
        byId = found
        TriggerCycles.of(all)
            .filter { it !in toldCycles }
            .forEach {
                toldCycles.add(it)
                log.say(
                    "trigger-cycle",
                    "The pipelines ${it.joinToString(", ")} wait for each other: each success starts the next run, without an end.",
                    ServeLog.WARNING,
                )
            }
        broken = scripts.filterValues { it.broken != null }.keys.toList()
        return all
    }

    private fun served(path: Path, declared: DeclaredSchedule) =
        ServedSchedule(
            declared.schedule.id().substringBeforeLast("/${declared.name}"),
            "$path",
            ExplainedSchedule.timing(declared),
            Fires.of(declared.schedule),
            declared.catchUp,
            declared.overlap,
            declared.pauseAfterFailures,
        )

    /**
     * The spec for a fire, by the text that is served: the file may be broken or changed by now.
     */
    override fun of(
        schedule: ServedSchedule,
        fire: FireRecord,
        inputs: FireInputs,
    ): PipelineSpec {
        val (path, served) =
            byId[schedule.id()]
                ?: throw EngineFireRunner.RefusedException("its script is not served any more")
        val request =
            LoadRequest(
                path,
                "$path",
                emptyMap(),
                sampling = false,
                lazyOf(inputs.logicalTime().date()),
                lazyOf(moment(inputs)),
                served.text,
            )
        return when (val loaded = host.load(request)) {
            is LoadResult.Ready -> loaded.spec
            is LoadResult.Refused ->
                throw EngineFireRunner.RefusedException(loaded.errors.first().headline())
        }
    }

    /** What the script that is served says, or the command line or emrys.properties. */
    override fun target(schedule: ServedSchedule, engine: Engine): Target {
        val (path, served) =
            byId[schedule.id()]
                ?: throw EngineFireRunner.RefusedException("its script is not served any more")
        try {
            val wanted = choice(served.target, path)
            return engine.target(wanted.name, wanted.settings)
        } catch (e: StopException) {
            throw EngineFireRunner.RefusedException(e.diagnostics.first().headline())
        }
    }

    companion object {
        private const val ENDING = ".emr.kts"

        private fun moment(inputs: FireInputs): RunMoment {
            val logical = inputs.logicalTime()
            val zone = ZoneId.of(logical.zone())
            return RunMoment(
                logical.time().atZone(zone),
                logical.intervalStart().atZone(zone),
                inputs.arrived(),
                inputs.triggeringRun().ifEmpty { null },
            )
        }

        /**
         * For a command that serves.
         *
         * @param state the state folder, which keeps the texts that were served last
         */
        fun of(
            paths: List<Path>,
            state: Path,
            log: ServeLog,
            target: TargetOptions,
        ): ServedScripts {
            val cache = StateFolders.cache().resolve("scripts")
            val host = ScriptHost(cache, onExit = { log.say("script-exit", "$it", ServeLog.ERROR) })
            val selection = TargetSelection(target)
            return ServedScripts(paths, host, log, LastGoodScripts.of(state)) { declared, path ->
                selection.choice(declared, path, state, alone = false)
            }
        }

        /** The scripts and folders of a command line, absolute; refuses what is neither. */
        fun paths(given: List<Path>): List<Path> =
            given
                .ifEmpty { listOf(Path.of("")) }
                .map { it.toAbsolutePath().normalize() }
                .onEach {
                    if (
                        !Files.isDirectory(it) &&
                            !(Files.isRegularFile(it) && it.name.endsWith(ENDING))
                    )
                        throw StopException(CommandCode.SERVED_PATH_MISSING.of(it))
                }
    }
}
