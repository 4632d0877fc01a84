package dev.emrys.cli

import dev.emrys.runtime.LocalTarget
import java.nio.file.Path
import java.time.Duration
import kotlin.concurrent.thread
import kotlin.io.path.writeText
import kotlin.system.exitProcess

/**
 * Uses each command once, in one JVM, so that the JVM can write the classes that Emrys needs into a
 * class-data archive. The launcher starts it with `-XX:ArchiveClassesAtExit`. See
 * https://docs.oracle.com/en/java/javase/17/vm/class-data-sharing.html.
 *
 * It exits with 0 only when every command ended as expected, so that an archive which lacks classes
 * is not kept.
 */
internal object ArchiveTraining {
    /**
     * The first command waits for this; an idle machine needs 10 seconds, a busy one up to a
     * minute.
     */
    private val LIMIT = Duration.ofMinutes(2)

    /** Has one part of each kind that a usual script has. */
    private val SCRIPT =
        """
        pipeline("training") {
            description = "Loads the classes that a run needs"
            val word = param("word") { default = "ready" }
            val c = cluster("c") {
                release = Release("emr-7.8.0")
                instances { primary("m6g.xlarge") }
                tags("Owner" to "emrys")
            }
            val one = c.step("one") {
                bash("echo ${'$'}word")
                retry { attempts = 2; backoff = exponential(1.seconds, max = 10.seconds) }
                timeout = 1.hours
            }
            c.step("two") { bash("true"); after(one) }
        }
        """
            .trimIndent() + "\n"

    private val WRONG =
        """
        pipeline("wrong") {
            cluster("c") { relase = 1 }
        }
        """
            .trimIndent() + "\n"

    /** @param args an empty folder, which is also the state folder */
    @JvmStatic
    fun main(args: Array<String>) {
        val folder = Path.of(args.single())
        val script = "${folder.resolve("training.emr.kts").apply { writeText(SCRIPT) }}"
        val wrong = "${folder.resolve("wrong.emr.kts").apply { writeText(WRONG) }}"
        thread(isDaemon = true, name = "limit") {
            Thread.sleep(LIMIT.toMillis())
            Runtime.getRuntime().halt(ExitCode.INTERNAL_ERROR.code)
        }
        // In this JVM: the owner process takes its classes from the same archive.
        thread(isDaemon = true, name = "owner") {
            LocalTarget.runOwner(LocalTarget.accountFolder(folder), StateFolders.cache(), LIMIT)
        }
        expect(ExitCode.SUCCEEDED, "--version")
        expect(ExitCode.SUCCEEDED, "--help")
        expect(ExitCode.USER_ERROR, "check", wrong)
        expect(ExitCode.SUCCEEDED, "plan", script)
        expect(ExitCode.SUCCEEDED, "plan", script, "--output", "json")
        expect(ExitCode.SUCCEEDED, "run", script, "--state", "$folder")
        expect(ExitCode.SUCCEEDED, "run", script, "--state", "$folder", "--output", "json")
        expect(ExitCode.SUCCEEDED, "runs", "--state", "$folder")
        exitProcess(ExitCode.SUCCEEDED.code)
    }

    private fun expect(code: ExitCode, vararg words: String) {
        val exit = execute(arrayOf(*words))
        if (exit != code.code) {
            System.err.println("${words.joinToString(" ")}: exit code $exit, not ${code.code}")
            // Without the usual exit, so that no archive is written.
            Runtime.getRuntime().halt(ExitCode.INTERNAL_ERROR.code)
        }
    }
}
