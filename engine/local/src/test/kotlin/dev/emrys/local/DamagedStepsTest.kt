package dev.emrys.local

import dev.emrys.emulator.StepExit
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import java.nio.file.Files

/** What a power cut or a hand leaves of a step's files: it ends, and never as a success. */
class DamagedStepsTest :
    FunSpec({
        listOf("claim" to "an empty claim", "exit" to "an empty status").forEach { (file, what) ->
            test(
                "$what, as a power cut leaves it, is a lost step, and not one that runs for ever"
            ) {
                val account = account()
                val folder = account.step("j-1", "s-1")
                Files.createDirectories(folder)
                Files.writeString(folder.resolve("claim"), if (file == "claim") "" else "0 - -\n")
                if (file == "exit") Files.writeString(folder.resolve("exit"), "")
                supervisors(account).use { runner ->
                    val hearing = Hearing()
                    runner.start(bash("s-1", "true"), hearing)
                    hearing.exit().shouldBeInstanceOf<StepExit.Failed>().reason() shouldContain
                        "lost"
                }
            }
        }

        test("a step whose folder was taken away is lost, and what is left of it is killed") {
            val account = account()
            supervisors(account).use { runner ->
                val hearing = Hearing()
                val mark = account.folder().resolve("mark")
                runner.start(bash("s-1", "echo \$\$ > '$mark'; sleep 600"), hearing)
                hearing.awaitRunning()
                awaitThat("the mark") { Files.exists(mark) && mark.text().isNotBlank() }
                account.step("j-1", "s-1").toFile().deleteRecursively()
                hearing.exit().shouldBeInstanceOf<StepExit.Failed>().reason() shouldContain
                    "folder was taken away"
                val pid = mark.text().trim().toLong()
                awaitThat("its end") { ProcessHandle.of(pid).map { !it.isAlive }.orElse(true) }
            }
        }
    })
