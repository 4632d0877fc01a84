package dev.emrys.cli

import com.fasterxml.jackson.databind.JsonNode
import dev.emrys.host.ScriptHost
import dev.emrys.journal.FireRecord
import dev.emrys.schedule.CatchUp
import dev.emrys.scheduler.FireResult
import dev.emrys.scheduler.FireRunner
import dev.emrys.scheduler.ServedSchedule
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.comparables.shouldBeGreaterThanOrEqualTo
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldBeEmpty
import io.kotest.matchers.string.shouldContain
import java.nio.file.Files
import java.nio.file.Path
import java.time.Instant
import java.time.LocalDateTime
import java.util.concurrent.CompletableFuture
import kotlin.io.path.createDirectories
import kotlin.io.path.writeText

/** What cron calls every minute, as processes of its own. */
class ScheduleTickTest :
    FunSpec({
        val program = autoClose(EmrysProgram())

        /** A script in a folder of its own. */
        fun write(folder: String, name: String, text: String): Path {
            program.script(name, text)
            val file = program.folder.resolve("$name.emr.kts")
            return Files.move(
                file,
                program.folder.resolve(folder).createDirectories().resolve(file.fileName),
            )
        }

        fun state(name: String): LaunchOptions =
            LaunchOptions(mapOf("EMRYS_STATE" to "${program.folder.resolve(name)}"))

        fun fires(options: LaunchOptions): List<JsonNode> =
            program
                .run("schedule", "history", "--output", "json", options = options)
                .json()
                .path("fires")
                .toList()

        fun LaunchOptions.tick(vararg words: String) =
            program.run("schedule", "tick", *words, options = this)

        fun LaunchOptions.trigger(name: String) =
            program.run("schedule", "trigger", name, options = this) exits ExitCode.SUCCEEDED

        /** A schedule as it is served. */
        fun served(name: String, words: String = ""): ServedSchedule {
            val file = write(name, name, every(3600, name, "wait(\"one\", 1.seconds)", words))
            val host = ScriptHost(EmrysProgram.CACHE.resolve("scripts"))
            val log = ServeLog(Console(), json = false, tellsLoaded = false)
            return ServedScripts(listOf(file), host, log, null).scan(first = true)!!.single()
        }

        /** A run whose step goes on until a file exists. */
        fun blocking(folder: String, ledger: Path, release: Path) =
            write(
                folder,
                "block",
                every(3600, "block", step(ledger, "while test ! -e $release; do sleep 0.2; done")),
            )

        test("people are told of a run that failed in a call, once") {
            val told = program.folder.resolve("told")
            val body =
                """
                notifications { command("sh", "-c", "echo told >> $told") }
                val c = cluster("c") { instances { primary("m6g.xlarge") } }
                c.step("load") { bash("exit 3") }
                """
            write("failing", "failing", every(3600, "failing", body))
            val options = state("failing-state")
            options.tick("failing") exits ExitCode.SUCCEEDED
            options.trigger("failing")
            options.tick("failing") exits ExitCode.PIPELINE_FAILED
            told.lines() shouldContainExactly listOf("told")
            options.tick("failing") exits ExitCode.SUCCEEDED
            told.lines() shouldContainExactly listOf("told")
        }

        test("when nothing is due a call prints nothing, and a new schedule has no fire") {
            write("quiet", "quiet", every(3600, "quiet", "wait(\"one\", 1.seconds)"))
            val options = state("quiet-state")
            options
                .tick("quiet")
                .exits(ExitCode.SUCCEEDED)
                .printsOnStderr("quiet/main is new: 0 0 * 1 *")
            options.tick("quiet").exits(ExitCode.SUCCEEDED).all.shouldBeEmpty()
            fires(options).shouldBeEmpty()
            Files.createDirectories(program.folder.resolve("without"))
            state("no-state").tick("without").exits(ExitCode.SUCCEEDED).all.shouldBeEmpty()
            Files.exists(program.folder.resolve("no-state")) shouldBe false
        }

        test("each fire is run once, although several calls run at the same time") {
            val ledger = program.folder.resolve("often-ledger")
            write(
                "often",
                "often",
                every(3, "often", step(ledger, "true"), "overlap = Overlap.Allow"),
            )
            val options = state("often-state")
            var rounds = 0
            while (ledger.lines().size < 3 && rounds++ < MOST_ROUNDS) {
                (1..3)
                    .map { program.start("schedule", "tick", "often", options = options) }
                    .forEach { it.result() exits ExitCode.SUCCEEDED }
            }
            val fires = fires(options)
            fires.map { it.path("state").asText() }.toSet() shouldBe setOf("succeeded")
            fires.size shouldBeGreaterThan 1
            ledger.lines().sorted() shouldContainExactly
                fires.map { it.path("at").asText() }.sorted()
        }

        test("a call waits for no run of another one, and decides no fire after its begin") {
            val ledger = program.folder.resolve("blocked-ledger")
            val release = program.folder.resolve("release")
            blocking("blocked", ledger, release)
            write("blocked", "beside", every(2, "beside", "wait(\"one\", 1.seconds)"))
            val options = state("blocked-state")
            options.tick("blocked") exits ExitCode.SUCCEEDED
            options.trigger("block")
            val first = program.start("schedule", "tick", "blocked", options = options)
            first.until("the step has begun") { ledger.lines().size == 1 }
            val decided = first.count("beside/main: the fire of")
            val before = fires(options).size
            first.until("a fire is due that the first call does not decide") {
                options
                    .tick("blocked", "--output", "json")
                    .exits(ExitCode.SUCCEEDED)
                    .out
                    .contains("beside-20")
            }
            first.process.isAlive shouldBe true
            fires(options).size shouldBeGreaterThan before
            release.writeText("")
            first.result() exits ExitCode.SUCCEEDED
            first.count("beside/main: the fire of") shouldBe decided
            ledger.lines().size shouldBe 1
        }

        test("until it is idle a call decides further fires, by the scripts as they are then") {
            val ledger = program.folder.resolve("idle-ledger")
            val release = program.folder.resolve("idle-release")
            blocking("idle", ledger, release)
            val options = state("idle-state")
            options.tick("idle") exits ExitCode.SUCCEEDED
            options.trigger("block")
            val call = program.start("schedule", "tick", "idle", "--until-idle", options = options)
            call.until("the step has begun") { ledger.lines().size == 1 }
            val added = write("idle", "added", every(2, "added", "wait(\"one\", 1.seconds)"))
            call.prints("added/main is new")
            call.prints(" succeeded")
            Files.delete(added)
            release.writeText("")
            call.result() exits ExitCode.SUCCEEDED
        }

        test("a run is continued by the next call, whether its call was stopped or killed") {
            val ledger = program.folder.resolve("left-ledger")
            val release = program.folder.resolve("left-release")
            blocking("left", ledger, release)
            val options = state("left-state")
            options.tick("left") exits ExitCode.SUCCEEDED
            options.trigger("block")
            val stopped = program.start("schedule", "tick", "left", options = options)
            stopped.until("the step has begun") { ledger.lines().size == 1 }
            stopped.signal("TERM")
            stopped
                .result()
                .exits(ExitCode.INTERRUPTED)
                .printsOnStderr("1 run will be continued by the next call")
            val killed = program.start("schedule", "tick", "left", options = options)
            killed.until("it drives the run") {
                "process ${killed.process.pid()}" in
                    program.run("show", "last", options = options).all
            }
            killed.process.destroyForcibly().waitFor()
            release.writeText("")
            options.tick("left").exits(ExitCode.SUCCEEDED).printsOnStderr(" succeeded")
            ledger.lines().size shouldBe 1
            fires(options).single().path("state").asText() shouldBe "succeeded"
        }

        test("a failed run and a script with an error are exit codes, and others run") {
            val file = write("bad", "bad", every(3600, "bad", step(Path.of("/dev/null"), "exit 3")))
            val options = state("bad-state")
            options.tick("bad") exits ExitCode.SUCCEEDED
            options.trigger("bad")
            options.tick("bad").exits(ExitCode.PIPELINE_FAILED).printsOnStderr(" failed: load")
            options.tick("bad") exits ExitCode.SUCCEEDED
            file.writeText("pipeline(\"bad\") { schedule(\"* * *\") }")
            options
                .tick("bad")
                .exits(ExitCode.USER_ERROR)
                .printsOnStderr("It is served as it was before.")
            options.trigger("bad")
            options.tick("bad") exits ExitCode.PIPELINE_FAILED
            options
                .tick("bad", "--every-minutes", "60")
                .exits(ExitCode.USER_ERROR)
                .err shouldContain "error E578"
        }

        test("a fire that was due since the call before is on time, whatever the script says") {
            val served = served("late", "catchUp = CatchUp.None")
            tolerant(served, 10).catchUp().let {
                it.tolerance().toMinutes() shouldBe 11
                it.mode() shouldBe CatchUp.None()
                it.window() shouldBe served.catchUp().window()
            }
            tolerant(served, 1).catchUp().tolerance() shouldBeGreaterThanOrEqualTo
                served.catchUp().tolerance()
        }

        test("at most so many runs are started at the same time, the others in their order") {
            val begun = ArrayList<Pair<String, CompletableFuture<FireResult>>>()
            val runner =
                LimitedFireRunner(
                    object : FireRunner {
                        override fun run(schedule: ServedSchedule, fire: FireRecord) =
                            CompletableFuture<FireResult>().also { begun.add(fire.run() to it) }

                        override fun cancel(run: String) = Unit
                    },
                    2,
                )
            val schedule = served("limited")
            val results = (1..4).map { runner.run(schedule, fire(it)) }
            begun.map { it.first } shouldContainExactly listOf("run-1", "run-2")
            runner.unfinished shouldBe 4
            begun[1].second.complete(FireResult.of(FireResult.Kind.SUCCEEDED))
            results.map { it.isDone } shouldContainExactly listOf(false, true, false, false)
            begun.map { it.first } shouldContainExactly listOf("run-1", "run-2", "run-3")
            runner.result(fire(2))?.kind() shouldBe FireResult.Kind.SUCCEEDED
            runner.result(fire(1)) shouldBe null
            runner.knows(fire(4)) shouldBe true
            runner.knows(fire(5)) shouldBe false
            runner.close()
            begun[0].second.complete(FireResult.of(FireResult.Kind.FAILED))
            begun.size shouldBe 3
            runner.results.map { it.kind() } shouldContainExactly
                listOf(FireResult.Kind.FAILED, FireResult.Kind.SUCCEEDED)
        }
    })

private const val MOST_ROUNDS = 30

private fun fire(number: Int): FireRecord {
    val at = Instant.parse("2026-04-25T03:00:00Z").plusSeconds(number.toLong())
    return FireRecord(
        "p/main",
        at,
        FireRecord.Cause.SCHEDULE,
        LocalDateTime.parse("2026-04-25T03:00"),
        "UTC",
        "",
        at,
        FireRecord.State.STARTED,
        "",
        "",
        "",
        "run-$number",
        "test",
        at,
        null,
    )
}
