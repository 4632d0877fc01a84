package dev.emrys

import com.tngtech.archunit.base.DescribedPredicate
import com.tngtech.archunit.core.domain.JavaClass
import com.tngtech.archunit.core.domain.JavaClasses
import com.tngtech.archunit.core.importer.ClassFileImporter
import com.tngtech.archunit.core.importer.ImportOption
import com.tngtech.archunit.lang.ArchRule
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeGreaterThanOrEqual
import java.time.Clock
import java.time.Instant

private fun importModule(name: String, atLeast: Int): JavaClasses {
    val found =
        ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.emrys.$name")
    // A rule about no classes always holds, so make sure that there are some.
    found.size shouldBeGreaterThanOrEqual atLeast
    return found
}

private fun ArchRule.holdsFor(classes: JavaClasses) = check(classes)

class ArchitectureTest :
    FunSpec({
        val spec = importModule("spec", atLeast = 18)
        val graph = importModule("graph", atLeast = 6)

        test("spec knows nothing of graph") {
            noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.emrys.graph..")
                .holdsFor(spec)
        }

        test("graph knows spec, and of Emrys nothing else") {
            noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                    "dev.emrys.run..",
                    "dev.emrys.journal..",
                    "dev.emrys.drive..",
                    "dev.emrys.emr..",
                )
                .holdsFor(graph)
        }

        listOf("spec" to spec, "graph" to graph).forEach { (name, classes) ->
            test("$name touches no files, network or database") {
                // A JSON library declares an IOException also for a text in memory.
                val inMemory = setOf("IOException", "UncheckedIOException", "StringWriter")
                noClasses()
                    .should()
                    .dependOnClassesThat(
                        DescribedPredicate.describe<JavaClass>("do input or output") {
                            it.packageName == "java.io" && it.simpleName !in inMemory
                        }
                    )
                    .holdsFor(classes)
                noClasses()
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                        "java.nio.file..",
                        "java.nio.channels..",
                        "java.net..",
                        "java.sql..",
                        "org.slf4j..",
                        "software.amazon.awssdk..",
                        "kotlin..",
                    )
                    .holdsFor(classes)
            }

            test("$name asks no clock") {
                noClasses()
                    .should()
                    .callMethod(Instant::class.java, "now")
                    .orShould()
                    .callMethod(Instant::class.java, "now", Clock::class.java)
                    .orShould()
                    .dependOnClassesThat()
                    .areAssignableTo(Clock::class.java)
                    .orShould()
                    .callMethod(System::class.java, "currentTimeMillis")
                    .orShould()
                    .callMethod(System::class.java, "nanoTime")
                    .holdsFor(classes)
            }
        }
    })
