package dev.emrys.local

import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableMap
import dev.emrys.emulator.StepLaunch
import dev.emrys.testing.temporaryFolder
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldContainInOrder
import io.kotest.matchers.collections.shouldNotContain
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldEndWith
import io.kotest.matchers.string.shouldStartWith
import java.nio.file.Files
import java.nio.file.Path
import java.util.Optional

class LaunchCommandFactoryTest :
    FunSpec({
        val account = account()

        fun command(launch: StepLaunch): LaunchCommand {
            Files.createDirectories(account.step(launch.clusterId(), launch.stepId()))
            return LaunchCommandFactory(account, FakeSoftware(), launch).create(parsed(launch))
        }

        /** What follows the class path: the main class and its arguments. */
        fun LaunchCommand.program(): List<String> = command().drop(command().indexOf("-cp") + 2)

        test("spark-submit for YARN becomes SparkSubmit on this machine") {
            val made =
                command(
                    launch(
                        "s-1",
                        "spark-submit",
                        "--deploy-mode",
                        "cluster",
                        "--master",
                        "yarn",
                        "--class",
                        "com.acme.Etl",
                        "--conf",
                        "spark.master=yarn",
                        "--conf",
                        "spark.sql.adaptive.enabled=true",
                        "--num-executors",
                        "10",
                        "s3://code/etl.jar",
                        "--master",
                        "mine",
                    )
                )
            val program = made.program()
            program.first() shouldBe "org.apache.spark.deploy.SparkSubmit"
            program.shouldContainInOrder(
                "--class",
                "com.acme.Etl",
                "--conf",
                "spark.sql.adaptive.enabled=true",
            )
            program.shouldContainInOrder("--master", "local[*]")
            program shouldNotContain "yarn"
            program shouldNotContain "spark.master=yarn"
            // The arguments after the application are the application's.
            program.takeLast(3).shouldContainExactly("s3://code/etl.jar", "--master", "mine")
            made.warnings().joinToString() shouldContain "--deploy-mode is ignored"
        }

        test("the cluster's spark-defaults apply, and the step's settings win") {
            val defaults =
                StepLaunch.Classification(
                    "spark-defaults",
                    ImmutableMap.of("a", "cluster", "spark.x", "com.amazon.Committer"),
                    ImmutableList.of(),
                )
            val made =
                command(
                    launch(
                        "s-1",
                        "spark-submit",
                        "--conf",
                        "a=step",
                        "app.jar",
                        configurations = listOf(defaults),
                    )
                )
            val confs = made.program().windowed(2).filter { it[0] == "--conf" }.map { it[1] }
            confs.filter { it.startsWith("a=") }.shouldContainExactly("a=cluster", "a=step")
            confs.none { it.contains("com.amazon") } shouldBe true
        }

        test("the driver's memory is the heap, with Spark's minimum") {
            listOf(
                    "4g" to "-Xmx4096m",
                    "100m" to "-Xmx520m",
                    "2048" to "-Xmx2048m",
                    "lots" to "-Xmx1024m",
                )
                .forEach { (asked, heap) ->
                    command(launch("s-1", "spark-submit", "--driver-memory", asked, "a.jar"))
                        .command() shouldContain heap
                }
        }

        test("the step's memory wins over the cluster's, and an option over a conf") {
            val defaults =
                StepLaunch.Classification(
                    "spark-defaults",
                    ImmutableMap.of("spark.driver.memory", "2g"),
                    ImmutableList.of(),
                )
            fun made(vararg args: String) =
                command(
                        launch(
                            "s-1",
                            "spark-submit",
                            *args,
                            "a.jar",
                            configurations = listOf(defaults),
                        )
                    )
                    .command()
            made("--driver-memory", "8g", "--conf", "spark.driver.memory=4g") shouldContain
                "-Xmx8192m"
            made("--conf", "spark.driver.memory=4g") shouldContain "-Xmx4096m"
            made() shouldContain "-Xmx2048m"
        }

        test("the options of the driver's JVM become options of SparkSubmit's JVM") {
            val made =
                command(
                    launch(
                        "s-1",
                        "spark-submit",
                        "--driver-java-options",
                        "-Da=1 -Db='two words' \"-Dc=x y\" -Dd=\\\"q",
                        "--conf",
                        "spark.driver.extraJavaOptions=-Dno=1",
                        "--conf",
                        "spark.driver.extraClassPath=/lib/first.jar",
                        "a.jar",
                    )
                )
            val beforeClassPath = made.command().takeWhile { it != "-cp" }
            beforeClassPath.filter { it.matches(Regex("-D[abcd]=.*")) } shouldBe
                listOf("-Da=1", "-Db=two words", "-Dc=x y", "-Dd=\"q")
            beforeClassPath shouldNotContain "-Dno=1"
            made.command()[made.command().indexOf("-cp") + 1].substringBefore(':') shouldBe
                "/lib/first.jar"
            made.program().none { "extraJavaOptions" in it || "extraClassPath" in it } shouldBe true
        }

        test("Spark's class path begins with what its class-data archive is of") {
            fun classPath(made: LaunchCommand) = made.command()[made.command().indexOf("-cp") + 1]
            val archive = "-XX:SharedArchiveFile=/classes.jsa"
            val settings = account.cluster("j-1").resolve("conf")
            Files.createDirectories(settings)
            val made = command(launch("s-1", "spark-submit", "a.jar"))
            classPath(made) shouldBe "/spark-3.5.4.jar:$settings:/s3fs.jar"
            made.command() shouldContain archive
            val first =
                command(launch("s-1", "spark-submit", "--driver-class-path", "/x.jar", "a.jar"))
            classPath(first) shouldStartWith "/x.jar:/spark-3.5.4.jar:"
            first.command() shouldNotContain archive
            val hadoop = command(launch("s-1", "hadoop", "fs", "-ls", "/"))
            classPath(hadoop) shouldBe "$settings:/s3fs.jar:/hadoop-3.4.1.jar"
            hadoop.command() shouldNotContain archive
        }

        test("the options of the driver come after Emrys's, and the size of the input counts") {
            Files.createDirectories(account.path("s3://code/in"))
            val options = "-XX:TieredStopAtLevel=4 -XX:+UseG1GC"
            val made =
                command(
                    launch(
                        "s-1",
                        "spark-submit",
                        "--driver-java-options",
                        options,
                        "a.jar",
                        "s3://code/in",
                    )
                )
            made.command().filter { "TieredStop" in it || it.endsWith("GC") } shouldBe
                listOf("-XX:TieredStopAtLevel=1") + options.split(" ")
        }

        test("a JVM of version 23 allows Hadoop's Subject.getSubject") {
            listOf(
                    launch("s-1", "spark-submit", "a.jar"),
                    launch("s-1", "hadoop", "fs", "-ls", "/"),
                )
                .forEach { command(it).command() shouldContain "-Djava.security.manager=allow" }
        }

        test("a JVM of version 24, which rejects that flag, runs without it, with a warning") {
            val launch = launch("s-1", "hadoop", "fs", "-ls", "/")
            val made =
                LaunchCommandFactory(account, FakeSoftware(24), launch).create(parsed(launch))
            made.command().none { "security.manager" in it } shouldBe true
            made.warnings().single() shouldContain "Java 24 runs Hadoop with a change of Emrys"
        }

        test("the warehouse is a path that is not encoded as a URI") {
            val spaced = Account(temporaryFolder("with space ä"))
            val launch = launch("s-1", "spark-submit", "a.jar")
            Files.createDirectories(spaced.step("j-1", "s-1"))
            LaunchCommandFactory(spaced, FakeSoftware(), launch)
                .create(parsed(launch))
                .command() shouldContain
                "spark.sql.warehouse.dir=file:" + spaced.cluster("j-1").resolve("warehouse")
        }

        test("settings that name a cluster's classes for s3 are ignored") {
            val made =
                command(
                    launch(
                        "s-1",
                        "spark-submit",
                        "--conf",
                        "spark.hadoop.fs.s3a.impl=org.apache.hadoop.fs.s3a.S3AFileSystem",
                        "a.jar",
                    )
                )
            made.program().none { "S3AFileSystem" in it } shouldBe true
            made.warnings().joinToString() shouldContain "fs.s3a.impl is ignored"
        }

        test("the author's configuration files do not change the file systems of s3 and hdfs") {
            val folder = temporaryFolder("conf")
            ConfigurationFolder.write(
                folder,
                folder,
                ImmutableList.of(
                    StepLaunch.Classification(
                        "core-site",
                        ImmutableMap.of("fs.s3a.impl", "org.Elsewhere", "mine", "<1>"),
                        ImmutableList.of(),
                    ),
                    StepLaunch.Classification(
                        "mapred-site",
                        ImmutableMap.of("mapreduce.map.memory.mb", "512"),
                        ImmutableList.of(),
                    ),
                ),
            )
            val core = folder.resolve("core-site.xml").text()
            core shouldContain "<name>mine</name><value>&lt;1&gt;</value>"
            core shouldContain "<name>fs.s3a.impl</name><value>dev.emrys.s3fs.LocalS3FileSystem<"
            core shouldContain "<name>fs.AbstractFileSystem.s3.impl</name>"
            core shouldContain "<name>fs.defaultFS</name><value>hdfs://cluster<"
            val mapred = folder.resolve("mapred-site.xml").text()
            mapred shouldContain "<name>mapreduce.map.memory.mb</name><value>512<"
            mapred shouldContain "FileOutputCommitterFactory"
        }

        test("spark-example runs the examples by their public names") {
            val made = command(launch("s-1", "spark-example", "SparkPi", "10"))
            made.program().shouldContainInOrder("--class", "org.apache.spark.examples.SparkPi")
            made.program().takeLast(2).shouldContainExactly("/examples.jar", "10")
            val classic =
                command(
                    launch(
                        "s-1",
                        "spark-submit",
                        "--class",
                        "org.apache.spark.examples.SparkPi",
                        "/usr/lib/spark/examples/jars/spark-examples.jar",
                        "5",
                    )
                )
            classic.program().takeLast(2).shouldContainExactly("/examples.jar", "5")
        }

        listOf(
                listOf("/usr/bin/spark-submit", "--class", "X", "a.jar"),
                listOf("/usr/lib/spark/bin/spark-submit", "--class", "X", "a.jar"),
            )
            .forEach { args ->
                test("${args[0]} is spark-submit") {
                    command(launch("s-1", *args.toTypedArray())).program() shouldBe
                        command(launch("s-1", "spark-submit", "--class", "X", "a.jar")).program()
                }
            }

        test("/usr/lib/spark/bin/run-example is run-example") {
            command(launch("s-1", "/usr/lib/spark/bin/run-example", "SparkPi", "3"))
                .program() shouldBe command(launch("s-1", "run-example", "SparkPi", "3")).program()
        }

        test("the path of Hadoop's examples is the jar of the distribution") {
            val path = "/usr/lib/hadoop-mapreduce/hadoop-mapreduce-examples.jar"
            val expected =
                listOf("org.apache.hadoop.util.RunJar", "/hadoop-examples.jar", "pi", "2", "10")
            command(launch("s-1", "hadoop", "jar", path, "pi", "2", "10")).program() shouldBe
                expected
            command(launch("s-1", "pi", "2", "10", jar = path)).program() shouldBe expected
        }

        test(
            "the known paths in a shell command are rewritten, with a warning, and others are not"
        ) {
            val made =
                command(
                    launch(
                        "s-1",
                        "bash",
                        "-c",
                        "/usr/bin/spark-submit /usr/lib/spark/examples/jars/spark-examples.jar; " +
                            "ls /mnt/usr/bin/spark-submit /usr/bin/spark-submit.sh; " +
                            "cp /usr/lib/hadoop-mapreduce/hadoop-mapreduce-examples.jar x",
                    )
                )
            val bin = account.cluster("j-1").resolve("bin")
            made.command().last() shouldBe
                "$bin/spark-submit /examples.jar; " +
                    "ls /mnt/usr/bin/spark-submit /usr/bin/spark-submit.sh; cp /hadoop-examples.jar x"
            made.warnings().first() shouldBe
                "The path of spark-submit in the command is $bin/spark-submit here."
        }

        test("a program whose path needs quotes is found on the PATH instead") {
            val spaced = Account(temporaryFolder("with space"))
            val launch = launch("s-1", "sh", "-c", "/usr/bin/hadoop fs -ls /")
            LaunchCommandFactory(spaced, FakeSoftware(), launch)
                .create(parsed(launch))
                .command()
                .last() shouldBe "hadoop fs -ls /"
        }

        test("Hive scripts and statements run on Spark SQL, and the step's log says so") {
            fun words(vararg args: String) =
                command(launch("s-1", *args)).program().let {
                    it.drop(it.indexOf("spark-internal") + 1)
                }
            val script = arrayOf("-f", "s3://b/q.q", "-d", "K=V", "--hiveconf", "x=y", "-S")
            val expected = listOf("-f", "s3://b/q.q", "--hivevar", "K=V", "--hiveconf", "x=y", "-S")
            words("hive-script", "--run-hive-script", "--args", *script) shouldContainExactly
                expected
            words("/usr/bin/hive", *script) shouldContainExactly expected
            val singleDashes = script.map { it.replace("--hiveconf", "-hiveconf") }.toTypedArray()
            words("hive", *singleDashes) shouldContainExactly expected
            words("hive", "--define", "K=V", "--database=db", "-e", "select 1") shouldContainExactly
                listOf("--hivevar", "K=V", "--database", "db", "-e", "select 1")
            val beeline =
                arrayOf("beeline", "-u", "jdbc:hive2://localhost:10000/db;ssl=true", "-n", "hadoop")
            words(
                *beeline,
                "--silent=true",
                "-e",
                "a",
                "-e",
                "b",
                "--showHeader=false",
            ) shouldContainExactly listOf("--database", "db", "-S", "-e", "a;\nb")
            val warnings =
                command(launch("s-1", *beeline, "-d", "x.Driver", "-f", "s3://b/q")).warnings()
            warnings.joinToString() shouldContain "beeline runs on Spark SQL 3.5.4 here"
            warnings
                .filter { "is ignored" in it }
                .map { it.substringBefore(" ") } shouldContainExactly listOf("-u", "-n", "-d")
        }

        test("spark-sql keeps its own options after Spark's") {
            val made =
                command(
                    launch(
                        "s-1",
                        "spark-sql",
                        "-f",
                        "s3://q.sql",
                        "--hivevar",
                        "a=b",
                        "--conf",
                        "x=y",
                        "--master",
                        "yarn",
                    )
                )
            made
                .program()
                .shouldContainInOrder(
                    "--class",
                    "org.apache.spark.sql.hive.thriftserver.SparkSQLCLIDriver",
                )
            made.program().shouldContainInOrder("--conf", "x=y")
            made
                .program()
                .takeLast(5)
                .shouldContainExactly("spark-internal", "-f", "s3://q.sql", "--hivevar", "a=b")
        }

        test(
            "a custom jar is copied into the step's folder and run by RunJar with its properties"
        ) {
            val jar = Files.createTempFile("jöb with space", ".jar")
            Files.writeString(jar, "v1")
            val made =
                command(
                    launch(
                        "s-9",
                        "in",
                        "out",
                        jar = jar.toUri().toString(),
                        mainClass = "Main",
                        properties = mapOf("k" to "v"),
                    )
                )
            val staged = account.step("j-1", "s-9").resolve("code").resolve(jar.fileName)
            made
                .program()
                .shouldContainExactly(
                    "org.apache.hadoop.util.RunJar",
                    staged.toString(),
                    "Main",
                    "in",
                    "out",
                )
            made.command() shouldContain "-Dk=v"
            staged.text() shouldBe "v1"
        }

        test("hadoop jar, hadoop fs and hdfs dfs run; other commands are rejected") {
            val jar = Files.createTempFile("job", ".jar")
            command(launch("s-1", "hadoop", "jar", jar.toString(), "X")).program().first() shouldBe
                "org.apache.hadoop.util.RunJar"
            command(launch("s-1", "hadoop", "fs", "-ls", "s3://b/")).program() shouldContainExactly
                listOf("org.apache.hadoop.fs.FsShell", "-ls", "s3://b/")
            command(launch("s-1", "hdfs", "dfs", "-cat", "s3://b/k")).program().first() shouldBe
                "org.apache.hadoop.fs.FsShell"
            for (args in
                listOf(
                    listOf("hadoop", "namenode"),
                    listOf("flink", "run"),
                    listOf("spark-submit", "job.R"),
                )) {
                shouldThrow<LaunchCommand.UnsupportedStepException> {
                    command(launch("s-1", *args.toTypedArray()))
                }
            }
        }

        test("a Python program gets Spark's Python half and the Python that its author names") {
            val made = command(launch("s-1", "spark-submit", "s3://b/job.py", "x"))
            made.program().takeLast(2) shouldContainExactly listOf("s3://b/job.py", "x")
            made.environment()["PYSPARK_PYTHON"] shouldBe "/python3"
            made.environment()["PYTHONPATH"].orEmpty() shouldStartWith
                "/pyspark:/pyspark/lib/py4j.zip"
            made.notes() shouldContainExactly
                listOf("Python 3.11.2 (/python3), pyspark 3.5.4 of /pyspark.")

            val env = exports("spark-env", "PYSPARK_PYTHON" to "/env", "PYTHONPATH" to "/mine")
            val defaults =
                StepLaunch.Classification(
                    "spark-defaults",
                    ImmutableMap.of("spark.pyspark.python", "/defaults"),
                    ImmutableList.of(),
                )
            fun note(configurations: List<StepLaunch.Classification>, vararg args: String) =
                command(launch("s-1", "spark-submit", *args, configurations = configurations))
                    .notes()
                    .single()
            note(listOf(env), "job.py") shouldContain "(/env)"
            note(listOf(env, defaults), "job.py") shouldContain "(/defaults)"
            note(listOf(defaults), "--conf", "spark.pyspark.python=/own", "job.py") shouldContain
                "(/own)"
            val exported =
                command(launch("s-1", "spark-submit", "job.py", configurations = listOf(env)))
            exported.environment()["PYSPARK_PYTHON"] shouldBe "/env"
            exported.environment()["PYTHONPATH"] shouldBe
                "/pyspark:/pyspark/lib/py4j.zip:/mine:/home/.local"
            // Others have neither.
            command(launch("s-1", "spark-submit", "job.jar")).environment() shouldBe emptyMap()
            // A Python for YARN does not exist here.
            val yarn = "spark.yarn.appMasterEnv.PYSPARK_PYTHON=./environment/bin/python"
            fun warnings(vararg options: String) =
                command(launch("s-1", "spark-submit", "--conf", yarn, *options, "job.py"))
                    .warnings()
                    .filter { "PYSPARK_PYTHON" in it }
            warnings().single() shouldContain "the program runs with /python3"
            warnings("--conf", "spark.pyspark.python=/own") shouldBe emptyList()
            // One of Spark's own examples.
            val examples = "/usr/lib/spark/examples/src/main/python"
            command(launch("s-1", "spark-submit", "$examples/ml/als_example.py"))
                .program()
                .last() shouldBe "/pyspark/examples/ml/als_example.py"
        }

        test("a file URI becomes a path for a program without URIs") {
            val made =
                command(launch("s-1", "bash", "-c", "cat \"$0\"", "file:///tmp/a%20b/%C3%A4.txt"))
            made.command().last() shouldBe "/tmp/a b/ä.txt"
        }

        test("a file URI of a Hadoop program keeps its scheme and is decoded") {
            val uri = "file:///tmp/a%20b/%C3%A4.txt"
            val spark = command(launch("s-1", "spark-submit", "--files", uri, uri, uri)).program()
            spark.takeLast(2) shouldContainExactly listOf("/tmp/a b/ä.txt", "file:/tmp/a b/ä.txt")
            spark.shouldContainInOrder("--files", "/tmp/a b/ä.txt")
            command(launch("s-1", "hadoop", "fs", "-ls", uri)).program().last() shouldBe
                "file:/tmp/a b/ä.txt"
        }

        test("paths without a scheme are in a folder of the cluster") {
            val made = command(launch("s-1", "hadoop", "fs", "-rm", "-r", "/tmp/x")).command()
            made.single { it.startsWith("-Demrys.hdfs.root=") } shouldEndWith "/clusters/j-1/hdfs"
        }

        test("a step's first warning says what is not as on clusters of the release label") {
            val launch = launch("s-1", "s3-dist-cp", "--src", "/a", "--dest", "/b")
            Files.createDirectories(account.step("j-1", "s-1"))
            LaunchCommandFactory(account, FakeSoftware(warning = "Hadoop is another."), launch)
                .create(parsed(launch))
                .warnings() shouldBe
                listOf(
                    "Hadoop is another.",
                    "Emrys's own s3-dist-cp runs here, in one process.",
                )
            command(launch("s-2", "bash", "-c", "true")).warnings() shouldBe emptyList<String>()
        }

        test("a step runs on the Spark of its cluster's release label") {
            val launch = launch("s-1", "hive", "-e", "SHOW TABLES")
            Files.createDirectories(account.step("j-1", "s-1"))
            val made =
                LaunchCommandFactory(account, FakeSoftware(spark = "3.5.1"), launch)
                    .create(parsed(launch))
            val at = made.command().indexOf("-cp") + 1
            made.command()[at] shouldStartWith "/spark-3.5.1.jar:"
            made.warnings().single() shouldContain "hive runs on Spark SQL 3.5.1 here"
        }

        test("the exports of spark-env are in the environment") {
            val export =
                StepLaunch.Classification(
                    "export",
                    ImmutableMap.of("TZ", "UTC"),
                    ImmutableList.of(),
                )
            val env =
                StepLaunch.Classification("spark-env", ImmutableMap.of(), ImmutableList.of(export))
            command(launch("s-1", "bash", "-c", "true", configurations = listOf(env)))
                .environment() shouldBe mapOf("TZ" to "UTC")
        }

        test("an s3 URI cannot name a file outside the account, nor a key that no file can have") {
            shouldThrow<IllegalArgumentException> { account.path("s3://bucket/../../owner.json") }
            shouldThrow<IllegalArgumentException> { account.path("s3://") }
            // On S3 these are keys of their own, not those of s3://b/c.
            for (key in listOf("s3://b/a/../c", "s3://b/./c", "s3://b/c/..", "s3://../c")) {
                shouldThrow<IllegalArgumentException> { account.path(key) }.message shouldContain
                    "a part of it is"
            }
            account.path("s3://b/a..b/.c/...") shouldBe account.s3().resolve("b/a..b/.c/...")
        }
    }) {
    private class FakeSoftware(
        private val javaVersion: Int = 17,
        private val warning: String = "",
        private val spark: String = "3.5.4",
    ) : LaunchCommandFactory.StepSoftware {
        override fun jvm() = StepJvm(Path.of("/java"), javaVersion)

        override fun spark() = Distribution.spark(spark)

        override fun releaseWarning() = warning

        override fun classPath(distribution: Distribution): ImmutableList<Path> =
            ImmutableList.of(Path.of("/${distribution.name()}.jar"))

        override fun ownJars(distribution: Distribution): ImmutableList<Path> =
            ImmutableList.of(Path.of("/s3fs.jar"))

        override fun classArchive(): Optional<Path> = Optional.of(Path.of("/classes.jsa"))

        override fun moduleFlags(): ImmutableList<String> = ImmutableList.of("--add-opens=x")

        override fun sparkExamples(): Path = Path.of("/examples.jar")

        override fun s3DistCp(): Path = Path.of("/s3distcp.jar")

        override fun python(program: String?) =
            PySpark.Python(
                program ?: "/python3",
                "3.11.2",
                "3.5.4",
                "/home/.local",
                ImmutableList.of(Path.of("/pyspark"), Path.of("/pyspark/lib/py4j.zip")),
                Optional.of(Path.of("/pyspark/examples")),
            )

        override fun hadoopExamples(): Path = Path.of("/hadoop-examples.jar")
    }
}
