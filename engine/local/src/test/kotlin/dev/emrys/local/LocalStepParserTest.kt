package dev.emrys.local

import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableMap
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf

private const val RUNNER = "command-runner.jar"

class LocalStepParserTest :
    FunSpec({
        test("every command has its kind") {
            fun kind(vararg args: String) = parsed(RUNNER, *args)::class.simpleName
            kind("spark-submit", "a.jar") shouldBe "SparkSubmit"
            kind("spark-submit", "--version") shouldBe "SparkSubmit"
            kind("run-example", "SparkPi") shouldBe "SparkSubmit"
            kind("spark-sql", "-f", "q.sql") shouldBe "SparkSql"
            kind("hadoop", "jar", "a.jar") shouldBe "HadoopJar"
            kind("hadoop", "fs", "-ls") shouldBe "FileSystemShell"
            kind("hdfs", "dfs", "-ls") shouldBe "FileSystemShell"
            kind("hadoop-streaming", "-input", "x") shouldBe "Streaming"
            kind("hadoop", "jar", "/usr/lib/hadoop/hadoop-streaming.jar") shouldBe "Streaming"
            kind("hive-script", "--run-hive-script", "--args", "-f", "s3://b/q.q") shouldBe "Hive"
            kind("hive", "-e", "select 1") shouldBe "Hive"
            kind("hive-script", "--run-hive-script") shouldBe "Unsupported"
            kind("hive") shouldBe "Unsupported"
            kind("hive", "-f") shouldBe "Unsupported"
            kind("hive", "--service", "metastore") shouldBe "Unsupported"
            kind("pig-script", "--run-pig-script", "--args", "-f", "s3://b/p.pig") shouldBe "Pig"
            kind("pig", "s3://b/p.pig") shouldBe "Pig"
            kind("pig", "-version") shouldBe "Pig"
            kind("pig-script", "--run-pig-script") shouldBe "Unsupported"
            kind("pig", "-p", "A=B") shouldBe "Unsupported"
            kind("s3-dist-cp", "--src", "a") shouldBe "DistCp"
            kind(
                "hadoop",
                "jar",
                "/usr/share/aws/emr/s3-dist-cp/lib/s3-dist-cp.jar",
                "--src",
            ) shouldBe "DistCp"
            kind("hadoop", "distcp", "a", "b") shouldBe "DistCp"
            kind("mapred", "streaming", "-input", "x") shouldBe "Streaming"
            kind("yarn", "jar", "a.jar") shouldBe "HadoopJar"
            kind("hdfs", "version") shouldBe "HadoopClass"
            kind("hadoop", "org.example.Main") shouldBe "HadoopClass"
            kind("yarn", "application") shouldBe "Unsupported"
            kind("hdfs") shouldBe "Unsupported"
            kind("script-runner.jar", "s3://b/x.sh") shouldBe "Script"
            kind("state-pusher-script") shouldBe "NoOperation"
            kind("bash", "-c", "x") shouldBe "Shell"
            kind("flink", "run") shouldBe "Unsupported"
            kind("spark-submit") shouldBe "Unsupported"
            kind() shouldBe "Unsupported"
        }

        test("Pig keeps its arguments, but not where it runs") {
            val pig =
                parsed(
                    RUNNER,
                    "pig-script",
                    "--run-pig-script",
                    "--args",
                    "-x",
                    "tez",
                    "-f",
                    "s3://b/p.pig",
                    "-p",
                    "K=V",
                )
                    as LocalStep.Pig
            pig.arguments().words() shouldBe listOf("-f", "s3://b/p.pig", "-p", "K=V")
            pig.arguments().files() shouldBe listOf("s3://b/p.pig")
            val plain =
                parsed(RUNNER, "pig", "-p", "A=B", "-m", "s3://b/p.txt", "s3://b/p.pig", "x")
            ReferencedFiles.of(plain) shouldBe listOf("s3://b/p.txt", "s3://b/p.pig")
        }

        test("a custom jar keeps its main class, arguments and properties") {
            val properties = ImmutableMap.of("k", "v")
            LocalStep.parse("s3://b/a.jar", "Main", ImmutableList.of("x"), properties) shouldBe
                LocalStep.HadoopJar("s3://b/a.jar", "Main", ImmutableList.of("x"), properties)
        }

        test("command-runner.jar is known by its path on a cluster too") {
            parsed(
                    "/var/lib/aws/emr/step-runner/hadoop-jars/command-runner.jar",
                    "spark-submit",
                    "a.jar",
                )
                .shouldBeInstanceOf<LocalStep.SparkSubmit>()
        }
    })
