package dev.emrys.drive

import com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses
import dev.emrys.testing.ModuleRules
import io.kotest.core.spec.style.FunSpec
import java.time.Clock

class ArchitectureTest :
    FunSpec({
        val rules = ModuleRules.of("dev.emrys.drive", atLeast = 6)
        val module = rules.classes

        test("no collection has an order that changes from JVM to JVM") {
            rules.collectionsHaveAFixedOrder()
        }

        test("the packages and the classes have no cycles") {
            rules.packagesHaveNoCycles()
            rules.classesHaveNoCycles()
        }

        test("drive reads time from its port only, and creates no threads and no files") {
            rules.timeComesThroughPorts()
            noClasses()
                .should()
                .dependOnClassesThat()
                .areAssignableTo(Clock::class.java)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Thread::class.java)
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.util.concurrent.Executors")
                .orShould()
                .dependOnClassesThat()
                .resideInAnyPackage(
                    "java.io",
                    "java.nio.file..",
                    "java.sql..",
                    "java.util.random..",
                )
                .check(module)
        }

        test("drive depends on the journal's ports only, and on no implementation of the effects") {
            noClasses()
                .should()
                .dependOnClassesThat()
                .haveSimpleNameStartingWith("Sqlite")
                .orShould()
                .dependOnClassesThat()
                .resideInAnyPackage(
                    "dev.emrys.emr..",
                    "dev.emrys.emulator..",
                    "dev.emrys.local..",
                    "software.amazon.awssdk..",
                )
                .check(module)
        }
    })
