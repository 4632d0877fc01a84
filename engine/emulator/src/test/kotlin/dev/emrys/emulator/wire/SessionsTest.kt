package dev.emrys.emulator.wire

import com.fasterxml.jackson.databind.JsonNode
import dev.emrys.emulator.EmulatorHarness
import dev.emrys.emulator.EmulatorSettings
import dev.emrys.emulator.SdkJson
import dev.emrys.emulator.step
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.time.Duration

private class SessionsPeer : AutoCloseable {
    val harness =
        EmulatorHarness(
            settings =
                EmulatorSettings.DEFAULT.withDelays(
                    Duration.ofMinutes(1),
                    Duration.ofMinutes(1),
                    Duration.ofMinutes(1),
                )
        )
    val server = WireServer(harness.emr, WIRE_TOKEN, 0)

    fun answer(operation: String, body: String): RawPeer.Response =
        RawPeer(server.uri().port).use { it.send(post(body, operation)).answer()!! }

    fun json(operation: String, body: String): JsonNode =
        answer(operation, body).let {
            it.status shouldBe 200
            SdkJson.parse(it.body)
        }

    fun cluster(label: String = "emr-spark-8.0.0"): String {
        val id = harness.run { releaseLabel(label) }
        harness.clock.advance(Duration.ofMinutes(1))
        harness.clock.advance(Duration.ofMinutes(1))
        return id
    }

    override fun close() = server.close()
}

class SessionsTest :
    FunSpec({
        test("a session is started, shown and listed, and fails with a reason") {
            SessionsPeer().use { peer ->
                val cluster = peer.cluster()
                val request =
                    """{"ClusterId":"$cluster","Name":"n","ClientRequestToken":"t","Tags":[{"Key":"a","Value":"b"}]}"""
                val started = peer.json("StartSession", request)
                started["State"].textValue() shouldBe "SUBMITTED"
                val id = started["Id"].textValue()
                peer.json("StartSession", request)["Id"].textValue() shouldBe id
                val one = """{"ClusterId":"$cluster","SessionId":"$id"}"""
                fun session() = peer.json("GetSession", one)["Session"]
                session()["State"].textValue() shouldBe "SUBMITTED"
                peer.harness.clock.advance(Duration.ofMinutes(1))
                session()["State"].textValue() shouldBe "STARTING"
                peer.harness.clock.advance(Duration.ofMinutes(1))
                session()["State"].textValue() shouldBe "FAILED"
                session()["StateChangeReason"].textValue() shouldContain "run the code as a step"
                session()["ReleaseLabel"].textValue() shouldBe "emr-spark-8.0.0"
                session()["Tags"][0]["Value"].textValue() shouldBe "b"
                session()["EndedAt"].decimalValue() - session()["CreatedAt"].decimalValue() shouldBe
                    "120.000".toBigDecimal()
                peer.answer("GetSessionEndpoint", one).body shouldContain "has no endpoint"
                peer.answer("TerminateSession", one).body shouldContain "already FAILED"
                val newer =
                    peer.json("StartSession", """{"ClusterId":"$cluster"}""")["Id"].textValue()
                fun ids(more: String) =
                    peer.json("ListSessions", """{"ClusterId":"$cluster"$more}""")["Sessions"].map {
                        it["Id"].textValue()
                    }
                ids("") shouldContainExactly listOf(newer, id)
                ids(""","SessionStates":["FAILED"]""") shouldContainExactly listOf(id)
                val first = peer.json("ListSessions", """{"ClusterId":"$cluster","MaxResults":1}""")
                ids(""","NextToken":"${first["NextToken"].textValue()}"""") shouldContainExactly
                    listOf(id)
                val other = """{"ClusterId":"$cluster","SessionId":"$newer"}"""
                peer.json("TerminateSession", other)["State"].textValue() shouldBe "TERMINATING"
                peer.harness.clock.advance(Duration.ofMinutes(1))
                peer.json("GetSession", other)["Session"]["State"].textValue() shouldBe "TERMINATED"
            }
        }

        test("sessions need a ready cluster of a release that has them, and valid requests") {
            SessionsPeer().use { peer ->
                fun refused(body: String) = peer.answer("StartSession", body).body
                refused("""{"ClusterId":"j-NONE"}""") shouldContain
                    "Cluster id 'j-NONE' is not valid."
                refused("""{"ClusterId":"${peer.cluster("emr-7.8.0")}"}""") shouldContain
                    "Sessions are not supported for release label emr-7.8.0"
                val starting = peer.harness.run { releaseLabel("emr-spark-8.0.0") }
                refused("""{"ClusterId":"$starting"}""") shouldContain "is STARTING"
                refused("""{"ClusterId":1}""") shouldContain "SerializationException"
                refused("""{"ClusterId":"j-1","Tags":{}}""") shouldContain "SerializationException"
                refused("[]") shouldContain "SerializationException"
                refused("{}") shouldContain "Value null at 'clusterId'"
                peer
                    .answer("GetSession", """{"ClusterId":"$starting","SessionId":"x"}""")
                    .body shouldContain "Session id 'x' is not valid."
            }
        }

        test("a presigned URL is answered to a browser without a token, and other paths are not") {
            SessionsPeer().use { peer ->
                val cluster = peer.cluster("emr-7.8.0")
                peer.harness.emr.addJobFlowSteps { it.jobFlowId(cluster).steps(step("one")) }
                val url =
                    peer
                        .json("GetOnClusterAppUIPresignedURL", """{"ClusterId":"$cluster"}""")[
                            "PresignedURL"]
                        .textValue()
                fun get(path: String, host: String = "127.0.0.1") =
                    RawPeer(peer.server.uri().port).use {
                        it.send("GET $path HTTP/1.1\r\nHost: $host\r\n\r\n").answer()!!
                    }
                val path = url.removePrefix(peer.server.uri().toString())
                val page = get(path)
                page.status shouldBe 200
                page.headers["content-type"] shouldBe "text/html;charset=utf-8"
                page.body shouldContain "s3://logs/$cluster/steps/"
                get(path.dropLast(1)).status shouldBe 403
                get("/app-ui/").status shouldBe 403
                get(path, "evil.example").status shouldBe 403
                // It opens the page, and no operation.
                val call =
                    "POST $path HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\n" +
                        "X-Amz-Target: ElasticMapReduce.ListClusters\r\n\r\n{}"
                RawPeer(peer.server.uri().port).use {
                    it.send(call).answer()!!.status shouldBe 403
                }
            }
        }
    })
