package dev.emrys.local

import dev.emrys.emulator.StepExit
import dev.emrys.emulator.StepLaunch
import dev.emrys.emulator.StepListener
import dev.emrys.testing.awaitUntil
import dev.emrys.testing.isRunning
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import java.nio.file.Files
import java.time.Duration
import java.time.InstantSource
import java.util.concurrent.atomic.AtomicInteger
import java.util.zip.GZIPInputStream

/** The children of this process that have the word in their command. */
private fun ProcessHandle.childrenWith(word: String): List<ProcessHandle> =
    children().filter { word in it.info().commandLine().orElse("") }.toList()

class LocalStepRunnerTest :
    FunSpec({
        test("a step runs in its own folder, and its output is in files") {
            val account = account()
            localStepRunner(account).use { runner ->
                val listener = RecordingListener()
                runner.start(bash("s-1", "echo out; echo err >&2; pwd > where"), listener)
                listener.exit().shouldBeInstanceOf<StepExit.Completed>()
            }
            val folder = account.step("j-1", "s-1")
            folder.resolve("stdout").text() shouldBe "out\n"
            folder.resolve("stderr").text() shouldBe "err\n"
            folder.resolve("work/where").text().trim() shouldBe folder.resolve("work").toString()
            folder.resolve("controller").text() shouldContain "Exit code 0."
        }

        test("the end of a step is seen without polling, also of one whose supervisor is killed") {
            val account = account()
            LocalStepRunner(
                    account,
                    NO_DISTRIBUTIONS,
                    InstantSource.system(),
                    Duration.ofHours(1),
                )
                .use { runner ->
                    val good = RecordingListener()
                    runner.start(bash("s-1", "true"), good)
                    good.exit().shouldBeInstanceOf<StepExit.Completed>()
                    val killed = RecordingListener()
                    runner.start(bash("s-2", "kill -9 \$PPID; sleep 600"), killed)
                    killed.exit().shouldBeInstanceOf<StepExit.Failed>().reason() shouldContain
                        "its supervisor died"
                }
        }

        test("a supervisor that waits for a step may be killed, and ends with the runner") {
            val account = account()
            fun supervisors() =
                ProcessHandle.current()
                    .childrenWith(account.bin().resolve("supervisor.sh").toString())

            val runner = localStepRunner(account)
            fun run(stepId: String) {
                val listener = RecordingListener()
                runner.start(bash(stepId, "true"), listener)
                listener.exit().shouldBeInstanceOf<StepExit.Completed>()
            }
            run("s-1")
            awaitUntil("the next supervisor") { supervisors().size == 1 }
            supervisors().single().destroyForcibly()
            awaitUntil("its end") { supervisors().isEmpty() }
            run("s-2")
            awaitUntil("the next supervisor") { supervisors().size == 1 }
            runner.close()
            awaitUntil("its end") { supervisors().isEmpty() }
        }

        test("a step runs since its supervisor has claimed it, not since that was seen") {
            val account = account()
            val go = account.folder().resolve("go")
            localStepRunner(account).use { runner ->
                val listener = RecordingListener()
                runner.start(bash("s-1", "until [ -e '$go' ]; do sleep 0.05; done"), listener)
                listener.awaitRunning() shouldBe
                    Files.getLastModifiedTime(account.step("j-1", "s-1").resolve("claim"))
                        .toInstant()
                Files.createFile(go)
                listener.exit().shouldBeInstanceOf<StepExit.Completed>()
            }
        }

        test("a failed step reports its exit code, its last lines and its log") {
            val account = account()
            localStepRunner(account).use { runner ->
                val listener = RecordingListener()
                runner.start(
                    bash("s-1", "for i in 1 2 3; do echo line \$i >&2; done; exit 7"),
                    listener,
                )
                val exit = listener.exit().shouldBeInstanceOf<StepExit.Failed>()
                exit.reason() shouldBe "Exit code 7."
                exit.message() shouldBe "line 1\nline 2\nline 3"
                exit.logFile() shouldBe account.step("j-1", "s-1").resolve("stderr").toString()
            }
        }

        test("the log with the cause is named, and log messages of Spark do not hide the cause") {
            val account = account()
            localStepRunner(account).use { runner ->
                val short = RecordingListener()
                runner.start(bash("s-1", "echo because; exit 1"), short)
                val exit = short.exit().shouldBeInstanceOf<StepExit.Failed>()
                exit.message() shouldBe "because"
                exit.logFile() shouldBe account.step("j-1", "s-1").resolve("stdout").toString()
                val chatty = RecordingListener()
                runner.start(
                    bash(
                        "s-2",
                        "echo the cause >&2; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14; do " +
                            "echo \"26/11/21 10:37:38 INFO BlockManager: stopped \$i\" >&2; done; exit 1",
                    ),
                    chatty,
                )
                chatty.exit().shouldBeInstanceOf<StepExit.Failed>().message() shouldBe "the cause"
            }
        }

        test("a step that a signal ended names the signal") {
            val account = account()
            localStepRunner(account).use { runner ->
                val listener = RecordingListener()
                runner.start(bash("s-1", "kill -KILL $$"), listener)
                listener.exit().shouldBeInstanceOf<StepExit.Failed>().reason() shouldBe
                    "Exit code 137: killed (SIGKILL)."
            }
        }

        test("logs are published gzipped at the log location, as on EMR") {
            val account = account()
            localStepRunner(account).use { runner ->
                val listener = RecordingListener()
                runner.start(bash("s-1", "echo hello", logUri = "s3://logs/emr"), listener)
                listener.exit()
            }
            val published = account.path("s3://logs/emr/j-1/steps/s-1")
            GZIPInputStream(Files.newInputStream(published.resolve("stdout.gz")))
                .reader()
                .readText() shouldBe "hello\n"
            Files.exists(published.resolve("controller.gz")) shouldBe true
            Files.exists(published.resolve("stderr.gz")) shouldBe true
        }

        test("a step whose log location cannot be written is reported as ended") {
            val account = account()
            localStepRunner(account).use { runner ->
                Files.writeString(account.s3().resolve("logs"), "a file where a bucket should be")
                val listener = RecordingListener()
                runner.start(bash("s-1", "exit 0", logUri = "s3://logs/emr"), listener)
                listener.exit().shouldBeInstanceOf<StepExit.Completed>()
            }
        }

        test("an end that could not be reported is reported again") {
            localStepRunner(account()).use { runner ->
                fun reason(launch: StepLaunch): String? {
                    val listener = RecordingListener()
                    val failures = AtomicInteger(1)
                    runner.start(
                        launch,
                        object : StepListener by listener {
                            override fun ended(exit: StepExit) {
                                check(failures.getAndDecrement() <= 0) { "The disk is full." }
                                listener.ended(exit)
                            }
                        },
                    )
                    return listener.exit().shouldBeInstanceOf<StepExit.Failed>().reason()
                }
                reason(bash("s-1", "exit 4")) shouldBe "Exit code 4."
                reason(launch("s-2", jar = "s3://bucket/none.jar")) shouldBe
                    "The step was not started."
            }
        }

        test(
            "a step survives its owner process, and the next one finds it running and reports its end"
        ) {
            val account = account()
            val go = account.folder().resolve("go")
            val runs = account.folder().resolve("ledger")
            val launch =
                bash(
                    "s-1",
                    "echo run >> '$runs'; while [ ! -e '$go' ]; do sleep 0.05; done; echo done",
                )
            localStepRunner(account).use { first ->
                val listener = RecordingListener()
                first.start(launch, listener)
                listener.awaitRunning()
            }
            localStepRunner(account).use { second ->
                val listener = RecordingListener()
                second.start(launch, listener)
                listener.awaitRunning()
                listener.hasEnded shouldBe false
                Files.createFile(go)
                listener.exit().shouldBeInstanceOf<StepExit.Completed>()
            }
            runs.text() shouldBe "run\n"
        }

        test("a step that ended while there was no owner process is found ended") {
            val account = account()
            val launch = bash("s-1", "exit 5")
            localStepRunner(account).use { first ->
                first.start(launch, RecordingListener())
                awaitUntil("the exit status") {
                    Files.exists(account.step("j-1", "s-1").resolve("exit"))
                }
            }
            localStepRunner(account).use { second ->
                val listener = RecordingListener()
                second.start(launch, listener)
                listener.exit().shouldBeInstanceOf<StepExit.Failed>().reason() shouldBe
                    "Exit code 5."
            }
        }

        test("of two supervisors for one step exactly one runs it") {
            val account = account()
            val folder = account.step("j-1", "s-1")
            Files.createDirectories(folder.resolve("work"))
            localStepRunner(account).close()
            val launches =
                (1..8).map {
                    LaunchFiles.write(folder, "step() { echo run >> '$folder/ledger'; }\n", "")
                }
            val started = launches.map {
                ProcessBuilder("sh", account.bin().resolve("supervisor.sh").toString(), "-")
                    .directory(account.folder().toFile())
                    .start()
            }
            started.zip(launches).forEach { (supervisor, launch) ->
                supervisor.outputWriter().use {
                    it.write("${account.folder().relativize(launch)}\n")
                }
            }
            started.forEach { it.waitFor() }
            awaitUntil("the deletion of all that they were given") {
                folder.launchFiles().isEmpty()
            }
            folder.resolve("ledger").text() shouldBe "run\n"
        }

        test("a script may have the name of one of the supervisor's files") {
            val account = account()
            Files.createDirectories(account.path("s3://bucket"))
            listOf("claim", "cancel", "exit").forEach { name ->
                Files.writeString(account.path("s3://bucket/$name"), "echo ran; exit 5\n")
                localStepRunner(account).use { runner ->
                    val listener = RecordingListener()
                    runner.start(
                        launch(
                            "s-$name",
                            "s3://bucket/$name",
                            jar = "s3://x/libs/script-runner/script-runner.jar",
                        ),
                        listener,
                    )
                    listener.exit().shouldBeInstanceOf<StepExit.Failed>().reason() shouldBe
                        "Exit code 5."
                }
            }
        }

        test("a jar that is not a path fails the step, with a reason") {
            val account = account()
            localStepRunner(account).use { runner ->
                val listener = RecordingListener()
                runner.start(launch("s-1", jar = "file:///no such/a.jar"), listener)
                listener.exit().shouldBeInstanceOf<StepExit.Failed>().message() shouldContain
                    "could not be started"
            }
        }

        test("a step whose supervisor was killed is lost: it fails, and its processes are killed") {
            val account = account()
            localStepRunner(account).use { runner ->
                val listener = RecordingListener()
                runner.start(bash("s-1", "sleep 600 & echo \$! > child; wait"), listener)
                listener.awaitRunning()
                val child = account.step("j-1", "s-1").resolve("work/child")
                awaitUntil("the child's id") { Files.exists(child) && child.text().endsWith("\n") }
                val process = StepProcess(account.step("j-1", "s-1"), "s-1")
                ProcessHandle.of(process.claim().get().pid()).get().destroyForcibly()
                listener.exit().shouldBeInstanceOf<StepExit.Failed>().reason() shouldContain "lost"
                awaitUntil("the child's end") {
                    !isRunning(child.text().trim().toLong())
                }
            }
        }

        test("a process id that another process has now does not count as the step") {
            val account = account()
            val folder = account.step("j-1", "s-1")
            Files.createDirectories(folder.resolve("work"))
            // This JVM has the id, but another start time.
            Files.writeString(
                folder.resolve("claim"),
                "${ProcessHandle.current().pid()} 1 some-boot\n",
            )
            localStepRunner(account).use { runner ->
                val listener = RecordingListener()
                runner.start(bash("s-1", "echo never"), listener)
                listener.exit().shouldBeInstanceOf<StepExit.Failed>().reason() shouldContain "lost"
            }
            Files.exists(folder.resolve("stdout")) shouldBe false
        }

        test("an interrupt ends the whole session, and the step is cancelled") {
            val account = account()
            localStepRunner(account).use { runner ->
                val listener = RecordingListener()
                runner.start(
                    bash("s-1", "trap 'echo stopping; exit 9' TERM; (sleep 600; true) & wait"),
                    listener,
                )
                listener.awaitRunning()
                val process = StepProcess(account.step("j-1", "s-1"), "s-1")
                awaitUntil("its children") { process.members().size >= 2 }
                runner.cancel("j-1", "s-1", false)
                listener.exit().shouldBeInstanceOf<StepExit.Cancelled>()
                awaitUntil("an empty session") { process.members().isEmpty() }
            }
            account.step("j-1", "s-1").resolve("stdout").text() shouldBe "stopping\n"
        }

        test("a step that ignores the interrupt is killed when it is forced") {
            val account = account()
            localStepRunner(account).use { runner ->
                val listener = RecordingListener()
                runner.start(
                    bash("s-1", "trap '' TERM; echo ready > ready; while true; do sleep 0.1; done"),
                    listener,
                )
                awaitUntil("the trap") {
                    Files.exists(account.step("j-1", "s-1").resolve("work/ready"))
                }
                runner.cancel("j-1", "s-1", false)
                runner.cancel("j-1", "s-1", true)
                listener.exit().shouldBeInstanceOf<StepExit.Cancelled>()
                val process = StepProcess(account.step("j-1", "s-1"), "s-1")
                awaitUntil("an empty session") { process.members().isEmpty() }
            }
        }

        test("a step that succeeds in spite of a cancellation has succeeded") {
            val account = account()
            localStepRunner(account).use { runner ->
                val listener = RecordingListener()
                runner.start(
                    bash("s-1", "trap 'exit 0' TERM; echo ready > ready; sleep 600 & wait"),
                    listener,
                )
                awaitUntil("the trap") {
                    Files.exists(account.step("j-1", "s-1").resolve("work/ready"))
                }
                runner.cancel("j-1", "s-1", false)
                listener.exit().shouldBeInstanceOf<StepExit.Completed>()
            }
        }

        test("a step that is cancelled before its start never starts") {
            val account = account()
            localStepRunner(account).use { runner ->
                runner.cancel("j-1", "s-1", false)
                awaitUntil("the claim") {
                    Files.exists(account.step("j-1", "s-1").resolve("claim"))
                }
                val listener = RecordingListener()
                runner.start(bash("s-1", "echo never"), listener)
                listener.exit().shouldBeInstanceOf<StepExit.Cancelled>()
            }
            Files.exists(account.step("j-1", "s-1").resolve("stdout")) shouldBe false
        }

        test("the end of a cluster kills also processes that left their step's session") {
            val account = account()
            localStepRunner(account).use { runner ->
                val listener = RecordingListener()
                runner.start(
                    bash("s-1", "setsid sleep 600 < /dev/null > /dev/null 2>&1 & echo done"),
                    listener,
                )
                listener.exit().shouldBeInstanceOf<StepExit.Completed>()
                val process = StepProcess(account.step("j-1", "s-1"), "s-1")
                awaitUntil("the daemon") { process.members().size == 1 }
                runner.clusterEnded("j-1")
                awaitUntil("its end") { process.members().isEmpty() }
            }
        }

        test("a missing jar or an unsupported program fails the step with a reason") {
            val account = account()
            localStepRunner(account).use { runner ->
                val jar = RecordingListener()
                runner.start(launch("s-1", jar = "s3://bucket/none.jar"), jar)
                jar.exit().shouldBeInstanceOf<StepExit.Failed>().message() shouldContain
                    account.s3().resolve("bucket/none.jar").toString()
                val flink = RecordingListener()
                runner.start(launch("s-2", "flink", "run"), flink)
                flink.exit().shouldBeInstanceOf<StepExit.Failed>().message() shouldContain
                    "\"flink\" is not emulated. Emulated are spark-submit"
            }
        }

        test("a script on s3 is copied and run with its arguments") {
            val account = account()
            val script = account.path("s3://code/hello world.sh")
            Files.createDirectories(script.parent)
            Files.writeString(script, "echo \"hello $1 from $(basename \"$0\")\"\n")
            localStepRunner(account).use { runner ->
                val listener = RecordingListener()
                runner.start(
                    launch(
                        "s-1",
                        "s3://code/hello world.sh",
                        "Zoë",
                        jar =
                            "s3://us-east-1.elasticmapreduce/libs/script-runner/script-runner.jar",
                    ),
                    listener,
                )
                listener.exit().shouldBeInstanceOf<StepExit.Completed>()
            }
            account.step("j-1", "s-1").resolve("stdout").text() shouldBe
                "hello Zoë from hello world.sh\n"
        }
    })
