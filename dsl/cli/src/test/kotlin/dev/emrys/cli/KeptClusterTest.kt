package dev.emrys.cli

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain

private val MORNING =
    """
    pipeline("morning") {
        cluster("shared") { instances { primary("m6g.xlarge") }; keepAfterRun = true }
    }
    """
        .trimIndent()

private val NOON =
    """
    pipeline("noon") {
        existingCluster("shared").step("load") { bash("echo loaded") }
    }
    """
        .trimIndent()

private val EVENING =
    """
    pipeline("evening") {
        existingCluster("shared").endCluster("done")
    }
    """
        .trimIndent()

private val REPAIRED =
    """
    pipeline("repaired") {
        val etl = cluster("etl") { instances { primary("m6g.xlarge") }; keepAfterRun = true }
        etl.step("load") { bash("test -e ${'$'}FOLDER/there") }
    }
    """
        .trimIndent()

class KeptClusterTest :
    FunSpec({
        val program = autoClose(EmrysProgram())
        val account = LocalAccount(program.state)

        test("one pipeline starts a cluster and keeps it, another one uses it, a third ends it") {
            program.script("morning", MORNING)
            program.script("noon", NOON)
            program.script("evening", EVENING)
            val morning = program.run("run", "morning.emr.kts") exits ExitCode.SUCCEEDED
            morning.printsOnStderr("not ended: the cluster is kept after the run", ": 0 steps.")
            val noon = program.run("run", "noon.emr.kts") exits ExitCode.SUCCEEDED
            noon.out shouldContain "loaded"
            account.clusters().values shouldContainExactly listOf("WAITING")
            program.run("run", "evening.emr.kts") exits ExitCode.SUCCEEDED
            account.clusters().values shouldContainExactly listOf("TERMINATED")
            val shown = program.run("show", morning.run, "--output", "json").json()
            shown.phases() shouldBe mapOf("start:shared" to "SUCCEEDED", "end:shared" to "SKIPPED")
        }

        test("a run that failed is continued on the cluster that it has kept") {
            program.script("repaired", REPAIRED.replace("\$FOLDER", "${program.folder}"))
            val failed = program.run("run", "repaired.emr.kts") exits ExitCode.PIPELINE_FAILED
            val before = account.clusters().filterValues { it == "WAITING" }
            before.size shouldBe 1
            program.folder.resolve("there").toFile().createNewFile() shouldBe true
            program.run("resume", failed.run) exits ExitCode.SUCCEEDED
            account.clusters().filterValues { it == "WAITING" } shouldBe before
        }
    })
