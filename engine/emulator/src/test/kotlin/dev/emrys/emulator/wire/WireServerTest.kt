package dev.emrys.emulator.wire

import com.google.common.collect.ImmutableMap
import dev.emrys.emulator.EmulatorHarness
import dev.emrys.emulator.Fault
import dev.emrys.emulator.add
import dev.emrys.emulator.code
import dev.emrys.emulator.request
import dev.emrys.emulator.state
import dev.emrys.emulator.step
import dev.emrys.emulator.steps
import dev.emrys.emulator.text
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.util.concurrent.Callable
import java.util.concurrent.Executors
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient
import software.amazon.awssdk.regions.Region
import software.amazon.awssdk.services.emr.EmrClient
import software.amazon.awssdk.services.emr.model.ClusterState
import software.amazon.awssdk.services.emr.model.EmrException
import software.amazon.awssdk.services.emr.model.InternalServerErrorException
import software.amazon.awssdk.services.emr.model.InternalServerException
import software.amazon.awssdk.services.emr.model.InvalidRequestException
import software.amazon.awssdk.services.emr.model.StepState

private const val TOKEN = WIRE_TOKEN

fun client(uri: URI, token: String = WIRE_TOKEN): EmrClient =
    EmrClient.builder()
        .region(Region.US_EAST_1)
        .endpointOverride(uri)
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create(token, "x"))
        )
        .overrideConfiguration { it.retryStrategy(AwsRetryStrategy.doNotRetry()) }
        .httpClient(UrlConnectionHttpClient.create())
        .build()

class WireServerTest :
    FunSpec({
        val harness = EmulatorHarness()
        val server = WireServer(harness.emr, TOKEN, 0)
        val emr = client(server.uri())
        val http = HttpClient.newHttpClient()

        afterSpec {
            emr.close()
            server.close()
        }

        fun post(target: String, body: String, token: String = TOKEN): HttpResponse<String> =
            http.send(
                HttpRequest.newBuilder(server.uri())
                    .header("X-Amz-Target", target)
                    .header("Content-Type", "application/x-amz-json-1.1")
                    .header(
                        "Authorization",
                        "AWS4-HMAC-SHA256 Credential=$token/20260425/us-east-1/elasticmapreduce/aws4_request, " +
                            "SignedHeaders=host, Signature=00",
                    )
                    .POST(HttpRequest.BodyPublishers.ofString(body))
                    .build(),
                HttpResponse.BodyHandlers.ofString(),
            )

        fun sts(form: String, token: String = TOKEN): HttpResponse<String> =
            http.send(
                HttpRequest.newBuilder(server.uri())
                    .header("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
                    .header(
                        "Authorization",
                        "AWS4-HMAC-SHA256 Credential=$token/20260425/us-east-1/sts/aws4_request, " +
                            "SignedHeaders=host, Signature=00",
                    )
                    .POST(HttpRequest.BodyPublishers.ofString(form))
                    .build(),
                HttpResponse.BodyHandlers.ofString(),
            )

        test("AWS STS says whose credentials a caller has, and gives those of any role") {
            val caller = sts("Action=GetCallerIdentity&Version=2011-06-15")
            caller.statusCode() shouldBe 200
            caller.headers().firstValue("Content-Type").get() shouldBe "text/xml"
            caller.body() shouldContain "<Account>${harness.emr.accountId()}</Account>"
            val role = "RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fetl"
            val assumed = sts("Action=AssumeRole&$role&RoleSessionName=emrys")
            assumed.body() shouldContain "<AccessKeyId>$TOKEN</AccessKeyId>"
            assumed.body() shouldContain "arn:aws:sts::123456789012:assumed-role/etl/emrys"
        }

        test("AWS STS refuses a wrong access key, a wrong role and other actions in its own form") {
            val wrong = sts("Action=GetCallerIdentity", token = "other")
            wrong.statusCode() shouldBe 403
            wrong.body() shouldContain "<Code>InvalidClientTokenId</Code>"
            val role = sts("Action=AssumeRole&RoleArn=%3Cetl%3E&RoleSessionName=emrys")
            role.statusCode() shouldBe 400
            role.body() shouldContain "&lt;etl&gt;"
            sts("Action=GetSessionToken").body() shouldContain "<Code>InvalidAction</Code>"
        }

        fun ping(token: String?): Int {
            val request = HttpRequest.newBuilder(server.uri().resolve("/ping"))
            if (token != null) request.header("X-Emrys-Token", token)
            return http.send(request.build(), HttpResponse.BodyHandlers.ofString()).statusCode()
        }

        test("the SDK's client runs a cluster with steps from start to end") {
            val run = emr.runJobFlow(request())
            run.responseMetadata().requestId() shouldNotBe null
            val id = run.jobFlowId()
            harness.clock.advance()
            val ids = emr.add(id, *Array(60) { step("räw $it") })
            emr.steps(id).size shouldBe 60
            emr.step(id, ids[0]).status().state() shouldBe StepState.RUNNING
            emr.step(id, ids[0]) shouldBe harness.emr.step(id, ids[0])
            emr.describeCluster { it.clusterId(id) }.cluster() shouldBe
                harness.emr.describeCluster { it.clusterId(id) }.cluster()
            emr.terminateJobFlows { it.jobFlowIds(id) }
            harness.clock.advance()
            emr.state(id) shouldBe ClusterState.TERMINATED
        }

        test("errors arrive as the SDK's exceptions") {
            val missing = shouldThrow<InvalidRequestException> { emr.state("j-NONE") }
            missing.emrErrorCode() shouldBe "NoSuchCluster"
            missing.text() shouldBe "Cluster id 'j-NONE' is not valid."
            missing.requestId() shouldNotBe null
            val invalid = shouldThrow<EmrException> { emr.add("j-NONE", step("x")) }
            invalid.code() shouldBe "ValidationException"
            invalid.text() shouldBe "Specified job flow ID does not exist."
            harness.faults
                .plan("RunJobFlow", Fault.Throttle(), Fault.ErrorBefore())
                .plan("ListClusters", Fault.ErrorBefore())
            shouldThrow<EmrException> { emr.runJobFlow(request()) }.isThrottlingException shouldBe
                true
            shouldThrow<InternalServerErrorException> { emr.runJobFlow(request()) }
                .statusCode() shouldBe 500
            shouldThrow<InternalServerException> { emr.listClusters() }
        }

        test(
            "a wrong token is rejected before the operation, and the right token gets a ping response"
        ) {
            val before = harness.emr.lastActivity()
            val e = shouldThrow<EmrException> { client(server.uri(), "AKIAOTHER").listClusters() }
            e.statusCode() shouldBe 403
            e.code() shouldBe "UnrecognizedClientException"
            e.text() shouldBe "The security token included in the request is invalid."
            post("ElasticMapReduce.RunJobFlow", "{", "no").statusCode() shouldBe 403
            val naked =
                HttpRequest.newBuilder(server.uri()).POST(HttpRequest.BodyPublishers.noBody())
            http.send(naked.build(), HttpResponse.BodyHandlers.ofString()).statusCode() shouldBe 403
            harness.emr.lastActivity() shouldBe before
            ping(TOKEN) shouldBe 200
            ping("no") shouldBe 403
            ping(null) shouldBe 403
            shouldThrow<IllegalArgumentException> { WireServer(harness.emr, "a/b", 0) }
        }

        test("each access key id has an account of its own behind one endpoint") {
            val first = EmulatorHarness()
            val second = EmulatorHarness()
            WireServer(ImmutableMap.of("key-1", first.emr, "key-2", second.emr), 0).use { both ->
                client(both.uri(), "key-1").use { one ->
                    client(both.uri(), "key-2").use { two ->
                        val id = one.runJobFlow(request()).jobFlowId()
                        one.listClusters().clusters().map { it.id() } shouldBe listOf(id)
                        two.listClusters().clusters() shouldBe emptyList()
                        shouldThrow<EmrException> { two.state(id) }
                    }
                }
                shouldThrow<EmrException> { client(both.uri(), "key-3").listClusters() }
                    .statusCode() shouldBe 403
            }
        }

        test("the wire format is EMR's: times with three decimals, no empty marker, error types") {
            emr.runJobFlow(request())
            val list = post("ElasticMapReduce.ListClusters", "{}")
            list.headers().firstValue("Content-Type").get() shouldBe "application/x-amz-json-1.1"
            Regex("\"CreationDateTime\":1777086000\\.\\d{3}[,}]")
                .containsMatchIn(list.body()) shouldBe true
            list.body() shouldNotContain "Marker"
            val error = post("ElasticMapReduce.DescribeCluster", """{"ClusterId":"j-NONE"}""")
            error.statusCode() shouldBe 400
            error.body() shouldBe
                """{"__type":"InvalidRequestException","ErrorCode":"NoSuchCluster","Message":"Cluster id 'j-NONE' is not valid."}"""
            error.headers().firstValue("X-Amzn-ErrorType").get() shouldBe "InvalidRequestException"
            error.headers().firstValue("x-amzn-RequestId").isPresent shouldBe true
            post("ElasticMapReduce.RunJobFlow", "{}").body() shouldContain
                """{"__type":"ValidationException","message":"2 validation errors detected"""
        }

        test(
            "an unknown operation, one missing in the SDK and invalid JSON have different errors"
        ) {
            post("ElasticMapReduce.FlyToTheMoon", "{}").body() shouldContain
                "UnknownOperationException"
            post("DynamoDB.ListTables", "{}").body() shouldContain "UnknownOperationException"
            post("ElasticMapReduce.StartSession", "{}").body() shouldContain
                "1 validation error detected: Value null at 'clusterId'"
            post("ElasticMapReduce.ListClusters", "{").body() shouldContain "SerializationException"
            post("ElasticMapReduce.ListClusters", "").statusCode() shouldBe 200
            post("ElasticMapReduce.GetOnClusterAppUIPresignedURL", "{}").body() shouldContain
                "Value null at 'clusterId'"
            post("ElasticMapReduce.ListClusters", " ".repeat(WireLimits.DEFAULT.maxBodyBytes() + 1))
                .statusCode() shouldBe 413
        }

        test("concurrent callers each get their own cluster and steps") {
            val before = harness.emr.listClustersPaginator {}.clusters().count()
            val threads = Executors.newFixedThreadPool(6)
            val ids =
                threads
                    .invokeAll(
                        List(30) {
                            Callable {
                                val id = emr.runJobFlow(request()).jobFlowId()
                                id to emr.add(id, step("a"), step("b"))
                            }
                        }
                    )
                    .map { it.get() }
            threads.shutdown()
            ids.map { it.first }.toSet().size shouldBe 30
            ids.flatMap { it.second }.toSet().size shouldBe 60
            harness.emr.listClustersPaginator {}.clusters().count() shouldBe before + 30
        }
    })
