package dev.emrys.local

import dev.emrys.emulator.StepExit
import dev.emrys.emulator.StepLaunch
import dev.emrys.testing.temporaryFolder
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import java.nio.file.Files
import java.nio.file.Path
import java.time.InstantSource
import kotlin.io.path.createParentDirectories
import kotlin.io.path.writeText

/** Counts words, for hadoop-streaming's reducer "aggregate". */
private const val MAPPER =
    "import sys\n" +
        "for line in sys.stdin:\n" +
        "    for word in line.split():\n" +
        "        print('LongValueSum:' + word + '\\t1')\n"

private const val STREAMING_JAR = "/usr/lib/hadoop-mapreduce/hadoop-streaming.jar"

/** The steps of Hadoop's programs beside jars, on the real Hadoop. */
class HadoopStepsTest :
    FunSpec({
        val account = account()
        val distributions = Distributions(temporaryFolder("cache"), MavenDistributionResolver())
        val runner = LocalStepRunner(account, distributions, InstantSource.system())
        afterSpec { runner.close() }

        fun run(launch: StepLaunch): StepExit {
            val listener = RecordingListener()
            runner.start(launch, listener)
            return listener.exit(seconds = 300)
        }
        fun folder(launch: StepLaunch): Path = account.step("j-1", launch.stepId())
        fun put(uri: String, text: String) {
            account.path(uri).createParentDirectories().writeText(text)
        }
        fun succeed(launch: StepLaunch) {
            val exit = run(launch)
            if (exit !is StepExit.Completed) {
                throw AssertionError("$exit\n" + folder(launch).resolve("stderr").text())
            }
        }

        for ((id, command) in
            listOf(
                "s-1" to listOf("hadoop-streaming"),
                "s-2" to listOf("hadoop", "jar", STREAMING_JAR),
            )) {
            test("${command.joinToString(" ")} runs a mapper in Python on s3").config(
                enabledOrReasonIf = { onlyWithPython() }
            ) {
                put("s3://bucket/code/m.py", MAPPER)
                put("s3://bucket/in/a.txt", "one two two\n")
                put("s3://bucket/in/b.txt", "two three\n")
                val step =
                    launch(
                        id,
                        *command.toTypedArray(),
                        "-D",
                        "mapreduce.job.name=count",
                        "-D",
                        "mapreduce.job.reduces=1",
                        "-files",
                        "s3://bucket/code/m.py",
                        "-mapper",
                        "python3 m.py",
                        "-reducer",
                        "aggregate",
                        "-input",
                        "s3://bucket/in",
                        "-output",
                        "s3://bucket/$id",
                    )
                succeed(step)
                account.path("s3://bucket/$id/part-00000").text() shouldBe
                    "one\t1\nthree\t1\ntwo\t3\n"
                folder(step).resolve("controller").text() shouldContain
                    "hadoop-streaming of Hadoop 3.4.2 runs here"
            }
        }

        test("s3-dist-cp copies to HDFS, where the next step finds the files, also as a jar") {
            put("s3://bucket/logs/h1.log", "one\n")
            put("s3://bucket/logs/h2.log", "two\n")
            val copy =
                launch(
                    "s-4",
                    "s3-dist-cp",
                    "--s3Endpoint=s3.amazonaws.com",
                    "--src=s3://bucket/logs",
                    "--dest=hdfs:///logs",
                    "--groupBy=.*/(h)\\d.log",
                    "--outputCodec=snappy",
                    "--outputManifest=m.gz",
                )
            succeed(copy)
            folder(copy).resolve("controller").text() shouldContain "own s3-dist-cp runs here"
            folder(copy).resolve("stderr").text() shouldContain "--s3Endpoint has no effect"
            succeed(
                launch(
                    "s-5",
                    "--src=hdfs:///logs",
                    "--dest=s3://bucket/back",
                    "--srcPattern=.*snappy",
                    "--outputCodec=none",
                    jar = "/usr/share/aws/emr/s3-dist-cp/lib/s3-dist-cp.jar",
                )
            )
            account.path("s3://bucket/back/h").text() shouldBe "one\ntwo\n"
        }

        test("s3-dist-cp in a shell step fails with an option that it does not know") {
            val step =
                bash(
                    "s-6",
                    "s3-dist-cp --src s3://bucket/logs --dest /copy && s3-dist-cp --sorce=x",
                )
            run(step).shouldBeInstanceOf<StepExit.Failed>().reason() shouldBe "Exit code 1."
            folder(step).resolve("stderr").text() shouldContain "Unknown option \"--sorce\""
            account.cluster("j-1").resolve("hdfs/copy/h1.log").text() shouldBe "one\n"
        }

        test("a streaming step whose mapper fails is a failed step") {
            put("s3://bucket/in/a.txt", "one two two\n")
            val step =
                launch(
                    "s-3",
                    "hadoop-streaming",
                    "-mapper",
                    "/bin/false",
                    "-input",
                    "s3://bucket/in",
                    "-output",
                    "s3://bucket/s-3",
                )
            run(step).shouldBeInstanceOf<StepExit.Failed>()
            Files.exists(account.path("s3://bucket/s-3/_SUCCESS")) shouldBe false
        }
    })

private fun onlyWithPython(): Enabled =
    if (System.getenv("PATH").split(':').any { Files.isExecutable(Path.of(it, "python3")) })
        Enabled.enabled
    else Enabled.disabled("python3 is not on the PATH")
