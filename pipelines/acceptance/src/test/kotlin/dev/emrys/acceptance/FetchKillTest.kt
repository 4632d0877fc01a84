package dev.emrys.acceptance

import com.sun.net.httpserver.HttpExchange
import com.sun.net.httpserver.HttpServer
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.longs.shouldBeGreaterThan
import io.kotest.matchers.longs.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.net.InetSocketAddress
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicLong
import java.util.concurrent.locks.LockSupport
import kotlin.random.Random

/** Serves the Maven repository of this machine slowly, to a program whose own is empty. */
private class SlowRegistry(private val repository: Path) : AutoCloseable {
    val sent = AtomicLong()
    @Volatile var slow = true
    private val pool = Executors.newFixedThreadPool(8)
    private val server = HttpServer.create(InetSocketAddress("127.0.0.1", 0), 0)

    val uri
        get() = "http://127.0.0.1:${server.address.port}/"

    init {
        server.createContext("/", ::serve)
        server.executor = pool
        server.start()
    }

    private fun serve(exchange: HttpExchange) = exchange.use {
        val file = repository.resolve(it.requestURI.path.removePrefix("/"))
        if (!Files.isRegularFile(file)) {
            it.sendResponseHeaders(404, -1)
            return
        }
        it.sendResponseHeaders(200, Files.size(file))
        Files.newInputStream(file).use { input ->
            val chunk = ByteArray(CHUNK)
            while (true) {
                val count = input.read(chunk)
                if (count < 0) break
                it.responseBody.write(chunk, 0, count)
                sent.addAndGet(count.toLong())
                if (slow) LockSupport.parkNanos(BETWEEN_CHUNKS_NANOS)
            }
        }
    }

    override fun close() {
        server.stop(0)
        pool.shutdownNow()
    }

    private companion object {
        const val CHUNK = 256 * 1024
        const val BETWEEN_CHUNKS_NANOS = 5_000_000L
    }
}

/** Less than the download of `pi`: the kills are spread over it. */
private const val LEAST_BYTES = 150_000_000L

private fun size(folder: Path): Long =
    Files.walk(folder).use { all -> all.filter(Files::isRegularFile).mapToLong(Files::size).sum() }

/**
 * Kills the engine while it downloads what the steps need. The next start must continue with the
 * complete files, and must never use an incomplete one.
 */
class FetchKillTest :
    FunSpec({
        val seed = System.getProperty("emrys.kills.seed")?.toLong() ?: System.nanoTime()
        val kills = (System.getProperty("emrys.kills").toIntOrNull() ?: 1) * 2

        test("the next start completes a download that was killed at any moment") {
            val random = Random(seed)
            val pi = PIPELINES.resolve("pi.emr.kts").toString()
            // Fills the repository of this machine, which is served below.
            ExampleProgram().use { it.run("run", pi).exit shouldBe 0 }
            ExampleProgram().use { program ->
                SlowRegistry(Path.of(System.getProperty("emrys.repository"))).use { registry ->
                    val home =
                        program.folder.resolve("höme").also {
                            Files.createDirectories(it.resolve(".m2"))
                        }
                    Files.writeString(
                        home.resolve(".m2/settings.xml"),
                        """
                        <settings><mirrors><mirror>
                          <id>slow</id><mirrorOf>*</mirrorOf><url>${registry.uri}</url>
                        </mirror></mirrors></settings>
                        """
                            .trimIndent(),
                    )
                    val fresh =
                        program.with(
                            jvm = listOf("-Duser.home=$home"),
                            environment =
                                mapOf(
                                    "EMRYS_CACHE" to home.resolve("cache").toString(),
                                    // The settings of this machine's Maven could name another
                                    // mirror.
                                    "MAVEN_HOME" to home.toString(),
                                ),
                        )
                    repeat(kills) { kill ->
                        val share = LEAST_BYTES / kills
                        // Not before some files are complete.
                        val until = registry.sent.get() + random.nextLong(share / 2, share)
                        val running = fresh.start("run", pi)
                        val deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(3)
                        while (registry.sent.get() < until && running.process.isAlive) {
                            check(System.nanoTime() < deadline) { "nothing is downloaded" }
                            LockSupport.parkNanos(2_000_000)
                        }
                        withClue("kill $kill, -Demrys.kills.seed=$seed") {
                            running.process.isAlive shouldBe true
                        }
                        running.process.destroyForcibly().waitFor()
                    }
                    registry.slow = false
                    val before = registry.sent.get()
                    val result = fresh.run("run", pi)
                    withClue("-Demrys.kills.seed=$seed: $result") {
                        result.exit shouldBe 0
                        result.out shouldContain "Pi is roughly 3.1"
                    }
                    val all = registry.sent.get()
                    all shouldBeGreaterThan before
                    // A download from the beginning would have been as large as all files.
                    all - before shouldBeLessThan size(home.resolve(".m2/repository"))
                    fresh.run("run", pi).exit shouldBe 0
                    // Everything was present.
                    registry.sent.get() shouldBe all
                }
            }
        }
    })
