package dev.emrys.cli

import dev.emrys.graph.Task
import dev.emrys.journal.Journal
import dev.emrys.journal.SqliteLibrary
import dev.emrys.local.Account
import dev.emrys.local.Owner
import dev.emrys.run.Outcome
import dev.emrys.run.Phase
import dev.emrys.run.RunState
import dev.emrys.runtime.Engine
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration
import java.time.Instant
import java.util.concurrent.Callable
import java.util.concurrent.TimeUnit
import picocli.CommandLine.Command
import picocli.CommandLine.Mixin
import picocli.CommandLine.Option
import picocli.CommandLine.Parameters

@Command(
    name = "runs",
    mixinStandardHelpOptions = true,
    description = ["Lists runs, the newest first."],
)
internal class RunsCommand(private val console: Console) : Callable<Int> {
    @Mixin lateinit var state: StateOptions
    @Mixin lateinit var output: OutputOptions
    @Option(names = ["--limit"], paramLabel = "N", description = ["How many. Default: 20."])
    var limit: Int = 20

    override fun call(): Int {
        if (limit < 1) {
            throw StopException(
                ExitCode.MISTAKE,
                "--limit $limit lists nothing.\n    Write a number from 1 on.",
            )
        }
        val folder = Folders.state(state.state, null)
        if (!Files.exists(folder.resolve("journal.db"))) {
            if (output.json) console.print("[]")
            else console.problem("There are no runs in $folder.")
            return ExitCode.SUCCEEDED.code
        }
        Engines.open(console, folder).use { engine ->
            val runs =
                engine.journal().runs(limit).map {
                    it to (it.outcome() == null && engine.journal().holder(it.id()).isPresent)
                }
            if (output.json) {
                console.print(Json.runs(runs))
            } else {
                for ((run, driven) in runs) {
                    val how = run.outcome()?.lowercase() ?: if (driven) "running" else "interrupted"
                    val took = Duration.between(run.startedAt(), run.endedAt() ?: Instant.now())
                    console.print(
                        "${run.name().padEnd(24)} ${how.padEnd(12)} ${Words.moment(run.startedAt())}  " +
                            "${Words.duration(took).padEnd(14)} ${run.pipeline()}"
                    )
                }
            }
        }
        return ExitCode.SUCCEEDED.code
    }
}

@Command(
    name = "show",
    mixinStandardHelpOptions = true,
    description = ["Shows where a run stands."],
)
internal class ShowCommand(private val console: Console) : Callable<Int> {
    @Parameters(paramLabel = "RUN", description = ["The name or the id of the run."])
    lateinit var run: String
    @Mixin lateinit var state: StateOptions
    @Mixin lateinit var output: OutputOptions

    override fun call(): Int {
        Engines.existing(console, state).use { engine ->
            val record = Engines.find(engine, run)
            val standing = engine.state(record)
            val holder = engine.journal().holder(record.id())
            if (output.json) {
                console.print(Json.run(record, standing, holder.isPresent))
                return ExitCode.SUCCEEDED.code
            }
            val how =
                standing
                    .outcome()
                    .map { it.name.lowercase() }
                    .orElse(if (holder.isPresent) "running" else "interrupted")
            console.print("Run ${record.name()} (${record.id()}) of ${record.pipeline()}: $how")
            console.print("  script   ${record.script()}")
            console.print("  started  ${Words.moment(record.startedAt())}")
            standing.endedAt().ifPresent { console.print("  ended    ${Words.moment(it)}") }
            holder.ifPresent {
                console.print(
                    "  driven   by process ${it.pid()} on ${it.host()} since ${Words.moment(it.since())}"
                )
            }
            console.print(TaskLines(standing.tasks(), Instant.now(), Int.MAX_VALUE).toString())
            for (task in standing.tasks()) {
                if (task.reason() != null) {
                    console.print("")
                    console.print("${task.task()}: ${task.reason()}")
                    task.log()?.let { console.print("    The whole log: $it") }
                }
            }
        }
        return ExitCode.SUCCEEDED.code
    }
}

@Command(
    name = "cancel",
    mixinStandardHelpOptions = true,
    description =
        [
            "Cancels a run and ends its clusters, whoever drives it; drives it itself when nobody does."
        ],
)
internal class CancelCommand(private val console: Console) : Callable<Int> {
    @Parameters(paramLabel = "RUN", description = ["The name or the id of the run."])
    lateinit var run: String
    @Mixin lateinit var state: StateOptions
    @Mixin lateinit var output: OutputOptions

    override fun call(): Int {
        Engines.existing(console, state).use { engine ->
            val record = Engines.find(engine, run)
            val code = cancel(engine, record)
            if (output.json) {
                val driven = engine.journal().holder(record.id()).isPresent
                console.print(Json.run(record, engine.state(record), driven))
            }
            return code
        }
    }

    private fun cancel(engine: Engine, record: Journal.RunRecord): Int {
        val standing = engine.state(record)
        if (standing.outcome().isPresent) {
            console.problem(
                "The run ${record.name()} has ended already: ${standing.outcome().get().name.lowercase()}."
            )
            return ExitCode.SUCCEEDED.code
        }
        val who = "emrys cancel, process ${ProcessHandle.current().pid()}"
        engine.journal().wish(record.id(), "cancel", who)
        val holder = engine.journal().holder(record.id())
        if (holder.isPresent) {
            console.problem(
                "Told process ${holder.get().pid()}, which drives the run ${record.name()}."
            )
            return ExitCode.SUCCEEDED.code
        }
        // Nobody is there to take the wish: end its clusters ourselves.
        val view = RunView(console, standing.graph().spec(), output.json)
        val handle = engine.takeOver(record, view)
        view.begin(record)
        val outcome =
            try {
                handle.done().join()
            } finally {
                view.end()
            }
        return report(record.name(), outcome, engine.state(record), Hints(engine.stateFolder()))
    }

    /** The end of a cluster that did not come about costs money: it is what must be read. */
    private fun report(name: String, outcome: Outcome, state: RunState, hints: Hints): Int {
        val alive =
            state.tasks().filter { it.task().startsWith("end:") && it.phase() == Phase.FAILED }
        if (alive.isEmpty()) {
            console.problem("Run $name ${outcome.name.lowercase()}; its clusters are gone.")
            return ExitCode.SUCCEEDED.code
        }
        console.problem("Run $name ${outcome.name.lowercase()}; not all of its clusters are gone.")
        alive.forEach { console.problem("    ${it.task()}: ${it.reason()}") }
        console.problem("    End them by hand, or try again: ${hints.words("resume", name)}")
        return ExitCode.PIPELINE_FAILED.code
    }
}

@Command(
    name = "logs",
    mixinStandardHelpOptions = true,
    description = ["Prints what a step has written."],
)
internal class LogsCommand(private val console: Console) : Callable<Int> {
    @Parameters(index = "0", paramLabel = "RUN", description = ["The name or the id of the run."])
    lateinit var run: String
    @Parameters(index = "1", paramLabel = "STEP", description = ["The step's name."])
    lateinit var step: String
    @Mixin lateinit var state: StateOptions
    @Option(names = ["--follow", "-f"], description = ["Prints on until the step is over."])
    var follow: Boolean = false
    @Option(
        names = ["--log"],
        paramLabel = "NAME",
        description = ["stdout, stderr or controller. Default: stdout, then stderr."],
    )
    var log: String? = null
    @Option(names = ["--attempt"], paramLabel = "N", description = ["Default: the newest."])
    var attempt: Int? = null

    override fun call(): Int {
        val logs = log?.let(::listOf) ?: listOf("stdout", "stderr")
        if (logs.any { it !in LOGS }) {
            throw StopException(
                ExitCode.MISTAKE,
                "There is no log \"$log\".\n    Write one of ${LOGS.joinToString(", ")}.",
            )
        }
        Engines.existing(console, state).use { engine ->
            val record = Engines.find(engine, run)
            val standing = engine.state(record)
            val index = stepIndex(standing)
            val copied = HashMap<String, Long>()
            while (true) {
                val now = engine.state(record)
                val number = attempt ?: now.task(index).attempt()
                val over =
                    now.task(index).phase().over() ||
                        attempt != null && number < now.task(index).attempt()
                val driven = engine.journal().holder(record.id()).isPresent
                val folder = StepFiles(engine, now).folder(step, number, engine.stateFolder())
                folder?.let { from -> logs.forEach { copy(from.resolve(it), copied) } }
                if (folder == null && (!follow || over)) {
                    throw StopException(
                        ExitCode.MISTAKE,
                        "The step \"$step\" has no logs: " +
                            if (number == 0) "it was not sent to a cluster."
                            else "attempt $number never reached a cluster.",
                    )
                }
                if (!follow || over) return ExitCode.SUCCEEDED.code
                // Of an interrupted run the step may still run; its exit status says when it does
                // not.
                if (!driven && (folder == null || Files.exists(folder.resolve("exit")))) {
                    console.problem(
                        "Nobody drives the run: ${Hints(engine.stateFolder()).words("resume", record.name())}    goes on with it"
                    )
                    return ExitCode.SUCCEEDED.code
                }
                TimeUnit.MILLISECONDS.sleep(LOOK_EVERY_MILLIS)
            }
        }
    }

    private fun stepIndex(standing: RunState): Int {
        val graph = standing.graph()
        val index = graph.indexOf(step)
        if (index < 0 || graph.task(index) !is Task.RunStep) {
            val names =
                graph.tasks().filterIsInstance<Task.RunStep>().joinToString(", ") { it.id() }
            throw StopException(
                ExitCode.MISTAKE,
                "The run has no step \"$step\".\n    Its steps: $names.",
            )
        }
        return index
    }

    /** Prints what has come since the last look. */
    private fun copy(file: Path, copied: MutableMap<String, Long>) {
        if (!Files.isRegularFile(file)) return
        Files.newInputStream(file).use { input ->
            val from = copied.getOrDefault(file.toString(), 0L)
            input.skipNBytes(minOf(from, Files.size(file)))
            val count = input.transferTo(console.out)
            copied[file.toString()] = from + count
        }
        console.out.flush()
    }

    private companion object {
        const val LOOK_EVERY_MILLIS = 250L
        val LOGS = listOf("stdout", "stderr", "controller")
    }
}

@Command(
    name = "owner",
    hidden = true,
    description = ["The emulator of a local account. Started by others."],
)
internal class OwnerCommand : Callable<Int> {
    @Parameters(paramLabel = "FOLDER") lateinit var folder: Path

    override fun call(): Int {
        SqliteLibrary.use(Folders.cache())
        try {
            Owner.run(
                Account(folder.toAbsolutePath()),
                Engine.toolkits(Folders.cache()),
                Engine.ownerIdle(),
            )
        } catch (e: IOException) {
            throw StopException(
                ExitCode.OUTSIDE,
                "${e.message ?: e.javaClass.simpleName}\n    Free space on the disk, let this user write there, or name another state folder with --state.",
            )
        }
        return ExitCode.SUCCEEDED.code
    }
}
