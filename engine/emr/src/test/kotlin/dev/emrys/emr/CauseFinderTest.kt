package dev.emrys.emr

import dev.emrys.spec.FailureCause
import dev.emrys.spec.FailureCause.*
import dev.emrys.spec.FailureKind
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe

/** Texts as programs, Spark, Hadoop and EMR write them. */
private val STEPS: List<Pair<FailureCause, String>> =
    listOf(
        USER_EXCEPTION to
            """
            Exception in thread "main" java.lang.IllegalStateException: no rows for 2026-04-25
            """,
        USER_EXCEPTION to
            """
              File "/mnt/var/lib/hadoop/steps/s-1/job.py", line 12, in <module>
            ValueError: no rows for 2026-04-25
            """,
        USER_EXCEPTION to "Exit code 3.",
        DRIVER_OUT_OF_MEMORY to
            """
            Exception in thread "main" java.lang.OutOfMemoryError: Java heap space
            """,
        DRIVER_OUT_OF_MEMORY to
            """
            org.apache.spark.SparkException: Job aborted due to stage failure: Total size of serialized results of 16 tasks (1048.5 MiB) is bigger than spark.driver.maxResultSize (1024.0 MiB)
            """,
        EXECUTOR_OUT_OF_MEMORY to
            """
            org.apache.spark.SparkException: Job aborted due to stage failure: Task 7 in stage 3.0 failed 4 times, most recent failure: Lost task 7.3 in stage 3.0 (TID 41) (ip-10-0-0-7.ec2.internal executor 2): java.lang.OutOfMemoryError: Java heap space
            """,
        EXECUTOR_OUT_OF_MEMORY to
            """
            Job aborted due to stage failure: Task 0 in stage 1.0 failed 4 times: ExecutorLostFailure (executor 3 exited caused by one of the running tasks) Reason: Command exited with code 52, exit status: 52
            """,
        CONTAINER_KILLED to
            """
            ExecutorLostFailure (executor 4 exited caused by one of the running tasks) Reason: Container killed by YARN for exceeding physical memory limits. 5.6 GB of 5.5 GB physical memory used. Consider boosting spark.executor.memoryOverhead.
            """,
        CONTAINER_KILLED to
            """
            Container [pid=2731,containerID=container_1714000000000_0001_01_000002] is running beyond physical memory limits. Current usage: 2.1 GB of 2 GB physical memory used
            Container killed on request. Exit code is 143
            """,
        KILLED to
            "/mnt/tmp/job.sh: line 3: 4711 Killed   ./load\nExit code 137 (killed by signal 9).",
        MISSING_INPUT to
            """
            Exception in thread "main" org.apache.spark.sql.AnalysisException: [PATH_NOT_FOUND] Path does not exist: s3://my-bucket/raw/2026-04-25.
            """,
        MISSING_INPUT to
            """
            org.apache.hadoop.mapreduce.lib.input.InvalidInputException: Input path does not exist: hdfs://ip-10-0-0-5.ec2.internal:8020/in
            """,
        MISSING_INPUT to
            """
            Exception in thread "main" org.apache.spark.sql.AnalysisException: [TABLE_OR_VIEW_NOT_FOUND] The table or view `sales` cannot be found.
            """,
        MISSING_INPUT to "cat: /data/x.csv: No such file or directory\nExit code 1.",
        UNLOADABLE_CODE to
            """
            Exception in thread "main" java.lang.ClassNotFoundException: com.acme.DailyEtl
            """,
        UNLOADABLE_CODE to
            """
            Error: Failed to load class com.acme.DailyEtl.
            """,
        UNLOADABLE_CODE to "ModuleNotFoundError: No module named 'pandas'",
        UNLOADABLE_CODE to
            """
            Exception in thread "main" java.util.zip.ZipException: error in opening zip file
            """,
        UNLOADABLE_CODE to "/bin/bash: line 1: sqooop: command not found",
        SQL to
            """
            [PARSE_SYNTAX_ERROR] Syntax error at or near 'FORM'.(line 1, pos 9)
            """,
        SQL to
            """
            FAILED: SemanticException [Error 10004]: Line 1:7 Invalid table alias or column reference 'nme'
            """,
        PERMISSION to
            """
            Caused by: com.amazon.ws.emr.hadoop.fs.shaded.com.amazonaws.services.s3.model.AmazonS3Exception: Access Denied (Service: Amazon S3; Status Code: 403; Error Code: AccessDenied; Request ID: 4Y8)
            """,
        PERMISSION to
            """
            org.apache.hadoop.security.AccessControlException: Permission denied: user=hadoop, access=WRITE, inode="/":hdfs:hdfsadmingroup:drwxr-xr-x
            """,
        EXPIRED_CREDENTIALS to
            """
            An error occurred (ExpiredToken) when calling the GetObject operation: The provided token has expired.
            """,
        DISK_FULL to
            """
            Caused by: java.io.IOException: No space left on device
            """,
        SPOT_LOSS to
            """
            ExecutorLostFailure (executor 9 exited unrelated to the running tasks) Reason: Container marked as failed: container_1714000000000_0001_01_000010 on host: ip-10-0-0-9.ec2.internal. Exit status: -100. Diagnostics: Container released on a *lost* node.
            """,
        NETWORK to
            """
            Caused by: java.net.UnknownHostException: warehouse.internal
            """,
        THROTTLED to
            """
            AmazonS3Exception: Please reduce your request rate. (Service: Amazon S3; Status Code: 503; Error Code: SlowDown)
            """,
        LOG_MISSING to StatusMapper.NO_REASON,
    )

/** What EMR says of clusters, and of requests that it refuses. */
private val CLUSTERS: List<Triple<FailureKind, FailureCause, String>> =
    listOf(
        Triple(
            FailureKind.BOOTSTRAP,
            BOOTSTRAP,
            "The cluster did not come up: TERMINATED_WITH_ERRORS, BOOTSTRAP_FAILURE: On the master instance (i-0a1b), bootstrap action 1 returned a non-zero return code",
        ),
        Triple(
            FailureKind.BOOTSTRAP,
            CAPACITY,
            "The cluster did not come up: TERMINATED_WITH_ERRORS, INSTANCE_FLEET_TIMEOUT: Timed out waiting for the instance fleet.",
        ),
        Triple(
            FailureKind.QUOTA,
            CAPACITY,
            "The cluster did not come up: TERMINATED_WITH_ERRORS, VALIDATION_ERROR: EC2 has insufficient capacity for the requested instance type [m6g.xlarge].",
        ),
        Triple(
            FailureKind.QUOTA,
            QUOTA,
            "You have requested more vCPU capacity than your current vCPU limit of 32 allows",
        ),
        Triple(
            FailureKind.CLUSTER_LOST,
            SPOT_LOSS,
            "Its cluster ended: TERMINATED_WITH_ERRORS, INSTANCE_FAILURE: The master node was terminated: Spot instance was terminated by EC2.",
        ),
        Triple(
            FailureKind.CLUSTER_LOST,
            PRIMARY_LOST,
            "The cluster ended: TERMINATED_WITH_ERRORS, INSTANCE_FAILURE: The master node was terminated.",
        ),
        Triple(
            FailureKind.CLUSTER_LOST,
            CANCELLED,
            "Its cluster ended: TERMINATED, USER_REQUEST: Terminated by user request",
        ),
        Triple(FailureKind.CLUSTER_LOST, CLUSTER_ENDED, "Its cluster ended: TERMINATED."),
        Triple(
            FailureKind.REFUSED,
            MISSING_ROLE,
            "Invalid InstanceProfile: EMR_EC2_DefaultRole. (ValidationException)",
        ),
        Triple(
            FailureKind.REFUSED,
            WRONG_RELEASE,
            "The supplied release label is invalid: emr-99.0.0. (ValidationException)",
        ),
        Triple(
            FailureKind.REFUSED,
            PERMISSION,
            "User: arn:aws:iam::123456789012:user/ada is not authorized to perform: elasticmapreduce:RunJobFlow (AccessDeniedException)",
        ),
        Triple(FailureKind.REFUSED, INVALID_REQUEST, "Instance count is too large."),
        Triple(FailureKind.INTERNAL, SERVICE_ERROR, "TERMINATED_WITH_ERRORS, INTERNAL_ERROR"),
        Triple(FailureKind.TIMEOUT, TIMEOUT, "It ran longer than its timeout."),
    )

class CauseFinderTest :
    FunSpec({
        test("the root cause of a failed step is found in what its program and its driver say") {
            for ((cause, text) in STEPS) {
                withClue(text.trimIndent()) {
                    CauseFinder.find(FailureKind.STEP, text.trimIndent()).orElse(null) shouldBe
                        cause
                }
            }
        }

        test("the cause of a cluster's end, or of a refused request, is found in what EMR says") {
            for ((kind, cause, text) in CLUSTERS) {
                withClue(text) { CauseFinder.find(kind, text).orElse(null) shouldBe cause }
            }
        }

        test("a text that says nothing of a cause has none") {
            CauseFinder.find(FailureKind.STEP, "Done with 12 files.").isPresent shouldBe false
        }

        test("there is a sample of every cause that a text can tell") {
            val shown = STEPS.map { it.first } + CLUSTERS.map { it.second }
            (FailureCause.entries - shown.toSet() - STEP_VANISHED).shouldBeEmpty()
        }
    })
