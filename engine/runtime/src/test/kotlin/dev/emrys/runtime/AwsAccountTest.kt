package dev.emrys.runtime

import com.google.common.collect.ImmutableList
import dev.emrys.aws.AwsSettings
import dev.emrys.drive.TargetUnavailableException
import dev.emrys.spec.AwsCode
import dev.emrys.spec.ClusterSpec
import dev.emrys.spec.InstanceGroup
import dev.emrys.testing.temporaryFolder
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import java.net.ServerSocket
import java.nio.file.Path
import java.util.Optional

private fun ClusterSpec.withRelease(label: String) = with(name, release = label)

private fun ClusterSpec.with(
    newName: String,
    release: String = releaseLabel,
    applications: List<String> = applications(),
    type: String? = null,
) =
    ClusterSpec(
        newName,
        release,
        ImmutableList.copyOf(applications),
        instanceGroups
            .map {
                InstanceGroup(
                    it.role(),
                    type ?: it.instanceType(),
                    it.count(),
                    it.spot(),
                    it.location(),
                )
            }
            .let { ImmutableList.copyOf(it) },
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

        fun use(key: String) {
            System.setProperty("aws.accessKeyId", key)
            System.setProperty("aws.secretAccessKey", "any")
        }
        afterTest {
            listOf("aws.accessKeyId", "aws.secretAccessKey").forEach(System::clearProperty)
        }

        fun withEmulator(action: (LocalEmulator) -> Unit) =
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
                .use(action)

        fun target(settings: AwsSettings, notices: MutableList<String> = mutableListOf()) =
            AwsTarget(AwsTarget.Settings(folder, settings, Optional.empty(), notices::add) {})

        test("a process whose credentials became another account's starts no run with them") {
            withEmulator { emulator ->
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
            }
        }

        test("a check asks the region for its release labels, applications and instance types") {
            withEmulator { emulator ->
                use("mine")
                val settings = AwsSettings(null, "eu-central-1", null, "${emulator.uri()}")
                val notices = mutableListOf<String>()
                fun found(vararg clusters: ClusterSpec) =
                    target(settings, notices).use { target ->
                        val steps = clusters.map { bash("s-${it.name()}", it.name(), "true") }
                        target.serviceCheck(pipeline(clusters.toList(), steps))
                    }
                val known = cluster("c").withRelease("emr-7.8.0")
                found(known, known.with("d", applications = listOf("spark", "Hive")))
                    .shouldBeEmpty()
                notices.single() shouldStartWith "AWS account 123456789012, region eu-central-1"

                val wrong =
                    found(
                        cluster("c").withRelease("emr-7.99.0"),
                        known.with("d", applications = listOf("Hadoop", "Sparc")),
                        known.with("e", type = "m5.huge"),
                    )
                wrong.map { it.code() to it.what() } shouldContainExactlyInAnyOrder
                    listOf(
                        AwsCode.RELEASE_NOT_IN_REGION to
                            "EMR in eu-central-1 does not have the release label emr-7.99.0 of the cluster \"c\".",
                        AwsCode.APPLICATION_NOT_IN_RELEASE to
                            "emr-7.8.0 in eu-central-1 does not have the application Sparc of the cluster \"d\".",
                        AwsCode.TYPE_NOT_IN_REGION to
                            "EMR in eu-central-1 does not have the instance type m5.huge of the cluster \"e\" for emr-7.8.0.",
                    )
                fun fix(code: AwsCode) = wrong.single { it.code() == code }.fix()
                fix(AwsCode.RELEASE_NOT_IN_REGION) shouldContain "such as emr-7."
                fix(AwsCode.APPLICATION_NOT_IN_RELEASE) shouldContain "Spark"
                fix(AwsCode.TYPE_NOT_IN_REGION) shouldContain "m5.xlarge"
            }
        }

        test("a check that cannot ask the region says so as a warning, and why") {
            use("mine")
            val closed = ServerSocket(0).use { it.localPort }
            val settings = AwsSettings(null, "eu-central-1", null, "http://127.0.0.1:$closed")
            val spec = pipeline(listOf(cluster("c")), listOf(bash("s", "c", "true")))
            target(settings)
                .use { it.serviceCheck(spec) }
                .single()
                .let {
                    it.code() shouldBe AwsCode.LISTS_NOT_ASKED
                    it.isError shouldBe false
                    it.what() shouldContain "cannot be reached"
                    it.fix() shouldContain "--offline"
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
