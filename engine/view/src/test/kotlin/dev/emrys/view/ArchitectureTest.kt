package dev.emrys.view

import com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses
import dev.emrys.testing.ModuleRules
import io.kotest.core.spec.style.FunSpec

class ArchitectureTest :
    FunSpec({
        val module = ModuleRules.of("dev.emrys.view", atLeast = 8)

        test("the packages and the classes have no cycles") {
            module.packagesHaveNoCycles()
            module.classesHaveNoCycles()
        }

        test("the read model reads no clock, no file and no database itself") {
            module.timeComesThroughPorts()
            module.thereIsNoInputOrOutput()
        }

        test("the read model uses the journal's ports only, and drives nothing") {
            noClasses()
                .should()
                .dependOnClassesThat()
                .haveSimpleNameStartingWith("Sqlite")
                .orShould()
                .dependOnClassesThat()
                .haveSimpleName("RunMachine")
                .orShould()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.emrys.drive..")
                .check(module.classes)
        }
    })
