package dev.emrys.cli

import dev.emrys.graph.TaskGraph
import dev.emrys.host.LoadRequest
import dev.emrys.host.Loaded
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

/** A run of the probe: what has happened so far. */
private fun probe(folder: Path, vararg events: Event): RunState {
    val file = folder.resolve("probe.emr.kts").also { it.writeText(Program.PROBE) }
    val loaded =
        ScriptHost(Program.CACHE.resolve("scripts"))
            .load(LoadRequest(file, "probe.emr.kts", emptyMap(), false, LocalDate.of(2026, 4, 25)))
    val state = RunState(TaskGraph.compile((loaded as Loaded.Ready).spec))
    events.forEach { state.apply(it) }
    return state
}

private fun up(task: String, attempt: Int = 1): Array<Event> =
    arrayOf<Event>(
        Event.AttemptIntended(NOW, task, attempt, "key-$task"),
        Event.AttemptAccepted(NOW, task, attempt, "s-1"),
    )

class TextsTest :
    FunSpec({
        test("a duration is said with the digits that matter") {
            val said = { millis: Long -> Words.duration(Duration.ofMillis(millis)) }
            listOf(-5L, 0, 49, 999, 9_999).map(said) shouldContainExactly
                listOf("0.0 s", "0.0 s", "0.0 s", "0.9 s", "9.9 s")
            listOf(10_000L, 59_999, 60_000, 3_599_999).map(said) shouldContainExactly
                listOf("10 s", "59 s", "1 min 00 s", "59 min 59 s")
            listOf(3_600_000L, 90_061_000).map(said) shouldContainExactly
                listOf("1 h 00 min", "25 h 01 min")
        }

        test("a limit is said as it was written") {
            val said = { millis: Long -> Durations.words(Duration.ofMillis(millis)) }
            listOf(0L, 1_500, 30_000, 90_000, 600_000, 5_400_000, 7_200_000)
                .map(said) shouldContainExactly
                listOf("0 s", "1500 ms", "30 s", "90 s", "10 min", "90 min", "2 h")
        }

        test("the exit codes are promises to scripts") {
            ExitCode.entries.associate { it.name to it.code } shouldBe
                mapOf(
                    "SUCCEEDED" to 0,
                    "PIPELINE_FAILED" to 1,
                    "MISTAKE" to 2,
                    "OUTSIDE" to 3,
                    "HELD" to 4,
                    "BUG" to 70,
                    "INTERRUPTED" to 130,
                )
        }

        test("counts and sizes are said in words") {
            listOf(0, 1, 2).map { Words.count(it, "step") } shouldContainExactly
                listOf("0 steps", "1 step", "2 steps")
            listOf(0L, 999_999, 1_000_000, 301_500_000).map(Words::bytes) shouldContainExactly
                listOf("0 kB", "999 kB", "1 MB", "301 MB")
            Phase.entries.forEach { Words.phase(it).isNotBlank() shouldBe true }
        }

        test("every fact has its words, but for those that nobody need hear") {
            Story.of(Event.RunStarted(NOW, "r", "n")) shouldBe null
            Story.of(Event.AttemptIntended(NOW, "one", 1, "k")) shouldBe null
            Story.of(Event.RetryDue(NOW, "one", 1)) shouldBe null
            listOf(
                    Event.RunResumed(NOW, "process 7") to "resumed by process 7",
                    Event.RunReopened(NOW, "process 7") to "goes on, by process 7",
                    Event.CancelRequested(NOW, "Ctrl-C") to "cancellation asked for by Ctrl-C",
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
                    Event.AttemptCancelling(NOW, "one", 1) to "one  is being cancelled",
                    Event.AttemptTimedOut(NOW, "one", 1) to
                        "one  ran longer than its timeout, is being cancelled",
                    Event.AttemptCancelled(NOW, "one", 1, "x") to "one  cancelled",
                    Event.ClusterLost(NOW, "start:c", 1, FailureKind.CLUSTER_LOST, "gone") to
                        "start:c  lost: gone",
                    Event.RetryPlanned(NOW, "one", 1, NOW.plusSeconds(30)) to
                        "one  tries again in 30 s",
                    Event.TaskFailed(NOW, "one", 1) to "one  failed",
                    Event.TaskSkipped(NOW, "two", 0, "one") to "two  skipped: one did not succeed",
                    Event.TaskCancelled(NOW, "one", 1) to "one  cancelled",
                )
                .forEach { (event, words) -> Story.of(event) shouldBe words }
        }

        test("a line tells state, attempt and time of a task, and how long a wait still is") {
            val tasks =
                listOf(
                    task("short", Phase.SUCCEEDED, until = NOW.minusSeconds(2)),
                    task("a longer name", Phase.RUNNING, attempt = 2),
                    task("third", Phase.BACKOFF, until = NOW.plusSeconds(30)),
                    TaskState("fourth", Phase.WAITING, 0, null, null, null, null, null, null, null),
                )
            TaskLines(tasks, NOW, 80).toString().lines().map { it.trimEnd() } shouldContainExactly
                listOf(
                    "✓ short          succeeded              10 s",
                    "▸ a longer name  running, attempt 2     12 s",
                    "↻ third          waits to retry         in 30 s",
                    "· fourth         waiting",
                )
        }

        test("lines are as wide as the terminal, and many tasks are counted") {
            val long = TaskLines(listOf(task("x".repeat(100), Phase.RUNNING)), NOW, 40).toString()
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
            // All of them where nothing is drawn over, and on a screen what fits.
            TaskLines(many, NOW, 80).toString().lines() shouldHaveSize 100
            TaskLines(many, NOW, 80, height = 4).toString().lines() shouldHaveSize 4
            // A terminal that does not say how high it is.
            TaskLines(many, NOW, 80, height = -2).toString().lines() shouldHaveSize 6
            val lines = TaskLines(many, NOW, 80, height = 40).toString().lines()
            lines shouldHaveSize 6
            lines[0] shouldStartWith "✗ task 41"
            lines.last() shouldBe "… and 95 more, 45 of 100 over"
        }

        test("a resume says what it keeps, looks after and does again, and why") {
            val folder = tempdir().toPath()
            val before =
                arrayOf<Event>(
                    Event.RunStarted(NOW, "r", "n"),
                    *up("start:c"),
                    Event.AttemptSucceeded(NOW, "start:c", 1),
                    *up("one"),
                )
            Kept(probe(folder, *before)).lines() shouldContainExactly
                listOf("Looked after again, since they were under way: one")
            val failed =
                before +
                    arrayOf<Event>(
                        Event.AttemptFailed(NOW, "one", 1, FailureKind.STEP, "Exit code 7.", null),
                        Event.TaskFailed(NOW, "one", 1),
                        Event.TaskSkipped(NOW, "two", 0, "one"),
                    )
            // Not ended yet: what failed has failed, and is not done again.
            Kept(probe(folder, *failed)).lines() shouldContainExactly emptyList()
            val ended =
                failed +
                    arrayOf<Event>(
                        *up("end:c"),
                        Event.AttemptSucceeded(NOW, "end:c", 1),
                        Event.RunEnded(NOW, Outcome.FAILED),
                    )
            Kept(probe(folder, *ended)).lines() shouldContainExactly
                listOf("Done again: one, since it failed", "Done again: two, since it had not run")
            val half =
                before +
                    arrayOf<Event>(
                        Event.AttemptSucceeded(NOW, "one", 1),
                        *up("two"),
                        Event.AttemptFailed(NOW, "two", 1, FailureKind.STEP, "Exit code 7.", null),
                        Event.TaskFailed(NOW, "two", 1),
                        *up("end:c"),
                        Event.AttemptSucceeded(NOW, "end:c", 1),
                        Event.RunEnded(NOW, Outcome.FAILED),
                    )
            Kept(probe(folder, *half)).lines() shouldContainExactly
                listOf(
                    "Kept, since they succeeded: one",
                    "A new cluster: c; what one left only on the old one (tables of its metastore, HDFS) is gone",
                    "Done again: two, since it failed",
                )
        }

        test(
            "the state folder is the one named, else the nearest .emrys above the script, else one beside it"
        ) {
            val root = tempdir().toPath().toRealPath()
            val script = root.resolve("a/b/c/x.emr.kts").also { it.parent.createDirectories() }
            Folders.state(root.resolve("named/../other"), script) shouldBe root.resolve("other")
            Folders.state(null, script) shouldBe root.resolve("a/b/c/.emrys")
            root.resolve("a/.emrys").createDirectories()
            Folders.state(null, script) shouldBe root.resolve("a/.emrys")
            root.resolve("a/b/.emrys").writeText("a file is no state folder")
            Folders.state(null, script) shouldBe root.resolve("a/.emrys")
            root.resolve("a/b/c/.emrys").createDirectories()
            Folders.state(null, script) shouldBe root.resolve("a/b/c/.emrys")
        }

        test("the end of a file is its last whole lines, however long it is") {
            val file = tempdir().toPath().resolve("log")
            file.writeText("one\ntwo\nthree\n\n")
            Tail.lines(file, 2).last shouldContainExactly listOf("two", "three")
            Tail.lines(file, 2).more shouldBe true
            Tail.lines(file, 3).more shouldBe false
            file.writeText((1..20_000).joinToString("\n") { "line $it of many" })
            val last = Tail.lines(file, 10_000).last
            last.last() shouldBe "line 20000 of many"
            last.forEach { it shouldStartWith "line " }
            last.forEach { it shouldEndWith " of many" }
            file.writeText("x".repeat(200_000))
            Tail.lines(file, 5).last.single() shouldEndWith "xxx"
            file.writeText("")
            Tail.lines(file, 5).last shouldContainExactly emptyList()
        }
    })
