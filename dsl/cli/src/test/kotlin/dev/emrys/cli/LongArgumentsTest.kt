package dev.emrys.cli

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe

class LongArgumentsTest :
    FunSpec({
        val program = autoClose(EmrysProgram())

        test("a command that is longer than EMR takes runs on this machine as on AWS") {
            program.script(
                "long",
                """
                pipeline("long") {
                    val c = cluster("c") { instances { primary("m6g.xlarge") } }
                    c.step("one") {
                        bash("t=" + "x".repeat(12_000) + "; echo \${'$'}{#t} it's ${'$'}runName" + "'s")
                    }
                }
                """
                    .trimIndent(),
            )
            val run = program.run("run", "long.emr.kts") exits ExitCode.SUCCEEDED
            program.run("logs", run.run, "one", "--stdout").out shouldBe "12000 its ${run.run}s\n"
        }
    })
