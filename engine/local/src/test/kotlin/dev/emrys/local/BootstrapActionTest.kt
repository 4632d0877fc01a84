package dev.emrys.local

import com.google.common.collect.ImmutableList
import dev.emrys.emulator.BootstrapExit
import dev.emrys.emulator.BootstrapLaunch
import dev.emrys.emulator.BootstrapListener
import dev.emrys.emulator.StepExit
import dev.emrys.emulator.StepLaunch
import dev.emrys.testing.awaitUntil
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit
import java.util.zip.GZIPInputStream

private const val RUN_IF = "s3://elasticmapreduce/bootstrap-actions/run-if"

private class RecordingBootstrapListener : BootstrapListener {
    private val end = CompletableFuture<BootstrapExit>()

    override fun ended(exit: BootstrapExit) {
        end.complete(exit)
    }

    fun exit(): BootstrapExit = end.get(60, TimeUnit.SECONDS)
}

private fun Account.script(name: String, text: String): String {
    Files.createDirectories(s3().resolve("b"))
    Files.writeString(s3().resolve("b/$name"), text)
    return "s3://b/$name"
}

private fun action(
    path: String,
    vararg args: String,
    number: Int = 1,
    cluster: String = "j-1",
    configurations: List<StepLaunch.Classification> = listOf(),
) =
    BootstrapLaunch(
        cluster,
        number,
        "i-0a",
        "emr-7.8.0",
        ImmutableList.of(),
        path,
        ImmutableList.copyOf(args),
        ImmutableList.copyOf(configurations),
        "s3://logs/",
    )

private fun LocalStepRunner.bootstrap(launch: BootstrapLaunch): BootstrapExit {
    val listener = RecordingBootstrapListener()
    startBootstrapAction(launch, listener)
    return listener.exit()
}

private fun Account.log(name: String, number: Int = 1): String =
    GZIPInputStream(
            Files.newInputStream(
                s3().resolve("logs/j-1/node/i-0a/bootstrap-actions/$number/$name.gz")
            )
        )
        .use { it.readBytes().decodeToString() }

class BootstrapActionTest :
    FunSpec({
        test(
            "an action runs with its arguments and the cluster's exports, and its logs are those of EMR"
        ) {
            val account = account()
            localStepRunner(account).use { runner ->
                val path =
                    account.script("install.sh", "#!/bin/bash -e\necho \"\$0: \$COLOR \$1\"\n")
                runner
                    .bootstrap(
                        action(
                            path,
                            "one two",
                            configurations = listOf(exports("hadoop-env", "COLOR" to "blue")),
                        )
                    )
                    .shouldBeInstanceOf<BootstrapExit.Succeeded>()
            }
            account.log("stdout") shouldContain "install.sh: blue one two"
            account.log("stderr") shouldBe ""
            account.log("controller") shouldContain "Starting bootstrap action 1"
            account.log("controller") shouldContain "Exit code 0."
        }

        test("a step finds what an action installed in the cluster's home folder") {
            val account = account()
            localStepRunner(account).use { runner ->
                val path =
                    account.script(
                        "install.sh",
                        "mkdir -p ~/bin ~/.local/bin; echo 'echo mine' > ~/bin/mine; cp ~/bin/mine ~/.local/bin/other; " +
                            "chmod +x ~/bin/mine ~/.local/bin/other",
                    )
                runner.bootstrap(action(path))
                val listener = RecordingListener()
                runner.start(bash("s-1", "mine && other"), listener)
                listener.exit().shouldBeInstanceOf<StepExit.Completed>()
            }
            account.step("j-1", "s-1").resolve("stdout").text() shouldBe "mine\nmine\n"
        }

        test("an action that fails gives its exit code, the end of its log and the log itself") {
            val account = account()
            localStepRunner(account).use { runner ->
                val path =
                    account.script(
                        "bad.sh",
                        "#!/bin/bash -e\necho 'no such package' >&2\nfalse\necho on\n",
                    )
                val failed =
                    runner.bootstrap(action(path)).shouldBeInstanceOf<BootstrapExit.Failed>()
                failed.details!! shouldContain "no such package"
                Files.readString(Path.of(failed.logFile!!)) shouldContain "no such package"
            }
        }

        test("an action whose script does not exist is not started") {
            val account = account()
            localStepRunner(account).use { runner ->
                runner
                    .bootstrap(action("s3://b/missing.sh"))
                    .shouldBeInstanceOf<BootstrapExit.NotStarted>()
                    .details!!
                    .startsWith("s3://b/missing.sh does not exist") shouldBe true
            }
        }

        test("run-if runs its command on the primary instance only") {
            val account = account()
            localStepRunner(account).use { runner ->
                val script = account.script("x.sh", "echo \"script \$1\"")
                fun run(number: Int, vararg args: String, path: String = RUN_IF) =
                    runner.bootstrap(action(path, *args, number = number))
                run(1, "instance.isMaster=true", "echo primary", "here")
                account.log("stdout", 1) shouldBe "primary here\n"
                run(2, "instance.isMaster=false", "echo other")
                account.log("stdout", 2) shouldBe ""
                account.log("controller", 2) shouldContain "the command is not run"
                run(
                    3,
                    "instance.isMaster!=false",
                    script,
                    "y",
                    path = "s3://eu-west-1.elasticmapreduce/bootstrap-actions/run-if",
                )
                account.log("stdout", 3) shouldBe "script y\n"
                run(4, "instance.instanceCount>2", "echo x")
                    .shouldBeInstanceOf<BootstrapExit.NotStarted>()
                    .details!! shouldContain "instance.instanceCount>2"
            }
        }

        test("sudo runs its command as the same user, and says so") {
            val account = account()
            localStepRunner(account).use { runner ->
                val path =
                    account.script(
                        "s.sh",
                        "id -u; sudo -n -u hadoop -E A=b sh -c 'id -u; echo \$A \$HOME'; " +
                            "sudo no-such-yum install -y x; echo \$?",
                    )
                runner.bootstrap(action(path)).shouldBeInstanceOf<BootstrapExit.Succeeded>()
            }
            val lines = account.log("stdout").lines()
            lines[1] shouldBe lines[0]
            lines[2] shouldBe "b ${account.cluster("j-1").resolve("home")}"
            lines[3] shouldBe "127"
            account.log("stderr") shouldContain
                "sudo: sh runs as ${System.getProperty("user.name")}"
            account.log("stderr") shouldContain "sudo: this machine has no program no-such-yum."
        }

        test("sudo takes options in one word, and -k in front of a command") {
            val account = account()
            localStepRunner(account).use { runner ->
                val path =
                    account.script(
                        "s.sh",
                        "sudo -Eu hadoop echo grouped; sudo -uhadoop echo attached; " +
                            "sudo -k echo ran; sudo -k && sudo -v && echo nothing",
                    )
                runner.bootstrap(action(path)).shouldBeInstanceOf<BootstrapExit.Succeeded>()
            }
            account.log("stdout").trim().lines() shouldBe
                listOf("grouped", "attached", "ran", "nothing")
        }

        test("after a restart of the owner an action is found again, and runs once") {
            val account = account()
            val go = account.folder().resolve("go")
            val path =
                account.script(
                    "slow.sh",
                    "echo started >> ~/starts; while [ ! -e '$go' ]; do sleep 0.05; done",
                )
            val starts = account.cluster("j-1").resolve("home/starts")
            localStepRunner(account).use { first ->
                first.startBootstrapAction(action(path), RecordingBootstrapListener())
                awaitUntil("the action runs") { Files.exists(starts) }
            }
            localStepRunner(account).use { second ->
                val listener = RecordingBootstrapListener()
                second.startBootstrapAction(action(path), listener)
                Files.createFile(go)
                listener.exit().shouldBeInstanceOf<BootstrapExit.Succeeded>()
            }
            localStepRunner(account).use { third ->
                third.bootstrap(action(path)).shouldBeInstanceOf<BootstrapExit.Succeeded>()
            }
            starts.text() shouldBe "started\n"
        }

        test("a cancellation ends the script of one cluster, and not that of another") {
            val account = account()
            val path = account.script("long.sh", "touch ~/runs; exec sleep 600")
            localStepRunner(account).use { runner ->
                val listener = RecordingBootstrapListener()
                val other = RecordingBootstrapListener()
                runner.startBootstrapAction(action(path), listener)
                runner.startBootstrapAction(action(path, cluster = "j-2"), other)
                awaitUntil("both run") {
                    listOf("j-1", "j-2").all {
                        Files.exists(account.cluster(it).resolve("home/runs"))
                    }
                }
                runner.cancelBootstrapAction("j-1", 1)
                listener.exit().shouldBeInstanceOf<BootstrapExit.Cancelled>()
                val process = StepProcess(account.step("j-2", "j-2-bootstrap-1"), "j-2-bootstrap-1")
                process.members().size shouldBe 1
                runner.cancelBootstrapAction("j-2", 1)
                other.exit().shouldBeInstanceOf<BootstrapExit.Cancelled>()
            }
        }
    })
