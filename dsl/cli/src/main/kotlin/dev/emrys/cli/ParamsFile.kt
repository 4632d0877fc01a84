package dev.emrys.cli

import com.fasterxml.jackson.core.JsonFactory
import com.fasterxml.jackson.core.JsonLocation
import com.fasterxml.jackson.core.JsonParser
import com.fasterxml.jackson.core.JsonProcessingException
import com.fasterxml.jackson.core.JsonToken
import com.fasterxml.jackson.core.StreamReadFeature
import dev.emrys.spec.CommandCode
import dev.emrys.spec.Diagnostic
import dev.emrys.spec.SourceLocation
import java.io.IOException
import java.nio.charset.CharacterCodingException
import java.nio.file.AccessDeniedException
import java.nio.file.Files
import java.nio.file.NoSuchFileException
import java.nio.file.Path

/**
 * `--params`: params as one JSON object. In its own class, so that nothing else loads a JSON
 * parser.
 */
internal class ParamsFile private constructor(private val file: String) {
    private val values = LinkedHashMap<String, String>()
    private val errors = ArrayList<Diagnostic>()

    private fun parse(parser: JsonParser) {
        try {
            val first = parser.nextToken()
            if (first == JsonToken.START_OBJECT) parseMembers(parser)
            else
                errors.add(
                    CommandCode.PARAMS_NO_OBJECT.at(
                        parser.location(),
                        if (first == null) "is empty" else "is ${kind(first)}",
                    )
                )
            if (errors.isEmpty() && parser.nextToken() != null) {
                val what = "there is more text after the object"
                errors.add(CommandCode.PARAMS_JSON.at(parser.location(), what))
            }
        } catch (e: JsonProcessingException) {
            errors.add(CommandCode.PARAMS_JSON.at(location(e.location), reason(e)))
        }
    }

    private fun parseMembers(parser: JsonParser) {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            val name = parser.currentName()
            val value = parser.nextToken()
            if (value.isScalarValue && value != JsonToken.VALUE_NULL) {
                values[name] = parser.text
            } else {
                errors.add(CommandCode.PARAMS_VALUE.at(parser.location(), name, kind(value)))
                parser.skipChildren()
            }
        }
    }

    private fun kind(token: JsonToken): String =
        when (token) {
            JsonToken.START_OBJECT -> "an object"
            JsonToken.START_ARRAY -> "an array"
            JsonToken.VALUE_NULL -> "null"
            JsonToken.VALUE_STRING -> "a text"
            JsonToken.VALUE_TRUE,
            JsonToken.VALUE_FALSE -> "true or false"
            else -> "a number"
        }

    /** Jackson's own sentence, without the position of an opening brace and without a code. */
    private fun reason(e: JsonProcessingException): String =
        e.originalMessage
            .substringBefore(" (start marker")
            .replace(CHARACTER_CODE, "$1")
            .removeSuffix(".")

    private fun JsonParser.location(): SourceLocation = location(currentTokenLocation())

    private fun location(at: JsonLocation?): SourceLocation =
        SourceLocation(file, maxOf(0, at?.lineNr ?: 0), maxOf(0, at?.columnNr ?: 0))

    companion object {
        /** @throws StopException with every error of the file */
        fun read(from: Path): Map<String, String> {
            val text =
                try {
                    Files.readString(from)
                } catch (e: IOException) {
                    val file = SourceLocation("$from", 0, 0)
                    throw StopException(unreadable(e, file))
                }
            val file = ParamsFile("$from")
            STRICT.createParser(text).use(file::parse)
            if (file.errors.isNotEmpty()) throw StopException(file.errors)
            return file.values
        }

        private fun unreadable(e: IOException, file: SourceLocation): Diagnostic {
            val (why, fix) =
                when (e) {
                    is NoSuchFileException -> "there is no such file" to "Check its path."
                    is AccessDeniedException -> "permission denied" to "Make it readable."
                    is CharacterCodingException ->
                        "it is not UTF-8 text" to "Save it with the encoding UTF-8."
                    else -> (e.message ?: e.javaClass.simpleName) to "Check its path."
                }
            return CommandCode.PARAMS_UNREADABLE.at(file, why, fix)
        }

        private val CHARACTER_CODE = Regex("('.') \\(code \\d+\\)")

        /** By default Jackson accepts a member that is written twice. */
        private val STRICT: JsonFactory by lazy {
            JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build()
        }
    }
}
