package dev.emrys.monitor

import dev.emrys.testing.ModuleRules
import io.kotest.core.spec.style.FunSpec

class ArchitectureTest :
    FunSpec({
        val module = ModuleRules.of("dev.emrys.monitor", atLeast = 10)

        test("the packages and the classes have no cycles") {
            module.packagesHaveNoCycles()
            module.classesHaveNoCycles()
        }

        test("no class reads a clock: what the process does is timed by the process") {
            module.timeComesThroughPorts()
        }
    })
