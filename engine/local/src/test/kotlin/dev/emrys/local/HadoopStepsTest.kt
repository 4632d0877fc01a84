package dev.emrys.local

import dev.emrys.emulator.StepExit
import dev.emrys.emulator.StepLaunch
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
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

private const val EXAMPLES = "/usr/lib/hadoop-mapreduce/hadoop-mapreduce-examples.jar"
private const val STREAMING_JAR = "/usr/lib/hadoop-mapreduce/hadoop-streaming.jar"

/** The steps of Hadoop's programs beside jars, on the real Hadoop. */
class HadoopStepsTest :
    FunSpec({
        val account = account()
        val runner = LocalStepRunner(account, DISTRIBUTIONS, InstantSource.system())
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

        test("hadoop distcp copies between s3 and HDFS") {
            put("s3://bucket/tree/a/x", "1")
            succeed(launch("s-7", "hadoop", "distcp", "s3://bucket/tree", "hdfs:///tree"))
            account.cluster("j-1").resolve("hdfs/tree/a/x").text() shouldBe "1"
            val missing = launch("s-8", "hadoop", "distcp", "hdfs:///none", "s3://bucket/none")
            run(missing).shouldBeInstanceOf<StepExit.Failed>()
        }

        test("Hadoop's examples sort, search and count") {
            fun example(id: String, vararg args: String) =
                succeed(launch(id, "hadoop", "jar", EXAMPLES, *args))
            example("s-20", "teragen", "1000", "/tera/in")
            example("s-21", "terasort", "/tera/in", "s3://bucket/tera")
            example("s-22", "teravalidate", "s3://bucket/tera", "/tera/report")
            val report = account.cluster("j-1").resolve("hdfs/tera/report/part-r-00000").text()
            report shouldContain "checksum"
            report shouldNotContain "error"
            put("s3://bucket/text/a", "dfs.one dfs.two\ndfs.one\n")
            example("s-23", "grep", "s3://bucket/text", "/found", "dfs[a-z.]+")
            account.cluster("j-1").resolve("hdfs/found/part-r-00000").text() shouldBe
                "2\tdfs.one\n1\tdfs.two\n"
        }

        test(
            "the commands of Hadoop's programs run in a script, or say in one line that they do not"
        ) {
            put(
                "s3://bucket/code/all.sh",
                "set -e\nhadoop version\nhdfs version\nyarn version\nmapred version\n" +
                    "echo 1 > one; /usr/bin/hadoop fs -put one /one; hdfs dfs -cat /one\n" +
                    "yarn jar $EXAMPLES pi 1 10\nset +e\nyarn application -list\necho \"code $?\"\n",
            )
            val step =
                launch(
                    "s-30",
                    "s3://bucket/code/all.sh",
                    jar = "s3://eu-west-1.elasticmapreduce/libs/script-runner/script-runner.jar",
                )
            succeed(step)
            val out = folder(step).resolve("stdout").text()
            Regex("Hadoop 3\\.4\\.1").findAll(out).count() shouldBe 4
            out shouldContain "\n1\n"
            out shouldContain "Estimated value of Pi is"
            out shouldContain "code 1"
            folder(step).resolve("stderr").text() shouldContain
                "\"yarn application\" does not run on this machine. Of yarn there are jar, version and"
        }

        test("Pig reads and writes s3 and HDFS, as a step and in a shell step") {
            put("s3://bucket/in/a.txt", "one two two\n")
            put(
                "s3://bucket/code/count.pig",
                "lines = LOAD '\$IN' AS (line:chararray);\n" +
                    "words = FOREACH lines GENERATE FLATTEN(TOKENIZE(line)) AS word;\n" +
                    "counts = FOREACH (GROUP words BY word) GENERATE group, COUNT(words);\n" +
                    "STORE counts INTO '\$OUT';\n",
            )
            put("s3://bucket/pig-in/a.txt", "one two two\n")
            val step =
                launch(
                    "s-40",
                    "pig-script",
                    "--run-pig-script",
                    "--args",
                    "-f",
                    "s3://bucket/code/count.pig",
                    "-p",
                    "IN=s3://bucket/pig-in",
                    "-p",
                    "OUT=/pig-out",
                )
            succeed(step)
            account.cluster("j-1").resolve("hdfs/pig-out/part-r-00000").text() shouldBe
                "one\t1\ntwo\t2\n"
            folder(step).resolve("controller").text() shouldContain "not on Tez or YARN"
            succeed(
                bash(
                    "s-41",
                    "pig -x tez -e \"a = LOAD '/pig-out'; STORE a INTO 's3://bucket/pig-copy';\"",
                )
            )
            account.path("s3://bucket/pig-copy/part-m-00000").text() shouldBe "one\t1\ntwo\t2\n"
            val wrong = launch("s-42", "pig", "-e", "a = LOAD '/none'; STORE a INTO '/never';")
            run(wrong).shouldBeInstanceOf<StepExit.Failed>()
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
