package dev.emrys.acceptance

import dev.emrys.acceptance.Disturbance.DISK_FULL
import dev.emrys.acceptance.Disturbance.ENGINE_STOPPED
import dev.emrys.acceptance.Disturbance.NONE
import dev.emrys.acceptance.Disturbance.OWNER_KILLED
import dev.emrys.acceptance.Disturbance.OWNER_STOPPED
import dev.emrys.journal.SqliteJournal
import dev.emrys.run.Event
import dev.emrys.testing.SmallDisk
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainAll
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.shouldBe
import java.nio.file.Files
import java.util.concurrent.TimeUnit
import java.util.concurrent.locks.LockSupport
import kotlin.random.Random

/** What is done to a run at a random moment, before its engine is killed. */
private enum class Disturbance {
    NONE,
    OWNER_KILLED,
    ENGINE_STOPPED,
    OWNER_STOPPED,
    DISK_FULL,
}

/** The exit code of a run in which a step failed. */
private const val STEPS_FAILED = 1

private const val MAX_RESUMES = 5

/** A build does the first kind of round. */
private val ROUNDS =
    listOf(
        listOf(NONE, NONE, NONE, OWNER_KILLED, OWNER_KILLED),
        listOf(NONE, ENGINE_STOPPED, ENGINE_STOPPED, OWNER_STOPPED, OWNER_STOPPED),
        listOf(NONE, OWNER_KILLED, DISK_FULL, DISK_FULL, DISK_FULL),
    )

/**
 * Kills the engine and the emulator's owner process with SIGKILL at random moments, stops them with
 * SIGSTOP for a time, or fills the disk for a time, and resumes the run until it ends. Each step
 * appends (step, attempt, process) to a ledger outside of Emrys. The ledger must have one line for
 * each attempt in the journal, and no process or cluster may remain.
 *
 * `mvn verify -pl pipelines/acceptance -am -Demrys.kills=20` runs 20 rounds, of the three kinds in
 * turn; a build runs one of kills. A disk is filled only as root, who may mount one. The message of
 * a failure has the seed; `-Demrys.kills.seed=` sets it.
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

        fun killOwner(program: ExampleProgram) {
            program.ownerPid()?.let { ProcessHandle.of(it) }?.ifPresent { it.destroyForcibly() }
        }

        fun stopFor(pid: Long, millis: Long) {
            fun signal(name: String) = ProcessBuilder("kill", "-$name", "$pid").start().waitFor()
            signal("STOP")
            waitFor(millis)
            signal("CONT")
        }

        fun disturb(
            what: Disturbance,
            program: ExampleProgram,
            engine: Process,
            disk: SmallDisk,
            random: Random,
        ) {
            when (what) {
                NONE -> {}
                OWNER_KILLED -> killOwner(program)
                ENGINE_STOPPED -> stopFor(engine.pid(), random.nextLong(100, 5_000))
                OWNER_STOPPED ->
                    program.ownerPid()?.let { stopFor(it, random.nextLong(100, 5_000)) }
                DISK_FULL -> {
                    disk.fill()
                    waitFor(random.nextLong(100, 4_000))
                    disk.free()
                }
            }
        }

        fun play(
            random: Random,
            program: ExampleProgram,
            disk: SmallDisk,
            disturbances: List<Disturbance>,
        ) {
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
            // Their order is determined by the seed.
            for (disturbance in disturbances.shuffled(random)) {
                val running =
                    if (run == null) program.start(*start) else program.start("resume", run)
                waitFor(random.nextLong(200, 6_000))
                if (disturbance != NONE) {
                    disturb(disturbance, program, running.process, disk, random)
                    waitFor(random.nextLong(0, 1_500))
                }
                // With a full disk the engine ends by itself, with a message.
                if (disturbance != DISK_FULL) {
                    withClue("the engine is alive when it is killed") {
                        running.process.isAlive shouldBe true
                    }
                }
                running.process.destroyForcibly().waitFor()
                run = run ?: newestRun()
            }
            Files.createFile(gate)
            var last = if (run == null) program.run(*start) else program.run("resume", run)
            val id = run ?: newestRun()!!
            // With a full disk a step itself may fail, which a resume runs again.
            val stepsMayFail = DISK_FULL in disturbances
            var resumes = 0
            while (stepsMayFail && last.exit == STEPS_FAILED && resumes++ < MAX_RESUMES) {
                last = program.run("resume", id)
            }
            withClue(last) { last.exit shouldBe 0 }
            SqliteJournal.open(program.state, ::println).use { journal ->
                val attempts =
                    journal
                        .events()
                        .readAll(id)
                        .filterIsInstance<Event.AttemptAccepted>()
                        .filter { ":" !in it.task() }
                        .map { "${it.task()} ${it.attempt()}" }
                val ran = Files.readAllLines(ledger).map { it.substringBeforeLast(' ') }
                if (stepsMayFail) {
                    ran shouldContainExactlyInAnyOrder ran.distinct()
                    attempts shouldContainAll ran
                } else {
                    ran shouldContainExactlyInAnyOrder attempts
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
            }
            program.stepProcesses().shouldBeEmpty()
            program.liveClusters().shouldBeEmpty()
        }

        fun round(random: Random, disturbances: List<Disturbance>) {
            val program = ExampleProgram()
            Files.createDirectory(program.state)
            val disk =
                SmallDisk(
                    if (DISK_FULL in disturbances) program.state
                    else program.folder.resolve("none"),
                    64,
                )
            program.use { disk.use { play(random, program, disk, disturbances) } }
        }

        test(
            "whatever happens to the engine, the owner process and the disk at random moments, nothing is lost, repeated or left running"
        ) {
            val random = Random(seed)
            repeat(rounds) { round ->
                withClue("round $round, -Demrys.kills.seed=$seed") {
                    round(random, ROUNDS[round % ROUNDS.size])
                }
            }
        }
    })
