package dev.emrys.local

import dev.emrys.emulator.StepExit
import dev.emrys.testing.awaitUntil
import dev.emrys.testing.isRunning
import dev.emrys.testing.temporaryFolder
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import java.nio.file.Files
import java.nio.file.Path

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
                awaitUntil("its end") { !isRunning(pid) }
            }
        }

        test("a supervisor that has ended and that its parent has not waited for is not alive")
            .config(enabled = Files.isDirectory(Path.of("/proc/self"))) {
                val folder = temporaryFolder("emrys-step")
                val parent =
                    ProcessBuilder("sh", "-c", "sleep 0 & echo \$! > pid; exec sleep 600")
                        .directory(folder.toFile())
                        .start()
                try {
                    awaitUntil("the child") {
                        Files.exists(folder.resolve("pid")) &&
                            folder.resolve("pid").text().endsWith("\n")
                    }
                    val pid = folder.resolve("pid").text().trim().toLong()
                    val stat = Path.of("/proc/$pid/stat")
                    awaitUntil("the child's end") { ") Z " in stat.text() }
                    val start = stat.text().substringAfterLast(") ").split(" ")[19]
                    val claim = StepProcess.Claim(pid, start, StepProcess.boot().get())
                    ProcessHandle.of(pid).get().isAlive shouldBe true
                    StepProcess.alive(claim).isPresent shouldBe false
                } finally {
                    parent.destroyForcibly()
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
