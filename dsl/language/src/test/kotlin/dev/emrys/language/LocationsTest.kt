package dev.emrys.language

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe

private const val BESIDE = "file:///home/me/r%C3%A4w%20data/jobs/x"

private fun jar(block: StepScope.() -> Unit) = stepOf(block).jarStep().jar()

private fun lastArgument(block: StepScope.() -> Unit) = stepOf(block).jarStep().args().last()

class LocationsTest :
    FunSpec({
        test("a relative path is a file beside the script, wherever a source is taken") {
            lastArgument { sparkSubmit("jobs/x") } shouldBe BESIDE
            lastArgument { sparkSql("jobs/x") } shouldBe BESIDE
            lastArgument { script("jobs/x") } shouldBe BESIDE
            jar { mapReduce("jobs/x") } shouldBe BESIDE
            jar { hadoopJarStep("jobs/x") } shouldBe BESIDE
            clusterOf { bootstrap("b", "jobs/x", "-v") }
                .bootstrapActions()
                .single()
                .run {
                    path() to args()
                } shouldBe (BESIDE to listOf("-v"))
        }

        test("a URI, an absolute path and a placeholder are kept as they are written") {
            for (text in
                listOf(
                    "s3://bucket/x",
                    "file:///x",
                    "hdfs:///x",
                    "/usr/lib/spark/examples/x.jar",
                    "${'$'}{run:name}/x",
                )) {
                lastArgument { sparkSql(text) } shouldBe text
                jar { hadoopJarStep(text) } shouldBe text
            }
            stepOf { hadoopJarStep("command-runner.jar") { args("true") } }.jarStep().jar() shouldBe
                "command-runner.jar"
        }

        test("logs take a text or a location, and nothing else") {
            clusterOf { logs = "s3://logs/" }.logUri() shouldBe "s3://logs/"
            specOf {
                pipeline("p") {
                    cluster("c") {
                            instances { primary("m6g.xlarge") }
                            logs = s3("s3://logs/")
                        }
                        .step("s") { bash("date") }
                }
            }
                .clusters()
                .single()
                .logUri() shouldBe "s3://logs/"
            clusterOf {
                logs = "s3://logs/"
                logs = null
            }
                .logUri() shouldBe null
            toldOf { cluster("c") { logs = 7 } }.single() shouldBe
                "logs of the cluster \"c\" is a Integer, which names no location. | " +
                    "Write a text such as \"s3://bucket/prefix/\", or s3(…)."
        }

        test("the default of a file parameter may be a text") {
            evaluate {
                pipeline("p") {
                    fileParam("near") { default("jobs/x") }.uri shouldBe BESIDE
                    fileParam("far") { default("s3://bucket/x") }.uri shouldBe "s3://bucket/x"
                    fileParam("near2") { default { "jobs/x" } }.uri shouldBe BESIDE
                    fileParam("far2") { default { "s3://bucket/$logicalDate/" } }.uri shouldBe
                        "s3://bucket/$TODAY/"
                    val near = file("jobs/x")
                    fileParam("near3") { default { near } }.uri shouldBe BESIDE
                    fileParam("near4") {
                            description = "a file"
                            default = near
                        }
                        .uri shouldBe BESIDE
                }
            }
                .errors()
                .shouldBeEmpty()
            toldOf { fileParam("f") { default { 7 } } }.single() shouldBe
                "The default of a fileParam is a Integer, which names no location. | " +
                    "Write a text such as \"s3://bucket/prefix/\", or s3(…)."
        }

        test("a list counts as its elements, also a list in a list") {
            lastArgument { sparkExample("SparkPi", listOf(1, listOf("two"))) } shouldBe "two"
            stepOf {
                hadoopJarStep("command-runner.jar") {
                    args("a", listOf("b", 2), arrayOf("c"))
                    args(emptyList<String>())
                }
            }
                .jarStep()
                .args() shouldContainExactly listOf("a", "b", "2", "c")
        }

        test("a diagnostic in a function shows the calls that led to it, and blocks are no calls") {
            val evaluated = evaluate {
                fun broken() = secret(" ")
                fun outer(times: Int = 1) = List(times) { broken() }
                pipeline("p") {
                    listOf(1).forEach {
                        outer()
                    }
                }
            }
            val location = evaluated.errors().single().location()
            val calls =
                generateSequence(location) { it.calledFrom() }.map { it.line() - location.line() }
            calls.toList() shouldContainExactly listOf(0, 1, 4)
            evaluated
                .errors()
                .single()
                .advice()
                .endsWith(
                    "Called from pipelines/x.emr.kts:${location.line() + 1}. " +
                        "Called from pipelines/x.emr.kts:${location.line() + 4}."
                ) shouldBe true
            evaluate { pipeline("p") { secret(" ") } }
                .errors()
                .single()
                .location()
                .calledFrom() shouldBe null
        }

        test("autoTermination is the former name of idleTimeout, with a warning") {
            @Suppress("DEPRECATION")
            val evaluated = evaluate {
                pipeline("p") {
                    cluster("c") { autoTermination = kotlin.time.Duration.parse("5m") }
                }
            }
            evaluated.errors().shouldBeEmpty()
            evaluated.spec!!.clusters().single().idleTimeout() shouldBe
                java.time.Duration.ofMinutes(5)
            evaluated.warnings().single().told() shouldBe
                "\"autoTermination\" is deprecated. | Write idleTimeout instead."
        }
    })
