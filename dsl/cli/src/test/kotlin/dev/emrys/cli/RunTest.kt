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
        val program = autoClose(Program())
        program.script("probe", Program.PROBE)
        val cloud = Cloud(program.state)
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
            "a pipeline that succeeds exits with 0 and says on stdout what its last step said, alone"
        ) {
            val said =
                program.run(*probe("echo one", "echo grüße; echo done; echo aside >&2")) exits
                    ExitCode.SUCCEEDED
            said.out shouldBe "grüße\ndone\n"
            said.says("start:c  succeeded", "one  succeeded", "two  succeeded", "end:c  succeeded")
            said.says("Run ${said.run} of probe succeeded in ", ": 2 steps, 2 succeeded.")
            succeeded = said.run
            cloud.clusters().values shouldContainExactly listOf("TERMINATED")
        }

        test(
            "a step that fails is told with its exit code, its last words, its log and its place; what waits for it is skipped"
        ) {
            val first =
                "echo one >> $ledger; echo out; for i in 1 2 3; do echo problem \$i >&2; done; test -e $fixed || exit 7"
            val said =
                program.run(*probe(first, "echo two >> $ledger")) exits ExitCode.PIPELINE_FAILED
            said.out.shouldBeEmpty()
            said.says(
                "one failed: probe.emr.kts:6\n",
                "    Exit code 7.\n",
                "    problem 2\n    problem 3\n",
                "two  skipped: one did not succeed",
            )
            said.says(
                "2 steps, 1 failed, 1 skipped.",
                "emrys resume ${said.run} ",
                "emrys logs ${said.run} one",
            )
            val log = Regex("The whole log: (\\S+)").find(said.err).shouldNotBeNull().groupValues[1]
            Path.of(log).readText() shouldBe "problem 1\nproblem 2\nproblem 3\n"
            failed = said.run
            cloud.clusters().values.toSet() shouldContainExactly setOf("TERMINATED")
        }

        test("a step that runs longer than its timeout is told with its last words and its log") {
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
            val said = program.run("run", "slow.emr.kts") exits ExitCode.PIPELINE_FAILED
            said.says(
                "It ran longer than its timeout of 1 s and was cancelled.",
                "    the reason\n",
                "emrys logs ${said.run} slow",
            )
            val log = Regex("The whole log: (\\S+)").find(said.err).shouldNotBeNull().groupValues[1]
            Path.of(log).readText() shouldBe "the reason\n"
        }

        test("a resume looks first whether what it sends is there: if not, nothing is started") {
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
            val known = How(mapOf("EMRYS_SECRET_TOK" to "geheim-4711"))
            val said =
                program.run("run", "jars.emr.kts", how = known) exits ExitCode.PIPELINE_FAILED
            code.toFile().delete()
            val before = program.run("show", said.run, "--output", "json").out
            val refused = program.run("resume", said.run) exits ExitCode.MISTAKE
            refused.says(
                "jars.emr.kts:4: ",
                "some.sh, which does not exist",
                "the secret \"tok\", which is not known here",
            )
            program.run("show", said.run, "--output", "json").out shouldBe before
        }

        test("run --output json is one document on stdout, of a success and of a failure") {
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
            bad.says(
                "one  attempt failed: Exit code 1.",
                "tries again in 1.0 s",
                "one (attempt 2)  attempt failed",
            )
        }

        test("runs lists them, the newest first") {
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

        test("show tells where a run stands, by its name, its id or a beginning of either") {
            val shown = program.run("show", failed).exits(ExitCode.SUCCEEDED).out
            shown shouldStartWith "Run $failed (r"
            shown shouldContain " of probe: failed\n"
            shown shouldContain "✗ one"
            shown shouldContain "– two"
            shown shouldContain "one: Exit code 7."
            shown shouldContain "The whole log: ${program.state}/local/clusters/j-"
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

        test("logs prints what a step has written") {
            program.run("logs", failed, "one").exits(ExitCode.SUCCEEDED).out shouldBe
                "out\nproblem 1\nproblem 2\nproblem 3\n"
            program.run("logs", failed, "one", "--log", "stdout").out shouldBe "out\n"
            program.run("logs", failed, "one", "--log", "stderr", "--attempt", "1").out shouldBe
                "problem 1\nproblem 2\nproblem 3\n"
            program.run("logs", failed, "one", "--log", "controller").out shouldContain "bash"
        }

        test("logs of what there is not is a mistake that names what there is") {
            program
                .run("logs", failed, "tow")
                .exits(ExitCode.MISTAKE)
                .says("no step \"tow\"", "Its steps: one, two.")
            program
                .run("logs", failed, "end:c")
                .exits(ExitCode.MISTAKE)
                .says("Its steps: one, two.")
            program.run("logs", failed, "two").exits(ExitCode.MISTAKE).says("\"two\" has no logs")
            program
                .run("logs", failed, "one", "--attempt", "2")
                .exits(ExitCode.MISTAKE)
                .says("attempt 2 never reached a cluster")
            program
                .run("logs", failed, "one", "--log", "syslog")
                .exits(ExitCode.MISTAKE)
                .says("stdout, stderr, controller")
        }

        test("a run that there is not, or a beginning that several have, is a mistake") {
            for (command in listOf("show", "resume", "cancel")) {
                program
                    .run(command, "nobody-there")
                    .exits(ExitCode.MISTAKE)
                    .says("no run \"nobody-there\"", "emrys runs")
            }
            program
                .run("show", "r")
                .exits(ExitCode.MISTAKE)
                .says("\"r\" may be ", "Write more of the name")
            program.run("show", "").exits(ExitCode.MISTAKE)
        }

        test("a resume of a failed run does again only what did not succeed, and says why") {
            fixed.writeText("")
            val said = program.run("resume", failed) exits ExitCode.SUCCEEDED
            said.says(
                "Done again: one, since it failed",
                "Done again: two, since it had not run",
                "goes on, by process ",
            )
            ledger.lines() shouldContainExactly listOf("one", "one", "two")
            program.run("logs", failed, "one", "--attempt", "1", "--log", "stdout").out shouldBe
                "out\n"
        }

        test("a resume keeps what succeeded") {
            ledger.writeText("")
            val broken = program.folder.resolve("repaired")
            val said =
                program.run(
                    *probe("echo one >> $ledger", "echo two >> $ledger; test -e $broken")
                ) exits ExitCode.PIPELINE_FAILED
            broken.writeText("")
            val json = program.run("resume", said.run, "--output", "json") exits ExitCode.SUCCEEDED
            json.says("Kept, since they succeeded: one\n", "Done again: two, since it failed")
            json.json().phases()["two"] shouldBe "SUCCEEDED"
            ledger.lines() shouldContainExactly listOf("one", "two", "two")
        }

        test("a run that has succeeded need not be resumed, and cannot be cancelled") {
            val before = cloud.clusters()
            program
                .run("resume", succeeded)
                .exits(ExitCode.SUCCEEDED)
                .says("has succeeded: there is nothing to resume")
            program
                .run("cancel", succeeded, "--output", "json")
                .exits(ExitCode.SUCCEEDED)
                .says("has ended already: succeeded")
                .json()
                .path("outcome")
                .asText() shouldBe "SUCCEEDED"
            program
                .run("show", succeeded, "--output", "json")
                .json()
                .path("outcome")
                .asText() shouldBe "SUCCEEDED"
            cloud.clusters() shouldBe before
        }

        test("two runs at once, in one state folder, each have their own cluster") {
            val before = cloud.clusters().keys
            val meet = { mine: String, other: String ->
                "touch ${program.folder}/$mine; until [ -e ${program.folder}/$other ] || [ ! -d ${program.folder} ]; do sleep 0.05; done"
            }
            val runs =
                listOf(probe(meet("a", "b")), probe(meet("b", "a")))
                    .map { program.start(*it) }
                    .map { it.said() }
            runs.forEach { it exits ExitCode.SUCCEEDED }
            (runs[0].run == runs[1].run) shouldBe false
            cloud.clusters().keys - before shouldHaveSize 2
            cloud.isEmpty()
        }

        test("two runs that make a state folder at the same moment both succeed") {
            repeat(3) { round ->
                val fresh = program.folder.resolve("fresh $round")
                List(2) { program.start(*probe("echo one"), "--state", "$fresh") }
                    .map { it.said() }
                    .forEach { it exits ExitCode.SUCCEEDED }
            }
        }

        test("what to type next names the state folder where it would not be found") {
            val elsewhere = program.folder.resolve("else where")
            val how = How(mapOf("EMRYS_STATE" to ""))
            val failed = program.run(*probe("exit 3"), "--state", "$elsewhere", how = how)
            failed
                .exits(ExitCode.PIPELINE_FAILED)
                .says(
                    "    emrys resume ${failed.run} --state '$elsewhere'",
                    "    emrys logs ${failed.run} one --state '$elsewhere'",
                )
        }

        test("the state folder of a script is the nearest .emrys, or one beside it") {
            val how = How(mapOf("EMRYS_STATE" to ""))
            val said = program.run(*probe("echo one"), how = how) exits ExitCode.SUCCEEDED
            withClue(said.all) {
                program.folder.resolve(".emrys/journal.db").isRegularFile() shouldBe true
            }
            program.run("runs", how = how).out shouldContain said.run
            program.run("runs", "--state", "${program.state}", how = how).out shouldNotContain
                said.run
        }
    })
