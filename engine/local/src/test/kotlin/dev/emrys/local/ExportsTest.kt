package dev.emrys.local

import dev.emrys.emulator.StepExit
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf

class ExportsTest :
    FunSpec({
        test("what a cluster exports is the step's, with the shell's variables put in") {
            val account = account()
            val exports =
                exports(
                    "spark-env",
                    "PATH" to "/opt/none:\$PATH",
                    "ODD" to "/x\${NOBODY_KNOWS}y",
                    "BARE" to "/none",
                )
            supervisors(account).use { runner ->
                val hearing = Hearing()
                runner.start(
                    order(
                        "s-1",
                        "bash",
                        "-c",
                        "echo \$PATH; echo \$ODD; echo \$BARE",
                        configurations = listOf(exports),
                    ),
                    hearing,
                )
                hearing.exit().shouldBeInstanceOf<StepExit.Completed>()
            }
            account.step("j-1", "s-1").resolve("stdout").text().lines().take(3) shouldBe
                listOf("/opt/none:" + System.getenv("PATH"), "/xy", "/none")
        }

        test("what a cluster exports is never its step's supervisor's") {
            val account = account()
            supervisors(account).use { runner ->
                val hearing = Hearing()
                runner.start(
                    order(
                        "s-1",
                        "/bin/sh",
                        "-c",
                        "exit 3",
                        configurations = listOf(exports("hadoop-env", "PATH" to "/none")),
                    ),
                    hearing,
                )
                hearing.exit().shouldBeInstanceOf<StepExit.Failed>().reason() shouldBe
                    "Exit code 3."
            }
        }
    })
