package dev.emrys.aws

import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableSet
import dev.emrys.drive.Effects
import dev.emrys.emr.EmrAccount
import dev.emrys.emr.EmrDependencies
import dev.emrys.emr.EmrEffects
import dev.emrys.emr.RunTags
import dev.emrys.emulator.CallbackScheduler
import dev.emrys.emulator.Emulator
import dev.emrys.emulator.EmulatorPorts
import dev.emrys.emulator.EmulatorSettings
import dev.emrys.emulator.IdSource
import dev.emrys.emulator.InMemoryStore
import dev.emrys.emulator.PlannedFaults
import dev.emrys.emulator.StepExit
import dev.emrys.emulator.StepLaunch
import dev.emrys.emulator.StepListener
import dev.emrys.emulator.StepRunner
import dev.emrys.emulator.wire.WireServer
import dev.emrys.run.Command
import dev.emrys.run.Event
import dev.emrys.spec.FailureCause
import dev.emrys.spec.FailureCause.*
import dev.emrys.storage.StorageCredential
import dev.emrys.storage.StorageServer
import dev.emrys.testing.step
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldHaveAtLeastSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldEndWith
import java.io.ByteArrayOutputStream
import java.nio.file.Path
import java.time.Duration
import java.time.Instant
import java.time.InstantSource
import java.util.Optional
import java.util.Random
import java.util.concurrent.Executor
import java.util.zip.GZIPOutputStream
import kotlin.io.path.createDirectories
import kotlin.io.path.writeBytes
import kotlin.io.path.writeText

private const val KEY = "causes-key"
private const val APPLICATION = "application_1777086000000_0001"
private const val OTHER = "application_1777086000000_0002"

/**
 * What a failed step leaves on S3, in the form of EMR's logs.
 *
 * @param cause that is found
 * @param evidence a part of the line that shows it
 * @param containers by container and file
 */
private class FailedStepLogs(
    val cause: FailureCause,
    val evidence: String,
    val stderr: String = "",
    val stdout: String = "",
    val controller: String = CONTROLLER,
    val containers: Map<String, String> = mapOf(),
)

/** The controller's log of every failed step. */
private const val CONTROLLER =
    """2026-04-25T03:00:00.402Z INFO Ensure step 2 jar file command-runner.jar
2026-04-25T03:00:00.404Z INFO StepRunner: Created Runner for step 2
INFO startExec 'hadoop jar /var/lib/aws/emr/step-runner/hadoop-jars/command-runner.jar spark-submit'
INFO Environment:
2026-04-25T03:00:14.521Z INFO waitProcessCompletion ended with exit code 1 : hadoop jar
2026-04-25T03:00:14.530Z WARN Step failed with exitCode 1 and took 14 seconds
"""

/** The end of every client's log. */
private const val SHUTDOWN =
    """
26/04/25 03:00:13 INFO ShutdownHookManager: Shutdown hook called
26/04/25 03:00:13 INFO ShutdownHookManager: Deleting directory /mnt/tmp/spark-3a5e2c56
"""

private const val CLUSTER_MODE =
    """26/04/25 03:00:02 INFO Client: Submitting application $APPLICATION to ResourceManager
26/04/25 03:00:04 INFO Client: Application report for $APPLICATION (state: ACCEPTED)
26/04/25 03:00:12 INFO Client: Application report for $APPLICATION (state: FINISHED)
Exception in thread "main" org.apache.spark.SparkException: Application $APPLICATION finished with failed status
	at org.apache.spark.deploy.yarn.Client.run(Client.scala:1309)
	at org.apache.spark.deploy.SparkSubmit.main(SparkSubmit.scala)$SHUTDOWN"""

private fun container(attempt: Int, number: Int, application: String = APPLICATION) =
    "$application/${application.replace("application", "container")}_0${attempt}_00000$number"

private fun exception(line: String) =
    "26/04/25 03:00:02 INFO SparkContext: Running Spark version 3.5.5-amzn-0\n$line\n" +
        "\tat org.apache.spark.sql.Dataset.collect(Dataset.scala:3585)\n" +
        "\tat com.acme.DailyEtl.main(DailyEtl.java:42)$SHUTDOWN"

private val LOGS =
    listOf(
        FailedStepLogs(
            USER_EXCEPTION,
            "java.lang.IllegalStateException: no rows",
            exception(
                "Exception in thread \"main\" java.lang.IllegalStateException: no rows for 2026-04-25"
            ),
        ),
        FailedStepLogs(
            USER_EXCEPTION,
            "ValueError: no rows",
            "Traceback (most recent call last):\n  File \"/mnt/tmp/job.py\", line 12, in <module>\n" +
                "ValueError: no rows for 2026-04-25",
        ),
        FailedStepLogs(
            USER_EXCEPTION,
            "User class threw exception: java.lang.IllegalStateException: no rows",
            CLUSTER_MODE.replace(
                "Exception in thread",
                "26/04/25 03:00:12 INFO Client: \n\t client token: N/A\n" +
                    "\t diagnostics: User class threw exception: java.lang.IllegalStateException: no rows\n" +
                    "Exception in thread",
            ),
        ),
        FailedStepLogs(
            DRIVER_OUT_OF_MEMORY,
            "java.lang.OutOfMemoryError: Java heap space",
            CLUSTER_MODE,
            containers =
                mapOf(
                    "${container(1, 1)}/stderr" to "java.io.IOException: No space left on device",
                    "${container(2, 1)}/stderr" to
                        "26/04/25 03:00:11 ERROR ApplicationMaster: User class threw exception\n" +
                            "java.lang.OutOfMemoryError: Java heap space\n\tat com.acme.Etl.main(Etl.java:4)",
                    "${container(2, 2)}/stderr" to "java.io.IOException: No space left on device",
                ),
        ),
        FailedStepLogs(
            DRIVER_OUT_OF_MEMORY,
            "spark.driver.maxResultSize",
            exception(
                "Exception in thread \"main\" org.apache.spark.SparkException: Job aborted due to stage failure: Total size of serialized results of 16 tasks (1048.5 MiB) is bigger than spark.driver.maxResultSize (1024.0 MiB)"
            ),
        ),
        FailedStepLogs(
            EXECUTOR_OUT_OF_MEMORY,
            "Lost task 7.3 in stage 3.0",
            exception(
                "26/04/25 03:00:10 ERROR TaskSetManager: Task 7 in stage 3.0 failed 4 times; aborting job\n" +
                    "Exception in thread \"main\" org.apache.spark.SparkException: Job aborted due to stage failure: Task 7 in stage 3.0 failed 4 times, most recent failure: Lost task 7.3 in stage 3.0 (TID 41) (ip-10-0-0-7.ec2.internal executor 2): java.lang.OutOfMemoryError: Java heap space"
            ),
        ),
        FailedStepLogs(
            CONTAINER_KILLED,
            "Container killed by YARN for exceeding physical memory limits",
            exception(
                "26/04/25 03:00:09 ERROR YarnScheduler: Lost executor 4 on ip-10-0-0-7.ec2.internal: Container killed by YARN for exceeding physical memory limits. 5.6 GB of 5.5 GB physical memory used. Consider boosting spark.executor.memoryOverhead.\n" +
                    "Exception in thread \"main\" org.apache.spark.SparkException: Job aborted due to stage failure"
            ),
        ),
        FailedStepLogs(
            KILLED,
            "Command exiting with ret '137'",
            "/mnt/tmp/job.sh: line 3:  4711 Killed                  ./load\n",
            controller =
                CONTROLLER.replace("exit code 1 ", "exit code 137 ") +
                    "Command exiting with ret '137'\n",
        ),
        FailedStepLogs(
            MISSING_INPUT,
            "Path does not exist: s3://my-bucket/raw",
            exception(
                "Exception in thread \"main\" org.apache.spark.sql.AnalysisException: [PATH_NOT_FOUND] Path does not exist: s3://my-bucket/raw/2026-04-25."
            ),
        ),
        FailedStepLogs(
            MISSING_INPUT,
            "TABLE_OR_VIEW_NOT_FOUND",
            exception(
                "Error in query: [TABLE_OR_VIEW_NOT_FOUND] The table or view `sales` cannot be found."
            ),
        ),
        FailedStepLogs(
            UNLOADABLE_CODE,
            "Failed to load class com.acme.DailyEtl",
            "26/04/25 03:00:02 WARN NativeCodeLoader: Unable to load native-hadoop library\nError: Failed to load class com.acme.DailyEtl.$SHUTDOWN",
        ),
        FailedStepLogs(
            UNLOADABLE_CODE,
            "No module named 'pandas'",
            CLUSTER_MODE.replace(APPLICATION, OTHER),
            containers =
                mapOf(
                    "${container(1, 1, OTHER)}/stderr" to
                        "26/04/25 03:00:11 ERROR ApplicationMaster: User application exited with status 1\n",
                    "${container(1, 1, OTHER)}/stdout" to
                        "Traceback (most recent call last):\n  File \"job.py\", line 1, in <module>\n" +
                            "ModuleNotFoundError: No module named 'pandas'",
                ),
        ),
        FailedStepLogs(
            UNLOADABLE_CODE,
            "ZipException",
            "Exception in thread \"main\" java.util.zip.ZipException: zip END header not found",
        ),
        FailedStepLogs(
            SQL,
            "PARSE_SYNTAX_ERROR",
            exception("[PARSE_SYNTAX_ERROR] Syntax error at or near 'FORM'.(line 1, pos 9)"),
        ),
        FailedStepLogs(
            PERMISSION,
            "Error Code: AccessDenied",
            exception(
                "Caused by: com.amazon.ws.emr.hadoop.fs.shaded.com.amazonaws.services.s3.model.AmazonS3Exception: Access Denied (Service: Amazon S3; Status Code: 403; Error Code: AccessDenied; Request ID: 4Y8)"
            ),
        ),
        FailedStepLogs(
            PERMISSION,
            "AccessControlException",
            exception(
                "org.apache.hadoop.security.AccessControlException: Permission denied: user=hadoop, access=WRITE, inode=\"/\":hdfs:hdfsadmingroup:drwxr-xr-x"
            ),
        ),
        FailedStepLogs(
            EXPIRED_CREDENTIALS,
            "ExpiredToken",
            "botocore.exceptions.ClientError: An error occurred (ExpiredToken) when calling the GetObject operation: The provided token has expired.",
        ),
        FailedStepLogs(
            DISK_FULL,
            "No space left on device",
            exception("Caused by: java.io.IOException: No space left on device"),
        ),
        FailedStepLogs(
            SPOT_LOSS,
            "Container released on a *lost* node",
            exception(
                "26/04/25 03:00:09 WARN YarnAllocator: Container marked as failed: container_1777086000000_0001_01_000010 on host: ip-10-0-0-9.ec2.internal. Exit status: -100. Diagnostics: Container released on a *lost* node."
            ),
        ),
        FailedStepLogs(
            NETWORK,
            "UnknownHostException: warehouse.internal",
            exception("Caused by: java.net.UnknownHostException: warehouse.internal"),
        ),
        FailedStepLogs(
            THROTTLED,
            "Error Code: SlowDown",
            exception(
                "com.amazonaws.services.s3.model.AmazonS3Exception: Please reduce your request rate. (Service: Amazon S3; Status Code: 503; Error Code: SlowDown)"
            ),
        ),
    )

private fun zipped(text: String): ByteArray =
    ByteArrayOutputStream()
        .also { out -> GZIPOutputStream(out).use { it.write(text.toByteArray()) } }
        .toByteArray()

/** Leaves logs of each step and fails it, without a word of why: EMR says "Unknown Error." */
private class FailingRunner(private val clock: InstantSource, private val bucket: Path) :
    StepRunner {
    override fun start(order: StepLaunch, listener: StepListener) {
        val logs = order.name.toIntOrNull()?.let(LOGS::get)
        if (logs != null) {
            val cluster = bucket.resolve("emr/${order.clusterId}")
            val own = "steps/${order.stepId}"
            val files =
                mapOf(
                    "$own/stderr" to logs.stderr,
                    "$own/stdout" to logs.stdout,
                    "$own/controller" to logs.controller,
                ) + logs.containers.mapKeys { "containers/${it.key}" }
            for ((name, text) in files) {
                val file = cluster.resolve("$name.gz")
                file.parent.createDirectories()
                file.writeBytes(zipped(text))
            }
        }
        listener.ended(StepExit.Failed(clock.instant(), "Unknown Error.", null, null))
    }

    override fun cancel(clusterId: String, stepId: String, force: Boolean) {}

    override fun clusterEnded(clusterId: String) {}
}

/**
 * The causes of failed steps, from the logs that EMR copies to S3: over HTTP, with the clients that
 * are used on AWS.
 */
class FailureCausesTest :
    FunSpec({
        val folder = tempdir().toPath()
        val bucket = folder.resolve("s3/logs").createDirectories()
        val time = RunTime(Instant.now())
        val emulator =
            Emulator(
                EmulatorPorts(
                    time,
                    CallbackScheduler { due, action -> time.at(due, action) },
                    IdSource.of(Random(1)),
                    FailingRunner(time, bucket),
                    InMemoryStore(),
                    PlannedFaults(),
                ),
                EmulatorSettings.DEFAULT,
            )
        val server = WireServer(emulator, KEY, 0)
        val storage =
            StorageServer(
                folder.resolve("s3"),
                "eu-central-1",
                ImmutableList.of(StorageCredential(KEY, "any", false)),
                InstantSource.system(),
                0,
            )
        val properties = WireRun.credentials(folder)
        lateinit var access: AwsAccess
        lateinit var files: AwsStorage

        beforeSpec {
            properties.forEach(System::setProperty)
            folder
                .resolve("credentials")
                .writeText("[prod]\naws_access_key_id = $KEY\naws_secret_access_key = any\n")
            access =
                AwsAccess(
                    AwsSettings(
                        "prod",
                        "eu-central-1",
                        null,
                        "${server.uri()}",
                        "${storage.uri()}",
                        null,
                    ),
                    "emrys-run-1",
                )
            files = AwsStorage(access)
        }

        afterSpec {
            properties.keys.forEach(System::clearProperty)
            files.close()
            access.close()
            server.close()
            storage.close()
            emulator.close()
        }

        /** Runs steps of these names to their end, and gives what is reported of their failures. */
        fun failures(names: List<String>, logUri: String): List<Event.AttemptFailed> {
            val cluster =
                emulator
                    .runJobFlow {
                        it.name("etl")
                            .releaseLabel("emr-7.8.0")
                            .serviceRole("EMR_DefaultRole")
                            .jobFlowRole("EMR_EC2_DefaultRole")
                            .logUri(logUri)
                            .instances { instances ->
                                instances
                                    .masterInstanceType("m5.xlarge")
                                    .instanceCount(1)
                                    .keepJobFlowAliveWhenNoSteps(true)
                            }
                    }
                    .jobFlowId()
            time.settle()
            val identity = AwsIdentity(EmulatorSettings.DEFAULT.accountId(), "eu-central-1", "x")
            val logs = S3FailureLogs(StepLogPlaces(access), files, Executor { it.run() }, time)
            val account =
                EmrAccount(
                    AwsEndpoint(access, identity, Optional.of(logs)),
                    EmrDependencies(time, time, time, { Optional.empty() }, {}, { 0.0 }),
                )
            val events = mutableListOf<Event>()
            val effects =
                EmrEffects(
                    account,
                    RunTags("run-1", "otter", "daily"),
                    time.instant(),
                    ImmutableSet.of(),
                )
            val reports =
                object : Effects.Reports {
                    override fun report(event: Event) {
                        events += event
                    }

                    override fun fail(bug: Throwable) = throw bug
                }
            for (name in names) {
                val id =
                    emulator
                        .addJobFlowSteps { request ->
                            request
                                .jobFlowId(cluster)
                                .steps({ added ->
                                    added.name(name).actionOnFailure("CONTINUE").hadoopJarStep {
                                        it.jar("command-runner.jar").args("spark-submit")
                                    }
                                })
                        }
                        .stepIds()
                        .single()
                val watch = Command.Watch(name, 1, step(name), cluster, id, time.instant())
                effects.perform(ImmutableList.of(watch), reports)
            }
            val longest = time.instant().plus(Duration.ofMinutes(20))
            while (
                events.filterIsInstance<Event.AttemptFailed>().size < names.size &&
                    time.instant().isBefore(longest)
            ) time.pass(Duration.ofMillis(500))
            effects.close()
            return events.filterIsInstance<Event.AttemptFailed>()
        }

        test("the root cause, its evidence and its log are found in what EMR has copied to S3") {
            val failed = failures(LOGS.indices.map(Int::toString), "s3://logs/emr/")
            LOGS shouldHaveAtLeastSize 20
            failed.map { it.task() }.toSet() shouldBe LOGS.indices.map(Int::toString).toSet()
            for (event in failed) {
                val logs = LOGS[event.task().toInt()]
                withClue("${logs.cause}: ${event.reason()}") {
                    event.cause() shouldBe logs.cause
                    event.reason() shouldContain logs.evidence
                    event.reason().lines().first() shouldBe "Unknown Error."
                    event.reason().lines().filter { "INFO" in it }.shouldBeEmpty()
                    val inContainer = logs.containers.isNotEmpty()
                    event.log()!! shouldContain if (inContainer) "/containers/" else "/steps/"
                    event.log()!! shouldEndWith ".gz"
                }
            }
        }

        test("a step without a log has failed for a log that is missing, and why is told") {
            val (event) = failures(listOf("no logs"), "s3://logs/none/")
            event.cause() shouldBe LOG_MISSING
            event.reason() shouldContain "No log of the step"
            val (denied) = failures(listOf("no bucket"), "s3://no-such-bucket/emr/")
            denied.cause() shouldBe LOG_MISSING
            denied.reason() shouldContain "There is no bucket \"no-such-bucket\""
        }
    })
