package dev.emrys.journal

import dev.emrys.testing.ModuleRules
import io.kotest.core.spec.style.FunSpec

class ArchitectureTest :
    FunSpec({
        val module = ModuleRules.of("dev.emrys.journal", atLeast = 28)

        test("the packages and the classes have no cycles") {
            module.packagesHaveNoCycles()
            module.classesHaveNoCycles(
                // The file waits with it, and it asks the file what an error means.
                setOf("SqliteFile", "BusyWait")
            )
        }
    })
