package dev.emrys.cost

import dev.emrys.testing.ModuleRules
import io.kotest.core.spec.style.FunSpec

class ArchitectureTest :
    FunSpec({
        val module = ModuleRules.of("dev.emrys.cost", atLeast = 5)

        test("the packages and the classes have no cycles") {
            module.packagesHaveNoCycles()
            module.classesHaveNoCycles()
        }

        test("no class reads a clock: what is charged is given") { module.timeComesThroughPorts() }
    })
