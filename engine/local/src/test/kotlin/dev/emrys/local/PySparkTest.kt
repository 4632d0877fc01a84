package dev.emrys.local

import dev.emrys.emulator.StepExit
import dev.emrys.emulator.StepLaunch
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import java.nio.file.Files
import java.time.InstantSource

private const val EXAMPLES = "/usr/lib/spark/examples/src/main/python"

/** Counts words with a function in Python, from text to Parquet and back. */
private val JOB =
    """
    import sys
    from pyspark.sql import SparkSession
    from pyspark.sql.functions import col, udf
    from loud import louder

    spark = SparkSession.builder.appName("words").getOrCreate()
    lines = spark.read.text(sys.argv[1])
    lines.select(udf(louder)(col("value")).alias("word")).write.mode("overwrite").parquet(sys.argv[2])
    for row in sorted(spark.read.parquet(sys.argv[2]).collect()):
        print(row.word)
    """
        .trimIndent()

private val BROKEN =
    """
    from pyspark.sql import SparkSession
    from pyspark.sql.functions import udf

    def broken(n):
        raise ValueError("row %d is bad" % n)

    SparkSession.builder.getOrCreate().range(3).select(udf(broken)("id")).collect()
    """
        .trimIndent()

/** Python programs on the real Spark; pyspark comes from pip's index. */
class PySparkTest :
    FunSpec({
        val account = account()
        val cache = DISTRIBUTIONS.cacheFolder()
        val runner = LocalStepRunner(account, DISTRIBUTIONS, InstantSource.system())
        afterSpec { runner.close() }

        fun run(launch: StepLaunch): StepExit {
            val listener = RecordingListener()
            runner.start(launch, listener)
            return listener.exit(seconds = 300)
        }

        fun output(launch: StepLaunch): String {
            run(launch).shouldBeInstanceOf<StepExit.Completed>()
            return account.step("j-1", launch.stepId()).resolve("stdout").text()
        }

        fun store(uri: String, text: String) {
            val file = account.path(uri)
            Files.createDirectories(file.parent)
            Files.writeString(file, text)
        }

        val fromIndex: () -> Enabled = {
            val failure =
                try {
                    PySpark(cache, System.getenv()).find(null, "3.5.4", Distributions.Progress.NONE)
                    null
                } catch (e: LocalSetupException) {
                    e.message
                }
            Enabled(failure == null, "pyspark is not available: $failure")
        }

        test("a program on s3:// with its modules reads and writes DataFrames and runs functions")
            .config(enabledOrReasonIf = { fromIndex() }) {
                store("s3://bucket/job.py", JOB)
                store("s3://bucket/loud.py", "def louder(word):\n    return word.upper() + \"!\"\n")
                store("s3://bucket/in/words.txt", "one\ntwo\n")
                val job =
                    arrayOf(
                        "spark-submit",
                        "--deploy-mode",
                        "cluster",
                        "--py-files",
                        "s3://bucket/loud.py",
                        "s3://bucket/job.py",
                        "s3://bucket/in/",
                        "s3://bucket/out",
                    )
                output(launch("s-1", *job)) shouldBe "ONE!\nTWO!\n"
                account.step("j-1", "s-1").resolve("controller").text() shouldContain
                    Regex(
                        "Python 3\\.\\d+\\.\\d+ \\(.*\\), pyspark 3\\.5\\.4 of ${Regex.escape("$cache")}"
                    )
                // The program of the cluster in a shell step, on Spark's own examples.
                output(
                    bash(
                        "s-2",
                        "spark-submit --master yarn $EXAMPLES/wordcount.py s3://bucket/in/",
                    )
                ) shouldContain "one: 1\ntwo: 1"
            }

        test("a program finds the packages that were installed in the home of the cluster").config(
            enabledOrReasonIf = { fromIndex() }
        ) {
            val install =
                "set -e; site=${'$'}(python3 -m site --user-site); mkdir -p \"${'$'}site\"; " +
                    "echo 'name = \"installed\"' > \"${'$'}site/emrys_installed.py\""
            output(bash("s-4", install))
            store("s3://bucket/uses.py", "import emrys_installed\nprint(emrys_installed.name)\n")
            output(launch("s-5", "spark-submit", "s3://bucket/uses.py")) shouldBe "installed\n"
        }

        test("a failure shows the exception of the Python program").config(
            enabledOrReasonIf = { fromIndex() }
        ) {
            store("s3://bucket/broken.py", BROKEN)
            val exit = run(launch("s-3", "spark-submit", "s3://bucket/broken.py"))
            exit.shouldBeInstanceOf<StepExit.Failed>().message() shouldContain
                Regex("broken\\.py\", line 5, in broken\nValueError: row \\d is bad")
        }
    })
