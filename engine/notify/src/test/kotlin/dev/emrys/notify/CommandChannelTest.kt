package dev.emrys.notify

import com.fasterxml.jackson.databind.ObjectMapper
import dev.emrys.testing.awaitUntil
import dev.emrys.testing.isRunning
import dev.emrys.testing.temporaryFolder
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeInRange
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldEndWith
import io.kotest.matchers.string.shouldNotContain
import java.nio.file.Path
import java.time.Duration
import java.util.concurrent.atomic.AtomicReference
import kotlin.io.path.exists
import kotlin.io.path.readLines
import kotlin.io.path.readText

private fun shell(script: String, vararg arguments: String, timeout: Long = 60) =
    CommandChannel(
        "script",
        listOf("/bin/sh", "-c", script, "notify") + arguments,
        Duration.ofSeconds(timeout),
    )

private fun lives(pid: String): Boolean = isRunning(pid.toLong())

private fun pids(file: Path): List<String> = if (file.exists()) file.readLines() else listOf()

class CommandChannelTest :
    FunSpec({
        val folder = temporaryFolder("notify-command")

        test("the notice is on the standard input as JSON") {
            val file = folder.resolve("stdin")
            shell("cat > \"\$1\"", "$file").send(notice(title = "räw"))
            ObjectMapper().readTree(file.readText()) shouldBe NoticeJson.of(notice(title = "räw"))
        }

        test("the fields are in the environment") {
            val file = folder.resolve("environment")
            shell("env > \"\$1\"", "$file").send(notice())
            file
                .readLines()
                .filter { it.startsWith("EMRYS_NOTICE_") && "TEXT" !in it }
                .sorted() shouldBe
                listOf(
                    "EMRYS_NOTICE_AT=2026-04-25T03:00:00Z",
                    "EMRYS_NOTICE_ID=failed/daily-etl-1",
                    "EMRYS_NOTICE_KIND=failed",
                    "EMRYS_NOTICE_PIPELINE=daily-etl",
                    "EMRYS_NOTICE_RUN=daily-etl-1",
                    "EMRYS_NOTICE_SCHEDULE=daily",
                    "EMRYS_NOTICE_TITLE=daily-etl failed",
                )
            shell("printf %s \"\$EMRYS_NOTICE_TEXT\" > \"\$1\"", "$file").send(notice())
            file.readText() shouldBe notice().text
        }

        test("a field without a value has no variable") {
            val file = folder.resolve("absent")
            shell("env > \"\$1\"", "$file").send(notice(schedule = null, run = null))
            file.readText() shouldNotContain "EMRYS_NOTICE_RUN"
            file.readText() shouldNotContain "EMRYS_NOTICE_SCHEDULE"
        }

        test("another exit code is worth another attempt, with the end of its errors") {
            val failure = failureOf(shell("echo lost >&2; echo bad token >&2; exit 7"))
            failure.isRetryable shouldBe true
            failure.message shouldBe "The command /bin/sh ended with exit code 7: lost bad token"
            val long =
                failureOf(shell("yes 0123456789 | head -c 1000000 >&2; echo end >&2; exit 1"))
            long.message!!.substringAfter("code 1: ").length shouldBeInRange 490..500
            long.message shouldEndWith "end"
            failureOf(shell("exit 3")).message shouldBe
                "The command /bin/sh ended with exit code 3."
        }

        test("errors of a command that succeeds, and its output, are no failure") {
            shell("yes | head -c 1000000; yes | head -c 1000000 >&2").send(notice())
        }

        test("the longest notice reaches a command that reads it late or never") {
            val long = notice(text = "雪".repeat(Notice.MAX_TEXT))
            val file = folder.resolve("long")
            shell("true").send(long)
            shell("sleep 0.2; cat > \"\$1\"", "$file").send(long)
            ObjectMapper().readTree(file.readText())["text"].textValue() shouldBe long.text
        }

        test("a program that does not exist is worth another attempt, without its arguments") {
            val failure = failureOf(CommandChannel("script", listOf("/no/such", "--token=hidden")))
            failure.isRetryable shouldBe true
            failure.message shouldContain "/no/such"
            failure.message shouldNotContain "hidden"
        }

        test("a command that lasts too long is killed with its children") {
            val file = folder.resolve("pids")
            val script =
                "(sh -c 'echo \$\$ >> \"\$0\"; sleep 600' \"\$1\" & echo \$\$ >> \"\$1\"; wait); " +
                    "echo unreachable >&2"
            val failure = failureOf(shell(script, "$file", timeout = 4))
            failure.isRetryable shouldBe true
            failure.message shouldBe "The command /bin/sh did not end in 4 s."
            pids(file).size shouldBe 2
            awaitUntil("the processes end") { pids(file).none(::lives) }
        }

        test("an interrupt kills the command, and the thread stays interrupted") {
            val file = folder.resolve("interrupted")
            val seen = AtomicReference<Pair<ChannelException, Boolean>>()
            val sender = Thread {
                val failure = failureOf(shell("echo \$\$ > \"\$1\"; sleep 600", "$file"))
                seen.set(failure to Thread.currentThread().isInterrupted)
            }
            sender.start()
            awaitUntil("the command runs") { pids(file).size == 1 }
            sender.interrupt()
            sender.join()
            seen.get().first.message shouldBe "The command /bin/sh was interrupted."
            seen.get().first.isRetryable shouldBe true
            seen.get().second shouldBe true
            awaitUntil("the process ends") { pids(file).none(::lives) }
        }

        test("a process that a command leaves behind does not delay it") {
            val file = folder.resolve("left")
            val begin = System.nanoTime()
            val failure =
                failureOf(shell("sleep 20 & echo \$! > \"\$1\"; sleep 0.5; exit 1", "$file"))
            failure.message shouldBe "The command /bin/sh ended with exit code 1."
            (Duration.ofNanos(System.nanoTime() - begin) < Duration.ofSeconds(15)) shouldBe true
            lives(pids(file).single()) shouldBe true
            ProcessHandle.of(pids(file).single().toLong()).get().destroyForcibly()
        }

        test("a command has a program, and its arguments are in no name") {
            shouldThrow<IllegalArgumentException> { CommandChannel("script", listOf()) }
            shouldThrow<IllegalArgumentException> { CommandChannel("script", listOf(" ")) }
            CommandChannel("script", listOf("curl", "hidden")).toString() shouldBe "command script"
        }
    })
