package dev.emrys.cli

import com.fasterxml.jackson.databind.JsonNode
import com.google.common.collect.ImmutableList
import dev.emrys.runtime.LocalEmulator
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.nio.file.Path
import java.util.Optional
import kotlin.io.path.readText

/** Two steps on a cluster with logs; no target. */
private val SCRIPT =
    """
    pipeline("paid") {
        val command = param("command") { default = "echo done" }
        val c = cluster("c") {
            logs = s3("s3://logs/emr/")
            instances { primary("m6g.xlarge") }
        }
        val one = c.step("one") { bash("echo first") }
        c.step("two") { bash(command); after(one) }
    }
    """
        .trimIndent() + "\n"

/** `--target aws` against an emulator that is reached as AWS is: over HTTP, with access keys. */
class AwsTargetTest :
    FunSpec({
        val program = EmrysProgram()
        val emulator =
            LocalEmulator.start(
                LocalEmulator.Settings(
                    program.folder.resolve("accounts"),
                    EmrysProgram.CACHE,
                    ImmutableList.of(
                        LocalEmulator.Access("123456789012", Optional.of("mine")),
                        LocalEmulator.Access("210987654321", Optional.of("other")),
                    ),
                    0,
                    "eu-central-1",
                    false,
                    true,
                    Optional.empty(),
                )
            )
        val http = HttpClient.newHttpClient()

        fun keys(key: String? = "mine", jvm: List<String> = emptyList()) =
            LaunchOptions(
                mapOf(
                    "AWS_ACCESS_KEY_ID" to key.orEmpty(),
                    "AWS_SECRET_ACCESS_KEY" to key?.let { "any" }.orEmpty(),
                    "AWS_CONFIG_FILE" to "${program.folder.resolve("config")}",
                    "AWS_SHARED_CREDENTIALS_FILE" to "${program.folder.resolve("credentials")}",
                    "AWS_EC2_METADATA_DISABLED" to "true",
                ),
                jvm,
            )

        fun arguments(vararg words: String, endpoint: URI = emulator.uri()): Array<String> =
            arrayOf(
                words[0],
                "paid.emr.kts",
                "--target",
                "aws",
                "--region",
                "eu-central-1",
                "--endpoint-url",
                "$endpoint",
                *words.drop(1).toTypedArray(),
            )

        fun answer(operation: String, body: String): JsonNode {
            val request =
                HttpRequest.newBuilder(emulator.uri())
                    .header("X-Amz-Target", "ElasticMapReduce.$operation")
                    .header("Content-Type", "application/x-amz-json-1.1")
                    .header(
                        "Authorization",
                        "AWS4-HMAC-SHA256 Credential=mine/20260425/eu-central-1/elasticmapreduce/aws4_request, " +
                            "SignedHeaders=host, Signature=00",
                    )
                    .POST(HttpRequest.BodyPublishers.ofString(body))
                    .build()
            val response = http.send(request, HttpResponse.BodyHandlers.ofString())
            withClue(response.body()) { response.statusCode() shouldBe 200 }
            return JSON.readTree(response.body())
        }

        /** The states of the clusters of a run. */
        fun clusters(run: String): Map<String, String> =
            answer("ListClusters", "{}")
                .path("Clusters")
                .associate {
                    it.path("Id").asText() to it.path("Status").path("State").asText()
                }
                .filterKeys { id ->
                    answer("DescribeCluster", "{\"ClusterId\":\"$id\"}")
                        .path("Cluster")
                        .path("Tags")
                        .any { it.path("Value").asText() == run }
                }

        fun steps(cluster: String): List<String> =
            answer("ListSteps", "{\"ClusterId\":\"$cluster\"}").path("Steps").map {
                it.path("Name").asText().substringBefore(" #") +
                    " " +
                    it.path("Status").path("State").asText()
            }

        beforeSpec { program.script("paid", SCRIPT) }

        afterSpec {
            emulator.terminateAll("The test has ended.")
            emulator.close()
            program.close()
        }

        test(
            "a killed run goes on in its account, does nothing twice, and says where its logs are"
        ) {
            val step = BlockingStep(program, "killed")
            val words = arguments("run", "--param", "command=${step.command}")
            val first = program.start(*words, options = keys())
            step.awaitRunning(first)
            val run = first.run()
            first.process.destroyForcibly().waitFor()
            first.output() shouldContain
                "AWS account 123456789012, region eu-central-1, as arn:aws:iam::123456789012:root"

            program
                .run("resume", run, options = keys("other"))
                .exits(ExitCode.EXTERNAL_FAILURE)
                .printsOnStderr(
                    "error E721: The run was started in the AWS account 123456789012; the credentials are of 210987654321."
                )
            program
                .run("resume", run, "--region", "us-east-1", options = keys())
                .exits(ExitCode.USER_ERROR)
                .printsOnStderr("error E587", "aws in eu-central-1")

            step.release()
            program.run("resume", run, options = keys()) exits ExitCode.SUCCEEDED
            step.ledger.lines() shouldContainExactly listOf("begun", "done")
            val cluster = clusters(run).entries.single()
            cluster.value shouldBe "TERMINATED"
            steps(cluster.key) shouldContainExactly listOf("two COMPLETED", "one COMPLETED")

            val shown = program.run("show", run, "--output", "json").json()
            shown.path("target").asText() shouldBe "aws"
            shown.path("targetSettings").path("account").asText() shouldBe "123456789012"
            shown.path("targetSettings").path("region").asText() shouldBe "eu-central-1"
            program
                .run("logs", run, "two", options = keys())
                .exits(ExitCode.USER_ERROR)
                .printsOnStderr("error E535", "s3://logs/emr/${cluster.key}/steps/s-")
        }

        test("a cancelled run ends its cluster") {
            val step = BlockingStep(program, "cancelled")
            val words = arguments("run", "--param", "command=${step.command}")
            val running = program.start(*words, options = keys())
            step.awaitRunning(running)
            val run = running.run()
            program.run("cancel", run, options = keys()) exits ExitCode.SUCCEEDED
            running.result() exits ExitCode.PIPELINE_FAILED
            clusters(run).values shouldContainExactly listOf("TERMINATED")
        }

        test("a program that a test starts gets no setting of AWS of this machine") {
            val environment =
                mutableMapOf(
                    "AWS_ENDPOINT_URL" to "https://example.com",
                    "AWS_PROFILE" to "own",
                    "AWS_WEB_IDENTITY_TOKEN_FILE" to "/token",
                    "EMRYS_JOURNAL" to "jdbc:x",
                    "PATH" to "/bin",
                )
            removeOwnSettings(environment)
            environment shouldBe mutableMapOf("PATH" to "/bin")
        }

        test("a malformed region of the environment is no bug of Emrys") {
            val words = arguments("run").toMutableList()
            words.subList(4, 6).clear()
            val options = keys()
            val named = LaunchOptions(options.environment + ("AWS_REGION" to "Berlin"))
            program
                .run(*words.toTypedArray(), options = named)
                .exits(ExitCode.EXTERNAL_FAILURE)
                .printsOnStderr("error E741: ", "\"Berlin\" is not a region")
        }

        test("wrong and missing credentials are refused before anything starts") {
            fun refused(options: LaunchOptions) =
                program.run(*arguments("run"), options = options) exits ExitCode.EXTERNAL_FAILURE
            refused(keys("wrong")).printsOnStderr("error E703", "InvalidClientTokenId")
            refused(keys(null)).printsOnStderr("error E701: There are no AWS credentials")
            program.run("runs", "--output", "json").out shouldNotContain "\"outcome\" : null"
        }

        test("a plan and a check for AWS need no credentials, and none loads the SDK") {
            for ((command, target) in
                listOf("plan" to "aws", "check" to "aws", "plan" to "local")) {
                val log: Path = program.folder.resolve("classes-$command-$target")
                val options = keys(null, listOf("-Xlog:class+load:file=$log"))
                program.run(command, "paid.emr.kts", "--target", target, options = options) exits
                    ExitCode.SUCCEEDED
                val classes = log.readText()
                classes shouldContain "dev.emrys.cli.TargetSelection"
                classes shouldNotContain "software.amazon.awssdk"
            }
        }
    })
