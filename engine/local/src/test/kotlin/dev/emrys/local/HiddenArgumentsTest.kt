package dev.emrys.local

import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableMap
import dev.emrys.testing.temporaryFolder
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.shouldBe
import java.nio.file.Files
import java.nio.file.Path

/** Prints its own process list entry, a property and its arguments. */
internal object Arguments {
    @JvmStatic
    fun main(args: Array<String>) {
        println(Path.of("/proc/self/cmdline").let { if (Files.exists(it)) it.text() else "" })
        println(System.getProperty("confidential"))
        args.forEach { println("[$it]") }
    }
}

class HiddenArgumentsTest :
    FunSpec({
        val folder = temporaryFolder("emrys-hidden")

        fun hidden(words: List<String>, jvm: Boolean = false) =
            HiddenArguments.of(
                LaunchCommand(
                    ImmutableList.copyOf(words),
                    jvm,
                    ImmutableMap.of(),
                    ImmutableList.of(),
                    ImmutableList.of(),
                )
            )

        /** The exit code and the output, of the command as it is or of what is hidden of it. */
        fun run(command: List<String>, input: String = ""): String {
            val file = Files.writeString(folder.resolve("input"), input)
            val process =
                ProcessBuilder(
                        listOf("bash", "-c", "exec 3< \"$0\"; exec \"$@\"", "$file") + command
                    )
                    .redirectErrorStream(true)
                    .redirectInput(java.io.File("/dev/null"))
                    .start()
            val output = process.inputReader().readText()
            return "${process.waitFor()} $output"
        }

        /** A shell names itself, or the file that it reads, before an error. */
        fun String.withoutNames() = replace(Regex("\\b(bash|sh|n|(line )?\\d+): |/dev/fd/3: "), "")

        test("a JVM gets all arguments from a file, unchanged, and its command line shows none") {
            val java = Path.of(System.getProperty("java.home"), "bin/java").toString()
            val args =
                listOf(
                    "",
                    "a b",
                    "tab\tnew\nline\r\u000cfeed",
                    "# no",
                    "@file",
                    "--disable-@files",
                    "äŁ漢",
                ) + listOf("\$HOME", "*", "back\\slash\\", "'", "\"q\"", "-cp", "x".repeat(20_000))
            val options =
                listOf("-Dconfidential=s3 cret\\", "-cp", System.getProperty("java.class.path"))
            val hidden =
                hidden(listOf(java) + options + Arguments::class.java.name + args, jvm = true)
            hidden.command() shouldBe listOf(java, "@/dev/fd/3")
            val output = run(hidden.command(), hidden.input())
            output.substringAfter("s3 cret\\\n") shouldBe args.joinToString("") { "[$it]\n" }
            output.substringBefore("\n").replace('\u0000', ' ') shouldBe "0 $java @/dev/fd/3 "
        }

        listOf(
                listOf("bash", "-c", "echo \"$0 $# $*\"; exit 3"),
                listOf("sh", "-c", "echo \"$0 $# $*\"", "name", "a b", "it's", "", "\$x"),
                listOf("bash", "-ec", "false; echo never", "name"),
                listOf("/bin/bash", "-c", "-eu", "echo \$LINENO\necho \$LINENO\n: \$unset", "n"),
                listOf("bash", "-o", "pipefail", "-c", "false | true"),
                listOf("bash", "+e", "-c", "false; echo goes on"),
                listOf("dash", "-c", "kill -TERM $$"),
                listOf("bash", "-c", "cat <<E\nhere\nE"),
                listOf("bash", "-c", "trap 'echo end' EXIT; ls /dev/fd | grep -cx 3; echo {a,b}"),
                listOf("bash", "-c", "read x || echo no input; echo a >&3"),
                listOf("sh", "-c", "no-such-program"),
                listOf("bash", "-c", "echo äŁ漢 \\"),
                listOf("bash", "-c", ""),
            )
            .forEach { words ->
                test("${words.joinToString(" ").replace("\n", " ")}: the same with a hidden text") {
                    val hidden = hidden(words)
                    hidden.command() shouldContain ". /dev/fd/3"
                    // What runs the commands has file descriptor 3 open: without it, as a step.
                    val plain = run(listOf("bash", "-c", "exec 3<&-; exec \"$@\"", "x") + words)
                    run(hidden.command(), hidden.input()).withoutNames() shouldBe
                        plain.withoutNames()
                }
            }

        test("a text, and the arguments after its name, are hidden") {
            val hidden = hidden(listOf("bash", "-c", "mysql -p\$1 secret-1", "name", "secret-2"))
            hidden.command() shouldBe listOf("bash", "-c", ". /dev/fd/3", "name")
        }

        test("a command whose meaning could change is not changed") {
            for (words in
                listOf(
                    listOf("bash", "script.sh", "-c", "x"),
                    listOf("bash", "-n", "-c", "x"),
                    listOf("bash", "-xc", "x"),
                    listOf("bash", "--norc", "-c", "x"),
                    listOf("bash", "-o", "noexec", "-c", "x"),
                    listOf("bash", "-c"),
                    listOf("bash", "-", "-c"),
                    listOf("python3", "-c", "x"),
                    listOf("bash"),
                )) {
                withClue(words) {
                    hidden(words) shouldBe HiddenArguments(ImmutableList.copyOf(words), "")
                }
            }
        }
    })
