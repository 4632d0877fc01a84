package dev.emrys.local

import com.google.common.collect.ImmutableList
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.optional.shouldBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain

private const val RUNNER = "command-runner.jar"
private const val SCRIPT = "s3://eu-west-1.elasticmapreduce/libs/script-runner/script-runner.jar"

private fun why(jar: String, vararg args: String) = LocalSupport.unsupported(parsed(jar, *args))

class LocalSupportTest :
    FunSpec({
        listOf(
                listOf(RUNNER),
                listOf(RUNNER, "spark-submit", "--class", "x.Y"),
                listOf(RUNNER, "spark-submit", "s3://b/job.R"),
                listOf(RUNNER, "spark-example"),
                listOf(RUNNER, "hadoop"),
                listOf(RUNNER, "hadoop", "jar"),
                listOf(RUNNER, "hadoop", "namenode"),
                listOf(RUNNER, "yarn", "application", "-list"),
                listOf(RUNNER, "mapred", "job", "-list"),
                listOf(RUNNER, "hdfs", "dfsadmin"),
                listOf(RUNNER, "script-runner.jar"),
                listOf(SCRIPT),
            )
            .forEach { step ->
                test("${step.joinToString(" ")} is not supported here, with a reason and a fix") {
                    val reason = why(step[0], *step.drop(1).toTypedArray()).get()
                    reason.what().last() shouldBe '.'
                    reason.fix().last() shouldBe '.'
                }
            }

        listOf(
                listOf(RUNNER, "spark-submit", "--class", "x.Y", "s3://b/job.jar", "job.py"),
                listOf(RUNNER, "spark-submit", "--py-files", "a.zip", "s3://b/job.py", "x.jar"),
                listOf(RUNNER, "run-example", "SparkPi"),
                listOf(RUNNER, "spark-sql", "-f", "s3://b/q.sql"),
                listOf(RUNNER, "hadoop", "jar", "s3://b/job.jar"),
                listOf(RUNNER, "hadoop", "fs", "-ls", "/"),
                listOf(RUNNER, "hdfs", "dfs", "-ls", "/"),
                listOf(RUNNER, "bash", "-c", "hive-script"),
                listOf(RUNNER, "hadoop-streaming", "-mapper", "cat"),
                listOf(RUNNER, "hadoop", "distcp", "a", "b"),
                listOf(RUNNER, "yarn", "jar", "s3://b/job.jar"),
                listOf(RUNNER, "s3-dist-cp", "--src", "a"),
                listOf(RUNNER, "script-runner.jar", "s3://b/x.sh"),
                listOf(SCRIPT, "s3://b/x.sh"),
                listOf("s3://b/job.jar"),
            )
            .forEach { step ->
                test("${step.joinToString(" ")} runs here") {
                    why(step[0], *step.drop(1).toTypedArray()).shouldBeEmpty()
                }
            }

        test("the ignored parts of a cluster are named") {
            LocalSupport.cluster(
                ImmutableList.of("Spark", "hadoop", "Hive", "Presto"),
                ImmutableList.of("spark-defaults", "hive-site", "spark-env", "capacity-scheduler"),
            ) shouldContainExactly
                listOf(
                    "The application Presto is accepted and not installed: a step that needs it must " +
                        "find it on this machine.",
                    "The configuration capacity-scheduler is accepted and has no effect on this machine.",
                )
        }

        test("a missing program is a warning, and a program of the cluster is not missing") {
            fun warning(vararg args: String) =
                LocalSupport.warning(parsed(RUNNER, *args)).orElse("nothing")
            warning("no-such-program", "x") shouldContain "calls no-such-program, which is not on"
            warning("date") shouldBe "nothing"
            warning("/opt/mine/run") shouldBe "nothing"
            warning("hadoop-streaming", "-mapper", "no-such-program m.py") shouldContain
                "calls no-such-program, which is not on"
            warning(
                "hadoop-streaming",
                "-files",
                "s3://b/m",
                "-mapper",
                "m",
                "-reducer",
                "cat",
            ) shouldBe "nothing"
            warning("hadoop-streaming", "-mapper", "org.a.B", "-reducer", "aggregate") shouldBe
                "nothing"
            warning("state-pusher-script") shouldBe "nothing"
            warning("spark-sql", "-f", "s3://a/q.sql") shouldBe "nothing"
            // The exports of its cluster may provide it: the step is not rejected.
            why(RUNNER, "no-such-program", "x").shouldBeEmpty()
        }

        test("a shell step that calls a missing program of a cluster is a warning") {
            fun warning(text: String) =
                LocalSupport.warning(parsed(RUNNER, "bash", "-c", text)).orElse("nothing")
            warning("set -e\n  spark-shell --version") shouldContain "calls spark-shell"
            warning("x=$(aws emr list-clusters)") shouldContain "another service than S3"
            for (command in
                listOf("aws s3 ls", "aws --region eu-west-1 --debug s3api list-buckets")) {
                val found = warning(command)
                if (found != "nothing") found shouldContain "calls aws, which is not on"
            }
            warning("echo hadoop > hive.txt; rm -f aws") shouldBe "nothing"
            warning("ls /usr/lib/hadoop") shouldBe "nothing"
            warning("spark-submit x.jar; hadoop fs -ls /; hive -f x.q") shouldBe "nothing"
        }
    })
