package dev.emrys.language

import dev.emrys.spec.RetryPolicy
import dev.emrys.spec.StepKind
import dev.emrys.spec.StepLogs
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.time.Duration
import java.time.LocalDate
import kotlin.time.Duration.Companion.hours

class StepWordsTest :
    FunSpec({
        test("the logs of a step have a folder and a key of their own only when it says so") {
            stepOf { bash("date") }.logs() shouldBe null
            stepOf {
                bash("date")
                logs = "s3://bkt/logs/"
                logEncryptionKey = "arn:aws:kms:eu-central-1:123456789012:key/0a1b"
            }
                .logs() shouldBe
                StepLogs("s3://bkt/logs/", "arn:aws:kms:eu-central-1:123456789012:key/0a1b")
        }

        test("the logs of a step keep their folder beside the defaults of the pipeline") {
            val steps = specOf {
                pipeline("p") {
                    defaults { retry(3) }
                    val c = cluster("c") { instances { primary("m6g.xlarge") } }
                    c.step("s") {
                        bash("date")
                        logs = "s3://bkt/logs/"
                    }
                }
            }
                .steps()
            steps.single().logs() shouldBe StepLogs("s3://bkt/logs/", null)
            toldOfStep {
                bash("date")
                logs = 4
            } shouldContainExactly
                listOf(
                    "logs of the step \"s\" is a Integer, which names no location. | " +
                        "Write a text such as \"s3://bucket/prefix/\", or s3(…)."
                )
        }

        test("sparkSubmit puts the parts of the command line in spark-submit's order") {
            val step = stepOf {
                sparkSubmit("s3://my-bucket/etl.jar", mainClass = "com.acme.Etl") {
                    args("--input", "s3://in/")
                    conf("spark.sql.adaptive.enabled", true)
                    submit("--executor-memory", "2g")
                    args("--last")
                }
            }
            step.kind() shouldBe StepKind.SPARK
            step.jarStep().jar() shouldBe "command-runner.jar"
            step.jarStep().mainClass() shouldBe null
            step.jarStep().args() shouldContainExactly
                listOf(
                    "spark-submit",
                    "--deploy-mode",
                    "cluster",
                    "--class",
                    "com.acme.Etl",
                    "--executor-memory",
                    "2g",
                ) +
                    listOf(
                        "--conf",
                        "spark.sql.adaptive.enabled=true",
                        "s3://my-bucket/etl.jar",
                        "--input",
                        "s3://in/",
                        "--last",
                    )
        }

        test("sparkSubmit leaves the deploy mode to an author who names it") {
            stepOf { sparkSubmit("s3://my-bucket/etl.py") { submit("--deploy-mode", "client") } }
                .jarStep()
                .args() shouldContainExactly
                listOf("spark-submit", "--deploy-mode", "client", "s3://my-bucket/etl.py")
            stepOf { sparkSubmit("s3://my-bucket/etl.py") { submit("--deploy-mode=client") } }
                .jarStep()
                .args() shouldContainExactly
                listOf("spark-submit", "--deploy-mode=client", "s3://my-bucket/etl.py")
        }

        test("an argument may be a text, a number, a Boolean, a date, a secret or a source") {
            val spec = specOf {
                pipeline("p") {
                    val c = cluster("c") { instances { primary("m6g.xlarge") } }
                    c.step("s") {
                        sparkSubmit(file("../target/x.jar")) {
                            args(
                                "a",
                                1,
                                2.5,
                                true,
                                LocalDate.of(2026, 1, 2),
                                secret("k"),
                                s3("s3://bucket/x"),
                                file("y z.txt"),
                            )
                            args("in a text: ${secret("team/k")} ${s3("s3://bucket/x")}")
                        }
                    }
                }
            }
            spec.steps().single().jarStep().args() shouldContainExactly
                listOf(
                    "spark-submit",
                    "--deploy-mode",
                    "cluster",
                    "file:///home/me/target/x.jar",
                    "a",
                    "1",
                    "2.5",
                    "true",
                ) +
                    listOf(
                        "2026-01-02",
                        "\${secret:k}",
                        "s3://bucket/x",
                        "file:///home/me/r%C3%A4w%20data/y%20z.txt",
                    ) +
                    "in a text: \${secret:team/k} s3://bucket/x"
        }

        test("sparkSql becomes spark-sql with the file, the variables and the properties") {
            val spec = specOf {
                pipeline("p") {
                    cluster("c") { instances { primary("m6g.xlarge") } }
                        .step("s") {
                            sparkSql(s3("s3://bucket/q.sql")) {
                                conf("spark.sql.shuffle.partitions", 8)
                                define("day", TODAY)
                            }
                        }
                }
            }
            spec.steps().single().kind() shouldBe StepKind.SPARK_SQL
            spec.steps().single().jarStep().args() shouldContainExactly
                listOf("spark-sql", "-f", "s3://bucket/q.sql", "--hivevar", "day=2026-04-25") +
                    listOf("--conf", "spark.sql.shuffle.partitions=8")
        }

        test("sparkExample becomes spark-example") {
            val step = stepOf { sparkExample("SparkPi", 10) }
            step.kind() shouldBe StepKind.SPARK
            step.jarStep().args() shouldContainExactly listOf("spark-example", "SparkPi", "10")
        }

        test("mapReduce gives EMR the jar itself") {
            val step = stepOf {
                mapReduce("s3://bucket/job.jar", mainClass = "X") {
                    args("in", "out")
                    property("k", 4)
                }
            }
            step.kind() shouldBe StepKind.MAP_REDUCE
            step.jarStep().jar() shouldBe "s3://bucket/job.jar"
            step.jarStep().mainClass() shouldBe "X"
            step.jarStep().args() shouldContainExactly listOf("in", "out")
            step.jarStep().properties() shouldBe mapOf("k" to "4")
        }

        test("bash hands the whole text to one shell") {
            val step = stepOf { bash("echo hi && date") }
            step.kind() shouldBe StepKind.SHELL
            step.jarStep().args() shouldContainExactly listOf("bash", "-c", "echo hi && date")
        }

        test("script goes through the script-runner of the region") {
            val spec = specOf {
                pipeline("p") {
                    val c = cluster("c") { instances { primary("m6g.xlarge") } }
                    c.step("a") { script(s3("s3://bucket/run.sh")) { args("x", 1) } }
                    c.step("b") { script(s3("s3://bucket/run.sh"), region = "eu-central-1") }
                }
            }
            val (a, b) = spec.steps()
            a.kind() shouldBe StepKind.SHELL
            a.jarStep().jar() shouldBe
                "s3://us-east-1.elasticmapreduce/libs/script-runner/script-runner.jar"
            a.jarStep().args() shouldContainExactly listOf("s3://bucket/run.sh", "x", "1")
            b.jarStep().jar() shouldBe
                "s3://eu-central-1.elasticmapreduce/libs/script-runner/script-runner.jar"
        }

        test("a region has the form of one, so that no argument of the script is taken for it") {
            val evaluated = evaluate {
                pipeline("p") {
                    val c = cluster("c") { instances { primary("m6g.xlarge") } }
                    c.step("a") { script("s3://bucket/run.sh", "--day") }
                }
            }
            evaluated.told().single() shouldBe
                "\"--day\" is not a region. | The second value of script(…) is the region that " +
                    "script-runner.jar is read from. Write a region such as \"eu-central-1\", or, " +
                    "for an argument of the script, script(\"…\") { args(\"--day\") }."
            evaluated.errors().single().location().line() shouldBe
                evaluated.spec!!.steps().single().location().line()
            for (region in
                listOf("us-gov-west-1", "us-isob-east-1", "eusc-de-east-1", "ap-southeast-7")) {
                stepOf { script("s3://bucket/run.sh", region) }.jarStep().jar() shouldBe
                    "s3://$region.elasticmapreduce/libs/script-runner/script-runner.jar"
            }
            toldOf(sampling = true) {
                    val region = param("region")
                    val c = cluster("c") { instances { primary("m6g.xlarge") } }
                    c.step("a") { script("s3://bucket/run.sh", region) }
                }
                .shouldBeEmpty()
        }

        test("hadoopJarStep is EMR's own shape") {
            val step = stepOf {
                hadoopJarStep(jar = "command-runner.jar") {
                    args("hadoop", "fs", "-ls")
                    property("k", "v")
                }
            }
            step.kind() shouldBe StepKind.RAW
            step.jarStep().jar() shouldBe "command-runner.jar"
            step.jarStep().args() shouldContainExactly listOf("hadoop", "fs", "-ls")
            step.jarStep().properties() shouldBe mapOf("k" to "v")
        }

        test("order, retry and timeout reach the step, and a handle named twice counts once") {
            val spec = specOf {
                pipeline("p") {
                    val c = cluster("c") { instances { primary("m6g.xlarge") } }
                    val d = cluster("d") { instances { primary("m6g.xlarge") } }
                    val a = c.step("a") { bash("a") }
                    val b = d.step("b") { bash("b") }
                    c.step("z") {
                        bash("z")
                        after(b, a)
                        after(b)
                        timeout = 2.hours
                        retry { attempts = 2 }
                    }
                }
            }
            val (a, b, z) = spec.steps()
            a.after() shouldBe emptyList()
            a.retry() shouldBe RetryPolicy.NONE
            a.timeout() shouldBe null
            b.cluster() shouldBe "d"
            z.after() shouldContainExactly listOf("b", "a")
            z.timeout() shouldBe Duration.ofHours(2)
            z.retry().attempts() shouldBe 2
            z.location().line() shouldBe b.location().line() + 1
        }

        test("a pipeline keeps its name, description and the place where it was opened") {
            val spec = specOf {
                pipeline("daily etl") {
                    description = "Raw to curated"
                    cluster("c") { instances { primary("m6g.xlarge") } }.step("s") { bash("date") }
                }
            }
            spec.name() shouldBe "daily etl"
            spec.description() shouldBe "Raw to curated"
            spec.clusters().single().location().line() shouldBe spec.location().line() + 2
        }
    })
