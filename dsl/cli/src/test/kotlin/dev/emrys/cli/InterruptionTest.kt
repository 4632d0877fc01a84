package dev.emrys.cli

import io.kotest.assertions.nondeterministic.eventually
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeIn
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlin.io.path.exists
import kotlin.io.path.readText
import kotlin.io.path.writeText

class InterruptionTest :
    FunSpec({
        val program = autoClose(Program())
        val folder = program.folder
        program.script("probe", Program.PROBE)
        val cloud = Cloud(program.state)

        /** A step that runs until it is let go, or until its test has gone. */
        class Held(name: String) {
            val ledger = folder.resolve("$name-ledger")
            private val go = folder.resolve("$name-go")
            val pid = folder.resolve("$name-pid")
            val words =
                "echo $$ > $pid; echo begun >> $ledger; until [ -e $go ] || [ ! -d $folder ]; do sleep 0.05; done; echo done >> $ledger"

            fun letGo() = go.writeText("")

            fun start(vararg more: String, how: How = How()) =
                program.start(
                    "run",
                    "probe.emr.kts",
                    "--param",
                    "first=echo one >> $ledger",
                    "--param",
                    "second=$words",
                    *more,
                    how = how,
                )

            suspend fun isUnderWay(running: Running) =
                running.until("the step runs") { "begun" in ledger.lines() && pid.exists() }

            fun process(): ProcessHandle? =
                ProcessHandle.of(pid.readText().trim().toLong()).filter { it.isAlive }.orElse(null)
        }

        fun outcome(run: String) =
            program.run("show", run, "--output", "json").json().path("outcome").asText()

        test("a cancel from elsewhere ends the steps' processes and the cluster") {
            val held = Held("cancel")
            val running = held.start("--output", "json")
            held.isUnderWay(running)
            val run = running.run()
            program.run("runs").out shouldContain Regex("$run +running ")
            program
                .run("cancel", run)
                .exits(ExitCode.SUCCEEDED)
                .says("Told process ", "which drives the run $run")
            val said = running.said() exits ExitCode.PIPELINE_FAILED
            said.json().path("outcome").asText() shouldBe "CANCELLED"
            said.json().phases() shouldBe
                mapOf(
                    "start:c" to "SUCCEEDED",
                    "one" to "SUCCEEDED",
                    "two" to "CANCELLED",
                    "end:c" to "SUCCEEDED",
                )
            said.says("cancellation asked for by emrys cancel, process ")
            eventually(PATIENCE) { held.process() shouldBe null }
            cloud.isEmpty()
            program
                .run("cancel", run)
                .exits(ExitCode.SUCCEEDED)
                .says("has ended already: cancelled")
        }

        test("a resume of a run that is driven names its driver and changes nothing") {
            val held = Held("live")
            val running = held.start()
            held.isUnderWay(running)
            val run = running.run()
            val events = program.run("show", run, "--output", "json").json()
            val refused = program.run("resume", run) exits ExitCode.HELD
            refused.says(
                "is driven by process ${running.process.pid()} on ",
                " since 20",
                "Nothing was changed.",
            )
            program.run("show", run, "--output", "json").json() shouldBe events
            program.run("show", run).out shouldContain
                "driven   by process ${running.process.pid()} on "
            held.letGo()
            running.said() exits ExitCode.SUCCEEDED
            held.ledger.lines() shouldContainExactly listOf("one", "begun", "done")
        }

        test("a SIGINT leaves the run: its step goes on, and a resume takes over what came of it") {
            val held = Held("int")
            val running = held.start()
            held.isUnderWay(running)
            running.signal("INT")
            val said = running.said() exits ExitCode.INTERRUPTED
            said.says("The run ${said.run} is left as it is.", "emrys resume ${said.run} ")
            held.process()?.isAlive shouldBe true
            program.run("runs").out shouldContain Regex("${said.run} +interrupted ")
            held.letGo()
            eventually(PATIENCE) {
                held.ledger.lines() shouldContainExactly listOf("one", "begun", "done")
            }
            val resumed = program.run("resume", said.run) exits ExitCode.SUCCEEDED
            resumed.says(
                "Kept, since they succeeded: one",
                "Looked after again, since they were under way: two",
                "resumed by process ",
            )
            held.ledger.lines() shouldContainExactly listOf("one", "begun", "done")
            cloud.isEmpty()
        }

        test("a terminal that is closed leaves the run to be resumed, and says so") {
            val held = Held("hangup")
            val running = held.start()
            held.isUnderWay(running)
            running.signal("HUP")
            val said = running.said() exits ExitCode.INTERRUPTED
            said.says("is left as it is", "emrys resume ${said.run}")
            held.letGo()
            program.run("resume", said.run) exits ExitCode.SUCCEEDED
            held.ledger.lines() shouldContainExactly listOf("one", "begun", "done")
            cloud.isEmpty()
        }

        test("after a SIGKILL a resume adopts the step that still runs") {
            val held = Held("kill")
            val running = held.start()
            held.isUnderWay(running)
            val run = running.run()
            running.signal("KILL")
            running.said().exit shouldBe 137
            val resumed = program.start("resume", run)
            resumed.says("Looked after again, since they were under way: two")
            held.letGo()
            resumed.said() exits ExitCode.SUCCEEDED
            held.ledger.lines() shouldContainExactly listOf("one", "begun", "done")
            cloud.isEmpty()
        }

        test("a cancel of a run that nobody drives ends its cluster itself") {
            val held = Held("orphan")
            val running = held.start()
            held.isUnderWay(running)
            val run = running.run()
            running.signal("TERM")
            running.said() exits ExitCode.INTERRUPTED
            val cancelled = program.run("cancel", run, "--output", "json") exits ExitCode.SUCCEEDED
            cancelled.says("Run $run cancelled; its clusters are gone.")
            cancelled.json().phases()["end:c"] shouldBe "SUCCEEDED"
            eventually(PATIENCE) { held.process() shouldBe null }
            cloud.isEmpty()
            outcome(run) shouldBe "CANCELLED"
            held.ledger.lines() shouldContainExactly listOf("one", "begun")
        }

        test("logs --follow prints on until the step is over") {
            val held = Held("follow")
            val running =
                program.start(
                    "run",
                    "probe.emr.kts",
                    "--param",
                    "first=echo early; ${held.words}; echo late",
                )
            running.says("one  accepted")
            held.isUnderWay(running)
            val following = program.start("logs", running.run(), "one", "--follow")
            following.says("early")
            held.letGo()
            following.said().exits(ExitCode.SUCCEEDED).out shouldBe "early\nlate\n"
            running.said() exits ExitCode.SUCCEEDED
        }

        val terminal =
            if (Program.succeeds("script", "-qec", "true", "/dev/null")) null
            else "there is no `script` of util-linux here"

        /** The words of a program, on a terminal. */
        fun Held.onTerminal(vararg before: String): Running {
            val command =
                (program.java() + listOf("run", "probe.emr.kts", "--param", "second=$words"))
                    .joinToString(" ") { "'${it.replace("'", "'\\''")}'" }
            val line = (before.toList() + "exec " + command).joinToString(" ")
            return program.start(how = How(terminal = line))
        }

        fun onlyOnTerminals() =
            if (terminal == null) io.kotest.core.test.Enabled.enabled
            else io.kotest.core.test.Enabled.disabled(terminal)

        test(
                "on a terminal each task has a line, without colours if they are not wanted; Ctrl-C asks, and c cancels"
            )
            .config(enabledOrReasonIf = { onlyOnTerminals() }) {
                val held = Held("terminal")
                val running = held.onTerminal("export TERM=xterm NO_COLOR=1;")
                held.isUnderWay(running)
                running.says("▸ two")
                val keys = running.process.outputStream
                keys.write(3)
                keys.flush()
                running.says("[l]eave the run to be resumed, [c]ancel it")
                keys.write("c\n".toByteArray())
                keys.flush()
                val said = running.said() exits ExitCode.PIPELINE_FAILED
                said.out shouldContain "✓ start:c"
                said.out shouldContain "Cancelling: the clusters are being ended."
                said.out shouldContain "– two"
                said.out shouldContain Regex("Run \\S+ of probe cancelled in ")
                Regex("\u001b\\[[0-9;]*m")
                    .findAll(said.out)
                    .map { it.value.drop(1) }
                    .toSet() shouldBe emptySet()
                eventually(PATIENCE) { held.process() shouldBe null }
                cloud.isEmpty()
            }

        test("g goes on as if nothing had been, and a second Ctrl-C at the question leaves the run")
            .config(enabledOrReasonIf = { onlyOnTerminals() }) {
                val held = Held("going-on")
                val running = held.onTerminal("export TERM=xterm NO_COLOR=1;")
                held.isUnderWay(running)
                fun press(keys: String) {
                    running.process.outputStream.write(keys.toByteArray())
                    running.process.outputStream.flush()
                }
                press("\u0003")
                running.says("or [g]o on?")
                press("g\n")
                running.says("Going on.")
                press("\u0003")
                running.saysTimes("or [g]o on?", 2)
                press("\u0003")
                val said = running.said() exits ExitCode.INTERRUPTED
                said.out shouldContain "is left as it is"
                held.process()?.isAlive shouldBe true
                held.letGo()
                val run = Regex("Run (\\S+) \\(").find(said.out)!!.groupValues[1]
                program.run("resume", run) exits ExitCode.SUCCEEDED
                held.ledger.lines() shouldContainExactly listOf("begun", "done")
            }

        test("l leaves the run to be resumed").config(enabledOrReasonIf = { onlyOnTerminals() }) {
            val held = Held("leaving")
            val running = held.onTerminal("export TERM=xterm NO_COLOR=1;")
            held.isUnderWay(running)
            running.process.outputStream.write(3)
            running.process.outputStream.flush()
            running.says("[l]eave the run to be resumed")
            running.process.outputStream.write("l\n".toByteArray())
            running.process.outputStream.flush()
            val said = running.said() exits ExitCode.INTERRUPTED
            held.letGo()
            val run = Regex("Run (\\S+) \\(").find(said.out)!!.groupValues[1]
            program.run("resume", run) exits ExitCode.SUCCEEDED
        }

        test("a program that reads JSON reads where a run stands that was left by SIGTERM") {
            val held = Held("term-json")
            val running = held.start("--output", "json")
            held.isUnderWay(running)
            running.signal("TERM")
            val said = running.said() exits ExitCode.INTERRUPTED
            said.json().path("name").asText() shouldBe said.run
            said.json().phases()["two"] shouldBeIn setOf("ACCEPTED", "RUNNING")
            held.letGo()
            program.run("resume", said.run) exits ExitCode.SUCCEEDED
        }
    })
