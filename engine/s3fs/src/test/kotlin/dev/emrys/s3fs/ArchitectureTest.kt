package dev.emrys.s3fs

import dev.emrys.testing.ModuleRules
import io.kotest.core.spec.style.FunSpec

class ArchitectureTest :
    FunSpec({
        val module = ModuleRules.of("dev.emrys.s3fs", atLeast = 8)

        test("the packages and the classes have no cycles") {
            module.packagesHaveNoCycles()
            module.classesHaveNoCycles()
        }
    })
