package dev.emrys.aws

import com.google.common.collect.ImmutableList
import dev.emrys.drive.AttemptLogs
import dev.emrys.drive.TargetUnavailableException
import dev.emrys.emulator.Emulator
import dev.emrys.emulator.EmulatorPorts
import dev.emrys.emulator.EmulatorSettings
import dev.emrys.emulator.IdSource
import dev.emrys.emulator.InMemoryStore
import dev.emrys.emulator.PlannedFaults
import dev.emrys.emulator.wire.WireServer
import dev.emrys.spec.AwsCode
import dev.emrys.spec.Diagnostic
import dev.emrys.storage.StorageCredential
import dev.emrys.storage.StorageServer
import dev.emrys.testing.SettableTime
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.mockk.mockk
import java.io.ByteArrayOutputStream
import java.nio.file.Path
import java.time.Duration
import java.time.Instant
import java.time.InstantSource
import java.util.Random
import java.util.zip.GZIPOutputStream
import kotlin.io.path.createDirectories
import kotlin.io.path.writeBytes
import kotlin.io.path.writeText
import software.amazon.awssdk.services.emr.model.StepConfig

private const val KEY = "logs-key"

private fun zipped(text: String): ByteArray =
    ByteArrayOutputStream()
        .also { out -> GZIPOutputStream(out).use { it.write(text.toByteArray()) } }
        .toByteArray()

private fun AttemptLogs.Log.text(from: Long = 0, limit: Int = 1 shl 20) = String(read(from, limit))

class S3StepLogsTest :
    FunSpec({
        test("the logs of AWS are all copied when one is younger than the end and none follows") {
            val ended = Instant.parse("2026-04-25T03:00:00Z")
            fun copied(newest: Long, now: Long, loopback: Boolean = false) =
                S3StepLogs.areAllCopied(
                    ended.plusSeconds(newest),
                    ended,
                    ended.plusSeconds(now),
                    loopback,
                )
            copied(newest = -3, now = 600) shouldBe false
            copied(newest = -1, now = 30) shouldBe false
            copied(newest = -1, now = 59) shouldBe true
            copied(newest = 100, now = 159) shouldBe false
            copied(newest = 100, now = 160) shouldBe true
            copied(newest = -30, now = 0, loopback = true) shouldBe true
        }

        val folder = tempdir().toPath()
        val buckets: Path = folder.resolve("s3").createDirectories()
        val time = SettableTime(Instant.now())
        val emulator =
            Emulator(
                EmulatorPorts(
                    time,
                    mockk(relaxed = true),
                    IdSource.of(Random(1)),
                    mockk(relaxed = true),
                    InMemoryStore(),
                    PlannedFaults(),
                ),
                EmulatorSettings.DEFAULT,
            )
        val server = WireServer(emulator, KEY, 0)
        val storage =
            StorageServer(
                buckets,
                "eu-central-1",
                ImmutableList.of(StorageCredential(KEY, "any", false)),
                InstantSource.system(),
                0,
            )
        val credentials = folder.resolve("credentials")
        val properties =
            mapOf(
                "aws.sharedCredentialsFile" to "$credentials",
                "aws.configFile" to "${folder.resolve("config")}",
                "aws.disableEc2Metadata" to "true",
            )
        lateinit var access: AwsAccess

        fun access(endpoint: String = "${server.uri()}", s3: String = "${storage.uri()}") =
            AwsAccess(AwsSettings("prod", "eu-central-1", null, endpoint, s3, null), "emrys-run-1")

        beforeSpec {
            properties.forEach(System::setProperty)
            credentials.writeText("[prod]\naws_access_key_id = $KEY\naws_secret_access_key = any\n")
            access = access()
        }

        afterSpec {
            properties.keys.forEach(System::clearProperty)
            access.close()
            server.close()
            storage.close()
            emulator.close()
        }

        /** A step that waits in a new cluster. */
        fun step(
            clusterLogs: String?,
            own: String? = null,
            group: String? = null,
        ): Pair<String, String> {
            val cluster =
                access
                    .emr()
                    .runJobFlow {
                        it.name("logs")
                            .releaseLabel(if (group == null) "emr-7.8.0" else "emr-7.11.0")
                            .applications({ app ->
                                app.name(if (group == null) "Spark" else "AmazonCloudWatchAgent")
                            })
                            .serviceRole("EMR_DefaultRole")
                            .jobFlowRole("EMR_EC2_DefaultRole")
                            .logUri(clusterLogs)
                            .monitoringConfiguration { watched ->
                                if (group != null)
                                    watched.cloudWatchLogConfiguration { logs ->
                                        logs.enabled(true).logGroupName(group)
                                    }
                            }
                            .instances { instances ->
                                instances
                                    .masterInstanceType("m5.xlarge")
                                    .instanceCount(1)
                                    .keepJobFlowAliveWhenNoSteps(true)
                            }
                    }
                    .jobFlowId()
            val step =
                StepConfig.builder().name("one").actionOnFailure("CONTINUE").hadoopJarStep {
                    it.jar("command-runner.jar").args("true")
                }
            if (own != null) {
                step.stepMonitoringConfiguration {
                    it.s3MonitoringConfiguration { s3 -> s3.logUri(own) }
                }
            }
            val added = access.emr().addJobFlowSteps { it.jobFlowId(cluster).steps(step.build()) }
            return cluster to added.stepIds().single()
        }

        fun logs(step: Pair<String, String>, using: AwsAccess = access) =
            S3StepLogs(StepLogPlaces(using), AwsStorage(using), step.first, step.second, time)

        fun write(at: String, step: Pair<String, String>, name: String, bytes: ByteArray) =
            buckets
                .resolve("$at${step.first}/steps/${step.second}")
                .createDirectories()
                .resolve(name)
                .writeBytes(bytes)

        fun refusal(action: () -> Unit): Diagnostic =
            shouldThrow<TargetUnavailableException> { action() }.diagnostic().get()

        test("a log is unzipped below the log location of the cluster, however it ends") {
            buckets.resolve("logs").createDirectories()
            for (location in listOf("s3://logs/emr/", "s3n://logs/emr", "s3://logs/emr")) {
                val step = step(location)
                write("logs/emr/", step, "stderr.gz", zipped("first\nsecond\n"))
                write("logs/emr/", step, "stdout", "not zipped".toByteArray())
                val found = logs(step)
                found.find("stderr").get().text() shouldBe "first\nsecond\n"
                found.find("stderr").get().location() shouldBe
                    "s3://logs/emr/${step.first}/steps/${step.second}/stderr.gz"
                found.find("stdout").get().text() shouldBe "not zipped"
                found.find("controller").isPresent shouldBe false
                val absence = found.absence(ImmutableList.of("controller")).get()
                absence.code() shouldBe AwsCode.LOGS_NOT_THERE
                absence.what() shouldContain "No controller of the step ${step.second}"
                absence.what() shouldContain "there are only stderr.gz, stdout"
            }
        }

        test("a step with a log location of its own is looked for there") {
            buckets.resolve("logs").createDirectories()
            buckets.resolve("own").createDirectories()
            val step = step("s3://logs/emr/", "s3://own/place/")
            write("logs/emr/", step, "stdout.gz", zipped("the cluster's"))
            write("own/place/", step, "stdout.gz", zipped("its own"))
            logs(step).find("stdout").get().text() shouldBe "its own"
            StepLogPlaces(access).folder(step.first, step.second).get() shouldBe
                "s3://own/place/${step.first}/steps/${step.second}/"
        }

        test("a log of any length is read in parts, and its end without the rest in memory") {
            buckets.resolve("logs").createDirectories()
            val step = step("s3://logs/")
            val lines = (1..400_000).joinToString("") { "line $it\n" }
            write("logs/", step, "stdout.gz", zipped(lines))
            val log = logs(step).find("stdout").get()
            val read = StringBuilder()
            while (true) {
                val part = log.text(read.length.toLong(), 100_000)
                if (part.isEmpty()) break
                read.append(part)
            }
            read.toString() shouldBe lines
            val other = logs(step).find("stdout").get()
            other.size() shouldBe lines.length.toLong()
            other.text(other.size() - 10) shouldBe lines.takeLast(10)
            other.text(other.size() - 65_536, 65_536) shouldBe lines.takeLast(65_536)
            other.text(7, 6) shouldBe "line 2"
        }

        test("what EMR copies later is read after what was read before") {
            buckets.resolve("logs").createDirectories()
            val step = step("s3://logs/")
            val found = logs(step)
            found.find("stdout").isPresent shouldBe false
            found.absence(ImmutableList.of("stdout", "stderr")).get().let {
                it.what() shouldContain "No log of the step"
                it.what() shouldContain "there is no object yet"
                it.fix() shouldBe "Wait for them with --follow."
            }
            write("logs/", step, "stdout.gz", zipped("begun\n"))
            found.find("stdout").get().text() shouldBe "begun\n"
            found.find("stdout").get().text(6) shouldBe ""
            found.isComplete shouldBe false
            write("logs/", step, "stdout.gz", zipped("begun\ndone\n"))
            found.find("stdout").get().text(6) shouldBe "done\n"
        }

        test(
            "the logs of an ended step are complete when they were copied after its end, or too late for that"
        ) {
            buckets.resolve("logs").createDirectories()
            val step = step("s3://logs/")
            val found = logs(step)
            found.isComplete shouldBe false
            access.emr().cancelSteps {
                it.clusterId(step.first).stepIds(step.second)
            }
            found.isComplete shouldBe false
            write("logs/", step, "controller.gz", zipped("cancelled"))
            found.isComplete shouldBe true
            buckets.resolve("logs/${step.first}").toFile().deleteRecursively()
            found.isComplete shouldBe false
            time.pass(Duration.ofMinutes(16))
            found.isComplete shouldBe true
            found.absence(ImmutableList.of("stdout")).get().fix() shouldContain "s3:PutObject"
        }

        test(
            "why there are no logs is told: no location, a group of CloudWatch, an unknown step, no bucket, a wrong key"
        ) {
            val nowhere = step(null)
            refusal { logs(nowhere).find("stdout") }
                .let {
                    it.code() shouldBe AwsCode.LOGS_NOT_KEPT
                    it.fix() shouldContain "logs = s3("
                }
            StepLogPlaces(access).folder(nowhere.first, nowhere.second).isPresent shouldBe false
            val watched = step(null, group = "/emr/etl")
            refusal { logs(watched).find("stdout") }
                .let {
                    it.code() shouldBe AwsCode.LOGS_IN_CLOUDWATCH
                    it.what() shouldContain "/emr/etl"
                    it.fix() shouldContain "${watched.first}/steps/${watched.second}/"
                }
            refusal { logs(nowhere.first to "s-UNKNOWN0000").find("stdout") }.code() shouldBe
                AwsCode.STEP_FORGOTTEN
            refusal { logs("j-UNKNOWN000000" to nowhere.second).find("stdout") }.code() shouldBe
                AwsCode.STEP_FORGOTTEN
            refusal { logs(step("s3://no-such-bucket/")).find("stdout") }.code() shouldBe
                AwsCode.BUCKET_UNKNOWN
            val other =
                StorageServer(
                    buckets,
                    "eu-central-1",
                    ImmutableList.of(StorageCredential("other", "any", false)),
                    InstantSource.system(),
                    0,
                )
            other.use { denying ->
                access(s3 = "${denying.uri()}").use {
                    refusal { logs(step("s3://logs/"), it).find("stdout") }.code() shouldBe
                        AwsCode.CREDENTIALS_INVALID
                }
            }
        }
    })
