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
        val program = autoClose(Program())
        val folder = program.folder

        fun refused(name: String, text: String): Said {
            program.script(name, text)
            return program.run("run", "$name.emr.kts") exits ExitCode.MISTAKE
        }

        afterTest { program.state.shouldNotExist() }

        test("a syntax error has its place, its line and a mark") {
            val said = refused("syntax", "pipeline(\"p\") {\n    val c = = 1\n}\n")
            said.says(
                "syntax.emr.kts:2:12: ",
                "    |     val c = = 1\n    |            ^\n",
                "syntax.emr.kts:2:13: ",
                "\n    |             ^^^\n",
            )
            said.out.shouldBeEmpty()
        }

        test("unknown names and wrong types are told all at once, each with its place and a mark") {
            val said =
                refused(
                    "types",
                    """
                    pipeline("p") {
                        val c = cluster("c") { instances { primary("m6g.xlarge", count = "two") } }
                        c.step("s") { bsah("date") }
                        c.step("t") { bash("date"); after(nobody) }
                    }
                    """
                        .trimIndent(),
                )
            said.says("types.emr.kts:2:", "    |     val c = cluster(\"c\")", "^^^^^")
            said.says("types.emr.kts:3:19: ", "bsah", "\n    |                   ^^^^\n")
            said.says("types.emr.kts:4:", "nobody", "^^^^^^")
        }

        test("what compiles and is still wrong is told all at once, as text and as JSON") {
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
            val said = refused("wrong", text)
            said.says(
                "wrong.emr.kts:2: ",
                "wrong.emr.kts:4: ",
                "\"s\"",
                "wrong.emr.kts:5: ",
                "\"c\"",
                "wrong.emr.kts:6: ",
            )
            said.says("    |     c.step(\"s\") { bash(\"date\") }")
            val json =
                program.run("check", "wrong.emr.kts", "--output", "json") exits ExitCode.MISTAKE
            json.err.shouldBeEmpty()
            json.json().path("mistakes").map { it.path("line").asInt() }.toSortedSet() shouldBe
                sortedSetOf(2, 4, 5, 6)
        }

        test("an empty file and an empty pipeline are mistakes") {
            refused("empty", "").says("empty.emr.kts", "declares no pipeline")
            refused("idle", "pipeline(\"idle\") { }\n").says("idle.emr.kts:1: ", "idle")
        }

        test("a script that throws is told at its line") {
            refused("throws", "pipeline(\"p\") {\n    error(\"no such luck\")\n}\n")
                .says("throws.emr.kts:2: ", "no such luck")
        }

        for ((name, text) in
            listOf(
                "direct" to "kotlin.system.exitProcess(0)",
                "thread" to "Thread { Runtime.getRuntime().halt(0) }.also { it.start() }.join()",
                "reflection" to
                    "System::class.java.getMethod(\"exit\", Int::class.java).invoke(null, 0)",
            )) {
            test("a script that ends the process is a mistake in every command: $name") {
                // Not through script(): that would run it in this process.
                program.folder
                    .resolve("$name.emr.kts")
                    .writeText("// first\n$text\n" + Program.PROBE)
                for (command in listOf("check", "plan", "run")) {
                    val said = program.run(command, "$name.emr.kts") exits ExitCode.MISTAKE
                    said.says("$name.emr.kts:2: error E334: The script calls ")
                    said.out.shouldBeEmpty()
                }
            }
        }

        test("a path that is no script is a mistake: missing, a folder, another extension") {
            (program.run("run", "nowhere.emr.kts") exits ExitCode.MISTAKE).says(
                "nowhere.emr.kts",
                "no such file",
            )
            folder.resolve("dir.emr.kts").createDirectory()
            (program.run("run", "dir.emr.kts") exits ExitCode.MISTAKE).says("dir.emr.kts", "folder")
            folder.resolve("script.kts").writeText(Program.PROBE)
            (program.run("run", "script.kts") exits ExitCode.MISTAKE).says("script.kts", ".emr.kts")
            (program.run("run", "") exits ExitCode.MISTAKE).err shouldContain "script"
        }

        test("a script that this user may not read is a mistake").config(
            enabledOrReasonIf = { anybody() }
        ) {
            folder.resolve("secret.emr.kts").also { it.writeText(Program.PROBE) }.mode("---------")
            val said =
                program.run("run", "secret.emr.kts", how = How(before = AS_ANYBODY!!)) exits
                    ExitCode.MISTAKE
            said.says("secret.emr.kts", "read")
        }
    })
