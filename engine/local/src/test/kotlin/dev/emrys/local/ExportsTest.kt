package dev.emrys.local

import dev.emrys.emulator.StepExit
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf

class ExportsTest :
    FunSpec({
        test("a step gets the cluster's exports, with variables replaced") {
            val account = account()
            val exports =
                exports(
                    "spark-env",
                    "PATH" to "/opt/none:\$PATH",
                    "ODD" to "/x\${UNDEFINED}y",
                    "BARE" to "/none",
                )
            localStepRunner(account).use { runner ->
                val listener = RecordingListener()
                runner.start(
                    launch(
                        "s-1",
                        "bash",
                        "-c",
                        "echo \$PATH; echo \$ODD; echo \$BARE",
                        configurations = listOf(exports),
                    ),
                    listener,
                )
                listener.exit().shouldBeInstanceOf<StepExit.Completed>()
            }
            val added =
                listOf("bin", "home/.local/bin", "home/bin").joinToString(":") {
                    "${account.cluster("j-1").resolve(it)}"
                }
            account.step("j-1", "s-1").resolve("stdout").text().lines().take(3) shouldBe
                listOf(
                    "/opt/none:$added:" + System.getenv("PATH"),
                    "/xy",
                    "/none",
                )
        }

        test("the supervisor of a step does not get the cluster's exports") {
            val account = account()
            localStepRunner(account).use { runner ->
                val listener = RecordingListener()
                runner.start(
                    launch(
                        "s-1",
                        "/bin/sh",
                        "-c",
                        "exit 3",
                        configurations = listOf(exports("hadoop-env", "PATH" to "/none")),
                    ),
                    listener,
                )
                listener.exit().shouldBeInstanceOf<StepExit.Failed>().reason() shouldBe
                    "Exit code 3."
            }
        }
    })
