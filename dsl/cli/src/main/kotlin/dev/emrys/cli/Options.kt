package dev.emrys.cli

import com.fasterxml.jackson.core.JsonParser
import com.fasterxml.jackson.core.JsonProcessingException
import com.fasterxml.jackson.databind.DeserializationFeature
import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.ObjectMapper
import dev.emrys.host.LoadRequest
import dev.emrys.host.Loaded
import dev.emrys.host.ScriptHost
import java.io.IOException
import java.nio.file.Files
import java.nio.file.NoSuchFileException
import java.nio.file.Path
import java.time.LocalDate
import picocli.CommandLine.Option
import picocli.CommandLine.Parameters

/** `--output`: for people, or for programs. */
internal enum class Output {
    TEXT,
    JSON,
}

internal class StateOptions {
    @Option(
        names = ["--state"],
        paramLabel = "FOLDER",
        description = ["The state folder. Default: the nearest .emrys, or one beside the script."],
    )
    var state: Path? = null
}

internal class OutputOptions {
    @Option(
        names = ["--output"],
        paramLabel = "text|json",
        description = ["For people, or for programs. Default: text."],
    )
    var output: Output = Output.TEXT

    val json: Boolean
        get() = output == Output.JSON
}

/** A script and its params. */
internal class ScriptOptions {
    @Parameters(paramLabel = "FILE", description = ["The script, a .emr.kts file."])
    lateinit var file: String

    @Option(
        names = ["--param"],
        paramLabel = "NAME=VALUE",
        description = ["A param of the script. May be repeated; stands above --params."],
    )
    var params: List<String> = emptyList()

    @Option(
        names = ["--params"],
        paramLabel = "FILE.json",
        description = ["Params as one JSON object."],
    )
    var paramsFile: Path? = null

    val path: Path
        get() = Path.of(file)

    fun load(sampling: Boolean): Loaded =
        ScriptHost(Folders.cache().resolve("scripts"))
            .load(LoadRequest(path, file, all(), sampling, LocalDate.now()))

    private fun all(): Map<String, String> {
        val values = LinkedHashMap<String, String>()
        paramsFile?.let { values.putAll(read(it)) }
        for (param in params) {
            val equals = param.indexOf('=')
            if (equals < 1) {
                throw StopException(
                    ExitCode.MISTAKE,
                    "--param $param has no name or no '='.\n    Write --param name=value.",
                )
            }
            values[param.substring(0, equals)] = param.substring(equals + 1)
        }
        return values
    }

    private fun read(from: Path): Map<String, String> {
        val node: JsonNode =
            try {
                STRICT.readTree(Files.readString(from))
            } catch (e: JsonProcessingException) {
                val at = e.location?.let { ":${it.lineNr}:${it.columnNr}" }.orEmpty()
                throw StopException(
                    ExitCode.MISTAKE,
                    "$from$at: This is not JSON: ${e.originalMessage}\n    Write one object, such as {\"day\": \"2026-04-25\"}.",
                )
            } catch (e: IOException) {
                val why =
                    if (e is NoSuchFileException) "there is no such file"
                    else e.javaClass.simpleName
                throw StopException(
                    ExitCode.MISTAKE,
                    "The params file $from cannot be read: $why.\n    Check its path and its permissions.",
                )
            }
        if (!node.isObject) {
            throw StopException(
                ExitCode.MISTAKE,
                "$from:1: The params file holds no JSON object.\n    Write one, such as {\"day\": \"2026-04-25\"}.",
            )
        }
        val values = LinkedHashMap<String, String>()
        for ((name, value) in node.properties()) {
            if (!value.isValueNode || value.isNull) {
                throw StopException(
                    ExitCode.MISTAKE,
                    "$from: The param \"$name\" is ${value.nodeType.name.lowercase()}.\n    Write a text, a number, true or false.",
                )
            }
            values[name] = value.asText()
        }
        return values
    }

    private companion object {
        /** A param that is given twice, or a second document, would be lost without a word. */
        val STRICT: ObjectMapper by lazy {
            ObjectMapper()
                .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        }
    }
}
