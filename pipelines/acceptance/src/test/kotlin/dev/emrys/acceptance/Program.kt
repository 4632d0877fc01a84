package dev.emrys.acceptance

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.ObjectMapper
import java.net.URI
import java.nio.file.Files
import java.nio.file.NoSuchFileException
import java.nio.file.Path
import java.util.concurrent.TimeUnit
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient
import software.amazon.awssdk.regions.Region
import software.amazon.awssdk.services.emr.EmrClient

/** What a command said, and how it ended. */
internal class Said(val exit: Int, val out: String, val err: String) {
    val json: JsonNode
        get() = ObjectMapper().readTree(out)

    override fun toString() = "exit $exit\n--- out\n$out--- err\n$err"
}

/**
 * The whole program in a state folder of its own, started as a child as a person would start it.
 */
internal class Program
private constructor(
    val folder: Path,
    private val jvm: List<String>,
    private val environment: Map<String, String>,
) : AutoCloseable {
    constructor() :
        this(Files.createTempDirectory("emrys proof ä").toRealPath(), emptyList(), emptyMap())

    val state: Path = folder.resolve("state")
    val s3: Path = state.resolve("local/s3")

    /** The same folder, from now on in another world. */
    fun with(jvm: List<String>, environment: Map<String, String>) =
        Program(folder, jvm, environment)

    fun start(vararg args: String): Running {
        val out = Files.createTempFile(folder, "out", "")
        val err = Files.createTempFile(folder, "err", "")
        val line =
            listOf(
                ProcessHandle.current().info().command().get(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xshare:auto",
            ) +
                jvm +
                listOf("-cp", System.getProperty("java.class.path"), "dev.emrys.cli.MainKt") +
                args
        val process =
            ProcessBuilder(line)
                .directory(folder.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .apply {
                    environment()["EMRYS_STATE"] = state.toString()
                    environment().putAll(environment)
                }
                .start()
        return Running(process, out, err)
    }

    fun run(vararg args: String): Said = start(*args).said()

    /** Null when there is none; an idle one goes by itself. */
    fun ownerPid(): Long? =
        try {
            val file = state.resolve("local/owner.json")
            ObjectMapper().readTree(Files.readString(file)).path("pid").asLong()
        } catch (_: NoSuchFileException) {
            null
        }

    /** The clusters of the account that have not ended, asked as any AWS client would. */
    fun liveClusters(): List<String> {
        val address = ObjectMapper().readTree(Files.readString(state.resolve("local/owner.json")))
        return EmrClient.builder()
            .endpointOverride(URI.create("http://127.0.0.1:${address.path("port").asInt()}"))
            .region(Region.US_EAST_1)
            .credentialsProvider(
                StaticCredentialsProvider.create(
                    AwsBasicCredentials.create(address.path("token").asText(), "local")
                )
            )
            .httpClient(UrlConnectionHttpClient.create())
            .build()
            .use { emr ->
                val all = emr.listClustersPaginator().clusters().toList()
                check(all.isNotEmpty()) { "the account has never had a cluster" }
                all.map { it.status().stateAsString() }.filterNot { it.startsWith("TERMINATED") }
            }
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
        ownerPid()
            ?.let { ProcessHandle.of(it) }
            ?.ifPresent {
                it.destroyForcibly()
                it.onExit().join()
            }
        folder.toFile().deleteRecursively()
    }
}

internal class Running(val process: Process, private val out: Path, private val err: Path) {
    fun said(): Said {
        check(process.waitFor(300, TimeUnit.SECONDS)) { "it did not end: ${Files.readString(err)}" }
        return Said(process.exitValue(), Files.readString(out), Files.readString(err))
    }
}

internal val PIPELINES: Path = Path.of(System.getProperty("emrys.pipelines")).toRealPath()
