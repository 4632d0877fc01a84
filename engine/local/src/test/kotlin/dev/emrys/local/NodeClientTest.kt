package dev.emrys.local

import com.google.common.collect.ImmutableList
import dev.emrys.testing.AwsPrograms
import dev.emrys.testing.temporaryFolder
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.File
import java.util.Optional
import java.util.concurrent.TimeUnit

/** A client in another language than those of the SDK for Java and of boto3. */
class NodeClientTest :
    FunSpec({
        fun client(server: EmulatorServer): String {
            val log = temporaryFolder("emrys-node").resolve("log").toFile()
            val process =
                ProcessBuilder("node", File("src/test/node/cases.cjs").absolutePath)
                    .redirectErrorStream(true)
                    .redirectOutput(log)
                    .apply {
                        environment().keys.removeIf { it.startsWith("AWS_") }
                        environment() +=
                            mapOf(
                                "AWS_ENDPOINT_URL_EMR" to "${server.uri()}",
                                "AWS_ENDPOINT_URL_S3" to "${server.storage().single()}",
                                "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS" to
                                    "${server.storage().single()}",
                                "AWS_ACCESS_KEY_ID" to "node",
                                "AWS_SECRET_ACCESS_KEY" to "node-secret",
                                "AWS_REGION" to "eu-west-1",
                                "AWS_CONFIG_FILE" to "/none",
                                "AWS_SHARED_CREDENTIALS_FILE" to "/none",
                                "AWS_EC2_METADATA_DISABLED" to "true",
                            )
                    }
                    .start()
            val ended = process.waitFor(180, TimeUnit.SECONDS)
            process.destroyForcibly()
            withClue(log.readText()) {
                ended shouldBe true
                process.exitValue() shouldBe 0
            }
            return log.readText()
        }

        test(
                "the SDK for JavaScript runs a step, waits, reads its logs, and knows pages and errors"
            )
            .config(
                enabledOrReasonIf = {
                    AwsPrograms.missingNodeSdk()?.let { Enabled.disabled(it) } ?: Enabled.enabled
                }
            ) {
                val served =
                    EmulatorServer.Served(
                        account(),
                        "node",
                        "node-secret",
                        "000000000000",
                        "eu-west-1",
                        false,
                        false,
                        Optional.empty(),
                    )
                EmulatorServer.start(ImmutableList.of(served), NO_DISTRIBUTIONS, 0).use { server ->
                    client(server) shouldContain "all is well"
                    server.hasLiveClusters() shouldBe false
                }
            }
    })
