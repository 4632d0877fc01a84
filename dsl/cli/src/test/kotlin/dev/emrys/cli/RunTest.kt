package dev.emrys.cli

import com.fasterxml.jackson.databind.JsonNode
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldBeEmpty
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import io.kotest.matchers.string.shouldStartWith
import java.nio.file.Path
import kotlin.io.path.isRegularFile
import kotlin.io.path.readText
import kotlin.io.path.writeText

internal fun JsonNode.phases(): Map<String, String> =
    path("tasks").associate { it.path("id").asText() to it.path("phase").asText() }

class RunTest :
    FunSpec({
        val program = autoClose(EmrysProgram())
        program.script("probe", EmrysProgram.PROBE)
        val account = LocalAccount(program.state)
        val ledger = program.folder.resolve("ledger")
        val fixed = program.folder.resolve("fixed")

        fun probe(first: String, second: String = "echo second", vararg more: String) =
            arrayOf(
                "run",
                "probe.emr.kts",
                "--param",
                "first=$first",
                "--param",
                "second=$second",
                *more,
            )

        lateinit var succeeded: String
        lateinit var failed: String

        test(
            "a pipeline that succeeds exits with 0 and prints only the output of its last step on stdout"
        ) {
            val result =
                program.run(*probe("echo one", "echo grüße; echo done; echo aside >&2")) exits
                    ExitCode.SUCCEEDED
            result.out shouldBe "grüße\ndone\n"
            result.printsOnStderr(
                "start:c  succeeded",
                "one  succeeded",
                "two  succeeded",
                "end:c  succeeded",
            )
            result.printsOnStderr(
                "Run ${result.run} of probe succeeded in ",
                ": 2 steps, 2 succeeded.",
            )
            succeeded = result.run
            account.clusters().values shouldContainExactly listOf("TERMINATED")
        }

        test(
            "a failed step is printed with its exit code, last lines, log and location; its downstream steps are skipped"
        ) {
            val first =
                "echo one >> $ledger; echo out; for i in 1 2 3; do echo problem \$i >&2; done; test -e $fixed || exit 7"
            val result =
                program.run(*probe(first, "echo two >> $ledger")) exits ExitCode.PIPELINE_FAILED
            result.out.shouldBeEmpty()
            result.printsOnStderr(
                "one failed: probe.emr.kts:6\n",
                "    Exit code 7.\n",
                "    problem 2\n    problem 3\n",
                "two  skipped: one did not succeed",
            )
            result.printsOnStderr(
                "2 steps, 1 failed, 1 skipped.",
                "emrys resume ${result.run} ",
                "emrys logs ${result.run} one",
            )
            val log = Regex("Full log: (\\S+)").find(result.err).shouldNotBeNull().groupValues[1]
            Path.of(log).readText() shouldBe "problem 1\nproblem 2\nproblem 3\n"
            failed = result.run
            account.clusters().values.toSet() shouldContainExactly setOf("TERMINATED")
        }

        test("a step that exceeds its timeout is reported once, with its last lines and its log") {
            program.script(
                "slow",
                """
                pipeline("slow") {
                    val c = cluster("c") { instances { primary("m6g.xlarge") } }
                    c.step("slow") { bash("echo the reason >&2; sleep 600"); timeout = 1.seconds }
                }
                """
                    .trimIndent(),
            )
            val result = program.run("run", "slow.emr.kts") exits ExitCode.PIPELINE_FAILED
            result.printsOnStderr(
                "slow  timed out, cancelling\n",
                "slow timed out: slow.emr.kts:3\n    It ran longer than its timeout of 1 s and was cancelled.",
                ": 1 step, 1 timed out.",
                "    the reason\n",
                "emrys logs ${result.run} slow",
            )
            val log = Regex("Full log: (\\S+)").find(result.err).shouldNotBeNull().groupValues[1]
            Path.of(log).readText() shouldBe "the reason\n"
        }

        test(
            "a resume refuses missing files and secrets of the steps that it submits, before anything starts"
        ) {
            val code = program.folder.resolve("some.sh").also { it.writeText("exit 8") }
            program.script(
                "jars",
                """
                pipeline("jars") {
                    val c = cluster("c") { instances { primary("m6g.xlarge") } }
                    c.step("first") { bash("exit 9") }
                    c.step("second") { script(file("some.sh")) { args(secret("tok")) } }
                }
                """
                    .trimIndent(),
            )
            val known = LaunchOptions(mapOf("EMRYS_SECRET_TOK" to "geheim-4711"))
            val result =
                program.run("run", "jars.emr.kts", options = known) exits ExitCode.PIPELINE_FAILED
            code.toFile().delete()
            val before = program.run("show", result.run, "--output", "json").out
            val refused = program.run("resume", result.run) exits ExitCode.USER_ERROR
            refused.printsOnStderr(
                "jars.emr.kts:4: ",
                "some.sh, which does not exist",
                "the secret \"tok\", which is not known here",
            )
            program.run("show", result.run, "--output", "json").out shouldBe before
        }

        test(
            "run --output json prints one document on stdout, after a success and after a failure"
        ) {
            val good =
                program.run(*probe("echo one", "echo two", "--output", "json")) exits
                    ExitCode.SUCCEEDED
            good.json().path("outcome").asText() shouldBe "SUCCEEDED"
            good.json().phases() shouldBe
                listOf("start:c", "one", "two", "end:c").associateWith { "SUCCEEDED" }
            val bad =
                program.run(
                    *probe("exit 1", "true", "--param", "tries=2", "--output", "json")
                ) exits ExitCode.PIPELINE_FAILED
            bad.json().path("outcome").asText() shouldBe "FAILED"
            bad.json().phases() shouldBe
                mapOf(
                    "start:c" to "SUCCEEDED",
                    "one" to "FAILED",
                    "two" to "SKIPPED",
                    "end:c" to "SUCCEEDED",
                )
            bad.json().path("tasks")[1].path("attempt").asInt() shouldBe 2
            bad.json().path("tasks")[1].path("failure").asText() shouldBe "STEP"
            bad.printsOnStderr(
                "one  attempt failed: Exit code 1.",
                "retrying in 1.0 s",
                "one (attempt 2)  attempt failed",
            )
        }

        test("runs lists the runs, the newest first") {
            val lines = program.run("runs").exits(ExitCode.SUCCEEDED).out.trim().lines()
            lines shouldHaveSize 6
            lines[4] shouldContain Regex("^$failed +failed .* probe$")
            lines[5] shouldContain Regex("^$succeeded +succeeded .* probe$")
            program.run("runs", "--limit", "1").out.trim().lines() shouldHaveSize 1
            val json = program.run("runs", "--output", "json").json()
            json.map { it.path("outcome").asText() } shouldContainExactly
                listOf("FAILED", "SUCCEEDED", "FAILED", "FAILED", "FAILED", "SUCCEEDED")
            json[5].path("name").asText() shouldBe succeeded
            json[5].path("driven").asBoolean() shouldBe false
            json[5].path("script").asText() shouldBe "${program.folder}/probe.emr.kts"
        }

        test("show prints a run, given its name, its id or a beginning of either") {
            val shown = program.run("show", failed).exits(ExitCode.SUCCEEDED).out
            shown shouldStartWith "Run $failed (r"
            shown shouldContain " of probe: failed\n"
            shown shouldContain "✗ one"
            shown shouldContain "– two"
            shown shouldContain "one: Exit code 7."
            shown shouldContain "Full log: ${program.state}/local/clusters/j-"
            val id =
                program
                    .run("show", failed.dropLast(1), "--output", "json")
                    .exits(ExitCode.SUCCEEDED)
                    .json()
                    .path("id")
                    .asText()
            val byId = program.run("show", id.take(12), "--output", "json").json()
            byId.path("name").asText() shouldBe failed
            byId.phases()["two"] shouldBe "SKIPPED"
        }

        test("logs prints the output of a step") {
            program.run("logs", failed, "one").exits(ExitCode.SUCCEEDED).out shouldBe
                "out\nproblem 1\nproblem 2\nproblem 3\n"
            program.run("logs", failed, "one", "--log", "stdout").out shouldBe "out\n"
            program.run("logs", failed, "one", "--log", "stderr", "--attempt", "1").out shouldBe
                "problem 1\nproblem 2\nproblem 3\n"
            program.run("logs", failed, "one", "--log", "controller").out shouldContain "bash"
        }

        test("logs of an unknown step, attempt or log is an error that names the known ones") {
            program
                .run("logs", failed, "tow")
                .exits(ExitCode.USER_ERROR)
                .printsOnStderr("no step \"tow\"", "Its steps: one, two.")
            program
                .run("logs", failed, "end:c")
                .exits(ExitCode.USER_ERROR)
                .printsOnStderr("Its steps: one, two.")
            program
                .run("logs", failed, "two")
                .exits(ExitCode.USER_ERROR)
                .printsOnStderr("\"two\" has no logs")
            program
                .run("logs", failed, "one", "--attempt", "2")
                .exits(ExitCode.USER_ERROR)
                .printsOnStderr("attempt 2 was not accepted by a cluster")
            program
                .run("logs", failed, "one", "--log", "syslog")
                .exits(ExitCode.USER_ERROR)
                .printsOnStderr("stdout, stderr, controller")
        }

        test("an unknown run, or a beginning of several, is an error") {
            for (command in listOf("show", "resume", "cancel")) {
                program
                    .run(command, "absent-there")
                    .exits(ExitCode.USER_ERROR)
                    .printsOnStderr("no run \"absent-there\"", "emrys runs")
            }
            program
                .run("show", "r")
                .exits(ExitCode.USER_ERROR)
                .printsOnStderr("\"r\" matches both ", "Write more of the name")
            program.run("show", "").exits(ExitCode.USER_ERROR)
        }

        test("a resume of a failed run runs again only what did not succeed, and says why") {
            fixed.writeText("")
            val result = program.run("resume", failed) exits ExitCode.SUCCEEDED
            result.printsOnStderr(
                "Run again: one, because it failed",
                "Run again: two, because it has not run",
                "reopened by process ",
            )
            ledger.lines() shouldContainExactly listOf("one", "one", "two")
            program.run("logs", failed, "one", "--attempt", "1", "--log", "stdout").out shouldBe
                "out\n"
        }

        test("a resume keeps what succeeded") {
            ledger.writeText("")
            val broken = program.folder.resolve("repaired")
            val result =
                program.run(
                    *probe("echo one >> $ledger", "echo two >> $ledger; test -e $broken")
                ) exits ExitCode.PIPELINE_FAILED
            broken.writeText("")
            val json =
                program.run("resume", result.run, "--output", "json") exits ExitCode.SUCCEEDED
            json.printsOnStderr(
                "Kept, because they succeeded: one\n",
                "Run again: two, because it failed",
            )
            json.json().phases()["two"] shouldBe "SUCCEEDED"
            ledger.lines() shouldContainExactly listOf("one", "two", "two")
        }

        test("a run that has succeeded is neither resumed nor cancelled") {
            val before = account.clusters()
            program
                .run("resume", succeeded)
                .exits(ExitCode.SUCCEEDED)
                .printsOnStderr("has succeeded: there is nothing to resume")
            program
                .run("cancel", succeeded, "--output", "json")
                .exits(ExitCode.SUCCEEDED)
                .printsOnStderr("has ended already: succeeded")
                .json()
                .path("outcome")
                .asText() shouldBe "SUCCEEDED"
            program
                .run("show", succeeded, "--output", "json")
                .json()
                .path("outcome")
                .asText() shouldBe "SUCCEEDED"
            account.clusters() shouldBe before
        }

        test("two simultaneous runs in one state folder have separate clusters") {
            val before = account.clusters().keys
            val meet = { mine: String, other: String ->
                "touch ${program.folder}/$mine; until [ -e ${program.folder}/$other ] || [ ! -d ${program.folder} ]; do sleep 0.05; done"
            }
            val runs =
                listOf(probe(meet("a", "b")), probe(meet("b", "a")))
                    .map { program.start(*it) }
                    .map { it.result() }
            runs.forEach { it exits ExitCode.SUCCEEDED }
            (runs[0].run == runs[1].run) shouldBe false
            account.clusters().keys - before shouldHaveSize 2
            account.awaitNoClusters()
        }

        test("two runs that create a state folder at the same moment both succeed") {
            repeat(3) { round ->
                val fresh = program.folder.resolve("fresh $round")
                List(2) { program.start(*probe("echo one"), "--state", "$fresh") }
                    .map { it.result() }
                    .forEach { it exits ExitCode.SUCCEEDED }
            }
        }

        test("suggested commands name the state folder where it would not be found") {
            val elsewhere = program.folder.resolve("else where")
            val options = LaunchOptions(mapOf("EMRYS_STATE" to ""))
            val failed = program.run(*probe("exit 3"), "--state", "$elsewhere", options = options)
            failed
                .exits(ExitCode.PIPELINE_FAILED)
                .printsOnStderr(
                    "    emrys resume ${failed.run} --state '$elsewhere'",
                    "    emrys logs ${failed.run} one --state '$elsewhere'",
                )
        }

        test("the state folder of a script is the nearest .emrys, or one beside it") {
            val options = LaunchOptions(mapOf("EMRYS_STATE" to ""))
            val result = program.run(*probe("echo one"), options = options) exits ExitCode.SUCCEEDED
            withClue(result.all) {
                program.folder.resolve(".emrys/journal.db").isRegularFile() shouldBe true
            }
            program.run("runs", options = options).out shouldContain result.run
            program
                .run("runs", "--state", "${program.state}", options = options)
                .out shouldNotContain result.run
        }
    })
