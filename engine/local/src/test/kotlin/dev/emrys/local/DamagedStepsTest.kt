package dev.emrys.local

import dev.emrys.emulator.StepExit
import dev.emrys.testing.awaitUntil
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import java.nio.file.Files

/** Damaged or deleted files of a step: the step ends, and never as a success. */
class DamagedStepsTest :
    FunSpec({
        listOf("claim" to "an empty claim", "exit" to "an empty status").forEach { (file, what) ->
            test("$what, as after a power failure, is a lost step") {
                val account = account()
                val folder = account.step("j-1", "s-1")
                Files.createDirectories(folder)
                Files.writeString(folder.resolve("claim"), if (file == "claim") "" else "0 - -\n")
                if (file == "exit") Files.writeString(folder.resolve("exit"), "")
                localStepRunner(account).use { runner ->
                    val listener = RecordingListener()
                    runner.start(bash("s-1", "true"), listener)
                    listener.exit().shouldBeInstanceOf<StepExit.Failed>().reason() shouldContain
                        "lost"
                }
            }
        }

        test("a step whose folder was deleted is lost, and its processes are killed") {
            val account = account()
            localStepRunner(account).use { runner ->
                val listener = RecordingListener()
                val mark = account.folder().resolve("mark")
                runner.start(bash("s-1", "echo \$\$ > '$mark'; sleep 600"), listener)
                listener.awaitRunning()
                awaitUntil("the mark") { Files.exists(mark) && mark.text().isNotBlank() }
                account.step("j-1", "s-1").toFile().deleteRecursively()
                listener.exit().shouldBeInstanceOf<StepExit.Failed>().reason() shouldContain
                    "folder was deleted"
                val pid = mark.text().trim().toLong()
                awaitUntil("its end") { ProcessHandle.of(pid).map { !it.isAlive }.orElse(true) }
            }
        }

        test("a step whose folder cannot be made fails, and names no log") {
            val account = account()
            localStepRunner(account).use { runner ->
                val started = RecordingListener()
                runner.start(launch("s-1", jar = "file:///no such/a.jar"), started)
                val controller = account.step("j-1", "s-1").resolve("controller")
                started.exit().shouldBeInstanceOf<StepExit.Failed>().logFile() shouldBe
                    "$controller"
                Files.exists(controller) shouldBe true
                Files.writeString(account.step("j-1", "s-2"), "a file where a folder should be")
                val listener = RecordingListener()
                runner.start(bash("s-2", "true"), listener)
                val exit = listener.exit().shouldBeInstanceOf<StepExit.Failed>()
                exit.message() shouldContain "could not be started"
                exit.logFile() shouldBe null
                exit.hasLog() shouldBe false
            }
        }
    })
