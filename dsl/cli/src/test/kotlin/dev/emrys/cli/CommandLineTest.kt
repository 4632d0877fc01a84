package dev.emrys.cli

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.paths.shouldExist
import io.kotest.matchers.paths.shouldNotExist
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldBeEmpty
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldMatch
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.writeText

class CommandLineTest :
    FunSpec({
        val program = autoClose(Program())
        program.script("probe", Program.PROBE)
        val probe = "probe.emr.kts"
        program.script(
            "needs",
            """
            pipeline("needs") {
                val day = dateParam("day")
                val c = cluster("c") { instances { primary("m6g.xlarge") } }
                c.step("s") { bash("echo ${'$'}day") }
            }
            """
                .trimIndent(),
        )

        test("--help lists every command and every exit code") {
            val help = program.run("--help") exits ExitCode.SUCCEEDED
            for (word in
                listOf("run", "plan", "check", "resume", "cancel", "runs", "show", "logs")) {
                help.out shouldContain Regex("(?m)^  $word ")
            }
            ExitCode.entries.forEach { help.out shouldContain Regex("(?m)^ +${it.code}  \\w") }
            program.run("run", "--help").exits(ExitCode.SUCCEEDED).out shouldContain
                "--param=NAME=VALUE"
        }

        test("--version says the version") {
            program.run("--version").exits(ExitCode.SUCCEEDED).out.trim() shouldMatch
                Regex("emrys \\d+\\.\\d+\\.\\d+\\S*")
        }

        test("no command names those that there are") {
            program.run().exits(ExitCode.MISTAKE).says("Name a command: run, plan,", "emrys --help")
        }

        test(
            "an unknown command is a mistake, with the words that can be written and the nearest of them"
        ) {
            val said = program.run("rnu") exits ExitCode.MISTAKE
            said.says("There is no command \"rnu\".", "Did you mean run?", "emrys --help")
        }

        test("an unknown option is a mistake, with the nearest that can be written") {
            val said = program.run("plan", probe, "--pram", "first=x") exits ExitCode.MISTAKE
            said.says("There is no option \"--pram\".", "Did you mean --param", "emrys plan --help")
            program
                .run("runs", "much")
                .exits(ExitCode.MISTAKE)
                .says("\"much\"", "emrys runs --help")
            program.run("logs", "one").exits(ExitCode.MISTAKE).says("STEP", "emrys logs --help")
            program
                .run("plan", probe, "--output", "xml")
                .exits(ExitCode.MISTAKE)
                .says("TEXT, JSON", "'xml'")
        }

        test("plan shows the params and touches nothing") {
            val before =
                program.folder.listDirectoryEntries().map { it.name }.filterNot { "-" in it }
            val plan = program.run("plan", probe, "--param", "first=date") exits ExitCode.SUCCEEDED
            plan.out shouldContain "params  first=date, second=echo second, tries=1"
            plan.err.shouldBeEmpty()
            program.folder
                .listDirectoryEntries()
                .map { it.name }
                .filterNot { "-" in it } shouldContainExactly before
            program.state.shouldNotExist()
        }

        test("plan --output json is one document with the tasks and what they wait for") {
            val plan =
                program.run("plan", probe, "--output", "json").exits(ExitCode.SUCCEEDED).json()
            plan.path("pipeline").path("name").asText() shouldBe "probe"
            plan.path("tasks").map { it.path("id").asText() } shouldContainExactly
                listOf("start:c", "one", "two", "end:c")
            plan.path("tasks")[2].path("after").map { it.asText() } shouldContainExactly
                listOf("one")
            plan.path("tasks").map { it.path("does").asText() } shouldContainExactly
                listOf("start-cluster", "run-step", "run-step", "end-cluster")
            plan.path("notes").toList().shouldBeEmpty()
        }

        test("what a script prints is not taken for what was asked for") {
            program.script(
                "talks",
                """
                println("a script that talks")
                pipeline("talks") {
                    val c = cluster("c") { instances { primary("m6g.xlarge") } }
                    c.step("s") { bash("true") }
                }
                """
                    .trimIndent(),
            )
            val plan = program.run("plan", "talks.emr.kts", "--output", "json")
            plan.exits(ExitCode.SUCCEEDED).says("a script that talks")
            plan.json().path("pipeline").path("name").asText() shouldBe "talks"
        }

        test("a program that reads JSON reads of a failure, too") {
            val said = program.run("show", "nobody", "--output=json") exits ExitCode.MISTAKE
            said.json().path("exit").asInt() shouldBe 2
            said.json().path("error").asText() shouldContain "There are no runs in"
        }

        test("every file of a step is looked for before anything starts") {
            val there = program.folder.resolve("there is.jar").also { it.writeText("") }
            program.script(
                "files",
                """
                pipeline("files") {
                    val c = cluster("c") { applications(Spark); instances { primary("m6g.xlarge") } }
                    c.step("fine") {
                        sparkSubmit(file("${there.name}"), mainClass = "A") {
                            submit("--jars", file("${there.name}").toString() + "," + file("${there.name}"))
                            conf("spark.jars", "s3://bkt/not-looked-at.jar")
                        }
                    }
                    c.step("dependency") {
                        sparkSubmit(file("${there.name}"), mainClass = "A") { submit("--jars", "s3://bkt/none.jar") }
                    }
                    c.step("application") {
                        sparkSubmit("s3://bkt/gone.jar", mainClass = "A") { submit("--jars", file("${there.name}").toString()) }
                    }
                    c.step("plain") {
                        sparkSubmit(file("${there.name}"), mainClass = "A") { submit("--jars", "jobs/x.jar") }
                    }
                    c.step("absolute") { mapReduce("/no/such.jar") }
                    c.step("malformed") { mapReduce("file:/no such.jar") }
                    c.step("host") { mapReduce("file://host/x.jar") }
                    c.step("relative") { mapReduce("file:x.jar") }
                }
                """
                    .trimIndent(),
            )
            val said = program.run("plan", "files.emr.kts") exits ExitCode.MISTAKE
            said.err
                .lines()
                .filter { it.startsWith("files.emr.kts:") && ": error " in it }
                .map {
                    it.substringAfter("The step ").substringBefore(", ")
                } shouldContainExactly
                listOf(
                    "\"dependency\" runs s3://bkt/none.jar",
                    "\"application\" runs s3://bkt/gone.jar",
                    "\"plain\" runs jobs/x.jar",
                    "\"absolute\" runs /no/such.jar",
                    "\"malformed\" runs file:/no such.jar",
                    "\"host\" runs file://host/x.jar",
                    "\"relative\" runs file:x.jar",
                )
            said.says("which names no location", "Write file(\"jobs/x.jar\")")
        }

        test("check takes samples for params that are not given, and touches nothing") {
            val said = program.run("check", "needs.emr.kts") exits ExitCode.SUCCEEDED
            said.out.trim() shouldBe
                "needs.emr.kts: no mistakes in pipeline \"needs\" (1 cluster, 1 step)."
            program
                .run("check", "needs.emr.kts", "--output", "json")
                .exits(ExitCode.SUCCEEDED)
                .json()
                .path("mistakes")
                .size() shouldBe 0
            program.state.shouldNotExist()
        }

        test("what is given twice, or asks for nothing, is a mistake") {
            (program.run("plan", "needs.emr.kts", "--param", "day=1", "--param", "day=2") exits
                    ExitCode.MISTAKE)
                .says("--param day is given more than once")
            (program.run("runs", "--limit", "0") exits ExitCode.MISTAKE).says("--limit 0")
        }

        test("what may be misspelled is a warning, for people and for programs") {
            val text = Program.PROBE.replace("m6g.xlarge", "m6g.xlarg")
            program.script("odd", text)
            (program.run("plan", "odd.emr.kts") exits ExitCode.SUCCEEDED).says(
                "odd.emr.kts:5: warning E231: "
            )
            for (command in listOf("check", "plan")) {
                val hint =
                    (program.run(command, "odd.emr.kts", "--output", "json") exits
                            ExitCode.SUCCEEDED)
                        .json()
                        .path("hints")
                        .single()
                hint.path("file").asText() shouldBe "odd.emr.kts"
                hint.path("what").asText() shouldContain "m6g.xlarge"
            }
        }

        test(
            "a param that is missing, ill-typed or unknown is told at its place before anything starts"
        ) {
            (program.run("run", "needs.emr.kts") exits ExitCode.MISTAKE).says(
                "needs.emr.kts:2: error E225: The parameter \"day\" has no value.",
                "--param day=2026-04-25",
            )
            val wrong =
                program.run("run", probe, "--param", "tries=many", "--param", "frist=x") exits
                    ExitCode.MISTAKE
            wrong.says(
                "probe.emr.kts:4: error E224: The parameter \"tries\" is \"many\"",
                "|     val tries = intParam",
                "--param tries=4",
            )
            wrong.says("The script has no parameter \"frist\".", "Did you mean --param first=…?")
            val json =
                program
                    .run("plan", "needs.emr.kts", "--param", "day=today", "--output", "json")
                    .exits(ExitCode.MISTAKE)
                    .json()
            val diagnostic = json.path("mistakes").single()
            diagnostic.path("file").asText() shouldBe "needs.emr.kts"
            diagnostic.path("line").asInt() shouldBe 2
            diagnostic.path("what").asText() shouldContain "today"
            program.state.shouldNotExist()
        }

        test("a --param without a name or a '=' is a mistake") {
            program
                .run("plan", probe, "--param", "first")
                .exits(ExitCode.MISTAKE)
                .says("--param first has no name or no '='", "name=value")
            program
                .run("plan", probe, "--param", "=x")
                .exits(ExitCode.MISTAKE)
                .says("--param =x has no name")
        }

        test("params come from a file too, and those of the command line stand above") {
            program.folder
                .resolve("good.json")
                .writeText("""{"first": "from file", "second": "from file", "tries": 2}""")
            val plan =
                program.run("plan", probe, "--params", "good.json", "--param", "second=here") exits
                    ExitCode.SUCCEEDED
            plan.out shouldContain "params  first=from file, second=here, tries=2"
        }

        test("a params file that cannot be used is a mistake, with its place") {
            fun plan(text: String): Said {
                program.folder.resolve("bad.json").writeText(text)
                return program.run("plan", probe, "--params", "bad.json") exits ExitCode.MISTAKE
            }
            plan("{\n  \"first\": oops\n}")
                .says("bad.json:2:", "This is not JSON", "Write one object")
            plan("").says("bad.json", "Write one, such as")
            plan("[1]").says("bad.json:1: The params file holds no JSON object.")
            plan("""{"first": {"a": 1}}""")
                .says(
                    "bad.json: The param \"first\" is object.",
                    "Write a text, a number, true or false.",
                )
            plan("""{"first": null}""").says("The param \"first\" is null.")
            plan("""{"first": "a"} {"first": "b"}""").says("bad.json:1:")
            plan("""{"first": "a", "first": "b"}""").says("bad.json:1:", "first")
            program
                .run("plan", probe, "--params", "none.json")
                .exits(ExitCode.MISTAKE)
                .says("The params file none.json", "there is no such file")
            program
                .run("plan", probe, "--params", ".")
                .exits(ExitCode.MISTAKE)
                .says("The params file . cannot be read")
        }

        test("commands about runs, where there are none, say so") {
            program
                .run("runs")
                .exits(ExitCode.SUCCEEDED)
                .says("There are no runs in ${program.state}.")
            program.run("runs", "--output", "json").exits(ExitCode.SUCCEEDED).json().size() shouldBe
                0
            for (words in
                listOf(
                    listOf("show", "x"),
                    listOf("logs", "x", "one"),
                    listOf("cancel", "x"),
                    listOf("resume", "x"),
                )) {
                program
                    .run(*words.toTypedArray())
                    .exits(ExitCode.MISTAKE)
                    .says("There are no runs in", "--state")
            }
            program.state.shouldNotExist()
            program.folder.resolve(probe).shouldExist()
        }
    })
