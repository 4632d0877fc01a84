package dev.emrys.journal

import java.io.BufferedReader
import java.io.File
import java.nio.file.Path
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit

/** What a second process does, told by its arguments; it answers in lines. */
object Child {
    @JvmStatic
    fun main(args: Array<String>) {
        SqliteJournal.open(Path.of(args[1])).use { journal ->
            when (args[0]) {
                "own" -> {
                    val owned = journal.own(args[2])
                    println(if (owned.isPresent) "owned" else "refused")
                    // Until it is killed, or told to go by the end of its input.
                    System.`in`.read()
                    owned.ifPresent { it.close() }
                }
                "append" -> {
                    println("ready")
                    System.`in`.read()
                    (1..args[3].toInt())
                        .map { journal.append(args[2], it.toLong(), facts("${args[2]}/$it")) }
                        .forEach { it.soon() }
                    println("done")
                }
                else -> error(args[0])
            }
        }
    }
}

class ChildProcess(vararg args: String) : AutoCloseable {
    private val process =
        ProcessBuilder(
                File(System.getProperty("java.home"), "bin/java").path,
                "-Xmx64m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Child::class.java.name,
                *args,
            )
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start()
    private val answers: BufferedReader = process.inputReader()

    val pid: Long
        get() = process.pid()

    fun answer(): String? = CompletableFuture.supplyAsync { answers.readLine() }.soon()

    fun goOn() =
        process.outputStream.run {
            write('\n'.code)
            flush()
        }

    fun kill() {
        process.destroyForcibly()
        check(process.waitFor(60, TimeUnit.SECONDS)) { "the child does not die" }
    }

    override fun close() = kill()
}
