package dev.emrys.local

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeLessThanOrEqual
import io.kotest.matchers.shouldBe

private fun excerpt(log: String) = FailureExcerpt.of(log.split("\n"))

class FailureExcerptTest :
    FunSpec({
        test("the exception and its last cause are shown without stack frames and log messages") {
            excerpt(
                """
                26/11/21 10:37:38 INFO SparkContext: Running Spark version 3.5.4
                2026-11-21 10:37:39,001 [main] WARN org.apache.Something - nothing important
                SLF4J: Class path contains multiple bindings.
                Exception in thread "main" org.apache.spark.SparkException: Job aborted
                	at org.apache.spark.Driver.run(Driver.scala:12)
                	at java.base/java.lang.Thread.run(Thread.java:840)
                Caused by: java.io.IOException: first
                	... 12 more
                Caused by: java.io.FileNotFoundException: No such object: s3://b/k
                second line of the message
                	at dev.emrys.s3fs.LocalS3FileSystem.open(LocalS3FileSystem.java:80)
                	... 20 more
                26/11/21 10:37:40 INFO ShutdownHookManager: Shutdown hook called
                """
                    .trimIndent()
            ) shouldBe
                "Exception in thread \"main\" org.apache.spark.SparkException: Job aborted\n" +
                    "Caused by: java.io.FileNotFoundException: No such object: s3://b/k\n" +
                    "second line of the message"
        }

        test("without a cause the first exception is shown") {
            excerpt(
                "start\njava.lang.IllegalStateException: one\n\tat a.B.c(B.java:1)\njava.lang.Error: two"
            ) shouldBe "java.lang.IllegalStateException: one"
        }

        test(
            "of Python the last exception and its place are shown, also where the JVM repeats it"
        ) {
            excerpt(
                "Traceback (most recent call last):\n  File \"x.py\", line 1, in <module>\n    f()\n" +
                    "  File \"y.py\", line 2, in f\n    raise\nValueError: bad value\n"
            ) shouldBe "  File \"y.py\", line 2, in f\nValueError: bad value"
            excerpt(
                """
                Traceback (most recent call last):
                  File "/code/job.py", line 7, in <module>
                    rows.collect()
                py4j.protocol.Py4JJavaError: An error occurred while calling o1.collect.
                : org.apache.spark.SparkException: Job aborted: org.apache.spark.api.python.PythonException: Traceback (most recent call last):
                  File "/code/job.py", line 3, in f
                    return 1 / n
                ZeroDivisionError: division by zero

                	at org.apache.spark.api.python.BasePythonRunner.read(PythonRunner.scala:572)
                Caused by: org.apache.spark.SparkException: more
                """
                    .trimIndent()
            ) shouldBe "  File \"/code/job.py\", line 3, in f\nZeroDivisionError: division by zero"
        }

        test("without an exception the last twelve lines are shown") {
            excerpt((1..20).joinToString("\n") { "line $it" }) shouldBe
                (9..20).joinToString("\n") { "line $it" }
        }

        test("a log that has only messages of Spark is shown, not hidden") {
            excerpt("26/11/21 10:37:38 INFO A: b\n") shouldBe "26/11/21 10:37:38 INFO A: b"
        }

        test("terminal titles, colours and other control characters are removed") {
            excerpt("\u001b]0;a title\u0007\u001b[1;31mred\u001b[0m\b bell\u0007") shouldBe
                "red bell"
        }

        test("of a line that a program overwrites the last version is shown") {
            excerpt("10 %\r50 %\r100 %\r\n") shouldBe "100 %"
        }

        test("a program that is missing is named without the script that starts it") {
            excerpt("/my state/local/bin/supervisor.sh: 11: exec: no-such: not found") shouldBe
                "no-such: not found"
            excerpt("/state/supervisor.sh: line 11: no-such: command not found") shouldBe
                "no-such: command not found"
        }

        test("a line and the whole text are bounded") {
            val text = excerpt((1..12).joinToString("\n") { "x".repeat(100_000) })
            text.lines().forEach { it.length shouldBeLessThanOrEqual 501 }
            text.length shouldBeLessThanOrEqual 4_000
        }
    })
