package dev.emrys.local

import dev.emrys.emulator.StepExit
import dev.emrys.emulator.StepLaunch
import dev.emrys.testing.awaitUntil
import dev.emrys.testing.temporaryFolder
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import io.kotest.matchers.types.shouldBeInstanceOf
import java.nio.file.Files
import java.nio.file.Path

private const val SECRET = "hunter2"

/** Secrets in what a step is given: who can read them, and for how long. */
class SecretsOfStepsTest :
    FunSpec({
        /** Runs a step until it waits, calls [look] with its folder, and lets it end. */
        fun whileRunning(account: Account, launch: StepLaunch, look: (Path) -> Unit) {
            val folder = account.step("j-1", launch.stepId())
            localStepRunner(account).use { runner ->
                val listener = RecordingListener()
                runner.start(launch, listener)
                awaitUntil("the step waits") { Files.exists(folder.resolve("work/waits")) }
                look(folder)
                Files.createFile(folder.resolve("work/go"))
                listener.exit().shouldBeInstanceOf<StepExit.Completed>()
            }
        }

        val wait = "touch waits; until [ -e go ]; do sleep 0.05; done"
        val confidential =
            launch(
                "s-1",
                "bash",
                "-c",
                "echo $SECRET-text \$1 \$PASSWORD; $wait",
                "name",
                "$SECRET-argument",
                configurations = listOf(exports("hadoop-env", "PASSWORD" to "$SECRET-environment")),
            )

        test("another user finds no secret of a bash step in the list of processes").config(
            enabledOrReasonIf = { onlyAsRoot() }
        ) {
            val account = account()
            whileRunning(account, confidential) {
                val lists = "/proc/[0-9]*/cmdline /proc/[0-9]*/environ"
                asOtherUser("cat $lists 2>/dev/null | tr '\\0' ' '").let {
                    it shouldContain "supervisor.sh"
                    it shouldNotContain SECRET
                }
            }
            account.step("j-1", "s-1").resolve("stdout").text() shouldBe
                "$SECRET-text $SECRET-argument $SECRET-environment\n"
        }

        test("the file with command and environment is deleted before the step ends") {
            whileRunning(account(), confidential) { folder ->
                awaitUntil("its deletion") { folder.launchFiles().isEmpty() }
                val left =
                    Files.walk(folder).use { all ->
                        all.filter { Files.isRegularFile(it) && SECRET in it.text() }.toList()
                    }
                left.map { it.fileName.toString() } shouldBe listOf("stdout")
            }
        }

        test("the file with command and environment has mode 0600, whatever the umask") {
            val folder = account().step("j-1", "s-1")
            Files.createDirectories(folder)
            LaunchFiles.write(folder, "text", "input")
            folder.launchFiles().map { it.mode } shouldBe listOf("rw-------", "rw-------")
        }

        listOf("claim" to "0 - -\n", "exit" to "0\n").forEach { (file, content) ->
            test(
                "after a kill between $file and deletion, the next owner process deletes the file"
            ) {
                val account = account()
                val folder = account.step("j-1", "s-1")
                Files.createDirectories(folder)
                LaunchFiles.write(folder, SECRET, SECRET)
                Files.writeString(folder.resolve("claim"), "0 - -\n")
                Files.writeString(folder.resolve(file), content)
                localStepRunner(account).use { runner ->
                    val listener = RecordingListener()
                    runner.start(confidential, listener)
                    listener.exit()
                }
                folder.launchFiles().shouldBeEmpty()
            }
        }

        test("after a kill before the claim, nothing is left when the step has ended") {
            val account = account()
            val folder = account.step("j-1", "s-1")
            Files.createDirectories(folder)
            LaunchFiles.write(folder, "step() { false; }\n", SECRET)
            localStepRunner(account).use { runner ->
                val listener = RecordingListener()
                runner.start(bash("s-1", "true"), listener)
                listener.exit().shouldBeInstanceOf<StepExit.Completed>()
            }
            folder.launchFiles().shouldBeEmpty()
        }

        test("a step that is cancelled before its start leaves no file") {
            val account = account()
            val folder = account.step("j-1", "s-1")
            Files.createDirectories(folder)
            LaunchFiles.write(folder, SECRET, SECRET)
            localStepRunner(account).use { runner ->
                runner.cancel("j-1", "s-1", false)
                awaitUntil("their deletion") { folder.launchFiles().isEmpty() }
            }
        }

        test(
            "the controller log has nothing of what a step was given, also of one that is refused"
        ) {
            val account = account()
            localStepRunner(account).use { runner ->
                listOf(
                        launch("s-1", "/opt/$SECRET", "x"),
                        launch("s-2", jar = "s3://$SECRET/none.jar", mainClass = SECRET),
                        launch("s-3", jar = "file:///no such/$SECRET.jar"),
                        // With a package pyspark, so that pip downloads none: it is refused later.
                        launch(
                            "s-4",
                            "spark-submit",
                            "--conf",
                            "spark.pyspark.python=${pythonWithPySpark()}",
                            "$SECRET.py",
                        ),
                        launch(
                            "s-5",
                            "spark-submit",
                            "--conf",
                            "com.amazon.$SECRET",
                            "--driver-memory",
                            SECRET,
                            "a.jar",
                        ),
                        launch(
                            "s-6",
                            "bash",
                            "-c",
                            "exit 1",
                            configurations = listOf(exports("spark-env", "X=$SECRET" to "1")),
                        ),
                    )
                    .forEach { launch ->
                        val listener = RecordingListener()
                        runner.start(launch, listener)
                        listener.exit().shouldBeInstanceOf<StepExit.Failed>()
                        val folder = account.step("j-1", launch.stepId())
                        folder.resolve("controller").text() shouldNotContain SECRET
                    }
            }
            account.step("j-1", "s-6").resolve("controller").text() shouldContain
                "An export is ignored"
        }
    })

/** A program that says about itself what a Python with pyspark says. */
private fun pythonWithPySpark(): Path {
    val program = temporaryFolder("emrys-python").resolve("python3")
    Files.writeString(
        program,
        "#!/bin/sh\nprintf '%s\\n' 3.11.2 \"$0\" /home/.local 3.5.4 /pyspark pip\n",
    )
    program.toFile().setExecutable(true)
    return program
}
