package dev.emrys.drive

import com.tngtech.archunit.core.importer.ClassFileImporter
import com.tngtech.archunit.core.importer.ImportOption
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeGreaterThanOrEqual
import java.time.Clock
import java.time.Instant

class ArchitectureTest :
    FunSpec({
        val module =
            ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("dev.emrys.drive")

        test("the rules check the classes of the module") {
            module.size shouldBeGreaterThanOrEqual 6
        }

        test("drive reads time from its port only, and creates no threads and no files") {
            noClasses()
                .should()
                .callMethod(Instant::class.java, "now")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Clock::class.java)
                .orShould()
                .callMethod(System::class.java, "currentTimeMillis")
                .orShould()
                .callMethod(System::class.java, "nanoTime")
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
