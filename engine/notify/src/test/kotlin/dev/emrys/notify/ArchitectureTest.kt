package dev.emrys.notify

import dev.emrys.testing.ModuleRules
import io.kotest.core.spec.style.FunSpec

class ArchitectureTest :
    FunSpec({
        val module = ModuleRules.of("dev.emrys.notify", atLeast = 20)

        test("the packages and the classes have no cycles") {
            module.packagesHaveNoCycles()
            module.classesHaveNoCycles()
        }

        test("time comes through a port, and collections have a fixed order") {
            module.timeComesThroughPorts()
            module.collectionsHaveAFixedOrder()
        }
    })
