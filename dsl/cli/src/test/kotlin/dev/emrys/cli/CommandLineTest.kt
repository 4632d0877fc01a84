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
        val program = autoClose(EmrysProgram())
        program.script("probe", EmrysProgram.PROBE)
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
                listOf(
                    "run",
                    "plan",
                    "check",
                    "resume",
                    "cancel",
                    "runs",
                    "show",
                    "logs",
                    "completion",
                    "version",
                    "help",
                )) {
                help.out shouldContain Regex("(?m)^  $word ")
            }
            ExitCode.entries.forEach { help.out shouldContain Regex("(?m)^ +${it.code}  \\w") }
            program.run("run", "--help").exits(ExitCode.SUCCEEDED).out shouldContain
                "--param=NAME=VALUE"
        }

        test("--version and version print the version") {
            for (argument in listOf("--version", "version")) {
                program.run(argument).exits(ExitCode.SUCCEEDED).out.trim() shouldMatch
                    Regex("emrys \\d+\\.\\d+\\.\\d+\\S*")
            }
        }

        test("help COMMAND prints the help of a command") {
            val help = program.run("help", "logs").exits(ExitCode.SUCCEEDED).out
            help shouldBe program.run("logs", "--help").exits(ExitCode.SUCCEEDED).out
            help shouldContain "Usage: emrys logs"
            program.run("help", "lgos").exits(ExitCode.USER_ERROR).printsOnStderr("lgos")
        }

        test("completion prints a script that completes commands in bash") {
            val script = program.folder.resolve("completion.sh")
            script.writeText(program.run("completion", "bash").exits(ExitCode.SUCCEEDED).out)
            val line =
                "source $script; COMP_WORDS=(emrys res); COMP_CWORD=1; _complete_emrys; echo ${'$'}{COMPREPLY[@]}; " +
                    "COMP_WORDS=(emrys o); _complete_emrys; echo ${'$'}{COMPREPLY[@]}"
            val bash = ProcessBuilder("bash", "-c", line).redirectErrorStream(true).start()
            bash.inputStream.bufferedReader().readLines() shouldContainExactly listOf("resume", "")
            program.run("completion", "zsh").exits(ExitCode.SUCCEEDED).out shouldContain
                "bashcompinit"
            program.run("completion", "fish").exits(ExitCode.USER_ERROR).printsOnStderr("fish")
        }

        test("without a command, an error names the commands") {
            program
                .run()
                .exits(ExitCode.USER_ERROR)
                .printsOnStderr("error E501: ", "Write one of run, plan, check,", "emrys --help")
        }

        test("an unknown command is an error that names the nearest command") {
            val result = program.run("rnu") exits ExitCode.USER_ERROR
            result.printsOnStderr(
                "There is no command \"rnu\".",
                "Did you mean run?",
                "emrys --help",
            )
        }

        test("an unknown option is an error that names the nearest option") {
            val result = program.run("plan", probe, "--pram", "first=x") exits ExitCode.USER_ERROR
            result.printsOnStderr(
                "emrys plan has no option \"--pram\".",
                "Did you mean --param",
                "emrys plan --help",
            )
            program
                .run("runs", "much")
                .exits(ExitCode.USER_ERROR)
                .printsOnStderr("\"much\"", "emrys runs --help")
            program
                .run("logs")
                .exits(ExitCode.USER_ERROR)
                .printsOnStderr("RUN", "emrys logs --help")
            program
                .run("plan", probe, "--output", "xml")
                .exits(ExitCode.USER_ERROR)
                .printsOnStderr("\"xml\" is not a value of --output.", "Write text or json.")
        }

        test("plan shows the params and writes nothing") {
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

        test("plan --output json is one document with the tasks and their upstream tasks") {
            val plan =
                program.run("plan", probe, "--output", "json").exits(ExitCode.SUCCEEDED).json()
            plan.path("pipeline").path("name").asText() shouldBe "probe"
            plan.path("tasks").map { it.path("id").asText() } shouldContainExactly
                listOf("start:c", "one", "two", "end:c")
            plan.path("tasks")[2].path("after").map { it.asText() } shouldContainExactly
                listOf("one")
            plan.path("tasks").map { it.path("does").asText() } shouldContainExactly
                listOf("start-cluster", "run-step", "run-step", "end-cluster")
            plan.path("tasks").map { task ->
                task.path("upstream").map {
                    it.path("task").asText() + " " + it.path("rule").asText()
                }
            } shouldContainExactly
                listOf(
                    listOf(),
                    listOf("start:c ALL_SUCCESS"),
                    listOf("start:c ALL_SUCCESS", "one ALL_SUCCESS"),
                    listOf("one ALL_DONE", "two ALL_DONE", "start:c ALL_DONE"),
                )
            plan.path("diagnostics").toList().shouldBeEmpty()
        }

        test("the output of a script is not part of the output of a command") {
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
            plan.exits(ExitCode.SUCCEEDED).printsOnStderr("a script that talks")
            plan.json().path("pipeline").path("name").asText() shouldBe "talks"
        }

        test("a failure is printed as JSON with --output json") {
            val result = program.run("show", "absent", "--output=json") exits ExitCode.USER_ERROR
            result.json().path("exit").asInt() shouldBe 2
            result.json().path("error").asText() shouldContain "There are no runs in"
        }

        test("every file of a step is checked before anything starts") {
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
            val result = program.run("run", "files.emr.kts") exits ExitCode.USER_ERROR
            result.err
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
            result.printsOnStderr("which names no location", "Write file(\"jobs/x.jar\")")
        }

        test("check takes samples for params without a value, and writes nothing") {
            val result = program.run("check", "needs.emr.kts") exits ExitCode.SUCCEEDED
            result.out.trim() shouldBe
                "needs.emr.kts: no errors in pipeline \"needs\" (1 cluster, 1 step)."
            program
                .run("check", "needs.emr.kts", "--output", "json")
                .exits(ExitCode.SUCCEEDED)
                .json()
                .path("diagnostics")
                .size() shouldBe 0
            program.state.shouldNotExist()
        }

        test("a param that is given twice, and a limit of 0, are errors") {
            (program.run("plan", "needs.emr.kts", "--param", "day=1", "--param", "day=2") exits
                    ExitCode.USER_ERROR)
                .printsOnStderr("--param day is given more than once")
            (program.run("runs", "--limit", "0") exits ExitCode.USER_ERROR).printsOnStderr(
                "--limit 0"
            )
        }

        test("a value that may be misspelled is a warning, as text and as JSON") {
            val text = EmrysProgram.PROBE.replace("m6g.xlarge", "m6g.xlarg")
            program.script("odd", text)
            (program.run("plan", "odd.emr.kts") exits ExitCode.SUCCEEDED).printsOnStderr(
                "odd.emr.kts:5: warning E231: "
            )
            for (command in listOf("check", "plan")) {
                val warning =
                    (program.run(command, "odd.emr.kts", "--output", "json") exits
                            ExitCode.SUCCEEDED)
                        .json()
                        .path("diagnostics")
                        .single()
                warning.path("file").asText() shouldBe "odd.emr.kts"
                warning.path("severity").asText() shouldBe "WARNING"
                warning.path("what").asText() shouldContain "m6g.xlarge"
            }
        }

        test("check --output sarif is a report with the location of each diagnostic") {
            val warned =
                program
                    .run("check", "odd.emr.kts", "--output", "sarif")
                    .exits(ExitCode.SUCCEEDED)
                    .json()
                    .path("runs")[0]
            val result = warned.path("results").single()
            result.path("ruleId").asText() shouldBe "E231"
            result.path("level").asText() shouldBe "warning"
            val location = result.path("locations")[0].path("physicalLocation")
            location.path("artifactLocation").path("uri").asText() shouldBe "odd.emr.kts"
            location.path("region").path("startLine").asInt() shouldBe 5
            program.script("idle", "pipeline(\"idle\") { }\n")
            val refused =
                program
                    .run("check", "idle.emr.kts", "--output=sarif")
                    .exits(ExitCode.USER_ERROR)
                    .json()
                    .path("runs")[0]
            refused.path("results").single().path("ruleId").asText() shouldBe "E101"
            val invocation = refused.path("invocations").single()
            invocation.path("executionSuccessful").asBoolean() shouldBe true
            invocation.path("exitCode").asInt() shouldBe 2
            program
                .run("check", "idle.emr.kts", "--output", "sarif", "--param", "x")
                .exits(ExitCode.USER_ERROR)
                .json()
                .path("runs")[0]
                .path("invocations")[0]
                .path("toolConfigurationNotifications")[0]
                .path("descriptor")
                .path("id")
                .asText() shouldBe "E511"
        }

        test(
            "a param that is missing, of the wrong type or unknown is an error with a location, before anything starts"
        ) {
            (program.run("run", "needs.emr.kts") exits ExitCode.USER_ERROR).printsOnStderr(
                "needs.emr.kts:2: error E225: The parameter \"day\" has no value.",
                "--param day=2026-04-25",
            )
            val wrong =
                program.run("run", probe, "--param", "tries=many", "--param", "frist=x") exits
                    ExitCode.USER_ERROR
            wrong.printsOnStderr(
                "probe.emr.kts:4: error E224: The parameter \"tries\" is \"many\"",
                "|     val tries = intParam",
                "--param tries=4",
            )
            wrong.printsOnStderr(
                "The script has no parameter \"frist\".",
                "Did you mean --param first=…?",
            )
            val json =
                program
                    .run("plan", "needs.emr.kts", "--param", "day=today", "--output", "json")
                    .exits(ExitCode.USER_ERROR)
                    .json()
            val diagnostic = json.path("diagnostics").single()
            diagnostic.path("file").asText() shouldBe "needs.emr.kts"
            diagnostic.path("line").asInt() shouldBe 2
            diagnostic.path("what").asText() shouldContain "today"
            program.state.shouldNotExist()
        }

        test("a --param without a name or a '=' is an error") {
            program
                .run("plan", probe, "--param", "first")
                .exits(ExitCode.USER_ERROR)
                .printsOnStderr("--param first has no name or no '='", "name=value")
            program
                .run("plan", probe, "--param", "=x")
                .exits(ExitCode.USER_ERROR)
                .printsOnStderr("--param =x has no name")
        }

        test("params can come from a file, and those of the command line override it") {
            program.folder
                .resolve("good.json")
                .writeText("""{"first": "from file", "second": "from file", "tries": 2}""")
            val plan =
                program.run("plan", probe, "--params", "good.json", "--param", "second=here") exits
                    ExitCode.SUCCEEDED
            plan.out shouldContain "params  first=from file, second=here, tries=2"
        }

        test("a params file that cannot be used is an error with a location") {
            fun plan(text: String): ProcessResult {
                program.folder.resolve("bad.json").writeText(text)
                return program.run("plan", probe, "--params", "bad.json") exits ExitCode.USER_ERROR
            }
            plan("{\n  \"first\": oops\n}")
                .printsOnStderr("bad.json:2:", "cannot be read as JSON", "Write one object")
            plan("").printsOnStderr("bad.json", "Write one, such as")
            plan("[1]")
                .printsOnStderr(
                    "bad.json:1:1: error E515: The params file is not a JSON object: it is an array."
                )
            plan("""{"first": {"a": 1}}""")
                .printsOnStderr(
                    "bad.json:1:11: error E516: The value of the param \"first\" is an object.",
                    "Write a text, a number, true or false.",
                )
            plan("""{"first": null}""").printsOnStderr("The value of the param \"first\" is null.")
            plan("""{"first": "a"} {"first": "b"}""").printsOnStderr("bad.json:1:")
            plan("""{"first": "a", "first": "b"}""").printsOnStderr("bad.json:1:", "first")
            program
                .run("plan", probe, "--params", "none.json")
                .exits(ExitCode.USER_ERROR)
                .printsOnStderr("none.json: error E513: ", "there is no such file")
            program
                .run("plan", probe, "--params", ".")
                .exits(ExitCode.USER_ERROR)
                .printsOnStderr(".: error E513: The params file cannot be read")
        }

        test("commands about runs, without any run, say so") {
            program
                .run("runs")
                .exits(ExitCode.SUCCEEDED)
                .printsOnStderr("There are no runs in ${program.state}.")
            program.run("runs", "--output", "json").exits(ExitCode.SUCCEEDED).json().size() shouldBe
                0
            for (arguments in
                listOf(
                    listOf("show", "x"),
                    listOf("logs", "x", "one"),
                    listOf("cancel", "x"),
                    listOf("resume", "x"),
                )) {
                program
                    .run(*arguments.toTypedArray())
                    .exits(ExitCode.USER_ERROR)
                    .printsOnStderr("There are no runs in", "--state")
            }
            program.state.shouldNotExist()
            program.folder.resolve(probe).shouldExist()
        }
    })
