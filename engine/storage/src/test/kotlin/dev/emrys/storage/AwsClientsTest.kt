package dev.emrys.storage

import dev.emrys.testing.AwsPrograms
import dev.emrys.testing.temporaryFolder
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.TimeUnit
import kotlin.io.path.createDirectories
import kotlin.io.path.exists
import kotlin.io.path.readText
import kotlin.io.path.writeText

private fun Storage.run(vararg command: String): String {
    val log = temporaryFolder("emrys-client").resolve("log")
    val process =
        ProcessBuilder(*command).redirectErrorStream(true).redirectOutput(log.toFile()).apply {
            environment().keys.removeIf { it.startsWith("AWS_") || it == "PYTHONPATH" }
            environment()["AWS_ENDPOINT_URL_S3"] = "$uri"
            environment()["AWS_ENDPOINT_URL_CLOUDWATCH_LOGS"] = "$uri"
            environment()["AWS_ACCESS_KEY_ID"] = "client"
            environment()["AWS_SECRET_ACCESS_KEY"] = "client-secret"
            environment()["AWS_DEFAULT_REGION"] = "us-east-1"
            environment()["AWS_CONFIG_FILE"] = "/none"
            environment()["AWS_SHARED_CREDENTIALS_FILE"] = "/none"
            environment()["AWS_EC2_METADATA_DISABLED"] = "true"
        }
    val started = process.start()
    val ended = started.waitFor(120, TimeUnit.SECONDS)
    started.destroyForcibly()
    withClue("${command.toList()}: ${log.readText()}") {
        ended shouldBe true
        started.exitValue() shouldBe 0
    }
    return log.readText()
}

/** Skips with the reason. */
private fun unless(reason: String?): Enabled =
    if (reason == null) Enabled.enabled else Enabled.disabled(reason)

private fun Path.folder(vararg files: String) = apply {
    for (file in files) {
        resolve(file).apply { parent.createDirectories() }.writeText("content of $file")
    }
}

class AwsClientsTest :
    FunSpec({
        test("boto3 by its defaults").config(
            enabledOrReasonIf = { unless(AwsPrograms.missingBoto3()) }
        ) {
            Storage().use { storage ->
                val script = temporaryFolder("emrys-boto3").resolve("cases.py")
                Files.copy(
                    AwsClientsTest::class.java.getResourceAsStream("boto3_cases.py")!!,
                    script,
                )
                storage.run(
                    "python3",
                    "$script",
                    "${storage.folder}",
                    "${temporaryFolder("emrys-boto3")}",
                ) shouldContain "all is well"
            }
        }

        test("awscli copies, lists, moves and synchronizes both ways").config(
            enabledOrReasonIf = { unless(AwsPrograms.missingCli()) }
        ) {
            Storage().use { storage ->
                val local = temporaryFolder("emrys-aws").folder("in/a b", "in/deep/ü+%", "in/x")
                val bucket = storage.folder.resolve("cli-bucket")
                storage.run("aws", "s3", "mb", "s3://cli-bucket")
                storage.run("aws", "s3", "sync", "$local/in", "s3://cli-bucket/sync")
                bucket.resolve("sync/deep/ü+%").readText() shouldBe "content of in/deep/ü+%"
                storage.run("aws", "s3", "sync", "s3://cli-bucket/sync", "$local/out")
                local.resolve("out/a b").readText() shouldBe "content of in/a b"
                storage.run("aws", "s3", "sync", "s3://cli-bucket/sync", "$local/out") shouldBe ""
                storage.run("aws", "s3", "sync", "$local/in", "s3://cli-bucket/sync") shouldBe ""
                Files.delete(local.resolve("in/x"))
                storage.run(
                    "aws",
                    "s3",
                    "sync",
                    "--delete",
                    "$local/in",
                    "s3://cli-bucket/sync",
                ) shouldContain "delete: s3://cli-bucket/sync/x"
                storage.run("aws", "s3", "mv", "s3://cli-bucket/sync/a b", "s3://cli-bucket/moved")
                bucket.resolve("sync/a b").exists() shouldBe false
                storage.run("aws", "s3", "ls", "s3://cli-bucket/") shouldContain "PRE sync/"
                storage.run("aws", "s3", "cp", "s3://cli-bucket/moved", "-") shouldBe
                    "content of in/a b"
                storage.run("aws", "s3", "rb", "--force", "s3://cli-bucket")
                bucket.exists() shouldBe false
            }
        }

        test("boto3 writes and reads logs by its defaults").config(
            enabledOrReasonIf = { unless(AwsPrograms.missingBoto3()) }
        ) {
            Storage().use { storage ->
                val script = temporaryFolder("emrys-boto3").resolve("logs.py")
                Files.copy(
                    AwsClientsTest::class.java.getResourceAsStream("boto3_logs.py")!!,
                    script,
                )
                storage.run("python3", "$script") shouldContain "all is well"
            }
        }

        test("awscli writes logs and shows them").config(
            enabledOrReasonIf = { unless(AwsPrograms.missingCli()) }
        ) {
            Storage().use { storage ->
                val client = storage.logs("client", "client-secret")
                client.createLogGroup { it.logGroupName("/cli") }
                client.createLogStream { it.logGroupName("/cli").logStreamName("s") }
                val now = System.currentTimeMillis()
                storage.run(
                    "aws",
                    "logs",
                    "put-log-events",
                    "--log-group-name",
                    "/cli",
                    "--log-stream-name",
                    "s",
                    "--log-events",
                    "timestamp=${now - 1},message=ERROR-one",
                    "timestamp=$now,message=two",
                )
                val pattern = arrayOf("--filter-pattern", "ERROR")
                val found =
                    if (AwsPrograms.hasLogsTail()) {
                        storage.run("aws", "logs", "tail", "/cli", *pattern)
                    } else {
                        val words = arrayOf("aws", "logs", "filter-log-events", "--interleaved")
                        storage.run(*words, "--log-group-name", "/cli", *pattern)
                    }
                found shouldContain "ERROR-one"
                found shouldNotContain "two"
            }
        }
    })
