package dev.emrys.emulator.wire

import com.fasterxml.jackson.databind.JsonNode
import com.google.common.collect.ImmutableMap
import dev.emrys.emulator.EmulatorHarness
import dev.emrys.emulator.EmulatorSettings
import dev.emrys.emulator.SdkJson
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import software.amazon.awssdk.services.emr.model.EmrException

class FaultsEndpointTest :
    FunSpec({
        val http = HttpClient.newHttpClient()

        fun WireServer.faults(
            method: String,
            body: String = "",
            header: Pair<String, String>? = "X-Emrys-Token" to WIRE_TOKEN,
        ): HttpResponse<String> {
            val request =
                HttpRequest.newBuilder(uri().resolve("/_emrys/faults"))
                    .method(method, HttpRequest.BodyPublishers.ofString(body))
            if (header != null) request.header(header.first, header.second)
            return http.send(request.build(), HttpResponse.BodyHandlers.ofString())
        }

        fun HttpResponse<String>.json(): JsonNode = SdkJson.parse(body())

        test("rules are added, counted, listed and removed while clients use the emulator") {
            WireServer(EmulatorHarness().emr, WIRE_TOKEN, 0).use { server ->
                client(server.uri()).use { emr ->
                    server
                        .faults(
                            "POST",
                            """{"rules":[{"kind":"throttle","operation":"ListClusters","count":1}]}""",
                        )
                        .statusCode() shouldBe 200
                    shouldThrow<EmrException> { emr.listClusters {} }.isThrottlingException shouldBe
                        true
                    emr.listClusters {}
                    val rules = server.faults("GET").json().path("rules")
                    rules.size() shouldBe 1
                    rules.path(0).path("seen").asInt() shouldBe 2
                    rules.path(0).path("applied").asInt() shouldBe 1
                    server
                        .faults("POST", """{"rules":[{"kind":"internalError"}]}""")
                        .json()
                        .path("rules")
                        .size() shouldBe 2
                    shouldThrow<EmrException> { emr.listClusters {} }.statusCode() shouldBe 500
                    server.faults("DELETE").json().path("rules").size() shouldBe 0
                    emr.listClusters {}
                }
            }
        }

        test("wrong rules change nothing, and the answer says where they are wrong") {
            WireServer(EmulatorHarness().emr, WIRE_TOKEN, 0).use { server ->
                val answer =
                    server.faults("POST", """{"rules":[{"kind":"throttle"},{"kind":"throttel"}]}""")
                answer.statusCode() shouldBe 400
                answer.json().path("__type").asText() shouldBe "InvalidFaultRuleException"
                answer.json().path("message").asText().startsWith("/rules/1/kind") shouldBe true
                server.faults("GET").json().path("rules").size() shouldBe 0
                server.faults("PUT").statusCode() shouldBe 405
            }
        }

        test("without the key there is no answer, and the rules of another account are not seen") {
            val other = EmulatorHarness()
            val emulators =
                ImmutableMap.of(
                    WIRE_TOKEN,
                    EmulatorHarness().emr,
                    "OTHER",
                    other.emr,
                )
            WireServer(emulators, 0).use { server ->
                val rules = """{"rules":[{"kind":"throttle"}]}"""
                server.faults("POST", rules, null).statusCode() shouldBe 403
                server.faults("POST", rules, "X-Emrys-Token" to "wrong").statusCode() shouldBe 403
                val signed =
                    "AWS4-HMAC-SHA256 Credential=OTHER/20260425/us-east-1/elasticmapreduce/aws4_request, " +
                        "SignedHeaders=host, Signature=00"
                server.faults("POST", rules, "Authorization" to signed).statusCode() shouldBe 200
                server.faults("GET").json().path("rules").size() shouldBe 0
                other.emr.faultRules().json().path("rules").size() shouldBe 1
            }
        }

        test("a client that calls as often as it can is throttled by EMR's quotas") {
            val settings = EmulatorSettings.DEFAULT.withQuotas(true)
            WireServer(EmulatorHarness(settings = settings).emr, WIRE_TOKEN, 0).use { server ->
                client(server.uri()).use { emr ->
                    repeat(20) { emr.listClusters {} }
                    val e = shouldThrow<EmrException> { emr.listClusters {} }
                    e.isThrottlingException shouldBe true
                    e.awsErrorDetails().errorMessage() shouldBe "Rate exceeded"
                }
            }
        }
    })
