package dev.emrys.cli

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlin.io.path.copyTo
import kotlin.io.path.createDirectories

private const val AT = "2026-04-25T03:00:00+02:00"
private const val RUN = "night-shift-20260425T010000Z"

/** The schedules of a script, and runs for their fires. */
class ScheduleTest :
    FunSpec({
        val program = autoClose(EmrysProgram())
        val ledger = program.folder.resolve("ledger")
        program.script(
            "night",
            """
            pipeline("night shift") {
                schedule("0 3 * * *") { zone = "Europe/Berlin" }
                schedule("30 2 * * 0", name = "weekly") { zone = "Europe/Berlin"; jitter = 1.minutes }
                val day = param("day") { default { logicalDate.toString() } }
                val from = param("from") { default { dataInterval.start.toString() } }
                val then = param("then") { default = "true" }
                val c = cluster("c") { instances { primary("m6g.xlarge") } }
                c.step("load") { bash("echo ${'$'}day ${'$'}from >> $ledger; ${'$'}then") }
            }
            """
                .trimIndent(),
        )
        program.script("probe", EmrysProgram.PROBE)

        fun run(vararg more: String) = program.run("run", "night.emr.kts", "--at", *more)

        test(
            "explain prints the next fires with their offsets, and what a clock change does to them"
        ) {
            val from = arrayOf("--from", "2026-10-24T12:00:00Z", "--count", "2")
            val text =
                program.run("schedule", "explain", "night.emr.kts", *from) exits ExitCode.SUCCEEDED
            text.out
                .lines()
                .filter { it.isNotBlank() }
                .map { it.replace(Regex("time zones \\S+\\)"), "…)") } shouldContainExactly
                listOf(
                    "Schedule main: 0 3 * * * (Europe/Berlin, …)",
                    "  2026-10-25 03:00:00 +01:00",
                    "  2026-10-26 03:00:00 +01:00",
                    "Schedule weekly: 30 2 * * 0 (Europe/Berlin, …)",
                    "  2026-10-25 02:30:00 +02:00, starts 02:30:40   clock change: the first of two",
                    "  2026-10-25 02:30:00            clock change: happens twice on this day, the other one fires",
                    "  2026-11-01 02:30:00 +01:00, starts 02:30:36",
                )
            val json =
                program
                    .run("schedule", "explain", "night.emr.kts", *from, "--output", "json")
                    .json()
            json.path("schedules").map { it.path("name").asText() } shouldContainExactly
                listOf("main", "weekly")
            json.path("schedules")[0].path("occurrences")[0].path("at").asText() shouldBe
                "2026-10-25T03:00+01:00"
        }

        test("a fire is run once, with its date and its data interval") {
            val first = run(AT) exits ExitCode.SUCCEEDED
            first.run shouldBe RUN
            val again = run("2026-04-25T03:00") exits ExitCode.SUCCEEDED
            again.printsOnStderr(
                "The run $RUN of this fire has ended: succeeded. Nothing is started."
            )
            ledger.lines() shouldContainExactly
                listOf("2026-04-25 2026-04-24T03:00+02:00[Europe/Berlin]")
            program.run("show", RUN).exits(ExitCode.SUCCEEDED).out shouldContain "day=2026-04-25"
        }

        test("the last fire so far is run once") {
            program.script(
                "yearly",
                """
                pipeline("yearly") {
                    schedule("0 0 1 1 *")
                    wait("nothing", 0.seconds)
                }
                """
                    .trimIndent(),
            )
            fun last() = program.run("run", "yearly.emr.kts", "--at", "last")
            val first = last() exits ExitCode.SUCCEEDED
            last()
                .exits(ExitCode.SUCCEEDED)
                .printsOnStderr("The run ${first.run} of this fire has ended")
        }

        test(
            "the run of a fire that failed is not repeated, and one that was interrupted goes on"
        ) {
            val failed =
                run("2026-04-26T03:00", "--param", "then=exit 3") exits ExitCode.PIPELINE_FAILED
            run("2026-04-26T03:00")
                .exits(ExitCode.PIPELINE_FAILED)
                .printsOnStderr("has ended: failed", "emrys resume ${failed.run}")
            val step = BlockingStep(program, "interrupted")
            val running =
                program.start(
                    "run",
                    "night.emr.kts",
                    "--at",
                    "2026-04-27T03:00",
                    "--param",
                    "then=${step.command}",
                )
            step.awaitRunning(running)
            run("2026-04-27T03:00") exits ExitCode.DRIVEN_ELSEWHERE
            running.process.destroyForcibly().waitFor()
            val next = program.start("run", "night.emr.kts", "--at", "2026-04-27T03:00")
            next.prints("was interrupted, and goes on")
            step.release()
            next.result() exits ExitCode.SUCCEEDED
            step.ledger.lines() shouldContainExactly listOf("begun", "done")
        }

        test("a time at which nothing fires, and a pipeline without a schedule, are refused") {
            run("2026-04-25T03:01:00+02:00")
                .exits(ExitCode.USER_ERROR)
                .printsOnStderr(
                    "error E553: No schedule of the pipeline \"night shift\" fires at 2026-04-25T03:01:00+02:00.",
                    "The one before is 2026-04-25T01:00:00Z, the next one 2026-04-26T00:30:00Z.",
                )
            for (command in
                listOf(
                    listOf("run", "probe.emr.kts", "--at", "last"),
                    listOf("schedule", "explain", "probe.emr.kts"),
                )) {
                program
                    .run(*command.toTypedArray())
                    .exits(ExitCode.USER_ERROR)
                    .printsOnStderr("error E552: The pipeline \"probe\" has no schedule.")
            }
        }

        test("another script does not take the run of a fire for its own") {
            val other = program.folder.resolve("other").createDirectories().resolve("night.emr.kts")
            program.folder.resolve("night.emr.kts").copyTo(other)
            program
                .run("run", "$other", "--at", AT)
                .exits(ExitCode.USER_ERROR)
                .printsOnStderr(
                    "error E554: The run $RUN is of the script ${program.folder}/night.emr.kts."
                )
        }
    })
