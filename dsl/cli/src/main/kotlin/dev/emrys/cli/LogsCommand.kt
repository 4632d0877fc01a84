package dev.emrys.cli

import dev.emrys.journal.RunRecord
import dev.emrys.run.Phase
import dev.emrys.run.TaskState
import dev.emrys.runtime.Engine
import dev.emrys.spec.CommandCode
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.Callable
import java.util.concurrent.TimeUnit
import picocli.CommandLine.Command
import picocli.CommandLine.Mixin
import picocli.CommandLine.Option
import picocli.CommandLine.Parameters

@Command(
    name = "logs",
    mixinStandardHelpOptions = true,
    description = ["Prints the output of a step."],
)
internal class LogsCommand(private val console: Console) : Callable<Int> {
    @Mixin lateinit var run: RunOptions
    @Parameters(
        index = "1",
        arity = "0..1",
        paramLabel = "STEP",
        description = ["The step's name. Default: the one failed step, or the only step."],
    )
    var step: String? = null
    @Option(
        names = ["--follow", "-f"],
        description = ["Continues to print until the step has ended."],
    )
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
        if (log != null && log !in LOGS) {
            throw StopException(CommandCode.LOG_UNKNOWN.of(log.orEmpty(), LOGS.joinToString(", ")))
        }
        return Engines.withRun(console, run) { engine, record ->
            val step = chooseStep(RunTasks(engine.state(record)))
            Follower(engine, record, step).print()
            ExitCode.SUCCEEDED.code
        }
    }

    private fun chooseStep(tasks: RunTasks): String {
        val names = tasks.steps.map { it.task() }
        val named = step
        if (named != null) {
            if (named in names) return named
            throw StopException(CommandCode.STEP_UNKNOWN.of(named, names.joinToString(", ")))
        }
        val failed = tasks.steps.filter { it.failed }.map { it.task() }
        return failed.singleOrNull()
            ?: names.singleOrNull()
            ?: throw StopException(
                CommandCode.STEP_NOT_NAMED.of(
                    if (failed.isEmpty()) "No step of the run has failed, and it has several."
                    else "Several steps of the run have failed: ${failed.joinToString(", ")}.",
                    names.joinToString(", "),
                )
            )
    }

    private inner class Follower(
        private val engine: Engine,
        private val record: RunRecord,
        private val step: String,
    ) {
        private val logs = log?.let(::listOf) ?: listOf("stdout", "stderr")
        private val printed = HashMap<Path, Long>()
        private var lastStatus: String? = null

        fun print() {
            while (true) {
                val tasks = RunTasks(engine.state(record))
                val task = checkNotNull(tasks.step(step)) { "no step $step" }
                val number = attempt ?: task.attempt()
                val ended = task.phase().isFinal || number < task.attempt()
                val driven = engine.journal().leases().holder(record.id()).isPresent
                val folder = StepLogFiles(engine, tasks).folder(step, number)
                folder?.let { from -> logs.forEach { printNew(from.resolve(it)) } }
                if (folder == null && (!follow || ended)) throw noLogs(number)
                if (!follow || ended) return
                // The step of an interrupted run may still run; its exit status tells when it
                // ended.
                if (!driven && (folder == null || Files.exists(folder.resolve("exit")))) {
                    val resume = NextCommands(engine.stateFolder()).text("resume", record.name())
                    console.status("No process drives the run: $resume    resumes it")
                    return
                }
                printStatus(tasks, task)
                TimeUnit.MILLISECONDS.sleep(POLL_MILLIS)
            }
        }

        /** Says what is waited for, once per state: a step may print nothing for hours. */
        private fun printStatus(tasks: RunTasks, task: TaskState) {
            val status = WaitText.of(tasks, task)
            if (status == lastStatus) return
            lastStatus = status
            console.status(status)
        }

        private fun noLogs(number: Int) =
            StopException(
                CommandCode.LOGS_MISSING.of(
                    step,
                    if (number == 0) "it was not submitted to a cluster"
                    else "attempt $number was not accepted by a cluster",
                )
            )

        /** Prints what was written since the last call. */
        private fun printNew(file: Path) {
            if (!Files.isRegularFile(file)) return
            Files.newInputStream(file).use { input ->
                val from = printed.getOrDefault(file, 0L)
                input.skipNBytes(minOf(from, Files.size(file)))
                printed[file] = from + input.transferTo(console.out)
            }
            console.out.flush()
        }
    }

    private companion object {
        const val POLL_MILLIS = 250L
        val LOGS = listOf("stdout", "stderr", "controller")
    }
}

/** What `logs --follow` waits for. */
internal object WaitText {
    fun of(tasks: RunTasks, task: TaskState): String {
        val step = task.task()
        if (task.phase() != Phase.WAITING)
            return "Step $step: ${task.phaseText()}. Following its output."
        val open = tasks.upstream(step).filterNot { it.phase().isFinal }.map { it.task() }
        val reason = if (open.isEmpty()) "its cluster" else open.joinToString(", ")
        return "Step $step has not started: it waits for $reason."
    }
}
