package dev.emrys.local

import com.google.common.collect.ImmutableList
import dev.emrys.emulator.StepExit
import dev.emrys.emulator.StepListener
import dev.emrys.emulator.StepOrder
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import java.nio.file.Files
import java.util.concurrent.atomic.AtomicInteger
import java.util.zip.GZIPInputStream

class SupervisorsTest :
    FunSpec({
        test("a step runs in its own folder, and what it writes is in its files") {
            val account = account()
            supervisors(account).use { runner ->
                val hearing = Hearing()
                runner.start(bash("s-1", "echo out; echo err >&2; pwd > where"), hearing)
                hearing.exit().shouldBeInstanceOf<StepExit.Completed>()
            }
            val folder = account.step("j-1", "s-1")
            folder.resolve("stdout").text() shouldBe "out\n"
            folder.resolve("stderr").text() shouldBe "err\n"
            folder.resolve("work/where").text().trim() shouldBe folder.resolve("work").toString()
            folder.resolve("controller").text() shouldContain "Exit code 0."
        }

        test("a step that fails tells its exit code, its last words and its log") {
            val account = account()
            supervisors(account).use { runner ->
                val hearing = Hearing()
                runner.start(
                    bash("s-1", "for i in 1 2 3; do echo line \$i >&2; done; exit 7"),
                    hearing,
                )
                val exit = hearing.exit().shouldBeInstanceOf<StepExit.Failed>()
                exit.reason() shouldBe "Exit code 7."
                exit.message() shouldBe "line 1\nline 2\nline 3"
                exit.logFile() shouldBe account.step("j-1", "s-1").resolve("stderr").toString()
            }
        }

        test(
            "the log that says why is named, and what Spark says of its leaving does not bury the cause"
        ) {
            val account = account()
            supervisors(account).use { runner ->
                val quiet = Hearing()
                runner.start(bash("s-1", "echo because; exit 1"), quiet)
                val exit = quiet.exit().shouldBeInstanceOf<StepExit.Failed>()
                exit.message() shouldBe "because"
                exit.logFile() shouldBe account.step("j-1", "s-1").resolve("stdout").toString()
                val chatty = Hearing()
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

        test("logs are left gzipped at the log location, as EMR leaves them") {
            val account = account()
            supervisors(account).use { runner ->
                val hearing = Hearing()
                runner.start(bash("s-1", "echo hello", logUri = "s3://logs/emr"), hearing)
                hearing.exit()
            }
            val published = account.path("s3://logs/emr/j-1/steps/s-1")
            GZIPInputStream(Files.newInputStream(published.resolve("stdout.gz")))
                .reader()
                .readText() shouldBe "hello\n"
            Files.exists(published.resolve("controller.gz")) shouldBe true
            Files.exists(published.resolve("stderr.gz")) shouldBe true
        }

        test("a step whose log location cannot be written ends all the same") {
            val account = account()
            supervisors(account).use { runner ->
                Files.writeString(account.s3().resolve("logs"), "a file where a bucket should be")
                val hearing = Hearing()
                runner.start(bash("s-1", "exit 0", logUri = "s3://logs/emr"), hearing)
                hearing.exit().shouldBeInstanceOf<StepExit.Completed>()
            }
        }

        test("an end that could not be told is told again") {
            supervisors(account()).use { runner ->
                fun reason(order: StepOrder): String? {
                    val hearing = Hearing()
                    val deaf = AtomicInteger(1)
                    runner.start(
                        order,
                        object : StepListener by hearing {
                            override fun ended(exit: StepExit) {
                                check(deaf.getAndDecrement() <= 0) { "The disk is full." }
                                hearing.ended(exit)
                            }
                        },
                    )
                    return hearing.exit().shouldBeInstanceOf<StepExit.Failed>().reason()
                }
                reason(bash("s-1", "exit 4")) shouldBe "Exit code 4."
                reason(order("s-2", jar = "s3://bucket/none.jar")) shouldBe
                    "The step was not started."
            }
        }

        test("a step outlives its owner, and the next owner finds it running and hears its end") {
            val account = account()
            val go = account.folder().resolve("go")
            val ledger = account.folder().resolve("ledger")
            val order =
                bash(
                    "s-1",
                    "echo run >> '$ledger'; while [ ! -e '$go' ]; do sleep 0.05; done; echo done",
                )
            supervisors(account).use { first ->
                val hearing = Hearing()
                first.start(order, hearing)
                hearing.awaitRunning()
            }
            supervisors(account).use { second ->
                val hearing = Hearing()
                second.start(order, hearing)
                hearing.awaitRunning()
                hearing.over shouldBe false
                Files.createFile(go)
                hearing.exit().shouldBeInstanceOf<StepExit.Completed>()
            }
            ledger.text() shouldBe "run\n"
        }

        test("a step that ended while nobody owned the account is found ended") {
            val account = account()
            val order = bash("s-1", "exit 5")
            supervisors(account).use { first ->
                first.start(order, Hearing())
                awaitThat("the exit status") {
                    Files.exists(account.step("j-1", "s-1").resolve("exit"))
                }
            }
            supervisors(account).use { second ->
                val hearing = Hearing()
                second.start(order, hearing)
                hearing.exit().shouldBeInstanceOf<StepExit.Failed>().reason() shouldBe
                    "Exit code 5."
            }
        }

        test("of two supervisors for one step exactly one runs it") {
            val account = account()
            val folder = account.step("j-1", "s-1")
            Files.createDirectories(folder.resolve("work"))
            supervisors(account).close()
            val script = account.bin().resolve("supervisor.sh").toString()
            val started =
                (1..8).map {
                    ProcessBuilder(
                            "sh",
                            script,
                            folder.toString(),
                            "bash",
                            "-c",
                            "echo run >> '$folder/ledger'",
                        )
                        .start()
                }
            started.forEach { it.waitFor() }
            folder.resolve("ledger").text() shouldBe "run\n"
        }

        test("a script may have any name, also one of the supervisor's own files") {
            val account = account()
            Files.createDirectories(account.path("s3://bucket"))
            listOf("claim", "cancel", "exit").forEach { name ->
                Files.writeString(account.path("s3://bucket/$name"), "echo ran; exit 5\n")
                supervisors(account).use { runner ->
                    val hearing = Hearing()
                    runner.start(
                        order(
                            "s-$name",
                            "s3://bucket/$name",
                            jar = "s3://x/libs/script-runner/script-runner.jar",
                        ),
                        hearing,
                    )
                    hearing.exit().shouldBeInstanceOf<StepExit.Failed>().reason() shouldBe
                        "Exit code 5."
                }
            }
        }

        test("what cannot even be read as a path refuses the step, with a reason") {
            val account = account()
            supervisors(account).use { runner ->
                val hearing = Hearing()
                runner.start(order("s-1", jar = "file:///no such/a.jar"), hearing)
                hearing.exit().shouldBeInstanceOf<StepExit.Failed>().message() shouldContain
                    "could not be started"
            }
        }

        test("a step whose supervisor was killed is lost: a failure, and nothing of it goes on") {
            val account = account()
            supervisors(account).use { runner ->
                val hearing = Hearing()
                runner.start(bash("s-1", "sleep 600 & echo \$! > child; wait"), hearing)
                hearing.awaitRunning()
                val child = account.step("j-1", "s-1").resolve("work/child")
                awaitThat("the child's id") { Files.exists(child) && child.text().endsWith("\n") }
                val process = StepProcess(account.step("j-1", "s-1"), "s-1")
                ProcessHandle.of(process.claim().get().pid()).get().destroyForcibly()
                hearing.exit().shouldBeInstanceOf<StepExit.Failed>().reason() shouldContain "lost"
                awaitThat("the child's end") {
                    ProcessHandle.of(child.text().trim().toLong()).none()
                }
            }
        }

        test("a process id that was given to somebody else is not taken for the step") {
            val account = account()
            val folder = account.step("j-1", "s-1")
            Files.createDirectories(folder.resolve("work"))
            // This very JVM has the id, but was not started at moment 1.
            Files.writeString(
                folder.resolve("claim"),
                "${ProcessHandle.current().pid()} 1 some-boot\n",
            )
            supervisors(account).use { runner ->
                val hearing = Hearing()
                runner.start(bash("s-1", "echo never"), hearing)
                hearing.exit().shouldBeInstanceOf<StepExit.Failed>().reason() shouldContain "lost"
            }
            Files.exists(folder.resolve("stdout")) shouldBe false
        }

        test("an interrupt ends the whole session, and the step is cancelled") {
            val account = account()
            supervisors(account).use { runner ->
                val hearing = Hearing()
                runner.start(
                    bash("s-1", "trap 'echo stopping; exit 9' TERM; (sleep 600; true) & wait"),
                    hearing,
                )
                hearing.awaitRunning()
                val process = StepProcess(account.step("j-1", "s-1"), "s-1")
                awaitThat("its children") { process.members().size >= 2 }
                runner.cancel("j-1", "s-1", false)
                hearing.exit().shouldBeInstanceOf<StepExit.Cancelled>()
                awaitThat("an empty session") { process.members().isEmpty() }
            }
            account.step("j-1", "s-1").resolve("stdout").text() shouldBe "stopping\n"
        }

        test("a step that ignores the interrupt is killed when it is forced") {
            val account = account()
            supervisors(account).use { runner ->
                val hearing = Hearing()
                runner.start(
                    bash("s-1", "trap '' TERM; echo ready > ready; while true; do sleep 0.1; done"),
                    hearing,
                )
                awaitThat("the trap") {
                    Files.exists(account.step("j-1", "s-1").resolve("work/ready"))
                }
                runner.cancel("j-1", "s-1", false)
                runner.cancel("j-1", "s-1", true)
                hearing.exit().shouldBeInstanceOf<StepExit.Cancelled>()
                val process = StepProcess(account.step("j-1", "s-1"), "s-1")
                awaitThat("an empty session") { process.members().isEmpty() }
            }
        }

        test("what had succeeded before the cancellation reached it has succeeded") {
            val account = account()
            supervisors(account).use { runner ->
                val hearing = Hearing()
                runner.start(
                    bash("s-1", "trap 'exit 0' TERM; echo ready > ready; sleep 600 & wait"),
                    hearing,
                )
                awaitThat("the trap") {
                    Files.exists(account.step("j-1", "s-1").resolve("work/ready"))
                }
                runner.cancel("j-1", "s-1", false)
                hearing.exit().shouldBeInstanceOf<StepExit.Completed>()
            }
        }

        test("a step cancelled before it began never begins") {
            val account = account()
            supervisors(account).use { runner ->
                runner.cancel("j-1", "s-1", false)
                awaitThat("the claim") { Files.exists(account.step("j-1", "s-1").resolve("claim")) }
                val hearing = Hearing()
                runner.start(bash("s-1", "echo never"), hearing)
                hearing.exit().shouldBeInstanceOf<StepExit.Cancelled>()
            }
            Files.exists(account.step("j-1", "s-1").resolve("stdout")) shouldBe false
        }

        test("the end of a cluster ends also what left its step's session") {
            val account = account()
            supervisors(account).use { runner ->
                val hearing = Hearing()
                runner.start(
                    bash("s-1", "setsid sleep 600 < /dev/null > /dev/null 2>&1 & echo done"),
                    hearing,
                )
                hearing.exit().shouldBeInstanceOf<StepExit.Completed>()
                val process = StepProcess(account.step("j-1", "s-1"), "s-1")
                awaitThat("the daemon") { process.members().size == 1 }
                runner.clusterEnded("j-1")
                awaitThat("its end") { process.members().isEmpty() }
            }
        }

        test(
            "a jar that does not exist, or a program that is not run here, fails the step with a reason"
        ) {
            val account = account()
            supervisors(account).use { runner ->
                val jar = Hearing()
                runner.start(order("s-1", jar = "s3://bucket/none.jar"), jar)
                jar.exit().shouldBeInstanceOf<StepExit.Failed>().message() shouldContain
                    account.s3().resolve("bucket/none.jar").toString()
                val hive = Hearing()
                runner.start(order("s-2", "hive-script", "--run-hive-script"), hive)
                hive.exit().shouldBeInstanceOf<StepExit.Failed>().message() shouldContain
                    "\"hive-script\" is not emulated. Emulated are spark-submit"
            }
        }

        test("a script on s3 is fetched and run with its arguments") {
            val account = account()
            val script = account.path("s3://code/hello world.sh")
            Files.createDirectories(script.parent)
            Files.writeString(script, "echo \"hello $1 from $(basename \"$0\")\"\n")
            supervisors(account).use { runner ->
                val hearing = Hearing()
                runner.start(
                    order(
                        "s-1",
                        "s3://code/hello world.sh",
                        "Zoë",
                        jar =
                            "s3://us-east-1.elasticmapreduce/libs/script-runner/script-runner.jar",
                    ),
                    hearing,
                )
                hearing.exit().shouldBeInstanceOf<StepExit.Completed>()
            }
            account.step("j-1", "s-1").resolve("stdout").text() shouldBe
                "hello Zoë from hello world.sh\n"
        }

        test("of two spark-sql steps on one cluster the second waits, for they share a metastore") {
            supervisors(account()).use { runner ->
                fun sql(id: String) = order(id, "spark-sql", "-f", "s3://code/q.sql")
                val other = bash("s-2", "true")
                runner.mayStart(sql("s-1"), ImmutableList.of(other)) shouldBe true
                runner.mayStart(sql("s-1"), ImmutableList.of(other, sql("s-3"))) shouldBe false
                runner.mayStart(other, ImmutableList.of(sql("s-3"))) shouldBe true
            }
        }
    })

private fun java.util.Optional<ProcessHandle>.none() = isEmpty || !get().isAlive
