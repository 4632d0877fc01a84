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
 * The engine and the emulator's owner process are killed with SIGKILL at random moments, and the
 * run is resumed until it is done. Each step writes (step, attempt, process) into a ledger outside
 * of Emrys: one line for each attempt that the journal knows of, no finished step twice, nothing
 * left at the end.
 *
 * A few kills in a build; `mvn verify -pl pipelines/acceptance -am -Demrys.kills=20` for that many
 * rounds. The seed stands in a failure's message; `-Demrys.kills.seed=` sets it.
 */
class KillTest :
    FunSpec({
        val rounds = System.getProperty("emrys.kills").toIntOrNull() ?: 1
        val seed = System.getProperty("emrys.kills.seed")?.toLong() ?: System.nanoTime()

        /** Lets time pass that is not ours: the moment of a kill is the test's input. */
        fun pass(millis: Long) {
            val until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis)
            while (System.nanoTime() < until) LockSupport.parkNanos(until - System.nanoTime())
        }

        fun killOwner(program: Program) {
            program.ownerPid()?.let { ProcessHandle.of(it) }?.ifPresent { it.destroyForcibly() }
        }

        fun round(random: Random) {
            Program().use { program ->
                val script = program.folder.resolve("kills.emr.kts")
                KillTest::class.java.getResourceAsStream("/kills.emr.kts")!!.use {
                    Files.copy(it, script)
                }
                val ledger = program.folder.resolve("ledger")
                // Opened after the last kill: a quick machine must not be done before it.
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

                fun known(): String? =
                    program.run("runs", "--output", "json").json.firstOrNull()?.path("id")?.asText()

                var run: String? = null
                // Three kills of the engine, two of the owner, in an order that the seed says.
                for (owner in listOf(false, true, false, true, false).shuffled(random)) {
                    val running =
                        if (run == null) program.start(*start) else program.start("resume", run)
                    pass(random.nextLong(200, 6_000))
                    if (owner) {
                        killOwner(program)
                        pass(random.nextLong(0, 1_500))
                    }
                    withClue("the engine is alive when it is killed") {
                        running.process.isAlive shouldBe true
                    }
                    running.process.destroyForcibly().waitFor()
                    run = run ?: known()
                }
                Files.createFile(gate)
                val last = if (run == null) program.run(*start) else program.run("resume", run)
                withClue(last) { last.exit shouldBe 0 }
                val id = run ?: known()!!
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
            "the engine and the owner are killed at random moments: nothing is lost, nothing happens twice, nothing is left"
        ) {
            val random = Random(seed)
            repeat(rounds) { round ->
                withClue("round $round, -Demrys.kills.seed=$seed") { round(random) }
            }
        }
    })
