package dev.emrys.cli

import com.tngtech.archunit.base.DescribedPredicate
import com.tngtech.archunit.core.domain.JavaClass
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
                .importPackages("dev.emrys.cli")

        test("the rules check the classes of the module") {
            module.size shouldBeGreaterThanOrEqual 30
        }

        test("the command line reads runs through the read model, and targets through their port") {
            val allowed =
                setOf(
                    "dev.emrys.run.Phase",
                    "dev.emrys.run.Outcome",
                    "dev.emrys.drive.Target",
                    "dev.emrys.drive.AttemptLogs",
                    "dev.emrys.drive.TargetUnavailableException",
                    "dev.emrys.journal.JournalException",
                    "dev.emrys.journal.AmbiguousRunException",
                )
            val inside = setOf("run", "drive", "journal", "emr", "emulator", "local")
            noClasses()
                .should()
                .dependOnClassesThat(
                    DescribedPredicate.describe<JavaClass>("belong to the inside of the engine") {
                        val outer = it.fullName.substringBefore('$').removeSuffix("[]")
                        outer !in allowed &&
                            inside.any { module -> outer.startsWith("dev.emrys.$module.") }
                    }
                )
                .check(module)
        }
    })
