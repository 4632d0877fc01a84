package dev.emrys.cli

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import kotlin.io.path.createDirectories
import kotlin.io.path.moveTo
import kotlin.io.path.readText
import kotlin.io.path.writeText

/** Without EMRYS_STATE: the state folder is found as it is for a user. */
class DailyUseTest :
    FunSpec({
        val program = autoClose(EmrysProgram())
        val options = LaunchOptions(mapOf("EMRYS_STATE" to ""))
        val pipes = program.folder.resolve("pipes").createDirectories()
        program.script("probe", EmrysProgram.PROBE).moveTo(pipes.resolve("probe.emr.kts"))
        val state = pipes.resolve(".emrys")

        lateinit var run: String

        test("a run of a script in another folder is found from the working folder") {
            val result =
                program.run(
                    "run",
                    "pipes/probe.emr.kts",
                    "--param",
                    "first=echo out; exit 7",
                    options = options,
                ) exits ExitCode.PIPELINE_FAILED
            run = result.run
            // The suggested commands need no --state.
            result.err shouldContain "emrys resume $run "
            result.err shouldNotContain "--state"
            program.run("runs", options = options).out shouldContain Regex("^$run +failed ")
            val listed = program.run("runs", "--output", "json", options = options).json().single()
            listed.path("name").asText() shouldBe run
            listed.path("state").asText() shouldBe "$state"
        }

        test("the state folder that a run creates is ignored by git") {
            state.resolve(".gitignore").readText() shouldBe "*\n"
        }

        test("show last prints script, params and target of the newest run") {
            val shown = program.run("show", "last", options = options).exits(ExitCode.SUCCEEDED).out
            shown shouldContain "Run $run ("
            shown shouldContain "  script   $pipes/probe.emr.kts\n"
            shown shouldContain "  params   first=echo out; exit 7, second=echo second, tries=1\n"
            shown shouldContain "  target   local\n"
            val json = program.run("show", "last", "--output", "json", options = options).json()
            json.path("params").path("tries").asText() shouldBe "1"
        }

        test("logs without a step prints the only failed step") {
            program.run("logs", "last", options = options).exits(ExitCode.SUCCEEDED).out shouldBe
                "out\n"
        }

        test("with runs in several folders the newest of all is last, and runs lists all") {
            program.script("other", EmrysProgram.PROBE.replace("probe", "other"))
            program.folder.resolve(".emrys").createDirectories()
            val other =
                program.run("run", "other.emr.kts", options = options) exits ExitCode.SUCCEEDED
            val listed = program.run("runs", options = options).out.trim().lines()
            listed[0] shouldContain
                Regex("^${other.run} +succeeded .* other  \\(${program.folder}/.emrys\\)$")
            listed[1] shouldContain Regex("^$run +failed .* probe  \\($state\\)$")
            program.run("show", "last", options = options).out shouldContain "Run ${other.run} ("
            program.run("show", run, options = options).out shouldContain "Run $run ("
            program
                .run("show", "absent", options = options)
                .exits(ExitCode.USER_ERROR)
                .printsOnStderr("There is no run \"absent\" here.")
        }

        test("logs without a step is an error when no step has failed and there are several") {
            program
                .run("logs", "last", options = options)
                .exits(ExitCode.USER_ERROR)
                .printsOnStderr("No step of the run has failed", "Name a STEP: one, two.")
        }

        test("a script that must be compiled is announced, a cached one is not") {
            val cache = LaunchOptions(mapOf("EMRYS_CACHE" to "${program.folder.resolve("cache")}"))
            val message = "Compiling other.emr.kts, because it is new or has changed"
            program
                .run("check", "other.emr.kts", options = cache)
                .exits(ExitCode.SUCCEEDED)
                .printsOnStderr(message)
            program.run("check", "other.emr.kts", options = cache).err shouldNotContain message
        }

        test("logs --follow says what it waits for") {
            val go = program.folder.resolve("go")
            val running =
                program.start(
                    "run",
                    "other.emr.kts",
                    "--param",
                    "first=until [ -e $go ] || [ ! -d ${program.folder} ]; do sleep 0.05; done",
                    options = options,
                )
            running.prints("one  running")
            val following =
                program.start("logs", running.run(), "two", "--follow", options = options)
            following.prints("Step two has not started: it waits for one.")
            go.writeText("")
            following.result().exits(ExitCode.SUCCEEDED).out shouldBe "second\n"
            running.result() exits ExitCode.SUCCEEDED
        }
    })
