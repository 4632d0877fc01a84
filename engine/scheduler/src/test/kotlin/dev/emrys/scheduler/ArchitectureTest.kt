package dev.emrys.scheduler

import dev.emrys.testing.ModuleRules
import io.kotest.core.spec.style.FunSpec

class ArchitectureTest :
    FunSpec({
        val module = ModuleRules.of("dev.emrys.scheduler", atLeast = 10)

        test("the packages and the classes have no cycles") {
            module.packagesHaveNoCycles()
            module.classesHaveNoCycles()
        }

        test("the arithmetic reads no clock and no file, and its collections have a fixed order") {
            module.timeComesThroughPorts()
            module.thereIsNoInputOrOutput()
            module.collectionsHaveAFixedOrder()
        }
    })
