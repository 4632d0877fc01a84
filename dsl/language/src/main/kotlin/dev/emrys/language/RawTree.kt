package dev.emrys.language

import com.fasterxml.jackson.core.JsonParser
import com.fasterxml.jackson.core.JsonProcessingException
import com.fasterxml.jackson.databind.DeserializationFeature
import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.ObjectMapper
import com.fasterxml.jackson.databind.json.JsonMapper
import com.fasterxml.jackson.databind.node.JsonNodeFactory
import com.fasterxml.jackson.databind.node.ObjectNode
import dev.emrys.spec.RawRequest
import dev.emrys.spec.ScriptCode
import java.math.BigDecimal
import java.math.BigInteger
import java.time.LocalDate

/** Collects the members of a raw request, from values or from a JSON text. */
internal class RawTree(private val script: Script) {
    private var tree: ObjectNode? = null

    fun add(members: Map<String, Any?>) {
        merge(fromMap(members, "") as ObjectNode)
    }

    fun add(json: String) {
        val node =
            try {
                STRICT.readTree(json)
            } catch (e: JsonProcessingException) {
                return script.report(ScriptCode.RAW_JSON, e.originalMessage)
            }
        if (node is ObjectNode) merge(node)
        else script.report(ScriptCode.RAW_JSON, "it is ${kind(node)}")
    }

    fun build(): RawRequest = tree?.let(RawRequest::of) ?: RawRequest.NONE

    private fun merge(members: ObjectNode) {
        tree = (tree ?: JSON.objectNode()).setAll(members)
    }

    private fun kind(node: JsonNode): String =
        if (node.isMissingNode) "empty" else "of type ${node.nodeType}"

    private fun fromMap(members: Map<*, *>, path: String): JsonNode {
        val node = JSON.objectNode()
        for ((name, value) in members) {
            val at = if (path.isEmpty()) "$name" else "$path.$name"
            if (name is String) node.set<JsonNode>(name, from(value, at))
            else script.report(ScriptCode.RAW_VALUE, script.typeName(name) + " as a key", at)
        }
        return node
    }

    private fun from(value: Any?, path: String): JsonNode =
        when (value) {
            null -> JSON.nullNode()
            is Map<*, *> -> fromMap(value, path)
            is Iterable<*> -> fromList(value, path)
            is Array<*> -> fromList(value.asIterable(), path)
            is Boolean -> JSON.booleanNode(value)
            is Byte,
            is Short,
            is Int,
            is Long -> JSON.numberNode((value as Number).toLong())
            is Float,
            is Double -> fromDecimal((value as Number).toDouble(), path)
            is BigInteger -> JSON.numberNode(value)
            is BigDecimal -> JSON.numberNode(value)
            is String,
            is Secret,
            is LocalDate -> JSON.textNode(value.toString())
            is Source -> JSON.textNode(value.uri)
            else -> refuse(script.typeName(value), path)
        }

    private fun fromList(values: Iterable<*>, path: String): JsonNode {
        val node = JSON.arrayNode()
        values.forEachIndexed { index, value -> node.add(from(value, "$path[$index]")) }
        return node
    }

    private fun fromDecimal(value: Double, path: String): JsonNode =
        if (value.isFinite()) JSON.numberNode(value) else refuse("$value", path)

    private fun refuse(what: String, path: String): JsonNode {
        script.report(ScriptCode.RAW_VALUE, what, path)
        return JSON.nullNode()
    }

    private companion object {
        val JSON: JsonNodeFactory = JsonNodeFactory.instance

        /** Loaded only for a JSON text. */
        val STRICT: ObjectMapper by lazy {
            JsonMapper.builder()
                .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .build()
        }
    }
}
