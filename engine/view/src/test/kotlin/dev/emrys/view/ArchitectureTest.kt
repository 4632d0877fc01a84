package dev.emrys.view

import com.tngtech.archunit.core.importer.ClassFileImporter
import com.tngtech.archunit.core.importer.ImportOption
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeGreaterThanOrEqual

class ArchitectureTest :
    FunSpec({
        val module =
            ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("dev.emrys.view")

        test("the rules check the classes of the module") {
            module.size shouldBeGreaterThanOrEqual 8
        }

        test("the read model uses the journal's ports only, writes nothing and drives nothing") {
            noClasses()
                .should()
                .dependOnClassesThat()
                .haveSimpleNameStartingWith("Sqlite")
                .orShould()
                .dependOnClassesThat()
                .haveSimpleName("RunMachine")
                .orShould()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.emrys.drive..", "java.io", "java.nio.file..", "java.sql..")
                .check(module)
        }
    })
