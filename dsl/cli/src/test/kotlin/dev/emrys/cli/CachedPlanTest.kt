package dev.emrys.cli

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.ints.shouldBeGreaterThan
import kotlin.io.path.readLines

/**
 * Libraries that take hundreds of milliseconds or megabytes to load, and that a plan does not use.
 */
private val HEAVY =
    listOf(
        "org.jetbrains.kotlin.",
        "kotlin.script.experimental.",
        "software.amazon.awssdk.",
        "org.apache.",
        "org.sqlite.",
        "com.github.ajalt.",
    )

class CachedPlanTest :
    FunSpec({
        val program = autoClose(EmrysProgram())

        fun loaded(vararg arguments: String): List<String> {
            val log = program.folder.resolve("classes-${arguments.first()}")
            program.run(
                *arguments,
                options = LaunchOptions(jvm = listOf("-Xlog:class+load:file=$log")),
            ) exits ExitCode.SUCCEEDED
            return log.readLines()
                .filter { " source:" in it }
                .map { it.substringBefore(" source:").substringAfterLast(' ') }
        }

        test(
            "the plan of a cached script loads neither the compiler nor the SDK nor Spark nor SQLite"
        ) {
            program.script("probe", EmrysProgram.PROBE)
            for (command in listOf("plan", "check")) {
                val classes = loaded(command, "probe.emr.kts")
                classes shouldContain "dev.emrys.graph.TaskGraph"
                classes.count { it.startsWith("dev.emrys.") } shouldBeGreaterThan 30
                classes.filter { name -> HEAVY.any(name::startsWith) }.shouldBeEmpty()
            }
        }

        test("--version loads only the classes of the command line") {
            val classes = loaded("--version")
            classes shouldContain "dev.emrys.cli.Version"
            classes
                .filter { name ->
                    (HEAVY + "dev.emrys.local." + "com.fasterxml.jackson.databind.").any(
                        name::startsWith
                    )
                }
                .shouldBeEmpty()
        }
    })
