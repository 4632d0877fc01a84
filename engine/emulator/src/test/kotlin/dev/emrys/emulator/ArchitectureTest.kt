package dev.emrys.emulator

import dev.emrys.testing.ModuleRules
import io.kotest.core.spec.style.FunSpec

class ArchitectureTest :
    FunSpec({
        val module = ModuleRules.of("dev.emrys.emulator", atLeast = 40)

        test("no collection has an order that changes from JVM to JVM") {
            module.collectionsHaveAFixedOrder()
        }

        test("time comes through a port only") {
            module.timeComesThroughPorts()
        }

        test("the packages and the classes have no cycles") {
            module.packagesHaveNoCycles()
            module.classesHaveNoCycles()
        }
    })
