package dev.emrys.local

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly

private fun code(vararg args: String) = ReferencedFiles.of(parsed("command-runner.jar", *args))

class ReferencedFilesTest :
    FunSpec({
        test(
            "a Spark step references its jar and the files it distributes, without their aliases"
        ) {
            code(
                "spark-submit",
                "--jars",
                "s3://a/one.jar, file:/two.jar",
                "--archives",
                "s3://a/env.tar.gz#environment",
                "s3://a/job.jar",
                "--jars",
                "an argument of the job",
            ) shouldContainExactly
                listOf("s3://a/job.jar", "s3://a/one.jar", "file:/two.jar", "s3://a/env.tar.gz")
        }

        test("a pattern that Spark resolves is not a file") {
            code(
                "spark-submit",
                "--jars",
                "s3://a/lib/*.jar,s3://a/one.jar",
                "--files",
                "/etc/app/[ab].conf",
                "s3://a/job.jar",
            ) shouldContainExactly listOf("s3://a/job.jar", "s3://a/one.jar")
        }

        test("a step references its script, query or jar") {
            code("spark-sql", "-f", "s3://a/q.sql", "-d", "x=1") shouldContainExactly
                listOf("s3://a/q.sql")
            code("hadoop", "jar", "s3://a/mr.jar", "Main") shouldContainExactly
                listOf("s3://a/mr.jar")
            code("bash", "-c", "true") shouldContainExactly listOf()
            code(
                "hadoop-streaming",
                "-files",
                "s3://a/m.py,s3://a/r.py#reduce",
                "-archives",
                "s3://a/lib.zip#lib",
                "-mapper",
                "m.py",
                "-input",
                "s3://a/in",
            ) shouldContainExactly listOf("s3://a/m.py", "s3://a/r.py", "s3://a/lib.zip")
            code(
                "hadoop",
                "jar",
                "/usr/lib/hadoop-mapreduce/hadoop-mapreduce-examples.jar",
                "pi",
            ) shouldContainExactly listOf()
        }
    })
