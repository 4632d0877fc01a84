package dev.emrys.cli

import dev.emrys.journal.FireRecord
import dev.emrys.runtime.Engine
import dev.emrys.runtime.EngineFireRunner
import dev.emrys.schedule.CatchUpPolicy
import dev.emrys.scheduler.FireResult
import dev.emrys.scheduler.Scheduler
import dev.emrys.scheduler.ServedSchedule
import java.nio.file.Path
import java.time.Duration
import java.time.Instant
import java.util.concurrent.Callable
import java.util.concurrent.Semaphore
import java.util.concurrent.TimeUnit
import picocli.CommandLine.Command
import picocli.CommandLine.Mixin
import picocli.CommandLine.Option
import picocli.CommandLine.Parameters

@Command(
    name = "tick",
    mixinStandardHelpOptions = true,
    description =
        [
            "Runs the fires of scripts that are due now, continues interrupted runs of fires, and waits for their ends: for cron",
            "and other schedulers, which call this every minute. When nothing is due it prints nothing and exits with 0.",
            "Calls may overlap, also with emrys schedule serve: each fire is run once, and no call waits for runs of another.",
            "Exits with 1 when a run has failed, with 2 when a script has an error, with 3 when a run could not be started now.",
        ],
)
internal class ScheduleTickCommand(private val console: Console) : Callable<Int> {
    @Parameters(
        paramLabel = "FILE|FOLDER",
        arity = "1..*",
        description = ["Scripts, and folders with scripts, also below them."],
    )
    var paths: List<Path> = emptyList()

    @Option(
        names = ["--every-minutes"],
        paramLabel = "N",
        description =
            [
                "How often this is called: a fire that is late by up to a minute more is not a missed one. Default: 1."
            ],
    )
    var everyMinutes: Int = 1

    @Option(
        names = ["--until-idle"],
        description =
            [
                "Decide about further fires while runs of this call are running: for systemd, which starts no second call",
                "beside the first one.",
            ],
    )
    var untilIdle: Boolean = false

    @Mixin lateinit var limit: RunLimitOption

    @Mixin lateinit var target: TargetOptions
    @Mixin lateinit var state: StateOptions
    @Mixin lateinit var output: OutputOptions

    override fun call(): Int {
        limit.check()
        InstalledCall.checkPeriod(everyMinutes)
        val served = ServedScripts.paths(paths)
        val folder = StateFolders.ofServed(state.state, served.first())
        val log = ServeLog(console, output.json, tellsLoaded = false)
        val scripts = ServedScripts.of(served, folder, log, target)
        val schedules = scripts.scan(first = true).orEmpty()
        val broken = if (scripts.broken.isEmpty()) ExitCode.SUCCEEDED else ExitCode.USER_ERROR
        if (schedules.isEmpty()) return broken.code
        Engines.open(console, folder, state.database).use { engine ->
            val exit = Tick(engine, scripts, log).run(schedules)
            return (if (exit == ExitCode.SUCCEEDED) broken else exit).code
        }
    }

    private inner class Tick(
        private val engine: Engine,
        private val scripts: ServedScripts,
        private val log: ServeLog,
    ) {
        private val by = ScheduleFolders.thisProcess()
        private val begin = Instant.now()
        private val wakeUps = Semaphore(0)
        @Volatile private var isInterrupted = false

        fun run(schedules: List<ServedSchedule>): ExitCode {
            val handlers =
                Signals.ENDING.map { name ->
                    Signals.handle(name) {
                        isInterrupted = true
                        wakeUps.release()
                    }
                }
            try {
                ServeNotifications(engine, log, scripts::notifications).use { notifications ->
                    EngineFireRunner(engine, scripts, by).use { fires ->
                        notifications.recover()
                        val runner = LimitedFireRunner(fires, limit.maxRuns)
                        val scheduler =
                            engine
                                .schedules()
                                .scheduler(
                                    runner,
                                    by,
                                    Int.MAX_VALUE,
                                    AllListeners(listOf(log, notifications)),
                                    wakeUps::release,
                                )
                        ServedTriggers(engine, by, log).use { triggers ->
                            loop(
                                scheduler,
                                schedules.map { tolerant(it, everyMinutes) },
                                runner,
                                triggers,
                            ) {
                                scripts.takeBroken().forEach(notifications::broken)
                            }
                        }
                        notifications.check()
                        return exit(runner)
                    }
                }
            } finally {
                handlers.forEach { it.close() }
            }
        }

        private fun loop(
            scheduler: Scheduler,
            declared: List<ServedSchedule>,
            runner: LimitedFireRunner,
            triggers: ServedTriggers,
            tellBroken: () -> Unit,
        ) {
            tellBroken()
            var served = declared
            var decides = true
            var looked = Instant.MIN
            scheduler.serve(served)
            while (!isInterrupted) {
                val now = Instant.now()
                val next = scheduler.tick()
                // What it waits for is looked for when the schedule is recorded.
                if (
                    decides &&
                        Duration.between(looked, now) >= LOOK &&
                        isRecorded(served) &&
                        (untilIdle || looked == Instant.MIN)
                ) {
                    looked = now
                    triggers.poll(served)
                }
                if (
                    decides &&
                        looked != Instant.MIN &&
                        isDecided(served, runner, if (untilIdle) now else begin)
                ) {
                    // Later fires are the next call's: its scripts may have changed.
                    if (!untilIdle) {
                        decides = false
                        scheduler.stop()
                    } else if (isDriven(served, runner, scheduler)) return
                }
                if (!decides && isDriven(served, runner, scheduler)) return
                val wait = Duration.between(Instant.now(), next).toMillis() + 1
                if (wakeUps.tryAcquire(wait.coerceIn(1, LONGEST_WAIT), TimeUnit.MILLISECONDS))
                    wakeUps.drainPermits()
                if (untilIdle)
                    scripts.scan()?.let { changed ->
                        served = changed.map { tolerant(it, everyMinutes) }
                        scheduler.serve(served)
                        tellBroken()
                    }
            }
            runner.close()
            scheduler.stop()
        }

        private fun isRecorded(served: List<ServedSchedule>): Boolean {
            val records = engine.schedules().list().associateBy { it.id() }
            return served.all { it.id() in records }
        }

        /** Whether each fire that was due at a time is recorded and given to the runner. */
        private fun isDecided(
            served: List<ServedSchedule>,
            runner: LimitedFireRunner,
            at: Instant,
        ): Boolean {
            val records = engine.schedules().list().associateBy { it.id() }
            val open = engine.schedules().openFires().groupBy { it.schedule() }
            return served.all { schedule ->
                val record = records[schedule.id()] ?: return false
                val fires = open[schedule.id()].orEmpty()
                val next = schedule.fires().next(record.handledTo()).orElse(null)
                val isRunning = fires.any { it.state() == FireRecord.State.STARTED }
                (next == null || schedule.fires().due(next) > at) &&
                    fires.all { fire ->
                        when (fire.state()) {
                            FireRecord.State.STARTED -> isCaredFor(fire, runner)
                            FireRecord.State.WAITING -> isRunning || record.pause() != null
                            else -> false
                        }
                    }
            }
        }

        /** By this call, by another one that has just decided, or by a person's backfill. */
        private fun isCaredFor(fire: FireRecord, runner: LimitedFireRunner): Boolean =
            runner.knows(fire) ||
                fire.cause() == FireRecord.Cause.BACKFILL ||
                (fire.by() != by && fire.decidedAt() >= begin)

        /** Whether no run of this call is running, and the ends are recorded. */
        private fun isDriven(
            served: List<ServedSchedule>,
            runner: LimitedFireRunner,
            scheduler: Scheduler,
        ): Boolean {
            // An end that is recorded is told in the tick that follows.
            if (runner.unfinished > 0 || scheduler.status().recording()) return false
            val ids = served.map { it.id() }.toSet()
            return engine.schedules().openFires().none {
                it.schedule() in ids && runner.result(it)?.kind() in ENDS
            }
        }

        private fun exit(runner: LimitedFireRunner): ExitCode {
            val results = runner.results.map { it.kind() }
            val left = runner.unfinished
            return when {
                left > 0 -> {
                    log.say(
                        "stopped",
                        "Stopped. ${Formats.count(left, "run")} will be continued by the next call.",
                    )
                    ExitCode.INTERRUPTED
                }
                FireResult.Kind.FAILED in results -> ExitCode.PIPELINE_FAILED
                FireResult.Kind.NOT_NOW in results -> ExitCode.EXTERNAL_FAILURE
                else -> ExitCode.SUCCEEDED
            }
        }
    }

    private companion object {
        const val LONGEST_WAIT = 1_000L

        /** The pause between two looks of a call that goes on. */
        val LOOK: Duration = Duration.ofSeconds(5)
        val ENDS =
            setOf(FireResult.Kind.SUCCEEDED, FireResult.Kind.FAILED, FireResult.Kind.CANCELLED)
    }
}

/** The schedule as a call serves it: a fire that was due since the call before is on time. */
internal fun tolerant(schedule: ServedSchedule, everyMinutes: Int): ServedSchedule {
    val policy = schedule.catchUp()
    val tolerance = maxOf(policy.tolerance(), Duration.ofMinutes(everyMinutes + 1L))
    return ServedSchedule(
        schedule.pipeline(),
        schedule.script(),
        schedule.timing(),
        schedule.fires(),
        CatchUpPolicy(policy.mode(), policy.window(), tolerance),
        schedule.overlap(),
        schedule.pauseAfterFailures(),
    )
}
