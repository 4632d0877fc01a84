package dev.emrys.cli

import dev.emrys.journal.FireRecord
import dev.emrys.run.Outcome
import dev.emrys.runtime.Engine
import dev.emrys.runtime.EngineFireRunner
import dev.emrys.schedule.Fire
import dev.emrys.schedule.Trigger
import dev.emrys.scheduler.FireResult
import dev.emrys.scheduler.FireRuns
import dev.emrys.scheduler.ServedSchedule
import dev.emrys.spec.CommandCode
import java.nio.file.Path
import java.time.DateTimeException
import java.time.Instant
import java.time.LocalDate
import java.time.LocalDateTime
import java.time.OffsetDateTime
import java.time.ZoneId
import java.util.concurrent.Callable
import java.util.concurrent.CompletableFuture
import java.util.concurrent.Semaphore
import picocli.CommandLine.Command
import picocli.CommandLine.Mixin
import picocli.CommandLine.Option
import picocli.CommandLine.Parameters

@Command(
    name = "backfill",
    mixinStandardHelpOptions = true,
    description =
        [
            "Runs the fires of a script's schedule between two times, in their order, and waits for the end. A run that exists",
            "and has not succeeded is continued: what succeeded in it is not repeated. Exits with 0 when all have succeeded.",
        ],
)
internal class ScheduleBackfillCommand(private val console: Console) : Callable<Int> {
    @Parameters(paramLabel = "FILE", description = ["The script, a .emr.kts file."])
    lateinit var file: Path

    @Option(
        names = ["--from"],
        required = true,
        paramLabel = "TIME",
        description =
            [
                "From this time on: a local date or time of the schedule's zone, or a time with an offset."
            ],
    )
    lateinit var from: String

    @Option(
        names = ["--to"],
        required = true,
        paramLabel = "TIME",
        description = ["To this time, exclusive."],
    )
    lateinit var to: String

    @Option(
        names = ["--schedule"],
        paramLabel = "NAME",
        description = ["The schedule of a script that has several. Default: main."],
    )
    var name: String = "main"

    @Option(
        names = ["--only-missing"],
        description = ["Leave out fires that have a run which has succeeded."],
    )
    var onlyMissing: Boolean = false

    @Option(
        names = ["--parallel"],
        paramLabel = "N",
        description = ["N runs at the same time. Default: 1."],
    )
    var parallel: Int = 1

    @Option(names = ["--dry-run"], description = ["Print what would be done, and do nothing."])
    var dryRun: Boolean = false

    @Mixin lateinit var target: TargetOptions
    @Mixin lateinit var state: StateOptions

    private enum class Action(val text: String) {
        RUN("run"),
        CONTINUE("continue"),
        LEAVE_OUT("leave out, it has succeeded"),
    }

    private class Planned(val fire: Fire, val run: String, val action: Action)

    override fun call(): Int {
        if (parallel < 1) throw StopException(CommandCode.LIMIT_RANGE.of("--parallel", parallel))
        val path = ServedScripts.paths(listOf(file)).single()
        val folder = StateFolders.of(state.state, path)
        val log = ServeLog(console, json = false)
        val scripts = ServedScripts.of(listOf(path), folder, log, target)
        val all = scripts.scan(first = true).orEmpty()
        if (scripts.broken.isNotEmpty()) return ExitCode.USER_ERROR.code
        val schedule =
            all.find { it.id().endsWith("/$name") }
                ?: throw StopException(
                    CommandCode.SCHEDULE_UNKNOWN.of(
                        name,
                        if (all.isEmpty()) "The script has no schedule."
                        else
                            "The script has ${all.joinToString(", ") { it.id().substringAfterLast('/') }}.",
                    )
                )
        if (schedule.fires().schedule().timing() is Trigger)
            throw StopException(
                CommandCode.SCHEDULE_WITHOUT_TIMES.of(
                    schedule.id(),
                    schedule.timing(),
                    "emrys schedule trigger ${schedule.id()} requests a run now.",
                )
            )
        val zone = ZoneId.of(schedule.fires().schedule().zone().id())
        val start = time(from, zone)
        val end = time(to, zone)
        if (start >= end) throw StopException(CommandCode.BACKFILL_RANGE.of(from, to))
        Engines.open(console, folder, state.database).use { engine ->
            val planned = plan(engine, schedule, start, end)
            if (dryRun || planned.all { it.action == Action.LEAVE_OUT }) {
                planned.forEach { console.print("${it.run}  ${it.action.text}") }
                if (planned.isEmpty()) console.status("The schedule does not fire in that time.")
                return ExitCode.SUCCEEDED.code
            }
            return Backfill(engine, scripts, schedule).run(planned)
        }
    }

    private fun time(text: String, zone: ZoneId): Instant {
        val forms =
            listOf<(String) -> Instant>(
                { OffsetDateTime.parse(it).toInstant() },
                { LocalDateTime.parse(it).atZone(zone).toInstant() },
                { LocalDate.parse(it).atStartOfDay(zone).toInstant() },
            )
        return forms.firstNotNullOfOrNull { form ->
            try {
                form(text)
            } catch (_: DateTimeException) {
                null
            }
        } ?: throw StopException(CommandCode.BACKFILL_TIME.of(text))
    }

    private fun plan(
        engine: Engine,
        schedule: ServedSchedule,
        start: Instant,
        end: Instant,
    ): List<Planned> =
        schedule
            .fires()
            .between(start, end)
            .filter { it is Fire }
            .map { it as Fire }
            .toList()
            .map { fire ->
                planned(engine, fire, FireRuns.ofFire(schedule.pipeline(), fire.instant()))
            }

    private fun planned(engine: Engine, fire: Fire, name: String): Planned {
        val known = engine.runs().find(name).orElse(null)?.takeIf { it.name() == name }
        return when {
            known == null -> Planned(fire, name, Action.RUN)
            known.outcome() != Outcome.SUCCEEDED -> Planned(fire, name, Action.CONTINUE)
            onlyMissing -> Planned(fire, name, Action.LEAVE_OUT)
            else -> {
                // A journal has one run of a name: the repetitions have a number.
                val number =
                    generateSequence(2) { it + 1 }.first { engine.runs().find("$name-$it").isEmpty }
                Planned(fire, "$name-$number", Action.RUN)
            }
        }
    }

    private inner class Backfill(
        private val engine: Engine,
        private val scripts: ServedScripts,
        private val schedule: ServedSchedule,
    ) {
        private val by = ScheduleFolders.person()
        private val interrupted = CompletableFuture<Void>()
        private val places = Semaphore(parallel)
        private var failed = 0

        fun run(planned: List<Planned>): Int {
            engine.schedules().declare(schedule, by)
            val handlers =
                Signals.ENDING.map { name ->
                    Signals.handle(name) {
                        interrupted.complete(null)
                        places.release(parallel)
                    }
                }
            EngineFireRunner(engine, scripts, by).use { runner ->
                val left = planned.filter { it.action != Action.LEAVE_OUT }
                val running = ArrayList<CompletableFuture<*>>()
                for (each in left) {
                    places.acquire()
                    if (interrupted.isDone) break
                    running.add(start(runner, each))
                }
                val all = CompletableFuture.allOf(*running.toTypedArray())
                val unused = CompletableFuture.anyOf(interrupted, all).join()
            }
            handlers.forEach { it.close() }
            return when {
                interrupted.isDone -> {
                    console.status(
                        "Interrupted. The same command with --only-missing continues where this one was."
                    )
                    ExitCode.INTERRUPTED.code
                }
                failed > 0 -> ExitCode.PIPELINE_FAILED.code
                else -> ExitCode.SUCCEEDED.code
            }
        }

        private fun start(runner: EngineFireRunner, planned: Planned): CompletableFuture<Void> {
            val fire = record(planned)
            engine.schedules().record(fire)
            console.status("${planned.run}: begins")
            val result =
                if (planned.action == Action.CONTINUE) runner.repeat(fire)
                else runner.run(schedule, fire)
            return result.thenAccept {
                ended(fire, it)
                places.release()
            }
        }

        @Synchronized
        private fun ended(fire: FireRecord, result: FireResult) {
            val state =
                when (result.kind()) {
                    FireResult.Kind.SUCCEEDED -> FireRecord.State.SUCCEEDED
                    FireResult.Kind.CANCELLED -> FireRecord.State.CANCELLED
                    FireResult.Kind.FAILED,
                    FireResult.Kind.ELSEWHERE,
                    FireResult.Kind.NOT_NOW -> FireRecord.State.FAILED
                    FireResult.Kind.LEFT -> return
                }
            val reason =
                if (result.kind() == FireResult.Kind.ELSEWHERE) "another process drives it"
                else result.reason()
            if (state != FireRecord.State.SUCCEEDED) failed++
            val text = if (reason.isEmpty()) "" else ": $reason"
            console.status("${fire.run()}: ${state.name.lowercase()}$text")
            engine.schedules().record(fire.`in`(state, reason, Instant.now()))
        }

        private fun record(planned: Planned): FireRecord {
            val zone = schedule.fires().schedule().zone()
            val now = Instant.now()
            return FireRecord(
                schedule.id(),
                planned.fire.instant(),
                FireRecord.Cause.BACKFILL,
                planned.fire.nominal(),
                zone.id(),
                zone.tzdbVersion().orEmpty(),
                now,
                FireRecord.State.STARTED,
                "",
                "",
                "",
                planned.run,
                by,
                now,
                null,
            )
        }
    }
}
