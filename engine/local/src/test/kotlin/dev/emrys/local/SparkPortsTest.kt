package dev.emrys.local

import dev.emrys.emulator.StepExit
import dev.emrys.emulator.StepLaunch
import dev.emrys.testing.awaitUntil
import dev.emrys.testing.temporaryFolder
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.matchers.ints.shouldBeGreaterThanOrEqual
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import java.io.DataInputStream
import java.io.DataOutputStream
import java.net.Socket
import java.nio.file.Files
import java.nio.file.Path
import java.time.InstantSource

private const val LISTENING = "0A"
private const val LOOPBACK = "0100007F"
private const val LOOPBACK_IN_IPV6 = "0000000000000000FFFF00000100007F"

/** MessageType and framing of Spark's module network-common. */
private const val RPC_REQUEST = 3
private const val RPC_FAILURE = 5

private fun onlyOnLinux(): Enabled =
    if (Files.isDirectory(Path.of("/proc/self/fd"))) Enabled.enabled
    else Enabled.disabled("the sockets of a process are read from /proc")

/** A socket that waits for connections, with its address as /proc writes it. */
private data class Listening(val address: String, val port: Int)

private fun listening(process: Long): List<Listening> {
    val sockets =
        Files.list(Path.of("/proc/$process/fd")).use { all ->
            all.map { runCatching { Files.readSymbolicLink(it).toString() }.getOrDefault("") }
                .filter { it.startsWith("socket:[") }
                .map { it.removePrefix("socket:[").removeSuffix("]") }
                .toList()
        }
    return listOf("tcp", "tcp6").flatMap { table ->
        Path.of("/proc/$process/net/$table")
            .text()
            .lines()
            .drop(1)
            .map { it.trim().split(Regex("\\s+")) }
            .filter { it.size > 9 && it[3] == LISTENING && it[9] in sockets }
            .map { it[1].split(":").let { (address, port) -> Listening(address, port.toInt(16)) } }
    }
}

/** Sends a request of Spark's protocol as a client without the secret, and returns the error. */
private fun errorOf(port: Int): String =
    Socket("127.0.0.1", port).use { socket ->
        socket.soTimeout = 60_000
        val body = ByteArray(16)
        val out = DataOutputStream(socket.getOutputStream())
        out.writeLong(8L + 1 + 8 + 4 + body.size)
        out.writeByte(RPC_REQUEST)
        out.writeLong(7)
        out.writeInt(body.size)
        out.write(body)
        out.flush()
        val answer = DataInputStream(socket.getInputStream())
        answer.readLong()
        answer.readByte().toInt() shouldBe RPC_FAILURE
        answer.readLong() shouldBe 7
        String(answer.readNBytes(answer.readInt()))
    }

/** The ports of a real Spark application on this machine. */
class SparkPortsTest :
    FunSpec({
        fun whileRunning(launch: StepLaunch, look: (List<Listening>) -> Unit) {
            val account = account()
            LocalStepRunner(account, DISTRIBUTIONS, InstantSource.system()).use { runner ->
                val listener = RecordingListener()
                runner.start(launch, listener)
                val process = StepProcess(account.step("j-1", launch.stepId()), launch.stepId())
                val log = account.step("j-1", launch.stepId()).resolve("stderr")
                awaitUntil("a task runs") {
                    check(!listener.hasEnded) { log.text().takeLast(2_000) }
                    Files.exists(log) && "Starting task" in log.text()
                }
                look(process.members().flatMap { listening(it.pid()) })
                runner.cancel("j-1", launch.stepId(), true)
                listener.exit().shouldBeInstanceOf<StepExit.Cancelled>()
            }
        }

        test("all are on the loopback address, and refuse who does not know Spark's secret").config(
            enabledOrReasonIf = { onlyOnLinux() }
        ) {
            whileRunning(launch("s-1", "spark-example", "SparkPi", "50000")) { ports ->
                ports.size shouldBeGreaterThanOrEqual 2
                ports.filter { it.address != LOOPBACK && it.address != LOOPBACK_IN_IPV6 } shouldBe
                    emptyList()
                ports.forEach { errorOf(it.port) shouldContain "SaslMessage" }
            }
        }

        test("the author's settings win, also those of a properties file").config(
            enabledOrReasonIf = { onlyOnLinux() }
        ) {
            val file = temporaryFolder("emrys-conf").resolve("spark.properties")
            Files.writeString(file, "spark.authenticate false\n")
            val options = arrayOf("--properties-file", "$file", "--conf", "spark.ui.enabled=true")
            whileRunning(launch("s-1", "spark-example", *options, "SparkPi", "50000")) { ports ->
                ports.filter { it.address != LOOPBACK && it.address != LOOPBACK_IN_IPV6 } shouldBe
                    emptyList()
                // The driver, its block manager and the user interface, which speaks HTTP.
                ports.size shouldBeGreaterThanOrEqual 3
                val errors = ports.mapNotNull { runCatching { errorOf(it.port) }.getOrNull() }
                errors.filter { "SaslMessage" in it } shouldBe emptyList()
            }
        }
    })
