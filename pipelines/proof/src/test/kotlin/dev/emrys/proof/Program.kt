package dev.emrys.proof

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.ObjectMapper
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.TimeUnit

/** What a command said, and how it ended. */
internal class Said(val exit: Int, val out: String, val err: String) {
    val json: JsonNode
        get() = ObjectMapper().readTree(out)

    override fun toString() = "exit $exit\n--- out\n$out--- err\n$err"
}

/**
 * The whole program in a state folder of its own, started as a child as a person would start it.
 */
internal class Program : AutoCloseable {
    val folder: Path = Files.createTempDirectory("emrys proof ä").toRealPath()
    val state: Path = folder.resolve("state")
    val s3: Path = state.resolve("local/s3")

    fun start(vararg args: String): Running {
        val out = Files.createTempFile(folder, "out", "")
        val err = Files.createTempFile(folder, "err", "")
        val line =
            listOf(
                ProcessHandle.current().info().command().get(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.emrys.cli.MainKt",
            ) + args
        val process =
            ProcessBuilder(line)
                .directory(folder.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .apply { environment()["EMRYS_STATE"] = state.toString() }
                .start()
        return Running(process, out, err)
    }

    fun run(vararg args: String): Said = start(*args).said()

    fun ownerPid(): Long? {
        val file = state.resolve("local/owner.json")
        return if (Files.exists(file))
            ObjectMapper().readTree(Files.readString(file)).path("pid").asLong()
        else null
    }

    /** Processes that belong to a step of this account. */
    fun stepProcesses(): List<Long> =
        ProcessHandle.allProcesses().use { all -> all.map { it.pid() }.filter(::isOurs).toList() }

    private fun isOurs(pid: Long): Boolean =
        try {
            Files.readString(Path.of("/proc/$pid/environ"), Charsets.ISO_8859_1)
                .let { String(it.toByteArray(Charsets.ISO_8859_1), Charsets.UTF_8) }
                .contains("HOME=$state/local/clusters/")
        } catch (_: java.io.IOException) {
            false
        }

    override fun close() {
        ownerPid()?.let { ProcessHandle.of(it) }?.ifPresent { it.destroyForcibly() }
    }
}

internal class Running(val process: Process, private val out: Path, private val err: Path) {
    fun said(): Said {
        check(process.waitFor(300, TimeUnit.SECONDS)) { "it did not end: ${Files.readString(err)}" }
        return Said(process.exitValue(), Files.readString(out), Files.readString(err))
    }
}

internal val PIPELINES: Path = Path.of(System.getProperty("emrys.pipelines")).toRealPath()
