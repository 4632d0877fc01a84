package dev.emrys.cli

import com.fasterxml.jackson.core.JsonProcessingException
import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.ObjectMapper
import dev.emrys.spec.CommandCode
import dev.emrys.spec.RuntimeCode
import java.io.IOException
import java.net.URI
import java.net.URISyntaxException
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration
import java.util.concurrent.Callable
import picocli.CommandLine.Command
import picocli.CommandLine.Mixin
import picocli.CommandLine.Option

@Command(
    name = "faults",
    mixinStandardHelpOptions = true,
    description =
        [
            "Lists, adds and removes the rules by which calls and clusters of an emulator fail, while it runs. Each rule is shown",
            "with how many events it has seen, and to how many it was applied. What a rule says: engine/emulator/FAULTS.md.",
        ],
)
internal class FaultsCommand(private val console: Console) : Callable<Int> {
    @Option(
        names = ["--add"],
        paramLabel = "FILE",
        description = ["Adds the rules of this JSON file after the others; -: of standard input."],
    )
    var add: String? = null

    @Option(
        names = ["--clear"],
        description = ["Removes all rules. With --add: those that were there before."],
    )
    var clear: Boolean = false

    @Option(
        names = ["--endpoint-url"],
        paramLabel = "URL",
        description = ["The emulator, as emrys emulator prints it. Default: AWS_ENDPOINT_URL_EMR."],
    )
    var endpoint: String? = null

    @Option(
        names = ["--access-key"],
        paramLabel = "KEY",
        description = ["The account's access key id. Default: AWS_ACCESS_KEY_ID."],
    )
    var accessKey: String? = null

    @Mixin lateinit var output: OutputOptions

    override fun call(): Int {
        val rules = add?.let(::read)
        val http = HttpClient.newBuilder().connectTimeout(TIMEOUT).build()
        var answer = if (clear) send(http, "DELETE", null) else null
        if (rules != null) answer = send(http, "POST", rules)
        val shown = answer ?: send(http, "GET", null)
        if (output.json) console.print(shown.toPrettyString()) else print(shown.path("rules"))
        return ExitCode.SUCCEEDED.code
    }

    private fun read(file: String): String =
        try {
            if (file == "-") String(System.`in`.readAllBytes(), Charsets.UTF_8)
            else Files.readString(Path.of(file))
        } catch (e: IOException) {
            throw StopException(
                CommandCode.FAULTS_REFUSED.of(file, "the file cannot be read (${e.message})")
            )
        }

    private fun send(http: HttpClient, method: String, body: String?): JsonNode {
        val uri = uri()
        val request =
            HttpRequest.newBuilder(uri.resolve("/_emrys/faults"))
                .timeout(TIMEOUT)
                .header("X-Emrys-Token", key())
                .method(
                    method,
                    body?.let(HttpRequest.BodyPublishers::ofString)
                        ?: HttpRequest.BodyPublishers.noBody(),
                )
                .build()
        val response =
            try {
                http.send(request, HttpResponse.BodyHandlers.ofString())
            } catch (e: IOException) {
                throw unreachable(uri, e.message ?: e.javaClass.simpleName)
            }
        val answer =
            try {
                JSON.readTree(response.body())
            } catch (_: JsonProcessingException) {
                throw unreachable(uri, "its answer is not that of an emulator of Emrys")
            }
        return when (response.statusCode()) {
            OK -> answer
            BAD_REQUEST ->
                throw StopException(
                    CommandCode.FAULTS_REFUSED.of(
                        add.orEmpty(),
                        answer.path("message").asText().removeSuffix("."),
                    )
                )
            else -> throw unreachable(uri, answer.path("message").asText().removeSuffix("."))
        }
    }

    private fun unreachable(uri: URI, why: String) =
        StopException(RuntimeCode.EMULATOR_UNREACHABLE.of("$uri", why))

    /** The key is that of an account on this machine: it is sent nowhere else. */
    private fun uri(): URI {
        val text = setting(endpoint, "AWS_ENDPOINT_URL_EMR")
        val uri =
            try {
                text?.let(::URI)
            } catch (_: URISyntaxException) {
                null
            }
        if (uri == null || uri.scheme != "http" || uri.host !in LOOPBACK) {
            throw StopException(CommandCode.FAULTS_ENDPOINT.of(text.orEmpty()))
        }
        return uri
    }

    private fun key(): String =
        setting(accessKey, "AWS_ACCESS_KEY_ID")
            ?: throw StopException(CommandCode.FAULTS_ENDPOINT.of(endpoint.orEmpty()))

    private fun setting(option: String?, variable: String): String? =
        (option ?: System.getenv(variable))?.takeIf { it.isNotBlank() }

    private fun print(rules: JsonNode) {
        if (rules.isEmpty) console.print("No fault rules.")
        rules.forEachIndexed { index, rule ->
            val members =
                rule
                    .properties()
                    .filter { it.key !in setOf("kind", "seen", "applied") }
                    .joinToString("") {
                        ", ${it.key} ${it.value.asText()}"
                    }
            console.print(
                "${index + 1}  ${rule.path("kind").asText()}$members: seen ${rule.path("seen")}," +
                    " applied ${rule.path("applied")}"
            )
        }
    }

    private companion object {
        val TIMEOUT: Duration = Duration.ofSeconds(30)
        val LOOPBACK = setOf("127.0.0.1", "localhost", "[::1]")
        const val OK = 200
        const val BAD_REQUEST = 400
        val JSON = ObjectMapper()
    }
}
