package dev.emrys.cli

import io.kotest.assertions.nondeterministic.eventually
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeIn
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain

class InterruptionTest :
    FunSpec({
        val program = autoClose(EmrysProgram())
        val folder = program.folder
        program.script("probe", EmrysProgram.PROBE)
        val account = LocalAccount(program.state)

        fun outcome(run: String) =
            program.run("show", run, "--output", "json").json().path("outcome").asText()

        test("a cancel by another process ends the processes of the steps and the cluster") {
            val step = BlockingStep(program, "cancel")
            val running = step.start("--output", "json")
            step.awaitRunning(running)
            val run = running.run()
            program.run("runs").out shouldContain Regex("$run +running ")
            val cancelled = program.run("cancel", run, "--output", "json") exits ExitCode.SUCCEEDED
            cancelled.printsOnStderr(
                "Requested cancellation from process ${running.process.pid()}, which drives the run $run",
                "Run $run cancelled; its clusters have ended.",
            )
            cancelled.json().path("outcome").asText() shouldBe "CANCELLED"
            val result = running.result() exits ExitCode.PIPELINE_FAILED
            result.json().path("outcome").asText() shouldBe "CANCELLED"
            result.json().phases() shouldBe
                mapOf(
                    "start:c" to "SUCCEEDED",
                    "one" to "SUCCEEDED",
                    "two" to "CANCELLED",
                    "end:c" to "SUCCEEDED",
                )
            result.printsOnStderr("cancellation requested by emrys cancel, process ")
            eventually(TIMEOUT) { step.process() shouldBe null }
            account.awaitNoClusters()
            program
                .run("cancel", run)
                .exits(ExitCode.SUCCEEDED)
                .printsOnStderr("has ended already: cancelled")
        }

        test(
            "a resume of a run that another process drives names that process and changes nothing"
        ) {
            val step = BlockingStep(program, "live")
            val running = step.start()
            step.awaitRunning(running)
            val run = running.run()
            // That it runs is recorded after it does.
            running.prints("two  running")
            val events = program.run("show", run, "--output", "json").json()
            val refused = program.run("resume", run) exits ExitCode.DRIVEN_ELSEWHERE
            refused.printsOnStderr(
                "is driven by process ${running.process.pid()} on ",
                " since 20",
                "Nothing was changed.",
            )
            program.run("show", run, "--output", "json").json() shouldBe events
            program.run("show", run).out shouldContain
                "driver   process ${running.process.pid()} on "
            step.release()
            running.result() exits ExitCode.SUCCEEDED
            step.ledger.lines() shouldContainExactly listOf("one", "begun", "done")
        }

        test(
            "a SIGINT detaches from the run: its step continues, and a resume takes over its result"
        ) {
            val step = BlockingStep(program, "int")
            val running = step.start()
            step.awaitRunning(running)
            running.signal("INT")
            val result = running.result() exits ExitCode.INTERRUPTED
            result.printsOnStderr("Detached from run ${result.run};", "emrys resume ${result.run} ")
            step.process()?.isAlive shouldBe true
            program.run("runs").out shouldContain Regex("${result.run} +interrupted ")
            step.release()
            eventually(TIMEOUT) {
                step.ledger.lines() shouldContainExactly listOf("one", "begun", "done")
            }
            val resumed = program.run("resume", result.run) exits ExitCode.SUCCEEDED
            resumed.printsOnStderr(
                "Kept, because they succeeded: one",
                "Monitored again, because EMR has them already: two",
                "resumed by process ",
            )
            step.ledger.lines() shouldContainExactly listOf("one", "begun", "done")
            account.awaitNoClusters()
        }

        test("a closed terminal detaches from the run, with a message") {
            val step = BlockingStep(program, "hangup")
            val running = step.start()
            step.awaitRunning(running)
            running.signal("HUP")
            val result = running.result() exits ExitCode.INTERRUPTED
            result.printsOnStderr("Detached from run ", "emrys resume ${result.run}")
            step.release()
            program.run("resume", result.run) exits ExitCode.SUCCEEDED
            step.ledger.lines() shouldContainExactly listOf("one", "begun", "done")
            account.awaitNoClusters()
        }

        test("after a SIGKILL a resume adopts the step that still runs") {
            val step = BlockingStep(program, "kill")
            val running = step.start()
            step.awaitRunning(running)
            val run = running.run()
            running.signal("KILL")
            running.result().exit shouldBe 137
            val resumed = program.start("resume", run)
            resumed.prints("Monitored again, because EMR has them already: two")
            step.release()
            resumed.result() exits ExitCode.SUCCEEDED
            step.ledger.lines() shouldContainExactly listOf("one", "begun", "done")
            account.awaitNoClusters()
        }

        test("a cancel of a run that no process drives ends its cluster itself") {
            val step = BlockingStep(program, "orphan")
            val running = step.start()
            step.awaitRunning(running)
            val run = running.run()
            running.signal("TERM")
            running.result() exits ExitCode.INTERRUPTED
            val cancelled = program.run("cancel", run, "--output", "json") exits ExitCode.SUCCEEDED
            cancelled.printsOnStderr("Run $run cancelled; its clusters have ended.")
            cancelled.json().phases()["end:c"] shouldBe "SUCCEEDED"
            eventually(TIMEOUT) { step.process() shouldBe null }
            account.awaitNoClusters()
            outcome(run) shouldBe "CANCELLED"
            step.ledger.lines() shouldContainExactly listOf("one", "begun")
        }

        test("a cancel with --no-wait returns while the run still runs") {
            val step = BlockingStep(program, "no-wait")
            val running = step.start()
            step.awaitRunning(running)
            running.stop(program.state)
            val run = running.run()
            val requested =
                program.run("cancel", run, "--no-wait", "--output", "json") exits ExitCode.SUCCEEDED
            requested.printsOnStderr("Requested cancellation from process ")
            requested.json().path("outcome").isNull shouldBe true
            running.signal("CONT")
            running.result() exits ExitCode.PIPELINE_FAILED
            outcome(run) shouldBe "CANCELLED"
        }

        test("Ctrl-C ends the waiting of a cancel, and the cancellation continues") {
            val step = BlockingStep(program, "cancel-int")
            val running = step.start()
            step.awaitRunning(running)
            val run = running.run()
            running.stop(program.state)
            val cancelling = program.start("cancel", run, "--output", "json")
            cancelling.prints("Waiting for its end: step two (")
            cancelling.signal("INT")
            val interrupted = cancelling.result() exits ExitCode.INTERRUPTED
            interrupted.printsOnStderr(
                "No longer waiting. The cancellation continues in the process that drives the run.",
                "emrys show $run",
            )
            interrupted.json().path("outcome").isNull shouldBe true
            running.signal("CONT")
            running.result() exits ExitCode.PIPELINE_FAILED
            outcome(run) shouldBe "CANCELLED"
            account.awaitNoClusters()
        }

        test("a cancel that waits ends the clusters itself when the driver is killed meanwhile") {
            val step = BlockingStep(program, "cancel-kill")
            val running = step.start()
            step.awaitRunning(running)
            val run = running.run()
            running.stop(program.state)
            val cancelling = program.start("cancel", run)
            cancelling.prints("Waiting for its end: ")
            running.signal("KILL")
            running.result().exit shouldBe 137
            val cancelled = cancelling.result() exits ExitCode.SUCCEEDED
            cancelled.printsOnStderr(
                "No other process drives the run: this one ends its clusters.",
                "Run $run cancelled; its clusters have ended.",
            )
            eventually(TIMEOUT) { step.process() shouldBe null }
            account.awaitNoClusters()
            outcome(run) shouldBe "CANCELLED"
        }

        test("Ctrl-C at a cancel that drives the run releases it, and the next cancel ends it") {
            // The step ignores the first request to end, and is killed later.
            val step = BlockingStep(program, "cancel-twice", ignoring = "trap '' INT TERM; ")
            val running = step.start()
            step.awaitRunning(running)
            val run = running.run()
            running.signal("KILL")
            running.result().exit shouldBe 137
            val cancelling = program.start("cancel", run)
            cancelling.prints("two  cancelling")
            cancelling.signal("INT")
            val interrupted = cancelling.result() exits ExitCode.INTERRUPTED
            interrupted.printsOnStderr(
                "The cancellation is recorded, but no process drives the run any longer",
                "emrys cancel $run",
            )
            program.run("runs").out shouldContain Regex("$run +interrupted ")
            step.release()
            // The step ends by itself, or is killed before that.
            program.run("cancel", run).printsOnStderr("; its clusters have ended.")
            account.awaitNoClusters()
        }

        test("a cancel of a run that succeeds all the same does not say success") {
            val step = BlockingStep(program, "too-late")
            val running = step.start()
            step.awaitRunning(running)
            val run = running.run()
            running.stop(program.state)
            step.release()
            eventually(TIMEOUT) { step.process() shouldBe null }
            account.awaitStep("two", "COMPLETED")
            val cancelling = program.start("cancel", run, "--output", "json")
            cancelling.prints("Waiting for its end: ")
            running.signal("CONT")
            val late = cancelling.result() exits ExitCode.PIPELINE_FAILED
            late.printsOnStderr(
                "The run $run succeeded before it could be cancelled; its clusters have ended."
            )
            late.json().path("outcome").asText() shouldBe "SUCCEEDED"
            running.result() exits ExitCode.SUCCEEDED
        }

        test("logs --follow prints until the step has ended") {
            val step = BlockingStep(program, "follow")
            val running =
                program.start(
                    "run",
                    "probe.emr.kts",
                    "--param",
                    "first=echo early; ${step.command}; echo late",
                )
            running.prints("one  accepted")
            step.awaitRunning(running)
            val following = program.start("logs", running.run(), "one", "--follow")
            following.prints("early")
            step.release()
            following.result().exits(ExitCode.SUCCEEDED).out shouldBe "early\nlate\n"
            running.result() exits ExitCode.SUCCEEDED
        }

        val terminal =
            if (EmrysProgram.succeeds("script", "-qec", "true", "/dev/null")) null
            else "there is no `script` of util-linux here"

        /** The program on a terminal. */
        fun BlockingStep.onTerminal(vararg before: String): RunningProcess {
            val arguments =
                (program.java() + listOf("run", "probe.emr.kts", "--param", "second=$command"))
                    .joinToString(" ") { "'${it.replace("'", "'\\''")}'" }
            val line = (before.toList() + "exec " + arguments).joinToString(" ")
            return program.start(options = LaunchOptions(terminal = line))
        }

        fun onlyOnTerminals() =
            if (terminal == null) io.kotest.core.test.Enabled.enabled
            else io.kotest.core.test.Enabled.disabled(terminal)

        test(
                "a terminal shows a line per task, without colours where NO_COLOR is set; Ctrl-C asks, and c cancels"
            )
            .config(enabledOrReasonIf = { onlyOnTerminals() }) {
                val step = BlockingStep(program, "terminal")
                val running = step.onTerminal("export TERM=xterm NO_COLOR=1;")
                step.awaitRunning(running)
                running.prints("▸ two")
                val keys = running.process.outputStream
                keys.write(3)
                keys.flush()
                running.prints("[d]etach (resume it later), [c]ancel the run")
                keys.write("c\n".toByteArray())
                keys.flush()
                val result = running.result() exits ExitCode.PIPELINE_FAILED
                result.out shouldContain "✓ start:c"
                result.out shouldContain "Cancelling: the clusters are being ended."
                result.out shouldContain "– two"
                result.out shouldContain Regex("Run \\S+ of probe cancelled in ")
                Regex("\u001b\\[[0-9;]*m")
                    .findAll(result.out)
                    .map { it.value.drop(1) }
                    .toSet() shouldBe emptySet()
                eventually(TIMEOUT) { step.process() shouldBe null }
                account.awaitNoClusters()
            }

        test("the final table on a terminal has every task, also those that did not fit").config(
            enabledOrReasonIf = { onlyOnTerminals() }
        ) {
            val command = (program.java() + listOf("run", "probe.emr.kts")).joinToString(" ")
            val line = "export TERM=xterm NO_COLOR=1; stty rows 5 cols 80; exec $command"
            val result = program.start(options = LaunchOptions(terminal = line)).result()
            result exits ExitCode.SUCCEEDED
            for (task in listOf("start:c", "one", "two", "end:c")) {
                result.out shouldContain Regex("✓ $task +succeeded")
            }
        }

        test("k keeps the run, and a second Ctrl-C at the question detaches from it").config(
            enabledOrReasonIf = { onlyOnTerminals() }
        ) {
            val step = BlockingStep(program, "going-on")
            val running = step.onTerminal("export TERM=xterm NO_COLOR=1;")
            step.awaitRunning(running)
            fun press(keys: String) {
                running.process.outputStream.write(keys.toByteArray())
                running.process.outputStream.flush()
            }
            press("\u0003")
            running.prints("or [k]eep running?")
            press("k\n")
            running.prints("The run continues.")
            press("\u0003")
            running.printsTimes("or [k]eep running?", 2)
            press("\u0003")
            val result = running.result() exits ExitCode.INTERRUPTED
            result.out shouldContain "Detached from run "
            step.process()?.isAlive shouldBe true
            step.release()
            val run = Regex("Run (\\S+) \\(").find(result.out)!!.groupValues[1]
            program.run("resume", run) exits ExitCode.SUCCEEDED
            step.ledger.lines() shouldContainExactly listOf("begun", "done")
        }

        test("d detaches from the run").config(enabledOrReasonIf = { onlyOnTerminals() }) {
            val step = BlockingStep(program, "leaving")
            val running = step.onTerminal("export TERM=xterm NO_COLOR=1;")
            step.awaitRunning(running)
            running.process.outputStream.write(3)
            running.process.outputStream.flush()
            running.prints("[d]etach (resume it later)")
            running.process.outputStream.write("d\n".toByteArray())
            running.process.outputStream.flush()
            val result = running.result() exits ExitCode.INTERRUPTED
            step.release()
            val run = Regex("Run (\\S+) \\(").find(result.out)!!.groupValues[1]
            program.run("resume", run) exits ExitCode.SUCCEEDED
        }

        test("run --output json prints the state of the run when SIGTERM detaches from it") {
            val step = BlockingStep(program, "term-json")
            val running = step.start("--output", "json")
            step.awaitRunning(running)
            running.signal("TERM")
            val result = running.result() exits ExitCode.INTERRUPTED
            result.json().path("name").asText() shouldBe result.run
            result.json().phases()["two"] shouldBeIn setOf("ACCEPTED", "RUNNING")
            step.release()
            program.run("resume", result.run) exits ExitCode.SUCCEEDED
        }
    })
