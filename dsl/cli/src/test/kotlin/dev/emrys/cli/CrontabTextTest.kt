package dev.emrys.cli

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.nio.file.Path

/** The lines of a crontab that are Emrys's, and those that are not. */
class CrontabTextTest :
    FunSpec({
        val pipes = Path.of("/pipes")
        val umlaut = Path.of("/Bücher/täglich.emr.kts")
        // Not UTF-8, with a tab and without an end of the last line.
        val foreign = "MAILTO=me\n\n# \u00e4 \u0080\n*/5 * * * *\t/bin/true %x\n@daily y"

        test("an installation is first, and all other bytes stay as they are") {
            val installed = CrontabText(foreign).with(pipes, listOf("* * * * * one"))
            installed.text shouldBe
                "# emrys schedule begin: /pipes\n* * * * * one\n# emrys schedule end: /pipes\n$foreign"
            installed.without(pipes).text shouldBe foreign
        }

        test("a second installation takes the place of the first, others are left alone") {
            val two =
                CrontabText(foreign)
                    .with(umlaut, listOf("* * * * * täglich"))
                    .with(pipes, listOf("* * * * * one"))
            two.installed shouldContainExactly listOf("$pipes", "$umlaut")
            val again = two.with(umlaut, listOf("*/2 * * * * täglich"))
            again.text shouldBe
                two.text.replace("* * * * * t", "*/2 * * * * t").replace("*/*/", "*/")
            again.without(pipes).without(umlaut).text shouldBe foreign
        }

        test("a copy of an installation is removed with it") {
            val block = CrontabText("").with(pipes, listOf("* * * * * one")).text
            val copied = CrontabText("first\n${block}second\n$block")
            copied.with(pipes, listOf("* * * * * two")).text shouldBe
                "first\n${block.replace("one", "two")}second\n"
            copied.without(pipes).text shouldBe "first\nsecond\n"
        }

        test("an installation without its end is refused, because what follows is the user's") {
            val block = CrontabText("").with(pipes, listOf("* * * * * one")).text
            for (text in
                listOf(
                    "# emrys schedule begin: /pipes\n* * * * * mine\n",
                    "# emrys schedule begin: /pipes\n* * * * * mine\n$block",
                )) shouldThrow<StopException> { CrontabText(text).without(pipes) }
        }

        test("a shell reads a quoted word as it was, and cron finds no percent sign in it") {
            for (word in
                listOf(
                    "/a/b.emr.kts",
                    "it's 100% \"sure\"",
                    "a b",
                    "\$HOME",
                    "\\",
                    "ä%",
                    "%",
                    "",
                )) {
                val quoted = CrontabText.quoted(word)
                ('%' in quoted) shouldBe false
                val shell = ProcessBuilder("sh", "-c", "printf '%s' $quoted").start()
                String(shell.inputStream.readAllBytes()) shouldBe word
            }
        }

        test("the line of a call has its variables, its arguments and the file of its output") {
            val call =
                InstalledCall(
                    pipes,
                    mapOf("EMRYS_CACHE" to "/my cache"),
                    listOf("/opt/emrys", "schedule", "tick", "/pipes"),
                )
            CrontabText.lines(call, 5, Path.of("/s/schedule.log"), listOf("daily/main")) shouldBe
                listOf(
                    "# daily/main",
                    "*/5 * * * * EMRYS_CACHE='/my cache' /opt/emrys schedule tick /pipes >> /s/schedule.log 2>&1",
                )
            CrontabText.lines(call, 1, Path.of("/s"), emptyList()).single() shouldBe
                "* * * * * EMRYS_CACHE='/my cache' /opt/emrys schedule tick /pipes >> /s 2>&1"
        }
    })
