package dev.emrys.cli

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.paths.shouldNotExist
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldBeEmpty
import io.kotest.matchers.string.shouldContain
import kotlin.io.path.createDirectory
import kotlin.io.path.writeText

class BadScriptsTest :
    FunSpec({
        val program = autoClose(EmrysProgram())
        val folder = program.folder

        fun rejected(name: String, text: String): ProcessResult {
            program.script(name, text)
            return program.run("run", "$name.emr.kts") exits ExitCode.USER_ERROR
        }

        afterTest { program.state.shouldNotExist() }

        test("a syntax error is printed with its location, its line and a mark") {
            val result = rejected("syntax", "pipeline(\"p\") {\n    val c = = 1\n}\n")
            result.printsOnStderr(
                "syntax.emr.kts:2:12: ",
                "    |     val c = = 1\n    |            ^\n",
                "syntax.emr.kts:2:13: ",
                "\n    |             ^^^\n",
            )
            result.out.shouldBeEmpty()
        }

        test(
            "all unknown names and wrong types are printed at once, each with its location and a mark"
        ) {
            val result =
                rejected(
                    "types",
                    """
                    pipeline("p") {
                        val c = cluster("c") { instances { primary("m6g.xlarge", count = "two") } }
                        c.step("s") { bsah("date") }
                        c.step("t") { bash("date"); after(absent) }
                    }
                    """
                        .trimIndent(),
                )
            result.printsOnStderr("types.emr.kts:2:", "    |     val c = cluster(\"c\")", "^^^^^")
            result.printsOnStderr(
                "types.emr.kts:3:19: ",
                "bsah",
                "\n    |                   ^^^^\n",
            )
            result.printsOnStderr("types.emr.kts:4:", "absent", "^^^^^^")
        }

        test("all errors of a script that compiles are printed at once, as text and as JSON") {
            val text =
                """
                pipeline("p") {
                    val c = cluster("c") { instances { primary("m6g.xlarge", count = 2) } }
                    c.step("s") { bash("date") }
                    c.step("s") { bash("date") }
                    val d = cluster("c") { instances { primary("m6g.xlarge") } }
                    d.step("t") { }
                }
                """
                    .trimIndent()
            val result = rejected("wrong", text)
            result.printsOnStderr(
                "wrong.emr.kts:2: ",
                "wrong.emr.kts:4: ",
                "\"s\"",
                "wrong.emr.kts:5: ",
                "\"c\"",
                "wrong.emr.kts:6: ",
            )
            result.printsOnStderr("    |     c.step(\"s\") { bash(\"date\") }")
            val json =
                program.run("check", "wrong.emr.kts", "--output", "json") exits ExitCode.USER_ERROR
            json.err.shouldBeEmpty()
            json.json().path("diagnostics").map { it.path("line").asInt() }.toSortedSet() shouldBe
                sortedSetOf(2, 4, 5, 6)
        }

        test("an empty file and an empty pipeline are errors") {
            rejected("empty", "").printsOnStderr("empty.emr.kts", "declares no pipeline")
            rejected("idle", "pipeline(\"idle\") { }\n").printsOnStderr("idle.emr.kts:1: ", "idle")
        }

        test("an exception of a script is printed with its line") {
            rejected("throws", "pipeline(\"p\") {\n    error(\"no such luck\")\n}\n")
                .printsOnStderr("throws.emr.kts:2: ", "no such luck")
        }

        for ((name, text) in
            listOf(
                "direct" to "kotlin.system.exitProcess(0)",
                "thread" to "Thread { Runtime.getRuntime().halt(0) }.also { it.start() }.join()",
                "reflection" to
                    "System::class.java.getMethod(\"exit\", Int::class.java).invoke(null, 0)",
            )) {
            test("a script that ends the process is an error in every command: $name") {
                // Not through script(): that would run it in this process.
                program.folder
                    .resolve("$name.emr.kts")
                    .writeText("// first\n$text\n" + EmrysProgram.PROBE)
                for (command in listOf("check", "plan", "run")) {
                    val result = program.run(command, "$name.emr.kts") exits ExitCode.USER_ERROR
                    result.printsOnStderr("$name.emr.kts:2: error E334: The script calls ")
                    result.out.shouldBeEmpty()
                }
                program
                    .run("check", "$name.emr.kts", "--output", "json")
                    .exits(ExitCode.USER_ERROR)
                    .json()
                    .path("diagnostics")
                    .single()
                    .path("code")
                    .asText() shouldBe "E334"
            }
        }

        test("a path that is not a script is an error: missing, a folder, another extension") {
            (program.run("run", "nowhere.emr.kts") exits ExitCode.USER_ERROR).printsOnStderr(
                "nowhere.emr.kts",
                "no such file",
            )
            folder.resolve("dir.emr.kts").createDirectory()
            (program.run("run", "dir.emr.kts") exits ExitCode.USER_ERROR).printsOnStderr(
                "dir.emr.kts",
                "folder",
            )
            folder.resolve("script.kts").writeText(EmrysProgram.PROBE)
            (program.run("run", "script.kts") exits ExitCode.USER_ERROR).printsOnStderr(
                "script.kts",
                ".emr.kts",
            )
            (program.run("run", "") exits ExitCode.USER_ERROR).err shouldContain "script"
        }

        test("a script that this user may not read is an error").config(
            enabledOrReasonIf = { unprivilegedOrDisabled() }
        ) {
            folder
                .resolve("secret.emr.kts")
                .also { it.writeText(EmrysProgram.PROBE) }
                .mode("---------")
            val result =
                program.run(
                    "run",
                    "secret.emr.kts",
                    options = LaunchOptions(before = UNPRIVILEGED!!),
                ) exits ExitCode.USER_ERROR
            result.printsOnStderr("secret.emr.kts", "read")
        }
    })
