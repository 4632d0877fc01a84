package dev.emrys.sqlite

import java.nio.file.Path
import java.time.Duration
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit
import kotlin.jvm.optionals.getOrNull

/** A process of its own, which locks a file; closing it kills it. */
internal class LockProcess(vararg args: String) : AutoCloseable {
    private val process =
        ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                LockProcess::class.java.name,
                *args,
            )
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start()

    /** The next line of its output; null at the end. */
    fun line(seconds: Long = 60): String? =
        CompletableFuture.supplyAsync { process.inputReader().readLine() }
            .get(seconds, TimeUnit.SECONDS)

    fun proceed() = process.outputStream.close()

    override fun close() {
        process.destroyForcibly()
        check(process.waitFor(60, TimeUnit.SECONDS)) { "the process does not end" }
    }

    companion object {
        @JvmStatic
        fun main(args: Array<String>) {
            val file = Path.of(args[1])
            when (args[0]) {
                "once" -> {
                    val lock = ProcessLock.tryAcquire(file)
                    lock.ifPresent { it.close() }
                    println(if (lock.isPresent) "acquired" else "refused")
                }
                "hold" ->
                    ProcessLock.acquire(file).use {
                        println("acquired")
                        System.`in`.read()
                    }
                "hold a byte" ->
                    LockFile.open(file).use { open ->
                        val lock = open.channel().tryLock(0, 1, false)
                        println("acquired")
                        System.`in`.read()
                        lock.release()
                    }
                "often" -> println(often(file, Duration.ofSeconds(args[2].toLong())))
                else -> error(args[0])
            }
        }

        /** Creates a file that must not exist while the lock is held; how often it was held. */
        private fun often(file: Path, time: Duration): Int {
            val alone = file.resolveSibling("alone").toFile()
            val end = System.nanoTime() + time.toNanos()
            var turns = 0
            var held = 0
            while (System.nanoTime() < end) {
                val lock =
                    if (turns++ % 2 == 0) ProcessLock.acquire(file)
                    else ProcessLock.tryAcquire(file).getOrNull()
                lock?.use {
                    check(alone.createNewFile()) { "two processes hold the lock" }
                    held++
                    check(alone.delete())
                }
            }
            return held
        }
    }
}
