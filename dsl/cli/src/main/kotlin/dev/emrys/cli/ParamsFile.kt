package dev.emrys.cli

import com.fasterxml.jackson.core.JsonParser
import com.fasterxml.jackson.core.JsonProcessingException
import com.fasterxml.jackson.databind.DeserializationFeature
import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.ObjectMapper
import java.io.IOException
import java.nio.file.Files
import java.nio.file.NoSuchFileException
import java.nio.file.Path

/**
 * `--params`: params as one JSON object. In its own class, so that nothing else loads a JSON
 * parser.
 */
internal object ParamsFile {
    fun read(from: Path): Map<String, String> {
        val node: JsonNode =
            try {
                STRICT.readTree(Files.readString(from))
            } catch (e: JsonProcessingException) {
                val at = e.location?.let { ":${it.lineNr}:${it.columnNr}" }.orEmpty()
                throw StopException(
                    ExitCode.USER_ERROR,
                    "$from$at: This is not JSON: ${e.originalMessage}\n    Write one object, such as {\"day\": \"2026-04-25\"}.",
                )
            } catch (e: IOException) {
                val why =
                    if (e is NoSuchFileException) "there is no such file"
                    else e.javaClass.simpleName
                throw StopException(
                    ExitCode.USER_ERROR,
                    "The params file $from cannot be read: $why.\n    Check its path and its permissions.",
                )
            }
        if (!node.isObject) {
            throw StopException(
                ExitCode.USER_ERROR,
                "$from:1: The params file is not a JSON object.\n    Write one, such as {\"day\": \"2026-04-25\"}.",
            )
        }
        val values = LinkedHashMap<String, String>()
        for ((name, value) in node.properties()) {
            if (!value.isValueNode || value.isNull) {
                throw StopException(
                    ExitCode.USER_ERROR,
                    "$from: The param \"$name\" is ${value.nodeType.name.lowercase()}.\n    Write a text, a number, true or false.",
                )
            }
            values[name] = value.asText()
        }
        return values
    }

    /** By default Jackson ignores a duplicate member and a second document. */
    private val STRICT: ObjectMapper by lazy {
        ObjectMapper()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
    }
}
