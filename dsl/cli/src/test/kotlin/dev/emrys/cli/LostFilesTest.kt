package dev.emrys.cli

import io.kotest.assertions.nondeterministic.eventually
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldNotContain
import java.nio.file.Files
import java.sql.DriverManager

/** Files of the state folder are removed or changed while a run is driven. */
class LostFilesTest :
    FunSpec({
        val program = autoClose(EmrysProgram())
        program.script("probe", EmrysProgram.PROBE)
        val account = LocalAccount(program.state)

        test(
            "with the lock file removed, a second process takes the run over, and the first one stops"
        ) {
            val step = BlockingStep(program, "lock")
            val first = step.start()
            step.awaitRunning(first)
            Files.delete(program.state.resolve("runs.lock"))
            val second = program.start("resume", first.run())
            second.prints("Monitored again")
            step.release()
            val stopped = first.result() exits ExitCode.EXTERNAL_FAILURE
            stopped.printsOnStderr("another process has acquired the run")
            stopped.err shouldNotContain "emrys resume"
            second.result() exits ExitCode.SUCCEEDED
            step.ledger.lines() shouldContainExactly listOf("one", "begun", "done")
            account.awaitNoClusters()
        }

        test("a run with an event that does not fit is shown and cancelled, and its cluster ends") {
            val step = BlockingStep(program, "unfit")
            val running = step.start()
            step.awaitRunning(running)
            val run = running.run()
            running.process.destroyForcibly().waitFor()
            DriverManager.getConnection("jdbc:sqlite:${program.state.resolve("journal.db")}").use {
                it.createStatement()
                    .executeUpdate(
                        "INSERT INTO events SELECT e.run, (SELECT max(seq) + 1 FROM events WHERE run = e.run), " +
                            "e.at, e.type, e.task, e.attempt, e.json FROM events e " +
                            "JOIN runs r ON r.id = e.run WHERE r.name = '$run' AND e.type = 'attempt-intended' " +
                            "ORDER BY e.seq LIMIT 1"
                    )
            }
            program.run("show", run).exits(ExitCode.SUCCEEDED).printsOnStderr("does not fit")
            program.run("cancel", run).exits(ExitCode.SUCCEEDED).printsOnStderr("does not fit")
            program.run("show", run, "--output", "json").json().path("outcome").asText() shouldBe
                "CANCELLED"
            eventually(TIMEOUT) { step.process() shouldBe null }
            account.awaitNoClusters()
        }

        test("a run whose journal is removed fails, says so, and its cluster ends") {
            val step = BlockingStep(program, "journal")
            val running = step.start()
            step.awaitRunning(running)
            for (suffix in listOf("", "-wal", "-shm")) {
                Files.delete(program.state.resolve("journal.db$suffix"))
            }
            val result = running.result() exits ExitCode.EXTERNAL_FAILURE
            result.printsOnStderr(
                "journal.db was removed or replaced while this process used it",
                "is being ended, since nothing can end it later",
            )
            result.err shouldNotContain "Detached"
            eventually(TIMEOUT) { step.process() shouldBe null }
            account.awaitNoClusters()
        }
    })
