package dev.emrys.cli

import dev.emrys.testing.PostgresServer
import io.kotest.assertions.nondeterministic.eventually
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.nio.file.Files

/** Runs whose journal is in PostgreSQL, driven by processes that are killed and stopped. */
class DatabaseJournalTest :
    FunSpec(
        spec@{
            PostgresServer.unavailable?.let { reason ->
                xtest(reason) {}
                return@spec
            }

            val program = autoClose(EmrysProgram())
            program.script("probe", EmrysProgram.PROBE)
            val account = LocalAccount(program.state)
            val url = PostgresServer.newDatabase()
            val database = LaunchOptions(environment = mapOf("EMRYS_JOURNAL" to url))

            test("a run is journaled in the database that --journal names, and found there") {
                val withPassword = url.replace("postgres@", "postgres:s3cret@")
                val run =
                    program.run("run", "probe.emr.kts", "--journal", withPassword) exits
                        ExitCode.SUCCEEDED
                Files.exists(program.state.resolve("journal.db")) shouldBe false
                Files.exists(program.state.resolve(".gitignore")) shouldBe true
                Files.getPosixFilePermissions(program.state).size shouldBe 3
                // To look at runs creates nothing.
                val elsewhere =
                    LaunchOptions(mapOf("EMRYS_STATE" to "${program.folder.resolve("elsewhere")}"))
                program.run("runs", "--journal", withPassword, options = elsewhere) exits
                    ExitCode.SUCCEEDED
                Files.exists(program.folder.resolve("elsewhere")) shouldBe false
                val shown = program.run("show", run.run, "--journal", withPassword)
                shown.exits(ExitCode.SUCCEEDED).out shouldContain "  journal  $url\n"
                val listed = program.run("runs", options = database).exits(ExitCode.SUCCEEDED)
                listed.out shouldContain run.run
                listOf(run, shown, listed).forEach { it.all shouldNotContain "s3cret" }
                program.run("runs").exits(ExitCode.SUCCEEDED).err shouldContain "There are no runs"
            }

            test("a suggested command names the database, without the password") {
                val failed =
                    program.run(
                        "run",
                        "probe.emr.kts",
                        "--param",
                        "first=exit 3",
                        "--journal",
                        url.replace("postgres@", "postgres:s3cret@"),
                    ) exits ExitCode.PIPELINE_FAILED
                failed.printsOnStderr("emrys resume ${failed.run} --journal $url")
                failed.all shouldNotContain "s3cret"
            }

            test("a run is cancelled from another process") {
                val step = BlockingStep(program, "cancel")
                val running = step.start(options = database)
                step.awaitRunning(running)
                program.run("cancel", running.run(), options = database) exits ExitCode.SUCCEEDED
                running.result() exits ExitCode.PIPELINE_FAILED
                eventually(TIMEOUT) { step.process() shouldBe null }
                account.awaitNoClusters()
            }

            test(
                "a run whose process is stopped passes on; continued, that process stops driving"
            ) {
                val step = BlockingStep(program, "stop")
                val first = step.start(options = database)
                step.awaitRunning(first)
                program
                    .run("resume", first.run(), options = database)
                    .exits(ExitCode.DRIVEN_ELSEWHERE)
                    .printsOnStderr("is driven by process ${first.process.pid()}")
                first.signal("STOP")
                val second = program.start("resume", first.run(), options = database)
                second.prints("Waiting until that process renews its lease or the lease ends")
                second.prints("Monitored again")
                first.signal("CONT")
                val stopped = first.result() exits ExitCode.EXTERNAL_FAILURE
                stopped.printsOnStderr("another process has acquired the run")
                stopped.err shouldNotContain "emrys resume"
                step.release()
                second.result() exits ExitCode.SUCCEEDED
                step.ledger.lines() shouldContainExactly listOf("one", "begun", "done")
                account.awaitNoClusters()
            }

            test("a database that cannot be used is an outside failure that says what to do") {
                val failed =
                    program.run("runs", "--journal", "postgresql://ada:s3cret@localhost:1/x") exits
                        ExitCode.EXTERNAL_FAILURE
                failed.printsOnStderr(
                    "The journal in postgresql://ada@localhost:1/x cannot be used: Connection to localhost:1 refused.",
                    "Check that the server runs, and that this machine may connect to it.",
                )
                failed.all shouldNotContain "s3cret"
                val wrong = program.run("runs", "--journal", "mysql://ada:s3cret@db/x")
                wrong.printsOnStderr("it does not begin with postgresql://")
                wrong.all shouldNotContain "s3cret"
            }
        }
    )
