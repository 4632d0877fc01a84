package dev.emrys.emr

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.ObjectMapper
import com.fasterxml.jackson.databind.node.JsonNodeFactory
import dev.emrys.run.Event
import dev.emrys.spec.ClusterSpec
import dev.emrys.spec.SpecJson
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldNotContain
import java.nio.file.Path
import kotlin.io.path.createParentDirectories
import kotlin.io.path.exists
import kotlin.io.path.readLines
import kotlin.io.path.readText
import kotlin.io.path.writeText
import software.amazon.awssdk.core.SdkField
import software.amazon.awssdk.core.SdkPojo
import software.amazon.awssdk.core.traits.ListTrait
import software.amazon.awssdk.core.util.SdkAutoConstructList
import software.amazon.awssdk.core.util.SdkAutoConstructMap
import software.amazon.awssdk.services.emr.model.RunJobFlowRequest

/** What the golden script with every word of a cluster comes to: written by a test of dsl/host. */
private val SPEC = Path.of("../../dsl/host/src/test/resources/golden/every-word-of-a-cluster.json")

private val PAGE = Path.of("../../dsl/host/src/main/resources/dev/emrys/host/run-job-flow.md")

/** Members that EMR has and this version of the SDK lacks. */
private val NEWER_THAN_THE_SDK = listOf("SessionEnabled")

private const val KERBEROS =
    """{"AuthenticationConfiguration": {"KerberosConfiguration": {"Provider": "ClusterDedicatedKdc",
    "ClusterDedicatedKdcConfiguration": {"TicketLifetimeInHours": 24}}}}"""

private val JSON = ObjectMapper()

private fun clustersOfScript(): List<ClusterSpec> {
    val spec = JSON.readTree(SPEC.readText())["spec"]
    return SpecJson.read(JSON.writeValueAsString(spec)).clusters()
}

/** The members that are sent, under their names on the wire. */
private fun json(value: Any?): JsonNode? =
    when (value) {
        null,
        is SdkAutoConstructList<*>,
        is SdkAutoConstructMap<*, *> -> null
        is SdkPojo ->
            JsonNodeFactory.instance.objectNode().also { node ->
                for (field: SdkField<*> in value.sdkFields()) {
                    val inner = json(field.getValueOrDefault(value)) ?: continue
                    node.set<JsonNode>(field.locationName(), inner)
                }
            }
        is List<*> ->
            JsonNodeFactory.instance.arrayNode().also { array ->
                value.forEach { array.add(json(it)) }
            }
        is Map<*, *> ->
            JsonNodeFactory.instance.objectNode().also { node ->
                value.forEach { (key, inner) -> node.set<JsonNode>("$key", json(inner)) }
            }
        else -> JSON.valueToTree(value)
    }

/** The paths of all members, a recursive structure once. */
private fun paths(fields: List<SdkField<*>>, above: List<String>): List<String> =
    fields.flatMap { field ->
        val path = above + field.locationName()
        val list: ListTrait? = field.getOptionalTrait(ListTrait::class.java).orElse(null)
        val element: SdkField<*> = list?.memberFieldInfo() ?: field
        val type = element.constructor()?.get() as? SdkPojo
        val isRecursive = above.lastOrNull() == field.locationName()
        listOf(path.joinToString(".")) +
            if (type == null || isRecursive) emptyList() else paths(type.sdkFields(), path)
    }

class RequestGoldenTest :
    FunSpec({
        for (cluster in clustersOfScript()) {
            test("the script's cluster ${cluster.name()} becomes this request, which is accepted") {
                EmrHarness(wire = true).use { harness ->
                    listOf("kdc", "realm", "ad", "yarn").forEach {
                        harness.secrets[it] = "value-of-$it"
                    }
                    harness.emulator.createSecurityConfiguration {
                        it.name("kerberized").securityConfiguration(KERBEROS)
                    }
                    harness.perform(start(cluster))
                    val request = harness.recorded.requests<RunJobFlowRequest>().single()
                    val actual =
                        JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json(request))
                    val golden = Path.of("src/test/resources/requests/${cluster.name()}.json")
                    if (System.getProperty("golden.update").toBoolean()) {
                        golden.createParentDirectories().writeText(actual + "\n")
                    }
                    (if (golden.exists()) golden.readText() else "") shouldBe actual + "\n"
                    harness.all<Event.AttemptFailed>().shouldBeEmpty()
                    harness.all<Event.AttemptAccepted>() shouldHaveSize 1
                }
            }
        }

        test("the spec of the script has no value of a secret") {
            SPEC.readText() shouldNotContain "value-of-"
        }

        test("the page explains every member that the SDK has, and no other") {
            val explained =
                PAGE.readLines()
                    .filter { it.startsWith("| `") }
                    .map {
                        it.split('|')[1].trim().trim('`')
                    }
            val members = paths(RunJobFlowRequest.builder().sdkFields(), emptyList())
            withClue("Add what is missing to $PAGE, with its word or why there is none.") {
                explained.sorted() shouldContainExactly (members + NEWER_THAN_THE_SDK).sorted()
            }
        }
    })
