package dev.emrys.local

import dev.emrys.emulator.StepExit
import dev.emrys.emulator.StepLaunch
import dev.emrys.testing.temporaryFolder
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import io.kotest.matchers.types.shouldBeInstanceOf
import java.io.FileOutputStream
import java.nio.file.Files
import java.time.InstantSource
import kotlin.io.path.exists

private const val HADOOP_EXAMPLES = "/usr/lib/hadoop-mapreduce/hadoop-mapreduce-examples.jar"
private const val SPARK_EXAMPLES = "/usr/lib/spark/examples/jars/spark-examples.jar"

/** Steps of the AWS and Airflow documentation, unchanged, on the real Spark and Hadoop. */
class ClusterProgramsTest :
    FunSpec({
        val account = account()
        val runner = LocalStepRunner(account, DISTRIBUTIONS, InstantSource.system())
        afterSpec { runner.close() }

        fun output(launch: StepLaunch): String {
            val listener = RecordingListener()
            runner.start(launch, listener)
            listener.exit(seconds = 300).shouldBeInstanceOf<StepExit.Completed>()
            return account.step("j-1", launch.stepId()).resolve("stdout").text()
        }

        test("/usr/lib/spark/bin/run-example runs SparkPi") {
            output(launch("s-1", "/usr/lib/spark/bin/run-example", "SparkPi", "2")) shouldContain
                "Pi is roughly 3.14"
            // No program has used Hive: the cluster has no metastore service.
            account.cluster("j-1").resolve("metastore/secret").exists() shouldBe false
        }

        test("a shell step runs the programs of the cluster, by name and by path") {
            val text =
                output(
                    bash(
                        "s-2",
                        "set -e; echo 'one two two' > words.txt; " +
                            "/usr/bin/spark-submit --deploy-mode cluster --master yarn " +
                            "--class org.apache.spark.examples.JavaWordCount $SPARK_EXAMPLES file:\$PWD/words.txt; " +
                            "hadoop fs -put words.txt /words.txt; hadoop jar $HADOOP_EXAMPLES wordcount /words.txt /counts; " +
                            "/usr/bin/hdfs dfs -cat /counts/part-r-00000",
                    )
                )
            text shouldContain "two: 2"
            text shouldContain "two\t2"
            account.step("j-1", "s-2").resolve("controller").text() shouldContain
                "The path of spark-submit in the command is"
            account.step("j-1", "s-2").resolve("stderr").text() shouldContain
                "--deploy-mode is ignored"
        }

        test("a Hive script and the programs of Hive in a shell step share tables with spark-sql") {
            val script = account.path("s3://bucket/words.q")
            Files.createDirectories(script.parent)
            Files.writeString(
                script,
                """
                CREATE EXTERNAL TABLE ${'$'}{TABLE} (n INT, word STRING) PARTITIONED BY (day STRING)
                STORED AS ORC LOCATION '${'$'}{OUTPUT}';
                SET hive.exec.dynamic.partition.mode=nonstrict;
                INSERT OVERWRITE TABLE ${'$'}{hivevar:TABLE} PARTITION (day)
                SELECT 1, '${'$'}{hiveconf:my.word}', '2026-11-22';
                SELECT concat(word, ' on ', day) FROM ${'$'}{TABLE};
                """
                    .trimIndent(),
            )
            output(
                    launch(
                        "s-7",
                        "hive-script",
                        "--run-hive-script",
                        "--args",
                        "-f",
                        "s3://bucket/words.q",
                        "-d",
                        "TABLE=words",
                        "--define",
                        "OUTPUT=s3://bucket/words/",
                        "--hiveconf",
                        "my.word=hello",
                    )
                )
                .lines() shouldContain "hello on 2026-11-22"
            Files.exists(account.path("s3://bucket/words/day=2026-11-22")) shouldBe true
            account.step("j-1", "s-7").resolve("controller").text() shouldContain
                "hive-script runs on Spark SQL"
            output(
                bash(
                    "s-8",
                    "set -e; /usr/bin/hive -S -e 'select n, word from words'; " +
                        "beeline -u jdbc:hive2://localhost:10000 --silent=true -e 'select count(*) from words'",
                )
            ) shouldBe "1\thello\n1\n"
        }

        test("hadoop jar estimates pi with Hadoop's examples") {
            output(launch("s-3", "hadoop", "jar", HADOOP_EXAMPLES, "pi", "2", "10")) shouldContain
                "Estimated value of Pi is 3."
        }

        test(
            "what is stored in s3, hdfs and the metastore is for this user only, whatever the umask"
        ) {
            output(
                bash(
                    "s-6",
                    "set -e; umask 000; echo words > words.txt; " +
                        "hadoop fs -mkdir -p s3://bucket/a/b; hadoop fs -put words.txt s3://bucket/a/b/c; " +
                        "hadoop fs -put words.txt /c; spark-sql -e 'create table t as select 1 as n'",
                )
            )
            Files.exists(account.path("s3://bucket/a/b/c")) shouldBe true
            Files.exists(account.cluster("j-1").resolve("metastore_db")) shouldBe true
            account.folder().openToOthers().shouldBeEmpty()
        }

        test("another user sees no argument of a step on a JVM in the list of processes").config(
            enabledOrReasonIf = { onlyAsRoot() }
        ) {
            val pipe = temporaryFolder("emrys-pipes").resolve("hunter2")
            ProcessBuilder("mkfifo", "$pipe").start().waitFor() shouldBe 0
            for (launch in
                listOf(
                    launch("s-4", "hadoop", "fs", "-cat", "file:$pipe"),
                    bash("s-5", "hadoop fs -cat 'file:$pipe'"),
                )) {
                val listener = RecordingListener()
                runner.start(launch, listener)
                // Opened when the program reads from the pipe.
                FileOutputStream(pipe.toFile()).use { out ->
                    val list = asOtherUser("cat /proc/[0-9]*/cmdline | tr '\\0' ' '")
                    list shouldContain "java @/dev/fd/3"
                    list shouldNotContain "hunter2"
                    out.write("read".toByteArray())
                }
                listener.exit(seconds = 300).shouldBeInstanceOf<StepExit.Completed>()
                account.step("j-1", launch.stepId()).resolve("stdout").text() shouldBe "read"
                account.step("j-1", launch.stepId()).launchFiles().shouldBeEmpty()
            }
        }
    })
