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
        val room =
            ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("dev.emrys.drive")

        test("the rules look at the room") { room.size shouldBeGreaterThanOrEqual 6 }

        test("drive asks no clock but its port, and has no threads and no files of its own") {
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
                .check(room)
        }

        test("drive knows the journal by its port alone, and nobody who carries effects out") {
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
                .check(room)
        }
    })
