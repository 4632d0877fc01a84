package dev.emrys.cli

import com.fasterxml.jackson.databind.JsonNode
import dev.emrys.testing.AwsPrograms
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import java.net.InetAddress
import java.net.ServerSocket
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.nio.file.Files
import kotlin.io.path.exists
import kotlin.io.path.readText

private fun withAwsCli(): Enabled =
    AwsPrograms.missingCli()?.let { Enabled.disabled(it) } ?: Enabled.enabled

/** The EMR endpoint for clients of any kind, as a process of its own. */
class EmulatorCommandTest :
    FunSpec({
        val program = autoClose(EmrysProgram())
        val http = HttpClient.newHttpClient()

        fun start(state: String, vararg words: String): RunningProcess =
            program.start(
                "emulator",
                "--port",
                "0",
                "--state",
                "${program.folder.resolve(state)}",
                "--output",
                "json",
                *words,
            )

        suspend fun RunningProcess.endpoint(): JsonNode {
            prints("\"accounts\":")
            return JSON.readTree(output().lines().first { it.startsWith("{") })
        }

        /** As an AWS client sends it; the signature is not checked. */
        fun JsonNode.call(operation: String, body: String, account: Int = 0): HttpResponse<String> {
            val key = path("accounts").path(account).path("accessKeyId").asText()
            val request =
                HttpRequest.newBuilder(URI(path("endpoint").asText()))
                    .header("X-Amz-Target", "ElasticMapReduce.$operation")
                    .header("Content-Type", "application/x-amz-json-1.1")
                    .header(
                        "Authorization",
                        "AWS4-HMAC-SHA256 Credential=$key/20260425/us-east-1/elasticmapreduce/aws4_request, " +
                            "SignedHeaders=host, Signature=00",
                    )
                    .POST(HttpRequest.BodyPublishers.ofString(body))
                    .build()
            return http.send(request, HttpResponse.BodyHandlers.ofString())
        }

        fun JsonNode.answer(operation: String, body: String, account: Int = 0): JsonNode {
            val response = call(operation, body, account)
            withClue(response.body()) { response.statusCode() shouldBe 200 }
            return JSON.readTree(response.body())
        }

        fun JsonNode.cluster(command: String, account: Int = 0): String =
            answer(
                    "RunJobFlow",
                    """{"Name":"dev","ReleaseLabel":"emr-7.8.0","ServiceRole":"EMR_DefaultRole","JobFlowRole":"EMR_EC2_DefaultRole",
                      "Instances":{"InstanceCount":1,"MasterInstanceType":"m6g.xlarge","KeepJobFlowAliveWhenNoSteps":true},
                      "Steps":[{"Name":"one","ActionOnFailure":"CONTINUE","HadoopJarStep":
                        {"Jar":"command-runner.jar","Args":["bash","-c","$command"]}}]}""",
                    account,
                )
                .path("JobFlowId")
                .asText()

        fun JsonNode.stepState(cluster: String): String =
            answer("ListSteps", "{\"ClusterId\":\"$cluster\"}")
                .path("Steps")
                .path(0)
                .path("Status")
                .path("State")
                .asText()

        fun RunningProcess.stops(): ProcessResult {
            signal("TERM")
            return result() exits ExitCode.SUCCEEDED
        }

        test("clients run steps, and a stop ends the clusters with their steps") {
            val began = program.folder.resolve("began")
            val process = program.folder.resolve("process")
            val emulator = start("stopped", "--region", "eu-central-1", "--account", "123456789012")
            val endpoint = emulator.endpoint()
            endpoint.path("region").asText() shouldBe "eu-central-1"
            val done = endpoint.cluster("echo done > $began")
            emulator.until("the step has ended") { endpoint.stepState(done) == "COMPLETED" }
            began.readText() shouldBe "done\n"
            val open = endpoint.cluster("echo ${'$'}${'$'} > $process; while :; do sleep 0.1; done")
            emulator.until("the step runs") {
                process.exists() && endpoint.stepState(open) == "RUNNING"
            }
            val cluster =
                endpoint.answer("DescribeCluster", "{\"ClusterId\":\"$open\"}").path("Cluster")
            cluster.path("ClusterArn").asText() shouldBe
                "arn:aws:elasticmapreduce:eu-central-1:123456789012:cluster/$open"
            emulator.stops().printsOnStderr("Ending the clusters.", "Stopped.")
            ProcessHandle.of(process.readText().trim().toLong()).isPresent shouldBe false

            val next = start("stopped", "--account", "123456789012")
            val again = next.endpoint()
            // Who has listened on the port meanwhile may know the key before.
            again.path("accounts").path(0).path("accessKeyId") shouldNotBe
                endpoint.path("accounts").path(0).path("accessKeyId")
            val all = again.answer("ListClusters", "{}").path("Clusters")
            all.map { it.path("Status").path("State").asText() } shouldContainExactly
                listOf("TERMINATED", "TERMINATED")
            all.path(0).path("Status").path("StateChangeReason").path("Message").asText() shouldBe
                "The emulator was stopped."
            next.stops()
        }

        test("the steps of a killed emulator go on, and the next one knows how they ended") {
            val release = program.folder.resolve("release")
            val emulator = start("killed")
            val endpoint = emulator.endpoint()
            val cluster = endpoint.cluster("until test -e $release; do sleep 0.1; done")
            emulator.until("the step runs") { endpoint.stepState(cluster) == "RUNNING" }
            emulator.process.destroyForcibly().waitFor()
            Files.createFile(release)
            val next = start("killed", "--on-stop", "leave")
            val again = next.endpoint()
            next.until("the step has ended") { again.stepState(cluster) == "COMPLETED" }
            next.stops()
            val last = start("killed")
            val left = last.endpoint().answer("DescribeCluster", "{\"ClusterId\":\"$cluster\"}")
            left.path("Cluster").path("Status").path("State").asText() shouldBe "WAITING"
            last.stops()
        }

        test("fault rules of a file and of a running emulator, and EMR's quotas, make calls fail") {
            val file = program.folder.resolve("faults.json")
            Files.writeString(
                file,
                """{"rules":[{"kind":"throttle","operation":"ListStudios","count":1}]}""",
            )
            val emulator = start("faults", "--faults", "$file", "--quotas", "emr")
            val endpoint = emulator.endpoint()
            endpoint.call("ListStudios", "{}").body() shouldContain "ThrottlingException"
            endpoint.call("ListStudios", "{}").statusCode() shouldBe 200

            val key = endpoint.path("accounts").path(0).path("accessKeyId").asText()
            val rules =
                HttpRequest.newBuilder(URI(endpoint.path("endpoint").asText() + "/_emrys/faults"))
                    .header("X-Emrys-Token", key)
                    .POST(
                        HttpRequest.BodyPublishers.ofString(
                            """{"rules":[{"kind":"internalError","operation":"ListStudios","count":1}]}"""
                        )
                    )
                    .build()
            http.send(rules, HttpResponse.BodyHandlers.ofString()).statusCode() shouldBe 200
            endpoint.call("ListStudios", "{}").statusCode() shouldBe 500

            val answers = List(40) { endpoint.call("ListClusters", "{}").body() }
            answers.count { "Rate exceeded" in it } shouldNotBe 0
            emulator.stops()
        }

        test("the command faults adds, lists and removes the rules of an emulator that runs") {
            val emulator = start("rules")
            val endpoint = emulator.endpoint()
            val account = endpoint.path("accounts").path(0)
            val options =
                LaunchOptions(
                    mapOf(
                        "AWS_ENDPOINT_URL_EMR" to endpoint.path("endpoint").asText(),
                        "AWS_ACCESS_KEY_ID" to account.path("accessKeyId").asText(),
                    )
                )
            fun faults(vararg words: String) = program.run("faults", *words, options = options)
            val file = program.folder.resolve("rules.json")
            Files.writeString(
                file,
                """{"rules":[{"kind":"throttle","operation":"ListClusters","count":1}]}""",
            )
            faults("--add", "$file").exits(ExitCode.SUCCEEDED).out shouldBe
                "1  throttle, operation ListClusters, count 1: seen 0, applied 0\n"
            endpoint.call("ListClusters", "{}").statusCode() shouldBe 400
            endpoint.call("ListClusters", "{}").statusCode() shouldBe 200
            faults().out shouldBe
                "1  throttle, operation ListClusters, count 1: seen 2, applied 1\n"
            faults("--output", "json").json().path("rules").path(0).path("applied").asInt() shouldBe
                1
            Files.writeString(file, """{"rules":[{"kind":"throttel"}]}""")
            faults("--add", "$file")
                .exits(ExitCode.USER_ERROR)
                .printsOnStderr("error E593", "rules.json", "/rules/0/kind is 'throttel'")
            faults("--clear").exits(ExitCode.SUCCEEDED).out shouldBe "No fault rules.\n"
            faults("--access-key", "other")
                .exits(ExitCode.EXTERNAL_FAILURE)
                .printsOnStderr("error E642")
            faults("--endpoint-url", "https://elasticmapreduce.us-east-1.amazonaws.com")
                .exits(ExitCode.USER_ERROR)
                .printsOnStderr("error E592")
            program.run("faults").exits(ExitCode.USER_ERROR).printsOnStderr("error E592")
            emulator.stops() exits ExitCode.SUCCEEDED
        }

        test("wrong fault rules are named with their place, and nothing is served") {
            val file = program.folder.resolve("wrong.json")
            Files.writeString(file, """{"rules":[{"kind":"throttel"}]}""")
            start("wrong", "--faults", "$file")
                .result()
                .let { it exits ExitCode.USER_ERROR }
                .printsOnStderr("$file: /rules/0/kind is 'throttel'", "Run `emrys emulator --help`")
            start("wrong", "--faults", "$file.missing")
                .result()
                .let { it exits ExitCode.USER_ERROR }
                .printsOnStderr("wrong.json.missing: it does not exist")
        }

        test("the steps of an account that is removed end with its emulator") {
            val process = program.folder.resolve("removed-process")
            val emulator = start("removed")
            val endpoint = emulator.endpoint()
            val cluster =
                endpoint.cluster("echo ${'$'}${'$'} > $process; while :; do sleep 0.1; done")
            emulator.until("the step runs") {
                process.exists() && endpoint.stepState(cluster) == "RUNNING"
            }
            program.folder.resolve("removed").toFile().deleteRecursively()
            emulator
                .result()
                .exits(ExitCode.EXTERNAL_FAILURE)
                .printsOnStderr("error E612", "was removed")
            // A killed process remains until its parent has asked for its end.
            emulator.until("the step has ended") {
                !ProcessHandle.of(process.readText().trim().toLong()).isPresent
            }
        }

        test("each access key has an account of its own") {
            val emulator = start("several", "--access-key", "team-a", "--access-key", "team-b")
            val endpoint = emulator.endpoint()
            endpoint.path("accounts").map { it.path("accountId").asText() } shouldContainExactly
                listOf("000000000000", "000000000001")
            endpoint.path("accounts").map { it.path("accessKeyId").asText() } shouldContainExactly
                listOf("team-a", "team-b")
            val cluster = endpoint.cluster("true", account = 1)
            endpoint.answer("ListClusters", "{}", 0).path("Clusters").shouldBeEmpty()
            endpoint
                .call("DescribeCluster", "{\"ClusterId\":\"$cluster\"}", 0)
                .statusCode() shouldBe 400
            // The cluster's folder comes with its first step, after the answer.
            emulator.until("the cluster has a folder") {
                Files.isDirectory(program.folder.resolve("several/000000000001/clusters/$cluster"))
            }
            emulator.stops()
        }

        test("people get the variables that their clients need") {
            val state = "${program.folder.resolve("people")}"
            val size = arrayOf("--max-running-steps", "3")
            val emulator = program.start("emulator", "--port", "0", "--state", state, *size)
            emulator.prints("AWS_DEFAULT_REGION=us-east-1")
            val exports = emulator.output()
            exports shouldContain "At most 3 steps of an account run at the same time."
            exports shouldContain Regex("export AWS_ENDPOINT_URL_EMR=http://127\\.0\\.0\\.1:\\d+")
            exports shouldContain Regex("export AWS_ENDPOINT_URL_S3=http://127\\.0\\.0\\.1:\\d+")
            exports shouldContain
                Regex("export AWS_ENDPOINT_URL_CLOUDWATCH_LOGS=http://127\\.0\\.0\\.1:\\d+")
            exports shouldContain Regex("export AWS_ACCESS_KEY_ID=EMRYS[A-Z2-7]{24}\n")
            exports shouldContain Regex("export AWS_SECRET_ACCESS_KEY=EMRYS[A-Z2-7]{24}\n")
            emulator.stops()
        }

        test("S3 is served over the folder of each account, at the same port after a restart") {
            val emulator = start("storage", "--access-key", "team-a", "--access-key", "team-b")
            val accounts = emulator.endpoint().path("accounts")
            accounts.map { it.path("secretAccessKey").asText() } shouldContainExactly
                listOf("any", "any")
            val endpoints = accounts.map { it.path("s3Endpoint").asText() }
            endpoints.distinct().size shouldBe 2
            val unsigned = HttpRequest.newBuilder(URI(endpoints[0])).build()
            val response = http.send(unsigned, HttpResponse.BodyHandlers.ofString())
            response.statusCode() shouldBe 403
            response.body() shouldContain "<Code>AccessDenied</Code>"
            emulator.stops()
            val next = start("storage", "--access-key", "team-a", "--access-key", "team-b")
            next.endpoint().path("accounts").map { it.path("s3Endpoint").asText() } shouldBe
                endpoints
            next.stops()
        }

        test("awscli with the printed variables and a step share the objects of the account")
            .config(enabledOrReasonIf = { withAwsCli() }) {
                val emulator = start("shared")
                val endpoint = emulator.endpoint()
                val account = endpoint.path("accounts").path(0)
                val aws =
                    ProcessBuilder(
                        "sh",
                        "-c",
                        "aws s3 mb s3://shared && echo in | aws s3 cp - s3://shared/in",
                    )
                aws.environment()["AWS_ENDPOINT_URL_S3"] = account.path("s3Endpoint").asText()
                aws.environment()["AWS_ACCESS_KEY_ID"] = account.path("accessKeyId").asText()
                aws.environment()["AWS_SECRET_ACCESS_KEY"] =
                    account.path("secretAccessKey").asText()
                aws.environment()["AWS_DEFAULT_REGION"] = "us-east-1"
                val process = aws.redirectErrorStream(true).start()
                withClue(process.inputStream.readAllBytes().decodeToString()) {
                    process.waitFor() shouldBe 0
                }
                val cluster = endpoint.cluster("aws s3 cp s3://shared/in s3://created/out")
                emulator.until("the step has ended") { endpoint.stepState(cluster) == "COMPLETED" }
                program.folder.resolve("shared/000000000000/s3/created/out").readText() shouldBe
                    "in\n"
                emulator.stops()
            }

        test("what cannot be served is refused") {
            fun refused(vararg words: String) =
                program.run("emulator", *words) exits ExitCode.USER_ERROR
            refused("--account", "12")
                .printsOnStderr("\"12\" is not a value of --account.", "twelve digits")
            refused("--access-key", "a/b").printsOnStderr("\"a/b\" is not a value of --access-key.")
            refused("--access-key", "a", "--access-key", "a")
                .printsOnStderr("a different one for each account")
            refused("--region", "Berlin").printsOnStderr("a region such as us-east-1")
            refused("--port", "70000").printsOnStderr("0 to 65535")
            refused("--max-running-steps", "0")
                .printsOnStderr("\"0\" is not a value of --max-running-steps.", "1 to 1000")
            ServerSocket(0, 1, InetAddress.getLoopbackAddress()).use {
                val state = "${program.folder.resolve("taken")}"
                program
                    .run("emulator", "--port", "${it.localPort}", "--state", state)
                    .exits(ExitCode.EXTERNAL_FAILURE)
                    .printsOnStderr("error E641: The port ${it.localPort}", "with --port")
            }
            val emulator = start("twice")
            emulator.endpoint() shouldNotBe null
            program
                .run("emulator", "--port", "0", "--state", "${program.folder.resolve("twice")}")
                .exits(ExitCode.EXTERNAL_FAILURE)
                .printsOnStderr("error E613", "is used by another process")
            emulator.stops()
        }
    })
