package dev.emrys.runtime

import com.google.common.collect.ImmutableList
import dev.emrys.aws.AwsSettings
import dev.emrys.drive.TargetUnavailableException
import dev.emrys.spec.AwsCode
import dev.emrys.spec.ClusterSpec
import dev.emrys.testing.temporaryFolder
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.nio.file.Path
import java.util.Optional

private fun ClusterSpec.withRelease(label: String) =
    ClusterSpec(
        name,
        label,
        applications,
        instanceGroups,
        configurations,
        tags,
        logUri,
        stepConcurrency,
        idleTimeout,
        serviceRole,
        jobFlowRole,
        subnetId,
        keyName,
        bootstrapActions,
        retry,
        rawRequest,
        location,
    )

class AwsAccountTest :
    FunSpec({
        val folder: Path = temporaryFolder("emrys-aws")

        fun target(settings: AwsSettings, notices: MutableList<String> = mutableListOf()) =
            AwsTarget(AwsTarget.Settings(folder, settings, Optional.empty(), notices::add) {})

        test("a process whose credentials became another account's starts no run with them") {
            val emulator =
                LocalEmulator.start(
                    LocalEmulator.Settings(
                        folder.resolve("accounts"),
                        folder.resolve("cache"),
                        ImmutableList.of(
                            LocalEmulator.Access("123456789012", Optional.of("mine")),
                            LocalEmulator.Access("210987654321", Optional.of("other")),
                        ),
                        0,
                        "eu-central-1",
                        false,
                        false,
                        Optional.empty(),
                    )
                )
            fun use(key: String) {
                System.setProperty("aws.accessKeyId", key)
                System.setProperty("aws.secretAccessKey", "any")
            }
            try {
                val notices = mutableListOf<String>()
                val settings = AwsSettings(null, "eu-central-1", null, "${emulator.uri()}")
                target(settings, notices).use { target ->
                    use("mine")
                    target.connect()
                    target.connect()
                    use("other")
                    shouldThrow<TargetUnavailableException> { target.connect() }
                        .diagnostic()
                        .get()
                        .let {
                            it.code() shouldBe AwsCode.ACCOUNT_CHANGED
                            it.what() shouldBe
                                "This process uses the AWS account 123456789012 in eu-central-1; " +
                                    "its credentials are of 210987654321 in eu-central-1 now."
                        }
                    target.settings()["account"] shouldBe "123456789012"
                    use("mine")
                    target.connect()
                    notices.size shouldBe 1
                }
            } finally {
                listOf("aws.accessKeyId", "aws.secretAccessKey").forEach(System::clearProperty)
                emulator.close()
            }
        }

        test("a plan for AWS warns of a cluster that EMR does not end when it is idle") {
            val clusters =
                listOf("emr-5.29.0", "emr-5.30.0", "emr-6.0.0", "emr-6.1.0").mapIndexed { i, label
                    ->
                    cluster("c$i").withRelease(label)
                }
            val spec =
                pipeline(clusters, clusters.map { bash("s-${it.name()}", it.name(), "true") })
            target(AwsSettings.DEFAULT).use { target ->
                target
                    .preflight(spec) { true }
                    .filter { it.code() == AwsCode.NO_IDLE_LEASE }
                    .map { it.what() to it.isError } shouldContainExactly
                    listOf("c0" to "emr-5.29.0", "c2" to "emr-6.0.0").map { (name, label) ->
                        "EMR does not end the cluster \"$name\" when it is idle: $label has no auto-termination." to
                            false
                    }
            }
        }
    })
