package dev.emrys.acceptance

import dev.emrys.journal.SqliteJournal
import dev.emrys.run.Event
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.shouldBe
import java.nio.file.Files
import java.util.concurrent.TimeUnit
import java.util.concurrent.locks.LockSupport
import kotlin.random.Random

/**
 * Kills the engine and the emulator's owner process with SIGKILL at random moments, and resumes the
 * run until it ends. Each step appends (step, attempt, process) to a ledger outside of Emrys. The
 * ledger must have one line for each attempt in the journal, and no process or cluster may remain.
 *
 * `mvn verify -pl pipelines/acceptance -am -Demrys.kills=20` runs 20 rounds; a build runs one. The
 * message of a failure has the seed; `-Demrys.kills.seed=` sets it.
 */
class KillTest :
    FunSpec({
        val rounds = System.getProperty("emrys.kills").toIntOrNull() ?: 1
        val seed = System.getProperty("emrys.kills.seed")?.toLong() ?: System.nanoTime()

        /** Waits: the moment of a kill is the input of the test. */
        fun waitFor(millis: Long) {
            val until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis)
            while (System.nanoTime() < until) LockSupport.parkNanos(until - System.nanoTime())
        }

        fun killOwner(program: EmrysProgram) {
            program.ownerPid()?.let { ProcessHandle.of(it) }?.ifPresent { it.destroyForcibly() }
        }

        fun round(random: Random) {
            EmrysProgram().use { program ->
                val script = program.folder.resolve("kills.emr.kts")
                KillTest::class.java.getResourceAsStream("/kills.emr.kts")!!.use {
                    Files.copy(it, script)
                }
                val ledger = program.folder.resolve("ledger")
                // Created after the last kill, so that the run cannot end before it.
                val gate = program.folder.resolve("gate")
                val start =
                    arrayOf(
                        "run",
                        script.toString(),
                        "--param",
                        "ledger=$ledger",
                        "--param",
                        "gate=$gate",
                        "--param",
                        "jar=" + System.getProperty("emrys.acceptance.jar"),
                    )

                fun newestRun(): String? =
                    program.run("runs", "--output", "json").json.firstOrNull()?.path("id")?.asText()

                var run: String? = null
                // Three kills of the engine and two of the owner process, in an order that the seed
                // determines.
                for (owner in listOf(false, true, false, true, false).shuffled(random)) {
                    val running =
                        if (run == null) program.start(*start) else program.start("resume", run)
                    waitFor(random.nextLong(200, 6_000))
                    if (owner) {
                        killOwner(program)
                        waitFor(random.nextLong(0, 1_500))
                    }
                    withClue("the engine is alive when it is killed") {
                        running.process.isAlive shouldBe true
                    }
                    running.process.destroyForcibly().waitFor()
                    run = run ?: newestRun()
                }
                Files.createFile(gate)
                val last = if (run == null) program.run(*start) else program.run("resume", run)
                withClue(last) { last.exit shouldBe 0 }
                val id = run ?: newestRun()!!
                SqliteJournal.open(program.state, ::println).use { journal ->
                    val attempts =
                        journal
                            .events()
                            .readAll(id)
                            .filterIsInstance<Event.AttemptAccepted>()
                            .filter { ":" !in it.task() }
                            .map { "${it.task()} ${it.attempt()}" }
                    Files.readAllLines(ledger).map {
                        it.substringBeforeLast(' ')
                    } shouldContainExactlyInAnyOrder attempts
                    attempts shouldContainExactlyInAnyOrder
                        listOf(
                            "first 1",
                            "counted 1",
                            "beside 1",
                            "again 1",
                            "again 2",
                            "gate 1",
                            "last 1",
                        )
                }
                program.stepProcesses().shouldBeEmpty()
                program.liveClusters().shouldBeEmpty()
            }
        }

        test(
            "after kills of the engine and the owner process at random moments nothing is lost, repeated or left running"
        ) {
            val random = Random(seed)
            repeat(rounds) { round ->
                withClue("round $round, -Demrys.kills.seed=$seed") { round(random) }
            }
        }
    })
