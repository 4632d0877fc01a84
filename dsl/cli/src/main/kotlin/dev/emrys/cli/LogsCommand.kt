package dev.emrys.cli

import com.google.common.collect.ImmutableList
import dev.emrys.drive.AttemptLogs
import dev.emrys.run.Phase
import dev.emrys.runtime.Engine
import dev.emrys.spec.CommandCode
import dev.emrys.view.RunFeed
import dev.emrys.view.RunHeader
import dev.emrys.view.RunView
import dev.emrys.view.TaskView
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
        description =
            ["stdout, stderr, controller, or syslog on aws. Default: stdout, then stderr."],
    )
    var log: String? = null
    @Option(names = ["--stdout"], description = ["As --log stdout."]) var stdout: Boolean = false
    @Option(names = ["--stderr"], description = ["As --log stderr."]) var stderr: Boolean = false
    @Option(names = ["--controller"], description = ["As --log controller."])
    var controller: Boolean = false
    @Option(names = ["--syslog"], description = ["As --log syslog."]) var syslog: Boolean = false
    @Option(names = ["--attempt"], paramLabel = "N", description = ["Default: the newest."])
    var attempt: Int? = null

    override fun call(): Int {
        return Engines.withRun(console, run) { engine, record ->
            val logs = RunLogs(engine, record)
            asked()
                .firstOrNull { it !in logs.names }
                ?.let {
                    throw StopException(
                        CommandCode.LOG_UNKNOWN.of(it, logs.names.joinToString(", "))
                    )
                }
            val feed = engine.runs().follow(record.id())
            Follower(engine, record, logs, feed, chooseStep(feed.view())).print()
            ExitCode.SUCCEEDED.code
        }
    }

    /** The logs that the command line names; none for those that are usual. */
    private fun asked(): List<String> =
        listOfNotNull(
                log,
                "stdout".takeIf { stdout },
                "stderr".takeIf { stderr },
                "controller".takeIf { controller },
                "syslog".takeIf { syslog },
            )
            .distinct()

    private fun chooseStep(run: RunView): String {
        val names = run.steps().map { it.id() }
        val named = step
        if (named != null) {
            if (named in names) return named
            throw StopException(CommandCode.STEP_UNKNOWN.of(named, names.joinToString(", ")))
        }
        val failed = run.steps().filter { it.isFailed }.map { it.id() }
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
        private val run: RunHeader,
        private val logs: RunLogs,
        private val feed: RunFeed,
        private val step: String,
    ) {
        private val names = asked().ifEmpty { listOf("stdout", "stderr") }
        private val printed = HashMap<String, Long>()
        private var lastStatus: String? = null
        private var located: String? = null

        fun print() {
            while (true) {
                feed.skip()
                val task = feed.task(step)
                val number = attempt ?: task.attempt()
                val ended = task.isFinal || number < task.attempt()
                val found = logs.of(task, number)
                val isLast = !follow || (ended && found?.delay()?.isPresent != true)
                if (isLast) return printLast(found, task, number, ended)
                // The target tells how much there is after it has told whether there comes more.
                val isComplete = found == null || ((ended || !isDriven()) && found.isComplete)
                // The step of an interrupted run may still run; its target tells when it ended.
                val isLeft = !ended && isComplete && !isDriven()
                if (ended && isComplete) return printLast(found, task, number, ended)
                if (ended) printWaiting(found) else if (!isLeft) printStatus(task, number)
                found?.let(::printNew)
                // Once for each attempt: it is a call of the service.
                val isNew = task.remoteId() != null && task.remoteId() != located
                if (found == null && isNew) stopElsewhere(task, number)
                if (isLeft) {
                    val resume = NextCommands(engine).text("resume", run.name())
                    console.status("No process drives the run: $resume    resumes it")
                    return
                }
                TimeUnit.MILLISECONDS.sleep(found?.pollInterval()?.toMillis() ?: POLL_MILLIS)
            }
        }

        /** Prints what is there, and says why that may not be everything. */
        private fun printLast(found: AttemptLogs?, task: TaskView, number: Int, ended: Boolean) {
            if (found == null) {
                stopElsewhere(task, number)
                throw noLogs(task, number)
            }
            val late = found.delay().orElse(null)?.takeUnless { ended && found.isComplete }
            printNew(found)
            if (names.none { found.find(it).isPresent })
                found.absence(ImmutableList.copyOf(names)).ifPresent { throw StopException(it) }
            if (late != null) console.status("More may come. $late --follow waits for it.")
        }

        private fun stopElsewhere(task: TaskView, number: Int) {
            located = task.remoteId()
            logs.location(task, number)?.let {
                throw StopException(CommandCode.LOGS_ELSEWHERE.of(step, it))
            }
        }

        /** Once: the step has ended, and its logs come later. */
        private fun printWaiting(found: AttemptLogs?) {
            val status = "Step $step has ended. Waiting for its logs: ${found?.delay()?.orElse("")}"
            if (status != lastStatus) console.status(status)
            lastStatus = status
        }

        private fun isDriven() = feed.header().driver() != null

        /** Says what is waited for, once per state: a step may print nothing for hours. */
        private fun printStatus(task: TaskView, number: Int) {
            val upstream =
                if (task.phase() == Phase.WAITING) feed.view().upstream(step) else emptyList()
            val status = WaitText.of(task, upstream, number)
            if (status == lastStatus) return
            lastStatus = status
            console.status(status)
        }

        /** Prints what was written since the last call. */
        private fun printNew(found: AttemptLogs) {
            for (name in names) {
                val file = found.find(name).orElse(null) ?: continue
                while (true) {
                    val from = printed.getOrDefault(file.location(), 0L)
                    val bytes = file.read(from, CHUNK_BYTES)
                    if (bytes.isEmpty()) break
                    console.out.write(bytes)
                    printed[file.location()] = from + bytes.size
                }
            }
            console.out.flush()
        }

        private fun noLogs(task: TaskView, number: Int) =
            StopException(
                CommandCode.LOGS_MISSING.of(
                    step,
                    when {
                        number == 0 -> "it was not submitted to a cluster"
                        number == task.attempt() && task.remoteId() != null ->
                            "none of this attempt are kept"
                        else -> "attempt $number was not accepted by a cluster"
                    },
                )
            )
    }

    private companion object {
        const val POLL_MILLIS = 250L
        const val CHUNK_BYTES = 1 shl 20
    }
}

/** What `logs --follow` waits for. */
internal object WaitText {
    /**
     * @param upstream the declared tasks that the task waits for
     * @param attempt whose output is printed
     */
    fun of(task: TaskView, upstream: List<TaskView>, attempt: Int = task.attempt()): String {
        val step = task.id()
        if (task.attempt() in 1..<attempt)
            return "Step $step: attempt $attempt has not begun. " +
                "Attempt ${task.attempt()}: ${task.phaseText()}."
        if (task.phase() != Phase.WAITING)
            return "Step $step: ${task.phaseText()}. Following its output."
        val open = upstream.filterNot { it.isFinal }.map { it.id() }
        val reason = if (open.isEmpty()) "its cluster" else open.joinToString(", ")
        return "Step $step has not started: it waits for $reason."
    }
}
