package dev.emrys.journal

import com.google.common.base.Throwables
import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableMap
import com.google.common.collect.ImmutableSet
import java.io.BufferedReader
import java.io.File
import java.nio.channels.FileChannel
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardOpenOption
import java.time.Duration
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit

/** What a second process does, chosen by its arguments; it answers in lines. */
object Child {
    private fun open(store: String): Journal =
        if (store.startsWith("postgresql:")) postgres(store, warnings = {})
        else sqlite(Path.of(store))

    @JvmStatic
    fun main(args: Array<String>) {
        when (args[0]) {
            "acquire" ->
                open(args[1]).use { journal ->
                    val lease = journal.leases().acquire(args[2])
                    println(if (lease.isPresent) "acquired" else "refused")
                    // Until it is killed, or its input ends.
                    System.`in`.read()
                    lease.ifPresent { it.close() }
                }
            "append" ->
                open(args[1]).use { journal ->
                    val lease = journal.leases().acquire(args[2]).get()
                    println("ready")
                    System.`in`.read()
                    (1..args[3].toInt())
                        .map {
                            journal.events().append(lease, it.toLong(), eventsOf("${args[2]}/$it"))
                        }
                        .forEach { it.soon() }
                    println("done")
                }
            "take" ->
                open(args[1]).use { journal ->
                    println("ready")
                    System.`in`.read()
                    println(takeAll(journal, args[2]))
                    System.`in`.read()
                }
            "drive" ->
                open(args[1]).use { journal ->
                    val lease = journal.leases().acquire(args[2]).get()
                    lease.lost().whenComplete { _, lost ->
                        println("told: ${Throwables.getRootCause(lost).message?.take(27)}")
                    }
                    journal.events().append(lease, 1, eventsOf("first")).soon()
                    println("appended")
                    System.`in`.read()
                    val late = journal.events().append(lease, 2, eventsOf("late"))
                    println(failureOf(late).javaClass.simpleName)
                    println("valid: ${lease.isValidFor(Duration.ZERO)}")
                    System.`in`.read()
                }
            "query" ->
                open(args[1]).use { journal ->
                    println("ready")
                    System.`in`.read()
                    var held = 0
                    while (System.`in`.available() == 0) {
                        if (journal.leases().holder(args[2]).isPresent) held++
                    }
                    println("held $held")
                }
            "lock often" -> println(lockOften(Path.of(args[1]), args[2].toLong()))
            "lock as version 1" -> {
                val file =
                    Files.createDirectories(Path.of(args[1]).resolve("locks"))
                        .resolve("${args[2]}.lock")
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE).use {
                    println(if (it.tryLock() != null) "locked" else "refused")
                    System.`in`.read()
                }
            }
            else -> error(args[0])
        }
    }

    /** Takes tokens one by one until there is none; how many there were. */
    fun takeAll(journal: Journal, process: String): Int {
        var taken = 0
        while (true) {
            // So slow that none is added.
            val rate = TokenRequest.Rate(200.0, 1e-6)
            val request =
                TokenRequest(
                    "account",
                    process,
                    rate,
                    ImmutableMap.of(),
                    ImmutableList.of(TokenRequest.Demand("run", 0, 0, 1)),
                    ImmutableSet.of(),
                )
            val grant = journal.tokens().take(request).soon().single()
            if (grant.tokens() == 0) return taken
            taken++
        }
    }

    /**
     * Creates a file that must not exist while the lock of a run is held; how often one was held.
     */
    private fun lockOften(folder: Path, seconds: Long): Int {
        val end = System.nanoTime() + Duration.ofSeconds(seconds).toNanos()
        var turn = 0
        var held = 0
        while (System.nanoTime() < end) {
            val run = "r${++turn % 2}"
            val alone = folder.resolve("$run is locked").toFile()
            val locks = RunLocks(folder.resolve("runs.lock"))
            locks.tryLock(run).ifPresent { lock ->
                check(alone.createNewFile()) { "two processes hold the lock" }
                held++
                check(locks.isHeld(run)) { "the lock is not seen" }
                check(alone.delete())
                lock.release()
            }
            // Locked by no process.
            check(!locks.isHeld("r2")) { "the lock of a run that has none is seen" }
            locks.close()
        }
        return held
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

    fun answer(seconds: Long = 60): String? =
        CompletableFuture.supplyAsync { answers.readLine() }.get(seconds, TimeUnit.SECONDS)

    fun proceed() =
        process.outputStream.run {
            write('\n'.code)
            flush()
        }

    fun signal(name: String) {
        val kill = ProcessBuilder("kill", "-$name", "$pid").start()
        check(kill.waitFor() == 0) { "SIG$name cannot be sent" }
    }

    fun kill() {
        process.destroyForcibly()
        check(process.waitFor(60, TimeUnit.SECONDS)) { "the child does not end" }
    }

    override fun close() = kill()
}
