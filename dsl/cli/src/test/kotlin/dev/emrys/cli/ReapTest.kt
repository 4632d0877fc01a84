package dev.emrys.cli

import com.fasterxml.jackson.databind.JsonNode
import com.google.common.collect.ImmutableList
import dev.emrys.runtime.LocalEmulator
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.ByteArrayOutputStream
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse.BodyHandlers
import java.time.Instant
import java.util.Optional
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient
import software.amazon.awssdk.regions.Region
import software.amazon.awssdk.services.emr.EmrClient
import software.amazon.awssdk.services.emr.model.Tag

private const val TAG = "emrys:expires-at"

/**
 * `emrys reap` in this process, on an emulator that is reached as AWS is, and on the local target.
 */
class ReapTest :
    FunSpec({
        val program = EmrysProgram()
        val credentials = mapOf("aws.accessKeyId" to "mine", "aws.secretAccessKey" to "any")
        val emulator =
            LocalEmulator.start(
                LocalEmulator.Settings(
                    program.folder.resolve("accounts"),
                    EmrysProgram.CACHE,
                    ImmutableList.of(LocalEmulator.Access("123456789012", Optional.of("mine"))),
                    0,
                    "eu-central-1",
                    false,
                    true,
                    Optional.empty(),
                )
            )
        val emr =
            EmrClient.builder()
                .endpointOverride(emulator.uri())
                .region(Region.EU_CENTRAL_1)
                .credentialsProvider(
                    StaticCredentialsProvider.create(AwsBasicCredentials.create("mine", "any"))
                )
                .httpClient(UrlConnectionHttpClient.create())
                .build()
        val aws =
            arrayOf("--target", "aws", "--region", "eu-central-1", "--endpoint-url") +
                "${emulator.uri()}"

        fun reap(vararg words: String): ProcessResult {
            val out = ByteArrayOutputStream()
            val err = ByteArrayOutputStream()
            val line = arrayOf("reap", "--state", "${program.state}", *words)
            val exit = execute(line, Console(out, err))
            return ProcessResult(exit, out.toString(Charsets.UTF_8), err.toString(Charsets.UTF_8))
        }

        /** The only cluster, and that nothing was asked of EMR. */
        fun kept(vararg words: String): JsonNode {
            val result = reap(*words, "--output", "json") exits ExitCode.SUCCEEDED
            return withClue(result.all) {
                val cluster = result.json().path("clusters").single()
                cluster.path("ending").isNull shouldBe true
                cluster
            }
        }

        fun verdict(vararg words: String): String = kept(*words).path("verdict").asText()

        beforeSpec {
            credentials.forEach(System::setProperty)
            program.script("probe", EmrysProgram.PROBE)
        }

        afterSpec {
            credentials.keys.forEach(System::clearProperty)
            emr.close()
            emulator.terminateAll("The test has ended.")
            emulator.close()
            program.close()
        }

        test("a cluster whose driver is gone is ended when its lease is overdue, and not before") {
            val step = BlockingStep(program, "left")
            val keys =
                mapOf("AWS_ACCESS_KEY_ID" to "mine", "AWS_SECRET_ACCESS_KEY" to "any") +
                    listOf("AWS_SESSION_TOKEN", "AWS_PROFILE").associateWith { "" }
            val running = step.start(*aws, options = LaunchOptions(keys))
            step.awaitRunning(running)
            val driven = kept(*aws)
            val id = driven.path("id").asText()
            driven.path("verdict").asText() shouldBe "DRIVEN"
            driven.path("runName").asText() shouldBe running.run()
            driven.path("pipeline").asText() shouldBe "probe"
            driven.path("targetSettings").path("account").asText() shouldBe "123456789012"

            running.process.destroyForcibly().waitFor()
            verdict(*aws, "--yes") shouldBe "LEASED"
            val expiry = Instant.now().minusSeconds(90 * 60 + 30).toString()
            emr.addTags {
                it.resourceId(id).tags(Tag.builder().key(TAG).value(expiry).build())
            }
            verdict(*aws, "--margin", "2h", "--yes") shouldBe "IN_MARGIN"
            verdict(*aws) shouldBe "OVERDUE"
            emr.setTerminationProtection { it.jobFlowIds(id).terminationProtected(true) }
            verdict(*aws, "--yes") shouldBe "PROTECTED"

            val shown = reap(*aws, "--unprotect") exits ExitCode.SUCCEEDED
            shown.out shouldContain Regex("would be ended: overdue by 1 h [345]\\d min")
            shown.printsOnStderr(
                "1 cluster of 1 would be ended. Nothing was changed.",
                "emrys reap --target aws --region eu-central-1 --endpoint-url ${emulator.uri()}" +
                    " --state ${program.state} --unprotect --yes",
            )
            val ended = reap(*aws, "--unprotect", "--yes") exits ExitCode.SUCCEEDED
            ended.out shouldContain Regex("  ended: overdue by 1 h [345]\\d min")
            emr.describeCluster { it.clusterId(id) }
                .cluster()
                .status()
                .stateAsString()
                .startsWith("TERMINAT") shouldBe true
            val after = reap(*aws, "--yes", "--output", "json") exits ExitCode.SUCCEEDED
            after.json().path("clusters").size() shouldBe 0
        }

        test("what EMR will not end is told, with exit code 3") {
            val made = { name: String, expires: String ->
                emr.runJobFlow { request ->
                        request
                            .name(name)
                            .releaseLabel("emr-7.8.0")
                            .serviceRole("EMR_DefaultRole")
                            .jobFlowRole("EMR_EC2_DefaultRole")
                            .instances {
                                it.masterInstanceType("m6g.xlarge")
                                    .instanceCount(1)
                                    .keepJobFlowAliveWhenNoSteps(true)
                            }
                            .tags(
                                listOf("run" to "r0", "key" to "r0.t1.1", "expires-at" to expires)
                                    .map { (key, value) ->
                                        Tag.builder().key("emrys:$key").value(value).build()
                                    }
                            )
                    }
                    .jobFlowId()
            }
            made("a stranger's", "2020-01-01T00:00:00Z")
            val id = made("old #r0.t1.1", "2020-01-01T00:00:00Z")
            val rule =
                """{"kind":"refuse","operation":"TerminateJobFlows","message":"Not you.","count":1}"""
            val request =
                HttpRequest.newBuilder(emulator.uri().resolve("/_emrys/faults"))
                    .header("X-Emrys-Token", "mine")
                    .POST(HttpRequest.BodyPublishers.ofString("{\"rules\":[$rule]}"))
                    .build()
            val answer = HttpClient.newHttpClient().send(request, BodyHandlers.ofString())
            withClue(answer.body()) { answer.statusCode() shouldBe 200 }
            val refused = reap(*aws, "--yes", "--output", "json") exits ExitCode.EXTERNAL_FAILURE
            val clusters = refused.json().path("clusters")
            clusters.map { it.path("id").asText() } shouldContainExactly listOf(id)
            clusters[0].path("ending").asText() shouldBe "REFUSED"
            clusters[0].path("reason").asText() shouldContain "Not you."
            reap(*aws, "--yes") exits ExitCode.SUCCEEDED
        }

        test("clusters of the local target are listed, too, and a folder without any has none") {
            val step = BlockingStep(program, "local")
            val running = step.start()
            step.awaitRunning(running)
            verdict("--yes") shouldBe "DRIVEN"
            running.process.destroyForcibly().waitFor()
            verdict("--yes") shouldBe "LEASED"
            step.release()
        }

        test("a margin that is no duration is a mistake, and ISO-8601 is one") {
            (reap("--margin", "soon") exits ExitCode.USER_ERROR).printsOnStderr(
                "error E507: \"soon\" is not a value of --margin.",
                "Write a duration, such as 30m, 2h or 1d.",
            )
        }
    })
