package dev.emrys.acceptance

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.ObjectMapper
import dev.emrys.testing.ProgramResult
import dev.emrys.testing.SHARED_CACHE
import dev.emrys.testing.StartedProgram
import java.net.URI
import java.nio.file.Files
import java.nio.file.NoSuchFileException
import java.nio.file.Path
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient
import software.amazon.awssdk.regions.Region
import software.amazon.awssdk.services.emr.EmrClient

internal val ProgramResult.json: JsonNode
    get() = ObjectMapper().readTree(out)

/** The whole program in its own processes, with its own state folder. */
internal class ExampleProgram
private constructor(
    val folder: Path,
    private val jvm: List<String>,
    private val environment: Map<String, String>,
) : AutoCloseable {
    constructor() :
        this(Files.createTempDirectory("emrys acceptance ä").toRealPath(), emptyList(), emptyMap())

    val state: Path = folder.resolve("state")
    val s3: Path = state.resolve("local/s3")

    /** The same folder, with other JVM options and environment variables. */
    fun with(jvm: List<String>, environment: Map<String, String>) =
        ExampleProgram(folder, jvm, environment)

    fun start(vararg args: String): StartedProgram {
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
                    environment()["EMRYS_CACHE"] = SHARED_CACHE.toString()
                    environment().putAll(environment)
                }
                .start()
        return StartedProgram(process, out, err)
    }

    fun run(vararg args: String): ProgramResult = start(*args).awaitExit()

    /** Null when there is no owner process; an idle one ends by itself. */
    fun ownerPid(): Long? =
        try {
            val file = state.resolve("local/owner.json")
            ObjectMapper().readTree(Files.readString(file)).path("pid").asLong()
        } catch (_: NoSuchFileException) {
            null
        }

    /** The clusters of the account that have not ended, seen through an AWS client. */
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
                check(all.isNotEmpty()) { "the account never had a cluster" }
                all.map { it.status().stateAsString() }.filterNot { it.startsWith("TERMINATED") }
            }
    }

    /** The processes of the steps of this account. */
    fun stepProcesses(): List<Long> =
        ProcessHandle.allProcesses().use { all ->
            all.map { it.pid() }.filter(::isStepProcess).toList()
        }

    private fun isStepProcess(pid: Long): Boolean =
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

internal val PIPELINES: Path = Path.of(System.getProperty("emrys.pipelines")).toRealPath()
