package dev.emrys.cli

import com.fasterxml.jackson.databind.JsonNode
import com.google.common.collect.ImmutableList
import dev.emrys.runtime.LocalEmulator
import dev.emrys.testing.awaitUntil
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.nio.file.Path
import java.util.Optional
import kotlin.io.path.createDirectories
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.readText
import kotlin.io.path.writeText

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

/** One step that runs a file beside the script. */
private val STAGED =
    """
    pipeline("staged") {
        val c = cluster("c") {
            logs = s3("s3://staged-logs/emr/")
            instances { primary("m6g.xlarge") }
        }
        c.step("one") { script(file("job.sh"), region = "eu-central-1") { args("two words") } }
    }
    """
        .trimIndent() + "\n"

/** What a placeholder stands for is never in the script. */
private val LONG =
    """
    pipeline("long") {
        val c = cluster("c") {
            instances { primary("m6g.xlarge") }
            logs = s3("s3://logs/")
        }
        c.step("one") {
            bash("t=" + "x".repeat(12_000) + "; echo \${'$'}{#t} ${'$'}runName ${'$'}{secret("db")}")
        }
    }
    """
        .trimIndent()

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
            lateinit var response: HttpResponse<String>
            // The runs use up EMR's quotas, too.
            awaitUntil("an answer that is not throttled") {
                response = http.send(request, HttpResponse.BodyHandlers.ofString())
                "ThrottlingException" !in response.body()
            }
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

        test("a run is cancelled at its budget, and goes on with a larger one") {
            // A minute of one m6g.xlarge costs 0.0032 US dollars, and a cluster costs a minute.
            program.script(
                "dear",
                SCRIPT.replace("{\n    val command", "{\n    budget = 0.003.usd\n    val command"),
            )
            val step = BlockingStep(program, "dear")
            fun words(command: String) =
                arguments(command).also { it[1] = "dear.emr.kts" }.toMutableList()
            val words = words("run") + listOf("--param", "command=${step.command}")
            val running = program.start(*words.toTypedArray(), options = keys())
            val result = running.result() exits ExitCode.PIPELINE_FAILED
            result.printsOnStderr("its budget of \$0.0030", "Cost: about \$0.0")
            val run = running.run()
            clusters(run).values shouldContainExactly listOf("TERMINATED")

            program.run("show", run).out.let {
                it shouldContain "cost     about \$0.0"
                it shouldContain "(estimate, prices of us-east-1 of 2025-06-30)"
            }
            val cost = program.run("show", run, "--output", "json").json().path("cost")
            cost.path("clusters").single().path("starts").asInt() shouldBe 1
            (cost.path("high").asDouble() >= 0.0032) shouldBe true

            program
                .run("resume", run, options = keys())
                .exits(ExitCode.USER_ERROR)
                .printsOnStderr(
                    "error E108: The run $run has cost",
                    "emrys resume $run --budget USD",
                )
            step.release()
            program.run("resume", run, "--budget", "10", options = keys()) exits ExitCode.SUCCEEDED
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
            for ((index, words) in
                listOf("plan --target aws", "check --offline --target aws", "plan --target local")
                    .map { it.split(" ") }
                    .withIndex()) {
                val log: Path = program.folder.resolve("classes-$index")
                val options = keys(null, listOf("-Xlog:class+load:file=$log"))
                program.run(*words.toTypedArray(), "paid.emr.kts", options = options) exits
                    ExitCode.SUCCEEDED
                val classes = log.readText()
                classes shouldContain "dev.emrys.cli.TargetSelection"
                classes shouldNotContain "software.amazon.awssdk"
            }
            program
                .run(*arguments("check"), options = keys(null))
                .exits(ExitCode.SUCCEEDED)
                .printsOnStderr("warning E727", "There are no AWS credentials")
        }

        test(
            "a script of this machine is copied to S3 and run from there, also by a resume after it has changed"
        ) {
            val served = emulator.accounts().first()
            val bucket = served.folder.resolve("s3/staged").createDirectories()
            val cure = program.folder.resolve("cure")
            val job = program.folder.resolve("job.sh")
            job.writeText("echo old \$1; echo told >&2; test -e $cure\n")
            program.script("staged", STAGED)
            val options =
                keys().let {
                    LaunchOptions(it.environment + ("AWS_ENDPOINT_URL_S3" to "${served.storage}"))
                }
            fun staged(command: String, vararg more: String) =
                arguments(command, "--staging", "s3://staged/jobs", *more).also {
                    it[1] = "staged.emr.kts"
                }

            program
                .run(*arguments("run").also { it[1] = "staged.emr.kts" }, options = options)
                .exits(ExitCode.USER_ERROR)
                .printsOnStderr("error E409", "job.sh", "--staging")
            val planned =
                program.run(*staged("plan"), options = keys(null)) exits ExitCode.SUCCEEDED
            planned.out shouldContain "Before it starts\n  Copies $job ("
            bucket.listDirectoryEntries().shouldBeEmpty()

            val failed =
                program.run(*staged("run"), options = options) exits ExitCode.PIPELINE_FAILED
            val copy = bucket.resolve("jobs").listDirectoryEntries().single()
            copy.resolve("job.sh").readText() shouldBe job.readText()

            job.writeText("echo new\n")
            cure.writeText("")
            val run = failed.run
            program.run("resume", run, options = options) exits ExitCode.SUCCEEDED
            bucket.resolve("jobs").listDirectoryEntries() shouldContainExactly listOf(copy)

            fun logs(vararg words: String) = program.run("logs", run, *words, options = options)
            val newest = logs("one", "--follow") exits ExitCode.SUCCEEDED
            newest.out shouldBe "old two words\ntold\n"
            logs("--stderr").out shouldBe "told\n"
            logs("--stderr", "--stdout").out shouldBe "old two words\ntold\n"
            val first = logs("one", "--attempt", "1", "--controller")
            first exits ExitCode.SUCCEEDED
            first.out shouldNotBe logs("one", "--controller").out
            logs("one", "--syslog")
                .exits(ExitCode.EXTERNAL_FAILURE)
                .printsOnStderr("error E732: No syslog of the step s-", "there are only")
            program.run(*staged("run"), options = options) exits ExitCode.SUCCEEDED
            bucket.resolve("jobs").listDirectoryEntries().size shouldBe 2
        }

        val awscli = EmrysProgram.succeeds("aws", "--version")

        test("arguments that are longer than EMR takes reach the cluster in a script on S3").config(
            enabledOrReasonIf = { Enabled(awscli, "awscli is not on the PATH") }
        ) {
            val served = emulator.accounts().first()
            served.folder.resolve("s3/long").createDirectories()
            program.script("long", LONG)
            val options =
                keys().let {
                    LaunchOptions(
                        it.environment +
                            mapOf(
                                "AWS_ENDPOINT_URL_S3" to "${served.storage}",
                                "EMRYS_SECRET_DB" to "hunter2",
                            )
                    )
                }
            fun long(command: String, vararg more: String) =
                arguments(command, *more).also { it[1] = "long.emr.kts" }
            program
                .run(*long("run"), options = options)
                .exits(ExitCode.USER_ERROR)
                .printsOnStderr("error E419", "--staging")
            val run =
                program.run(*long("run", "--staging", "s3://long/"), options = options) exits
                    ExitCode.SUCCEEDED
            val logs = program.run("logs", run.run, "one", "--stdout", options = options)
            logs.out shouldBe "12000 ${run.run} hunter2\n"
            val script = served.folder.resolve("s3/long").toFile().walk().single { it.isFile }
            script.readText() shouldNotContain "hunter2"
        }
    })
