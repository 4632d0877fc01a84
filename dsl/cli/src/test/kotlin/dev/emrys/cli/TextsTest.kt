package dev.emrys.cli

import com.fasterxml.jackson.databind.ObjectMapper
import com.google.common.collect.ImmutableList
import dev.emrys.drive.AttemptLogs
import dev.emrys.host.LoadRequest
import dev.emrys.host.LoadResult
import dev.emrys.host.ScriptHost
import dev.emrys.journal.InMemoryJournals
import dev.emrys.journal.RunRecord
import dev.emrys.run.Event
import dev.emrys.run.Outcome
import dev.emrys.run.Phase
import dev.emrys.spec.Durations
import dev.emrys.spec.FailureCause
import dev.emrys.spec.FailureKind
import dev.emrys.spec.HostCode
import dev.emrys.spec.SourceLocation
import dev.emrys.spec.SpecJson
import dev.emrys.view.AttemptView
import dev.emrys.view.RunChange
import dev.emrys.view.RunChange.Kind
import dev.emrys.view.RunDriver
import dev.emrys.view.RunView
import dev.emrys.view.RunViews
import dev.emrys.view.TaskView
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.comparables.shouldBeLessThanOrEqualTo
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldEndWith
import io.kotest.matchers.string.shouldStartWith
import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration
import java.time.Instant
import java.time.LocalDate
import kotlin.io.path.createDirectories
import kotlin.io.path.writeText

private val NOW: Instant = Instant.parse("2026-04-25T03:00:00Z")

private fun task(
    name: String,
    phase: Phase,
    attempt: Int = 1,
    until: Instant? = null,
    runningSince: Instant? = NOW.minusSeconds(12),
    failure: FailureKind? = null,
    kind: TaskView.Kind = TaskView.Kind.STEP,
    cause: FailureCause? = null,
) =
    TaskView(
        name,
        kind,
        "c",
        SourceLocation.at("probe.emr.kts", 1),
        phase,
        attempt,
        "j-1",
        "s-1",
        NOW.minusSeconds(65).takeIf { attempt > 0 },
        runningSince,
        until,
        failure,
        null,
        null,
        cause,
    )

/** A run of the probe after these events. */
private fun probe(folder: Path, vararg events: Event): RunView {
    val file = folder.resolve("probe.emr.kts").also { it.writeText(EmrysProgram.PROBE) }
    val loaded =
        ScriptHost(EmrysProgram.CACHE.resolve("scripts"))
            .load(
                LoadRequest(
                    file,
                    "probe.emr.kts",
                    emptyMap(),
                    false,
                    lazyOf(LocalDate.of(2026, 4, 25)),
                )
            )
    val spec = (loaded as LoadResult.Ready).spec
    val journal = InMemoryJournals().open {}
    val run = RunRecord("r", "n", spec.name(), "", "local", NOW, null, null)
    journal.runs().create(run, SpecJson.write(spec)).use { lease ->
        journal.events().append(lease, 1, ImmutableList.copyOf(events)).join()
    }
    return RunViews(journal).view("r")
}

private fun accepted(task: String, attempt: Int = 1): Array<Event> =
    arrayOf<Event>(
        Event.AttemptIntended(NOW, task, attempt, "key-$task"),
        Event.AttemptAccepted(NOW, task, attempt, "s-1"),
    )

private class FileLog(private val file: Path) : AttemptLogs.Log {
    override fun location() = file.toString()

    override fun size() = Files.size(file)

    override fun read(offset: Long, limit: Int): ByteArray =
        Files.readAllBytes(file).drop(offset.toInt()).take(limit).toByteArray()
}

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

        test("a failed task names its root cause and what to do, unless the reason says it") {
            val of = { cause: FailureCause? ->
                task("load", Phase.FAILED, cause = cause).causeText()
            }
            of(FailureCause.DISK_FULL) shouldBe
                "Cause: a disk is full (DISK_FULL). Give the instances larger volumes, or write less to local folders and HDFS."
            of(FailureCause.USER_EXCEPTION) shouldBe null
            of(null) shouldBe null
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

        test("every change has a text, except those that are not shown") {
            fun text(
                kind: Kind,
                task: String? = null,
                attempt: Int = 1,
                detail: String? = null,
                due: Instant? = null,
            ) = ChangeText.of(RunChange(NOW, kind, task, attempt, detail, due))
            val hidden = listOf(Kind.STARTED, Kind.SUBMITTING, Kind.RETRY_DUE, Kind.AFTER_TIMEOUT)
            hidden.forEach { text(it, "one") shouldBe null }
            val texts =
                mapOf(
                    Kind.RESUMED to text(Kind.RESUMED, detail = "process 7"),
                    Kind.REOPENED to text(Kind.REOPENED, detail = "process 7"),
                    Kind.CANCEL_REQUESTED to text(Kind.CANCEL_REQUESTED, detail = "Ctrl-C"),
                    Kind.ENDED to text(Kind.ENDED, detail = "failed"),
                    Kind.ACCEPTED to text(Kind.ACCEPTED, "one", detail = "s-1"),
                    Kind.RUNNING to text(Kind.RUNNING, "one", 2),
                    Kind.SUCCEEDED to text(Kind.SUCCEEDED, "one"),
                    Kind.ATTEMPT_FAILED to
                        text(Kind.ATTEMPT_FAILED, "one", detail = "Exit code 7.\nmore"),
                    Kind.CANCELLING to text(Kind.CANCELLING, "one"),
                    Kind.TIMED_OUT to text(Kind.TIMED_OUT, "one"),
                    Kind.CANCELLED to text(Kind.CANCELLED, "one", detail = "x"),
                    Kind.LOST to text(Kind.LOST, "start:c", detail = "gone"),
                    Kind.RETRY_PLANNED to
                        text(Kind.RETRY_PLANNED, "one", due = NOW.plusSeconds(30)),
                    Kind.FAILED to text(Kind.FAILED, "one"),
                    Kind.SKIPPED to text(Kind.SKIPPED, "two", 0, "one"),
                )
            texts.keys shouldContainExactly Kind.entries.toSet() - hidden.toSet()
            texts.values.toList() shouldContainExactly
                listOf(
                    "resumed by process 7",
                    "reopened by process 7",
                    "cancellation requested by Ctrl-C",
                    "run failed",
                    "one  accepted, s-1",
                    "one (attempt 2)  running",
                    "one  succeeded",
                    "one  attempt failed: Exit code 7.",
                    "one  cancelling",
                    "one  timed out, cancelling",
                    "one  cancelled",
                    "start:c  lost: gone",
                    "one  retrying in 30 s",
                    "one  failed",
                    "two  skipped: one did not succeed",
                )
        }

        test("a step that failed because of its timeout is called timed out") {
            task("one", Phase.FAILED).phaseText() shouldBe "failed"
            task("one", Phase.FAILED, failure = FailureKind.TIMEOUT).phaseText() shouldBe
                "timed out"
        }

        test("the duration of a step counts from its start on EMR, not from its submission") {
            fun ended(started: Instant?, kind: TaskView.Kind = TaskView.Kind.STEP) =
                task("one", Phase.SUCCEEDED, until = NOW, runningSince = started, kind = kind)
                    .elapsedText(NOW)
            ended(NOW.minusMillis(100)) shouldBe "0.1 s"
            ended(null) shouldBe ""
            // A cluster and a wait have no start time of their own.
            ended(null, TaskView.Kind.CLUSTER) shouldBe "1 min 05 s"
            ended(null, TaskView.Kind.OTHER_TASK) shouldBe "1 min 05 s"
        }

        test("a diagnostic in JSON has the calls that led to its location") {
            val helper = SourceLocation("a.kts", 3, 0, SourceLocation.at("a.kts", 9))
            fun json(at: SourceLocation) =
                ObjectMapper()
                    .readTree(Json.diagnostics(listOf(HostCode.SCRIPT_THREW.at(at, "X"))))
                    .at("/diagnostics/0/calledFrom")
                    .toString()
            json(helper) shouldBe """[{"file":"a.kts","line":9}]"""
            json(SourceLocation.at("a.kts", 3)) shouldBe ""
        }

        test("logs of an attempt that has not begun say so") {
            val first = task("one", Phase.RUNNING)
            WaitText.of(first, emptyList(), 2) shouldBe
                "Step one: attempt 2 has not begun. Attempt 1: running."
            WaitText.of(first, emptyList(), 1) shouldBe "Step one: running. Following its output."
        }

        test("the history of a run is read once for an attempt that is not there yet") {
            var reads = 0
            val history = AttemptHistory { step, attempt ->
                reads++
                if (attempt == 1) AttemptView(step, 1, "j-1", "s-1") else null
            }
            repeat(3) { history.find(task("one", Phase.RUNNING), 3) shouldBe null }
            reads shouldBe 1
            // The attempts between may have ended between two looks.
            repeat(3) { history.find(task("one", Phase.RUNNING, attempt = 2), 3) shouldBe null }
            reads shouldBe 2
            repeat(3) {
                history.find(task("one", Phase.RUNNING, attempt = 2), 1)?.remoteId() shouldBe "s-1"
            }
            reads shouldBe 3
        }

        test("a line has phase, attempt and time of a task, and the rest of a wait") {
            val tasks =
                listOf(
                    task("short", Phase.SUCCEEDED, until = NOW.minusSeconds(2)),
                    task("a longer name", Phase.RUNNING, attempt = 2),
                    task("third", Phase.RETRY_WAIT, until = NOW.plusSeconds(30)),
                    task("fourth", Phase.WAITING, 0, runningSince = null),
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

        test("a wait names the steps and clusters that are still ending") {
            val folder = tempdir().toPath()
            EndingText.of(probe(folder, Event.RunStarted(NOW, "r", "n"))) shouldBe
                "the end of the run"
            val running =
                arrayOf<Event>(
                    Event.RunStarted(NOW, "r", "n"),
                    *accepted("start:c"),
                    Event.AttemptSucceeded(NOW, "start:c", 1),
                    *accepted("one"),
                    Event.AttemptRunning(NOW, "one", 1),
                    Event.CancelRequested(NOW, "me"),
                    Event.AttemptCancelling(NOW, "one", 1),
                )
            EndingText.of(probe(folder, *running)) shouldBe
                "step one (cancelling), cluster c (waits for its steps)"
            val ended =
                running +
                    arrayOf<Event>(
                        Event.AttemptCancelled(NOW, "one", 1, "x"),
                        Event.TaskCancelled(NOW, "two", 0),
                    )
            EndingText.of(probe(folder, *ended)) shouldBe "cluster c (running)"
            EndingText.of(probe(folder, *ended, *accepted("end:c"))) shouldBe "cluster c (ending)"
        }

        test("a wait says who drives the run when nothing new was recorded for a while") {
            val silence = SilenceReport("bold-pine", NOW)
            val driver = RunDriver(12, "box", NOW)
            fun due(seconds: Long, by: RunDriver = driver) =
                silence.due(NOW.plusSeconds(seconds), by, "step two (cancelling)")
            due(29) shouldBe null
            due(30) shouldBe
                "Process 12 on box drives the run bold-pine; nothing new was recorded since " +
                    "${Formats.time(NOW)}, for 30 s. Waiting for: step two (cancelling).\n" +
                    "    If that process hangs, end it: then this command ends the clusters."
            due(31) shouldBe null
            // Less and less often, but for ever.
            (32L..2000L).filter { due(it) != null } shouldContainExactly
                listOf(90L, 210L, 450L, 750L, 1050L, 1350L, 1650L, 1950L)
            silence.heard(NOW.plusSeconds(2000))
            due(2029) shouldBe null
            due(2030, RunDriver(0, "?", NOW)).orEmpty() shouldStartWith
                "A process that has not recorded its id drives the run bold-pine; nothing new was " +
                    "recorded since ${Formats.time(NOW.plusSeconds(2000))}, for 30 s."
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
            val log = FileLog(file)
            file.writeText("one\ntwo\nthree\n\n")
            LogTail.read(log, 2).lines shouldContainExactly listOf("two", "three")
            LogTail.read(log, 2).truncated shouldBe true
            LogTail.read(log, 3).truncated shouldBe false
            file.writeText((1..20_000).joinToString("\n") { "line $it of many" })
            val last = LogTail.read(log, 10_000).lines
            last.last() shouldBe "line 20000 of many"
            last.forEach { it shouldStartWith "line " }
            last.forEach { it shouldEndWith " of many" }
            file.writeText("x".repeat(200_000))
            LogTail.read(log, 5).lines.single() shouldEndWith "xxx"
            file.writeText("")
            LogTail.read(log, 5).lines shouldContainExactly emptyList()
        }
    })
