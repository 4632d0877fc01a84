package dev.emrys.emulator.wire

import com.fasterxml.jackson.databind.node.ObjectNode
import dev.emrys.emulator.EmulatorHarness
import dev.emrys.emulator.SdkJson
import dev.emrys.emulator.request
import dev.emrys.emulator.step
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import java.net.HttpURLConnection
import java.util.Random
import software.amazon.awssdk.core.SdkField
import software.amazon.awssdk.core.SdkPojo
import software.amazon.awssdk.core.protocol.MarshallingType
import software.amazon.awssdk.core.traits.ListTrait
import software.amazon.awssdk.core.traits.MapTrait
import software.amazon.awssdk.services.emr.EmrClient
import software.amazon.awssdk.services.emr.model.EmrRequest
import software.amazon.awssdk.services.emr.model.EmrResponse

private const val DOCUMENTS_PER_OPERATION = 150

/** Numbers that JSON allows and that some type of Java, or of EMR, does not. */
private val NUMBERS =
    listOf(
        "0",
        "-0",
        "-1",
        "1",
        "0.5",
        "1e300",
        "-1e300",
        "1e999999999",
        "-1e-999999999",
        "1E400",
        "2147483648",
        "9223372036854775808",
        "9".repeat(900),
        "9".repeat(1_100),
        "1.${"3".repeat(900)}",
        "253402300800",
        "-62135596801",
        "1777086000.123456789123",
        "31556889864403199",
    )

private val OTHERS =
    listOf(
        "null",
        "true",
        "\"\"",
        "\"x\"",
        "\"NaN\"",
        "\"\\ud800\"",
        "\"\\udc00\\ud800\"",
        "\"\\u0000\"",
        "\"\\uffff\"",
        "[]",
        "{}",
        "[null]",
        "{\"\":null}",
        "[[]]",
        "{\"a\":{\"a\":1}}",
        "\"${"ä".repeat(20_000)}\"",
        "\"j-NONE\"",
        "\"2026-04-25T03:00:00Z\"",
    )

/** Documents for an operation: of its own members, with values that mostly do not fit. */
private class Documents(private val random: Random, private val known: List<String>) {

    fun of(builder: SdkPojo): String = structure(builder, 0)

    private fun structure(builder: SdkPojo, depth: Int): String {
        val members =
            builder
                .sdkFields()
                .filter { random.nextInt(10) < 6 }
                .map {
                    "\"${it.locationName()}\":${value(it, depth)}"
                }
        val twice =
            if (members.isNotEmpty() && random.nextInt(10) == 0) members.take(1) else emptyList()
        return (members + twice).joinToString(",", "{", "}")
    }

    private fun value(field: SdkField<*>, depth: Int): String {
        if (random.nextInt(4) == 0) return any()
        return when (field.marshallingType()) {
            MarshallingType.SDK_POJO ->
                if (depth > 5) "{}" else structure(field.constructor().get(), depth + 1)
            MarshallingType.LIST -> {
                val member = field.getTrait(ListTrait::class.java).memberFieldInfo()
                List(random.nextInt(3)) { value(member, depth + 1) }.joinToString(",", "[", "]")
            }
            MarshallingType.MAP -> {
                val member = field.getTrait(MapTrait::class.java).valueFieldInfo()
                "{\"k\":${value(member, depth + 1)}}"
            }
            MarshallingType.STRING -> if (random.nextInt(3) == 0) any() else known.random()
            MarshallingType.BOOLEAN -> listOf("true", "false", "null", "1").random()
            else -> if (random.nextInt(3) == 0) "${random.nextInt(100)}" else NUMBERS.random()
        }
    }

    private fun any() = (NUMBERS + OTHERS).random()

    private fun <T> List<T>.random(): T = this[random.nextInt(size)]
}

private fun operations(): List<Pair<String, Class<*>>> =
    EmrClient::class
        .java
        .methods
        .filter {
            it.parameterCount == 1 &&
                EmrRequest::class.java.isAssignableFrom(it.parameterTypes[0]) &&
                EmrResponse::class.java.isAssignableFrom(it.returnType)
        }
        .map { it.name.replaceFirstChar(Char::uppercase) to it.parameterTypes[0] }
        .sortedBy { it.first }

private fun builder(type: Class<*>) = type.getMethod("builder").invoke(null) as SdkPojo

class MalformedRequestsTest :
    FunSpec({
        val harness = EmulatorHarness()
        val server = WireServer(harness.emr, WIRE_TOKEN, 0)
        val cluster = harness.ready(step("a"), step("b"))
        val stepId = harness.processes.spawned.first()

        afterSpec { server.close() }

        fun send(operation: String, body: ByteArray): Pair<Int, String> {
            val call = server.uri().toURL().openConnection() as HttpURLConnection
            call.requestMethod = "POST"
            call.doOutput = true
            call.setRequestProperty("X-Amz-Target", "ElasticMapReduce.$operation")
            val (name, value) = AUTHORIZATION.trim().split(": ", limit = 2)
            call.setRequestProperty(name, value)
            call.outputStream.use { it.write(body) }
            val status = call.responseCode
            val answer =
                (if (status < 400) call.inputStream else call.errorStream).use { it.readAllBytes() }
            return status to answer.decodeToString()
        }

        fun send(operation: String, body: String) = send(operation, body.encodeToByteArray())

        test("a date out of range, or that is none, is rejected by name and never a failure") {
            for (value in
                listOf(
                    "1e300",
                    "-1e300",
                    "1e999999999",
                    "253402300800",
                    "-62135596801",
                    "\"x\"",
                    "true",
                    "\"NaN\"",
                    "[]",
                )) {
                for (member in listOf("CreatedAfter", "CreatedBefore")) withClue("$member $value") {
                    val (status, body) = send("ListClusters", "{\"$member\":$value}")
                    status shouldBe 400
                    body shouldContain "\"__type\":\"SerializationException\""
                    body shouldContain "/$member"
                }
            }
            for (value in listOf("NaN", "Infinity", "1e", "--1", "01")) {
                send("ListClusters", "{\"CreatedAfter\":$value}").first shouldBe 400
            }
            for (value in
                listOf(
                    "-1",
                    "0",
                    "-1e9",
                    "1e-999999999",
                    "253402300799.999",
                    "null",
                    "1777086000.1234567891",
                )) {
                withClue(value) {
                    send("ListClusters", "{\"CreatedAfter\":$value}").first shouldBe 200
                }
            }
            send("DescribeJobFlows", "{\"CreatedAfter\":1e300}").first shouldBe 400
        }

        test("a number that its type cannot hold is rejected") {
            val fleet = SdkJson.tree(request()) as ObjectNode
            val instances = fleet.get("Instances") as ObjectNode
            val group = instances.get("InstanceGroups").get(1) as ObjectNode
            for (value in listOf("2147483648", "-2147483649", "1.5", "1e400", "9".repeat(900))) {
                val json =
                    SdkJson.text(fleet)
                        .replaceFirst(
                            "\"InstanceCount\":${group.get("InstanceCount")}",
                            "\"InstanceCount\":$value",
                        )
                withClue(value) { send("RunJobFlow", json).first shouldBe 400 }
            }
            val target =
                """{"ClusterId":"$cluster","InstanceFleet":{"InstanceFleetType":"TASK","InstanceTypeConfigs":[""" +
                    """{"InstanceType":"m5.xlarge","BidPriceAsPercentageOfOnDemandPrice":1e400}]}}"""
            val (status, body) = send("AddInstanceFleet", target)
            status shouldBe 400
            body shouldContain
                "/InstanceFleet/InstanceTypeConfigs/0/BidPriceAsPercentageOfOnDemandPrice"
        }

        test("documents nested deeply, not UTF-8, or not JSON are rejected") {
            for (text in
                listOf(
                    "[".repeat(100_000),
                    "{\"a\":".repeat(100_000),
                    "{\"a\":1}}",
                    "{}{}",
                    "null",
                    "7",
                    "\"x\"",
                    "{'a':1}",
                    "{\"a\" 1}",
                    "\u0000",
                    "\uFEFF{}x",
                    "{\"a\":1,}",
                    "   ",
                )) {
                withClue(text.take(20)) { send("ListClusters", text).first shouldBe 400 }
            }
            for (bytes in
                listOf(
                    byteArrayOf(-1, -2),
                    "{\"Marker\":\"".encodeToByteArray() + byteArrayOf(-61, 34, 125),
                    byteArrayOf(0, 123, 0, 125),
                )) {
                val (status, body) = send("ListClusters", bytes)
                status shouldBe 400
                body shouldContain "SerializationException"
            }
        }

        test(
            "a request that is accepted can be stored and read back, however deeply it is nested"
        ) {
            val depths = (1..200 step 20) + (480..505)
            val other = EmulatorHarness()
            WireServer(other.emr, WIRE_TOKEN, 0).use { nested ->
                val head = SdkJson.text(SdkJson.tree(request())).removeSuffix("}")
                val accepted = depths.filter { depth ->
                    val configurations =
                        "[{\"Classification\":\"x\",\"Configurations\":".repeat(depth) +
                            "[]" +
                            "}]".repeat(depth)
                    val peer = RawPeer(nested.port())
                    val body = "$head,\"Configurations\":$configurations}"
                    val status = peer.use { it.send(post(body, "RunJobFlow")).answer()!!.status }
                    withClue("depth $depth") { (status == 200 || status == 400) shouldBe true }
                    status == 200
                }
                accepted.first() shouldBe 1
                accepted.last() shouldNotBe depths.last()
                val again = EmulatorHarness(store = other.store, clock = other.clock)
                again.emr.recover()
                again.emr.listClusters {}.clusters().size shouldBe minOf(50, accepted.size)
            }
        }

        test("no malformed document for any operation is a failure of the emulator") {
            val known =
                listOf(
                    "\"$cluster\"",
                    "\"$stepId\"",
                    "\"x\"",
                    "\"CANCELLED\"",
                    "\"TASK\"",
                    "\"m5.xlarge\"",
                    "\"\"",
                )
            val failures = mutableListOf<String>()
            for ((index, operation) in operations().withIndex()) {
                val (name, type) = operation
                val documents = Documents(Random(index.toLong()), known)
                repeat(DOCUMENTS_PER_OPERATION) {
                    val document = documents.of(builder(type))
                    val (status, answer) = send(name, document)
                    if (status >= 500) failures += "$name ${answer.take(400)} ${document.take(300)}"
                }
            }
            failures
                .groupBy { it.substringBefore(' ') + it.substringAfter("failed: ").take(160) }
                .map { it.value.first() }
                .shouldBeEmpty()
        }

        test("a valid request with one member replaced is no failure of the emulator either") {
            val failures = mutableListOf<String>()
            val valid =
                mapOf(
                    "RunJobFlow" to
                        SdkJson.text(
                            SdkJson.tree(
                                request {
                                    steps(step("a"))
                                        .configurations({
                                            it.classification("c").properties(mapOf("k" to "v"))
                                        })
                                        .tags({ it.key("k").value("v") })
                                }
                            )
                        ),
                    "AddJobFlowSteps" to
                        """{"JobFlowId":"$cluster","Steps":[${SdkJson.write(step("c"))}]}""",
                    "ListClusters" to
                        """{"CreatedAfter":1,"CreatedBefore":2,"ClusterStates":["WAITING"],"Marker":"x"}""",
                    "ListSteps" to
                        """{"ClusterId":"$cluster","StepStates":["PENDING"],"StepIds":["$stepId"],"Marker":"x"}""",
                    "DescribeStep" to """{"ClusterId":"$cluster","StepId":"$stepId"}""",
                    "DescribeCluster" to """{"ClusterId":"$cluster"}""",
                    "CancelSteps" to
                        """{"ClusterId":"$cluster","StepIds":["$stepId"],"StepCancellationOption":"SEND_INTERRUPT"}""",
                    "TerminateJobFlows" to """{"JobFlowIds":["j-NONE"]}""",
                    "AddTags" to """{"ResourceId":"$cluster","Tags":[{"Key":"a","Value":"b"}]}""",
                    "RemoveTags" to """{"ResourceId":"$cluster","TagKeys":["a"]}""",
                    "ListInstanceGroups" to """{"ClusterId":"$cluster","Marker":"x"}""",
                    "ListInstances" to """{"ClusterId":"$cluster","InstanceGroupTypes":["CORE"]}""",
                    "ModifyCluster" to """{"ClusterId":"$cluster","StepConcurrencyLevel":3}""",
                    "SetTerminationProtection" to
                        """{"JobFlowIds":["$cluster"],"TerminationProtected":false}""",
                    "SetKeepJobFlowAliveWhenNoSteps" to
                        """{"JobFlowIds":["$cluster"],"KeepJobFlowAliveWhenNoSteps":true}""",
                    "PutAutoTerminationPolicy" to
                        """{"ClusterId":"$cluster","AutoTerminationPolicy":{"IdleTimeout":100}}""",
                )
            for ((name, document) in valid) {
                val (first, answer) = send(name, document)
                withClue("$name $answer") { (first < 500) shouldBe true }
                for (mutant in mutants(document)) {
                    val (status, body) = send(name, mutant)
                    if (status >= 500) failures += "$name ${body.take(400)} ${mutant.take(300)}"
                }
            }
            failures
                .groupBy { it.substringBefore(' ') + it.substringAfter("failed: ").take(160) }
                .map { it.value.first() }
                .shouldBeEmpty()
        }
    })

/** The document with each value, one at a time, replaced by each of the values that do not fit. */
private fun mutants(document: String): Sequence<String> = sequence {
    val mark = "\"@@@\""
    val paths = mutableListOf<String>()
    fun collect(path: String, node: com.fasterxml.jackson.databind.JsonNode) {
        if (path.isNotEmpty()) paths += path
        if (node.isObject) node.properties().forEach { collect("$path/${it.key}", it.value) }
        if (node.isArray) node.forEachIndexed { i, element -> collect("$path/$i", element) }
    }
    collect("", SdkJson.parse(document))
    for (path in paths) {
        val tree = SdkJson.parse(document)
        val parent = tree.at(path.substringBeforeLast('/'))
        val name = path.substringAfterLast('/')
        if (parent is ObjectNode) parent.put(name, "@@@")
        else
            (parent as com.fasterxml.jackson.databind.node.ArrayNode).set(
                name.toInt(),
                SdkJson.parse(mark),
            )
        val template = SdkJson.text(tree)
        for (value in NUMBERS + OTHERS) yield(template.replace(mark, value))
    }
}
