package dev.emrys.cli

import com.tngtech.archunit.base.DescribedPredicate
import com.tngtech.archunit.core.domain.JavaClass
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses
import dev.emrys.testing.ModuleRules
import io.kotest.core.spec.style.FunSpec

class ArchitectureTest :
    FunSpec({
        val module = ModuleRules.of("dev.emrys.cli", atLeast = 40)

        test("the packages and the classes have no cycles") {
            module.packagesHaveNoCycles()
            module.classesHaveNoCycles()
        }

        test("the command line reads runs through the read model, and targets through their port") {
            val allowed =
                setOf(
                    "dev.emrys.run.Phase",
                    "dev.emrys.run.Outcome",
                    "dev.emrys.drive.Target",
                    "dev.emrys.drive.AttemptLogs",
                    "dev.emrys.drive.TargetUnavailableException",
                    // What a ReapTarget gives, and its values.
                    "dev.emrys.emr.ClusterReaper",
                    "dev.emrys.emr.LeasedCluster",
                    "dev.emrys.emr.RunTags",
                    "dev.emrys.journal.JournalException",
                    "dev.emrys.journal.AmbiguousRunException",
                    "dev.emrys.journal.ScheduleRecord",
                    "dev.emrys.journal.FireRecord",
                    "dev.emrys.journal.FireInputs",
                    "dev.emrys.journal.LogicalTime",
                    "dev.emrys.journal.ScheduleEvent",
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
                .check(module.classes)
        }
    })
