package dev.emrys.emr

import dev.emrys.testing.ModuleRules
import io.kotest.core.spec.style.FunSpec

class ArchitectureTest :
    FunSpec({
        val module = ModuleRules.of("dev.emrys.emr", atLeast = 25)

        test("no collection has an order that changes from JVM to JVM") {
            module.collectionsHaveAFixedOrder()
        }

        test("time comes through a port only") {
            module.timeComesThroughPorts()
        }

        test("the packages and the classes have no cycles") {
            module.packagesHaveNoCycles()
            module.classesHaveNoCycles(
                // The one is created with the other, which asks it to repeat a call.
                setOf("ApiCall", "RetryingCaller"),
                // The parts of one poller.
                setOf(
                    "StatusPoller",
                    "ClusterPolling",
                    "StepPolling",
                    "PushedChanges",
                    "SurplusSteps",
                ),
            )
        }
    })
