package dev.emrys.cli

import dev.emrys.graph.TaskGraph
import dev.emrys.host.LoadRequest
import dev.emrys.host.LoadResult
import dev.emrys.host.ScriptHost
import dev.emrys.run.Event
import dev.emrys.run.Outcome
import dev.emrys.run.Phase
import dev.emrys.run.RunState
import dev.emrys.run.TaskState
import dev.emrys.spec.Durations
import dev.emrys.spec.FailureKind
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.comparables.shouldBeLessThanOrEqualTo
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldEndWith
import io.kotest.matchers.string.shouldStartWith
import java.nio.file.Path
import java.time.Duration
import java.time.Instant
import java.time.LocalDate
import kotlin.io.path.createDirectories
import kotlin.io.path.writeText

private val NOW: Instant = Instant.parse("2026-04-25T03:00:00Z")

private fun task(name: String, phase: Phase, attempt: Int = 1, until: Instant? = null) =
    TaskState(
        name,
        phase,
        attempt,
        null,
        NOW.minusSeconds(65),
        NOW.minusSeconds(12),
        until,
        null,
        null,
        null,
    )

/** The state of a run of the probe after these events. */
private fun probe(folder: Path, vararg events: Event): RunTasks {
    val file = folder.resolve("probe.emr.kts").also { it.writeText(EmrysProgram.PROBE) }
    val loaded =
        ScriptHost(EmrysProgram.CACHE.resolve("scripts"))
            .load(LoadRequest(file, "probe.emr.kts", emptyMap(), false, LocalDate.of(2026, 4, 25)))
    val state = RunState(TaskGraph.compile((loaded as LoadResult.Ready).spec))
    events.forEach { state.apply(it) }
    return RunTasks(state)
}

private fun accepted(task: String, attempt: Int = 1): Array<Event> =
    arrayOf<Event>(
        Event.AttemptIntended(NOW, task, attempt, "key-$task"),
        Event.AttemptAccepted(NOW, task, attempt, "s-1"),
    )

class TextsTest :
    FunSpec({
        test("a duration is printed in its two largest units") {
            val text = { millis: Long -> Formats.duration(Duration.ofMillis(millis)) }
            listOf(-5L, 0, 49, 999, 9_999).map(text) shouldContainExactly
                listOf("0.0 s", "0.0 s", "0.0 s", "0.9 s", "9.9 s")
            listOf(10_000L, 59_999, 60_000, 3_599_999).map(text) shouldContainExactly
                listOf("10 s", "59 s", "1 min 00 s", "59 min 59 s")
            listOf(3_600_000L, 90_061_000).map(text) shouldContainExactly
                listOf("1 h 00 min", "25 h 01 min")
        }

        test("a limit is printed in the unit that it was written in") {
            val text = { millis: Long -> Durations.words(Duration.ofMillis(millis)) }
            listOf(0L, 1_500, 30_000, 90_000, 600_000, 5_400_000, 7_200_000)
                .map(text) shouldContainExactly
                listOf("0 s", "1500 ms", "30 s", "90 s", "10 min", "90 min", "2 h")
        }

        test("the exit codes have fixed numbers") {
            ExitCode.entries.associate { it.name to it.code } shouldBe
                mapOf(
                    "SUCCEEDED" to 0,
                    "PIPELINE_FAILED" to 1,
                    "USER_ERROR" to 2,
                    "EXTERNAL_FAILURE" to 3,
                    "DRIVEN_ELSEWHERE" to 4,
                    "INTERNAL_ERROR" to 70,
                    "INTERRUPTED" to 130,
                )
        }

        test("counts and sizes have units") {
            listOf(0, 1, 2).map { Formats.count(it, "step") } shouldContainExactly
                listOf("0 steps", "1 step", "2 steps")
            listOf(0L, 999_999, 1_000_000, 301_500_000).map(Formats::bytes) shouldContainExactly
                listOf("0 kB", "999 kB", "1 MB", "301 MB")
            Phase.entries.forEach { task("one", it).phaseText().isNotBlank() shouldBe true }
        }

        test("every event has a text, except those that are not shown") {
            EventText().of(Event.RunStarted(NOW, "r", "n")) shouldBe null
            EventText().of(Event.AttemptIntended(NOW, "one", 1, "k")) shouldBe null
            EventText().of(Event.RetryDue(NOW, "one", 1)) shouldBe null
            listOf(
                    Event.RunResumed(NOW, "process 7") to "resumed by process 7",
                    Event.RunReopened(NOW, "process 7") to "reopened by process 7",
                    Event.CancelRequested(NOW, "Ctrl-C") to "cancellation requested by Ctrl-C",
                    Event.RunEnded(NOW, Outcome.FAILED) to "run failed",
                    Event.AttemptAccepted(NOW, "one", 1, "s-1") to "one  accepted, s-1",
                    Event.AttemptRunning(NOW, "one", 2) to "one (attempt 2)  running",
                    Event.AttemptSucceeded(NOW, "one", 1) to "one  succeeded",
                    Event.AttemptFailed(
                        NOW,
                        "one",
                        1,
                        FailureKind.STEP,
                        "Exit code 7.\nmore",
                        null,
                    ) to "one  attempt failed: Exit code 7.",
                    Event.AttemptFailed(NOW, "one", 1, FailureKind.STEP, "", null) to
                        "one  attempt failed: ",
                    Event.AttemptCancelling(NOW, "one", 1) to "one  cancelling",
                    Event.AttemptTimedOut(NOW, "one", 1) to "one  timed out, cancelling",
                    Event.AttemptCancelled(NOW, "one", 1, "x") to "one  cancelled",
                    Event.ScopeLost(NOW, "start:c", 1, FailureKind.CLUSTER_LOST, "gone") to
                        "start:c  lost: gone",
                    Event.RetryPlanned(NOW, "one", 1, NOW.plusSeconds(30)) to
                        "one  retrying in 30 s",
                    Event.TaskFailed(NOW, "one", 1) to "one  failed",
                    Event.TaskSkipped(NOW, "two", 0, "one") to "two  skipped: one did not succeed",
                    Event.TaskCancelled(NOW, "one", 1) to "one  cancelled",
                )
                .forEach { (event, text) -> EventText().of(event) shouldBe text }
        }

        test("a timeout is one line, and another attempt or another step is not affected") {
            val text = EventText()
            listOf(
                    Event.AttemptTimedOut(NOW, "one", 1),
                    Event.AttemptCancelled(NOW, "one", 1, "EMR says CANCELLED."),
                    Event.TaskFailed(NOW, "one", 1),
                    Event.TaskFailed(NOW, "one", 2),
                    Event.TaskFailed(NOW, "two", 1),
                )
                .map(text::of) shouldContainExactly
                listOf(
                    "one  timed out, cancelling",
                    null,
                    null,
                    "one (attempt 2)  failed",
                    "two  failed",
                )
            val failed = task("one", Phase.FAILED)
            failed.phaseText() shouldBe "failed"
            TaskState(
                    "one",
                    Phase.FAILED,
                    1,
                    null,
                    NOW,
                    NOW,
                    NOW,
                    FailureKind.TIMEOUT,
                    null,
                    null,
                )
                .phaseText() shouldBe "timed out"
        }

        test("the duration of a step counts from its start on EMR, not from its submission") {
            fun ended(name: String, started: Instant?) =
                TaskState(
                        name,
                        Phase.SUCCEEDED,
                        1,
                        "s-1",
                        NOW.minusSeconds(65),
                        started,
                        NOW,
                        null,
                        null,
                        null,
                    )
                    .elapsedText(NOW)
            ended("one", NOW.minusMillis(100)) shouldBe "0.1 s"
            ended("one", null) shouldBe ""
            // A cluster has no start time of its own.
            ended("start:c", null) shouldBe "1 min 05 s"
        }

        test("a line has phase, attempt and time of a task, and the rest of a wait") {
            val tasks =
                listOf(
                    task("short", Phase.SUCCEEDED, until = NOW.minusSeconds(2)),
                    task("a longer name", Phase.RUNNING, attempt = 2),
                    task("third", Phase.RETRY_WAIT, until = NOW.plusSeconds(30)),
                    TaskState("fourth", Phase.WAITING, 0, null, null, null, null, null, null, null),
                )
            TaskTable(tasks, NOW, 80).toString().lines().map { it.trimEnd() } shouldContainExactly
                listOf(
                    "✓ short          succeeded              10 s",
                    "▸ a longer name  running, attempt 2     12 s",
                    "↻ third          waiting to retry       in 30 s",
                    "· fourth         waiting",
                )
        }

        test("a line fits the terminal, and tasks that do not fit are counted") {
            val long = TaskTable(listOf(task("x".repeat(100), Phase.RUNNING)), NOW, 40).toString()
            long.length shouldBeLessThanOrEqualTo 39
            long shouldBe "▸ xxxxxxx…  running                12 s"
            val many =
                (1..100).map {
                    task(
                        "task $it",
                        if (it <= 40) Phase.SUCCEEDED
                        else if (it <= 45) Phase.FAILED else Phase.WAITING,
                    )
                }
            // All of them in the final table; while it is redrawn, what fits the terminal.
            TaskTable(many, NOW, 80).toString().lines() shouldHaveSize 100
            TaskTable(many, NOW, 80, height = 4).toString().lines() shouldHaveSize 4
            // A terminal that does not tell its height.
            TaskTable(many, NOW, 80, height = -2).toString().lines() shouldHaveSize 6
            val lines = TaskTable(many, NOW, 80, height = 40).toString().lines()
            lines shouldHaveSize 6
            lines[0] shouldStartWith "✗ task 41"
            lines.last() shouldBe "… and 95 more; 45 of 100 ended"
        }

        test("a resume says what it keeps, monitors and runs again, and why") {
            val folder = tempdir().toPath()
            val before =
                arrayOf<Event>(
                    Event.RunStarted(NOW, "r", "n"),
                    *accepted("start:c"),
                    Event.AttemptSucceeded(NOW, "start:c", 1),
                    *accepted("one"),
                )
            ResumeSummary(probe(folder, *before)).lines() shouldContainExactly
                listOf("Monitored again, because EMR has them already: one")
            val failed =
                before +
                    arrayOf<Event>(
                        Event.AttemptFailed(NOW, "one", 1, FailureKind.STEP, "Exit code 7.", null),
                        Event.TaskFailed(NOW, "one", 1),
                        Event.TaskSkipped(NOW, "two", 0, "one"),
                    )
            // The run has not ended: a failed step is not run again.
            ResumeSummary(probe(folder, *failed)).lines() shouldContainExactly emptyList()
            val ended =
                failed +
                    arrayOf<Event>(
                        *accepted("end:c"),
                        Event.AttemptSucceeded(NOW, "end:c", 1),
                        Event.RunEnded(NOW, Outcome.FAILED),
                    )
            ResumeSummary(probe(folder, *ended)).lines() shouldContainExactly
                listOf(
                    "Run again: one, because it failed",
                    "Run again: two, because it has not run",
                )
            val half =
                before +
                    arrayOf<Event>(
                        Event.AttemptSucceeded(NOW, "one", 1),
                        *accepted("two"),
                        Event.AttemptFailed(NOW, "two", 1, FailureKind.STEP, "Exit code 7.", null),
                        Event.TaskFailed(NOW, "two", 1),
                        *accepted("end:c"),
                        Event.AttemptSucceeded(NOW, "end:c", 1),
                        Event.RunEnded(NOW, Outcome.FAILED),
                    )
            ResumeSummary(probe(folder, *half)).lines() shouldContainExactly
                listOf(
                    "Kept, because they succeeded: one",
                    "New cluster: c; what one wrote only to the old cluster (metastore tables, HDFS) is lost",
                    "Run again: two, because it failed",
                )
        }

        test(
            "the state folder is the one named, else the nearest .emrys above the script, else one beside it"
        ) {
            val root = tempdir().toPath().toRealPath()
            val script = root.resolve("a/b/c/x.emr.kts").also { it.parent.createDirectories() }
            StateFolders.of(root.resolve("named/../other"), script) shouldBe root.resolve("other")
            StateFolders.of(null, script) shouldBe root.resolve("a/b/c/.emrys")
            root.resolve("a/.emrys").createDirectories()
            StateFolders.of(null, script) shouldBe root.resolve("a/.emrys")
            root.resolve("a/b/.emrys").writeText("a file is not a state folder")
            StateFolders.of(null, script) shouldBe root.resolve("a/.emrys")
            root.resolve("a/b/c/.emrys").createDirectories()
            StateFolders.of(null, script) shouldBe root.resolve("a/b/c/.emrys")
        }

        test("the tail of a file is its last complete lines") {
            val file = tempdir().toPath().resolve("log")
            file.writeText("one\ntwo\nthree\n\n")
            LogTail.read(file, 2).lines shouldContainExactly listOf("two", "three")
            LogTail.read(file, 2).truncated shouldBe true
            LogTail.read(file, 3).truncated shouldBe false
            file.writeText((1..20_000).joinToString("\n") { "line $it of many" })
            val last = LogTail.read(file, 10_000).lines
            last.last() shouldBe "line 20000 of many"
            last.forEach { it shouldStartWith "line " }
            last.forEach { it shouldEndWith " of many" }
            file.writeText("x".repeat(200_000))
            LogTail.read(file, 5).lines.single() shouldEndWith "xxx"
            file.writeText("")
            LogTail.read(file, 5).lines shouldContainExactly emptyList()
        }
    })
