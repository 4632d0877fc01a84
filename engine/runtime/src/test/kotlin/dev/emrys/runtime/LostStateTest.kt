package dev.emrys.runtime

import dev.emrys.journal.JournalLostException
import dev.emrys.run.Outcome
import dev.emrys.testing.awaitUntil
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import java.nio.file.Files
import java.util.concurrent.ExecutionException
import java.util.concurrent.TimeUnit

/** Files of the state folder are removed while a step runs. */
class LostStateTest :
    FunSpec({
        val fixture = StateFolderFixture()
        afterSpec { fixture.close() }

        /** Starts a run, does [removal] while its step runs, and gives what the run fails with. */
        fun failureAfter(mark: String, removal: () -> Unit): Throwable? =
            Engine.open(fixture.settings).use { engine ->
                val started = Files.createTempFile("emrys-started", "")
                val spec =
                    pipeline(
                        listOf(cluster(mark)),
                        listOf(bash("s", mark, "echo x > '$started'; sleep 1000")),
                    )
                val handle = engine.start(spec, "", {})
                awaitUntil("the step") { Files.size(started) > 0 }
                removal()
                shouldThrow<ExecutionException> { handle.done().get(60, TimeUnit.SECONDS) }.cause
            }

        test("a run whose local account is removed fails, and does not wait for it") {
            Engine.open(fixture.settings).use { engine ->
                val started = Files.createTempFile("emrys-started", "")
                val script = "echo x > '$started'; sleep 1000"
                val spec =
                    pipeline(listOf(cluster("account")), listOf(bash("s", "account", script)))
                val handle = engine.start(spec, "", {})
                awaitUntil("the step") { Files.size(started) > 0 }
                ProcessBuilder("rm", "-rf", "${fixture.account.folder()}")
                    .start()
                    .waitFor() shouldBe 0
                handle.done().get(60, TimeUnit.SECONDS) shouldBe Outcome.FAILED
            }
            EmulatorHarness(fixture).use { it.stepProcesses() shouldBe emptyList() }
        }

        test("a run whose journal is removed fails, and its cluster is ended") {
            val failure =
                failureAfter("journal") {
                    for (suffix in listOf("", "-wal", "-shm")) {
                        Files.delete(fixture.folder.resolve("journal.db$suffix"))
                    }
                }
            failure.shouldBeInstanceOf<JournalLostException>()
            failure.message shouldContain "journal.db was removed or replaced"
            EmulatorHarness(fixture).use {
                awaitUntil("the cluster's end") { it.liveClusters().isEmpty() }
                awaitUntil("the step's end") { it.stepProcesses().isEmpty() }
            }
        }

        test("a run whose state folder is removed fails, and leaves no process and no folder") {
            val failure =
                failureAfter("folder") {
                    val removal = ProcessBuilder("rm", "-rf", "${fixture.folder}")
                    removal.start().waitFor() shouldBe 0
                }
            failure.shouldBeInstanceOf<JournalLostException>()
            EmulatorHarness(fixture).use {
                awaitUntil("the step's end") { it.stepProcesses().isEmpty() }
            }
            Files.exists(fixture.folder) shouldBe false
        }
    })
