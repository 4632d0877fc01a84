package dev.emrys.emr

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.ObjectMapper
import com.fasterxml.jackson.databind.node.ObjectNode
import com.sun.net.httpserver.HttpServer
import dev.emrys.emulator.Fault
import dev.emrys.run.Event
import dev.emrys.spec.RawRequest
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.URI

private val JSON = ObjectMapper()

private fun raw(text: String) = RawRequest.of(JSON.readTree(text) as ObjectNode)

private val RAW =
    raw(
        """
        {"Name": "other", "StepConcurrencyLevel": 9, "NotYetKnown": {"A": ["x"]},
         "Instances": {"Ec2SubnetId": "subnet-raw", "NotYetKnown": true},
         "Tags": [{"Key": "Secret", "Value": "of ${'$'}{secret:token}"}]}
        """
    )

/** An endpoint that keeps the requests that it gets. */
private class CapturingEndpoint : AutoCloseable {
    val bodies = mutableListOf<JsonNode>()
    private val server =
        HttpServer.create(InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0).apply {
            createContext("/") { exchange ->
                bodies.add(JSON.readTree(exchange.requestBody))
                val answer = """{"JobFlowId":"j-1"}""".toByteArray()
                exchange.responseHeaders.add("Content-Type", "application/x-amz-json-1.1")
                exchange.sendResponseHeaders(200, answer.size.toLong())
                exchange.responseBody.use { it.write(answer) }
            }
            start()
        }
    val uri: URI = URI.create("http://127.0.0.1:${server.address.port}")

    override fun close() = server.stop(0)
}

class RawMembersTest :
    FunSpec({
        test("raw members are merged into the request, also those that the SDK does not know") {
            CapturingEndpoint().use { endpoint ->
                sdkClient(endpoint.uri).use { sdk ->
                    EmrHarness(wire = false, other = sdk).use { harness ->
                        harness.secrets["token"] = "t0ps3cret"
                        harness.perform(start(clusterSpec(raw = RAW, subnet = "subnet-typed")))
                        harness.all<Event.AttemptAccepted>().single().remoteId shouldBe "j-1"
                    }
                }
                val sent = endpoint.bodies.single()
                sent["Name"].textValue() shouldBe "etl #run-1.t1.1"
                sent["StepConcurrencyLevel"].intValue() shouldBe 9
                sent["NotYetKnown"] shouldBe JSON.readTree("""{"A":["x"]}""")
                sent["Instances"]["Ec2SubnetId"].textValue() shouldBe "subnet-raw"
                sent["Instances"]["NotYetKnown"].booleanValue() shouldBe true
                sent["Instances"]["KeepJobFlowAliveWhenNoSteps"].booleanValue() shouldBe true
                sent["Tags"].associate { it["Key"].textValue() to it["Value"].textValue() } shouldBe
                    mapOf(
                        "emrys:pipeline" to "daily-etl",
                        "emrys:run" to "run-1",
                        "emrys:run-name" to "brave-otter",
                        "emrys:key" to "run-1.t1.1",
                        "emrys:expires-at" to "2026-04-25T09:00:00Z",
                        "Secret" to "of t0ps3cret",
                    )
            }
        }

        test("a cluster of the emulator has what its raw members say, and only its own") {
            EmrHarness(wire = true).use { harness ->
                harness.secrets["token"] = "t0ps3cret"
                harness.perform(
                    start(clusterSpec(raw = RAW)),
                    start(clusterSpec(), key = "run-1.t2.1"),
                )
                harness.clusters().map { made ->
                    val cluster = harness.emulator.describeCluster { it.clusterId(made.id()) }
                    made.name() to cluster.cluster().stepConcurrencyLevel()
                } shouldContainExactly listOf("etl #run-1.t2.1" to 1, "etl #run-1.t1.1" to 9)
            }
        }

        test("a request with raw members is not sent again by the SDK") {
            EmrHarness(wire = true).use { harness ->
                harness.secrets["token"] = "t0ps3cret"
                harness.faults.plan("RunJobFlow", Fault.ErrorAfter())
                harness.perform(start(clusterSpec(raw = RAW)))
                harness.pass(minutes(5))
                harness.clusters() shouldHaveSize 1
                harness.all<Event.AttemptAccepted>() shouldHaveSize 1
            }
        }
    })
