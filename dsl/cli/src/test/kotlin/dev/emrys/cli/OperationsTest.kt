package dev.emrys.cli

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain

private val SCRIPT =
    """
    pipeline("resizing") {
        val etl = cluster("etl") {
            instances {
                primary("m6g.xlarge")
                core("m6g.xlarge", count = 2)
                task("m6g.xlarge", count = 1)
            }
        }
        val load = etl.step("load") { bash("true") }
        val grow = etl.resize("grow") { core = 10; task = 0; after(load) }
        val many = etl.changeStepConcurrency("many", to = 2) { after(load) }
        // Each ends when the other has begun: that needs two at once.
        fun pair(own: String, other: String) = etl.step(own) {
            bash("touch ${'$'}FOLDER/${'$'}own; until test -e ${'$'}FOLDER/${'$'}other; do sleep 0.05; done")
            after(grow, many)
            timeout = 60.seconds
        }
        val both = listOf(pair("one", "two"), pair("two", "one"))
        etl.awaitIdle("idle") { after(both); timeout = 60.seconds }
        etl.awaitStep("again") { stepName = "load"; after(many) }
        etl.cancelStep("nothing") { stepName = "load"; after(many) }
        etl.changeTerminationProtection("protect", on = true) { after(both) }
        etl.changeIdleTimeout("longer", to = 6.hours) { after(both) }
        etl.changeManagedScaling("wider") { limits { minimum = 2; maximum = 20 }; after(both) }
    }
    """
        .trimIndent()

private val NAMES =
    listOf("load", "grow", "many", "one", "two", "idle", "again", "nothing", "protect") +
        listOf("longer", "wider")

class OperationsTest :
    FunSpec({
        val program = autoClose(EmrysProgram())
        val account = LocalAccount(program.state)

        test(
            "operations change the cluster in their order, and the run ends it although protected"
        ) {
            program.script("resizing", SCRIPT.replace("\$FOLDER", "${program.folder}"))
            val result = program.run("run", "resizing.emr.kts") exits ExitCode.SUCCEEDED
            result.printsOnStderr("grow  succeeded", "many  succeeded", "wider  succeeded")
            account.clusters().values shouldContainExactly listOf("TERMINATED")
            val id = account.clusters().keys.single()
            account.emr { emr ->
                emr.listInstanceGroups { it.clusterId(id) }
                    .instanceGroups()
                    .associate {
                        it.instanceGroupTypeAsString() to it.requestedInstanceCount()
                    } shouldBe mapOf("MASTER" to 1, "CORE" to 10, "TASK" to 0)
                emr.describeCluster { it.clusterId(id) }.cluster().stepConcurrencyLevel() shouldBe 2
                emr.getAutoTerminationPolicy { it.clusterId(id) }
                    .autoTerminationPolicy()
                    .idleTimeout() shouldBe 21_600
                emr.getManagedScalingPolicy { it.clusterId(id) }
                    .managedScalingPolicy()
                    .computeLimits()
                    .maximumCapacityUnits() shouldBe 20
            }
            val shown = program.run("show", result.run, "--output", "json").json()
            shown.phases() shouldBe
                (listOf("start:etl") + NAMES + "end:etl").associateWith { "SUCCEEDED" }
            program.run("show", result.run).out shouldContain "grow"
        }

        test("a notebook is planned everywhere, and not executed on this machine") {
            program.script(
                "report",
                """
                pipeline("report") {
                    val prod = existingCluster("prod") { id = "j-1" }
                    prod.notebookExecution("daily") { notebook = s3("s3://books/daily.ipynb") }
                }
                """
                    .trimIndent(),
            )
            val plan = program.run("plan", "report.emr.kts") exits ExitCode.SUCCEEDED
            plan.out shouldContain "executes the notebook s3://books/daily.ipynb"
            plan.all shouldContain "warning E418"
            val run = program.run("run", "report.emr.kts") exits ExitCode.USER_ERROR
            run.printsOnStderr("report.emr.kts:3: error E418", "jupyter nbconvert --to script")
            program.run("plan", "report.emr.kts", "--target", "aws", "--region", "us-east-1").let {
                it.err shouldNotContain "E418"
            }
        }
    })
