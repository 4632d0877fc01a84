package dev.emrys.cli

import dev.emrys.monitor.MonitorServer
import dev.emrys.runtime.Engine
import dev.emrys.runtime.EngineFireRunner
import dev.emrys.scheduler.Scheduler
import dev.emrys.scheduler.SchedulerThread
import dev.emrys.spec.RuntimeCode
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.attribute.BasicFileAttributes
import java.time.Duration
import java.time.InstantSource
import java.util.concurrent.Callable
import java.util.concurrent.Semaphore
import java.util.concurrent.TimeUnit
import picocli.CommandLine.Command
import picocli.CommandLine.Mixin
import picocli.CommandLine.Option
import picocli.CommandLine.Parameters

/** What a daemon does with its runs when it is asked to stop. */
internal enum class OnStop {
    LEAVE,
    FINISH,
}

@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    description =
        [
            "Runs the schedules of scripts, until it is stopped. Scripts may be added, changed and removed meanwhile: one that",
            "is changed and has an error is served as it was before. Several of these processes may serve the same scripts: on",
            "one machine, or on several with a journal in a database; each fire is run once.",
            "SIGTERM and Ctrl-C stop it, SIGHUP makes it look at the scripts at once.",
        ],
)
internal class ScheduleServeCommand(private val console: Console) : Callable<Int> {
    @Parameters(
        paramLabel = "FILE|FOLDER",
        arity = "0..*",
        description =
            ["Scripts, and folders with scripts, also below them. Default: the working folder."],
    )
    var paths: List<Path> = emptyList()

    @Mixin lateinit var limit: RunLimitOption

    @Option(
        names = ["--on-stop"],
        paramLabel = "leave|finish",
        description =
            [
                "What a stop does with runs: leave them, to be continued by the next process that serves them, or finish them",
                "first; a second signal leaves them. Default: leave.",
            ],
    )
    var onStop: OnStop = OnStop.LEAVE

    @Mixin lateinit var monitor: MonitorOptions
    @Mixin lateinit var target: TargetOptions
    @Mixin lateinit var state: StateOptions
    @Mixin lateinit var output: OutputOptions

    override fun call(): Int {
        limit.check()
        val served = ServedScripts.paths(paths)
        val first = served.first()
        val folder = StateFolders.ofServed(state.state, first)
        val log = ServeLog(console, output.json)
        Engines.open(console, folder, state.database).use { engine ->
            val scripts = ServedScripts.of(served, folder, log, target)
            Daemon(engine, folder, scripts, log).serve()
        }
        return ExitCode.SUCCEEDED.code
    }

    private inner class Daemon(
        private val engine: Engine,
        folder: Path,
        private val scripts: ServedScripts,
        private val log: ServeLog,
    ) {
        private val signals = Semaphore(0)
        private var stops = 0
        @Volatile private var reload = false
        private val journal = folder.resolve("journal.db").takeIf { engine.database().isEmpty }
        private val journalKey = journal?.let(::key)

        fun serve() {
            val by = ScheduleFolders.thisProcess()
            val handlers = Signals.ENDING.map { name -> Signals.handle(name) { onSignal(name) } }
            ServeFigures(scripts).use { figures ->
                ServeNotifications(
                        engine,
                        log,
                        scripts::notifications,
                        figures::notificationSent,
                        figures::notificationFailed,
                    )
                    .use { notifications ->
                        EngineFireRunner(engine, scripts, by).use { runner ->
                            serve(runner, notifications, figures, by)
                        }
                    }
            }
            handlers.forEach { it.close() }
        }

        private fun serve(
            runner: EngineFireRunner,
            notifications: ServeNotifications,
            figures: ServeFigures,
            by: String,
        ) {
            SchedulerThread(InstantSource.system()) { log.say("bug", "$it", ServeLog.ERROR) }
                .use { thread ->
                    val listener = AllListeners(listOf(log, figures, notifications))
                    val scheduler =
                        engine
                            .schedules()
                            .scheduler(runner, by, limit.maxRuns, listener, thread::wakeUp)
                    figures.read(scheduler)
                    val checks = listOf(figures.health)
                    val server =
                        monitor.start(checks, checks + figures.readiness, figures.metrics) {
                            log.say(
                                "http",
                                "$it It is served without health and metrics.",
                                ServeLog.WARNING,
                            )
                        }
                    server.use {
                        val schedules = scripts.scan(first = true).orEmpty()
                        notifications.recover()
                        scripts.takeBroken().forEach(notifications::broken)
                        scheduler.serve(schedules)
                        thread.start(scheduler)
                        log.say("serving", serving(schedules.size, server))
                        ServedTriggers(engine, by, log).use { triggers ->
                            triggers.serve(schedules)
                            watch(scheduler, triggers, notifications)
                        }
                        stop(scheduler)
                    }
                }
        }

        private fun serving(schedules: Int, server: MonitorServer?): String =
            "Serving ${Formats.count(schedules, "schedule")} of ${served()} in ${engine.stateFolder()}, at most" +
                " ${Formats.count(limit.maxRuns, "run")} at the same time" +
                (server?.let { "; health and metrics at ${it.uri()}" } ?: "") +
                "."

        private fun served() = paths.ifEmpty { listOf(Path.of(".")) }.joinToString(", ")

        private fun onSignal(name: String) {
            if (name == "HUP") reload = true
            else
                synchronized(this) {
                    stops++
                }
            signals.release()
        }

        private fun isStopping(times: Int = 1) = synchronized(this) { stops >= times }

        /** Looks at the scripts as often as takes a two-hundredth of the time at most. */
        private fun watch(
            scheduler: Scheduler,
            triggers: ServedTriggers,
            notifications: ServeNotifications,
        ) {
            var pause = SHORTEST_PAUSE
            while (!signals.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS) || !isStopping()) {
                refuseLostJournal()
                notifications.check()
                val begin = System.nanoTime()
                val changed = scripts.scan(first = reload)
                scripts.takeBroken().forEach(notifications::broken)
                reload = false
                val took = Duration.ofNanos(System.nanoTime() - begin)
                if (changed != null) {
                    scheduler.serve(changed)
                    triggers.serve(changed)
                } else pause = maxOf(SHORTEST_PAUSE, took.multipliedBy(IDLE_FACTOR))
            }
        }

        private fun stop(scheduler: Scheduler) {
            scheduler.stop()
            if (isBusy(scheduler) && onStop == OnStop.FINISH) {
                val running = Formats.count(scheduler.status().running(), "run")
                log.say("stopping", "Stopping after the end of $running.")
                while (isBusy(scheduler) && !isStopping(times = 2)) {
                    val unused = signals.tryAcquire(FINISH_MILLIS, TimeUnit.MILLISECONDS)
                }
            }
            val left = scheduler.status().running()
            log.say(
                "stopped",
                if (left == 0) "Stopped."
                else
                    "Stopped. ${Formats.count(left, "run")} will be continued by the next process that serves them.",
            )
        }

        private fun isBusy(scheduler: Scheduler) =
            scheduler.status().running() > 0 || scheduler.status().recording()

        /** A journal that was removed or replaced would take records that no other process sees. */
        private fun refuseLostJournal() {
            if (journal != null && key(journal) != journalKey)
                throw StopException(
                    RuntimeCode.JOURNAL_UNUSABLE.of(
                        "The journal $journal was removed or replaced while it was used.",
                        "Start this command again.",
                    )
                )
        }
    }

    private companion object {
        const val FINISH_MILLIS = 200L
        const val IDLE_FACTOR = 200L
        val SHORTEST_PAUSE: Duration = Duration.ofSeconds(1)

        fun key(file: Path): String? =
            try {
                "${Files.readAttributes(file, BasicFileAttributes::class.java).fileKey()}"
            } catch (_: java.io.IOException) {
                null
            }
    }
}
