package dev.emrys.storage.logs

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.ObjectMapper
import dev.emrys.testing.SettableTime
import dev.emrys.testing.temporaryFolder
import java.nio.file.Path
import java.time.Duration

internal const val GROUP = "/aws/emr/j-1"
internal const val STREAM = "steps/s-1/stdout"

private val JSON = ObjectMapper()

/** CloudWatch Logs over a folder, without HTTP. */
internal class Logs(
    val folder: Path = temporaryFolder("emrys-logs").resolve("logs"),
    val time: SettableTime = SettableTime(),
) {
    val groups = LogGroups(folder, time)
    private val service = LogsService(groups, "eu-west-1", "123456789012")

    val now: Long
        get() = time.millis()

    /** Answers to a request, whose members are given as Kotlin values. */
    fun call(operation: String, vararg members: Pair<String, Any?>): JsonNode {
        val body = JSON.writeValueAsBytes(mapOf(*members).filterValues { it != null })
        val answer = service.respond("Logs_20140328.$operation", body)
        return JSON.readTree(if (answer.isEmpty()) "{}".toByteArray() else answer)
    }

    /** "InvalidParameterException: text", or "none". */
    fun error(operation: String, vararg members: Pair<String, Any?>): String =
        try {
            call(operation, *members)
            "none"
        } catch (e: LogsException) {
            "${e.type()}: ${e.text()}"
        }

    fun create(group: String = GROUP, vararg streams: String = arrayOf(STREAM)) = apply {
        call("CreateLogGroup", "logGroupName" to group)
        streams.forEach {
            call("CreateLogStream", "logGroupName" to group, "logStreamName" to it)
        }
    }

    fun put(
        vararg events: Pair<Long, String>,
        stream: String = STREAM,
        group: String = GROUP,
    ): JsonNode =
        call(
            "PutLogEvents",
            "logGroupName" to group,
            "logStreamName" to stream,
            "logEvents" to events.map { mapOf("timestamp" to it.first, "message" to it.second) },
        )

    fun get(vararg members: Pair<String, Any?>): JsonNode =
        call("GetLogEvents", "logGroupName" to GROUP, "logStreamName" to STREAM, *members)

    fun filter(vararg members: Pair<String, Any?>): JsonNode =
        call("FilterLogEvents", "logGroupName" to GROUP, *members)

    /** As another process that uses the same folder afterwards. */
    fun restarted() = Logs(folder, time)
}

internal fun JsonNode.messages(): List<String> = path("events").map { it.path("message").asText() }

internal fun days(count: Long): Long = Duration.ofDays(count).toMillis()

internal fun hours(count: Long): Long = Duration.ofHours(count).toMillis()
