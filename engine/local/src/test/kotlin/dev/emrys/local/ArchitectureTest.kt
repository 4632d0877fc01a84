package dev.emrys.local

import dev.emrys.testing.ModuleRules
import io.kotest.core.spec.style.FunSpec

class ArchitectureTest :
    FunSpec({
        val module = ModuleRules.of("dev.emrys.local", atLeast = 30)

        test("the packages and the classes have no cycles") {
            module.packagesHaveNoCycles()
            module.classesHaveNoCycles(
                // A step is made by its parsers, which say why it is not supported.
                setOf(
                    "LocalStep",
                    "LocalStepParser",
                    "HadoopCommandParser",
                    "HiveArguments",
                    "LocalSupport",
                ),
                // The port of the other, with its listener.
                setOf("Distributions", "DistributionResolver"),
                // A shell step's programs start the launcher, which makes commands again.
                setOf("LaunchCommandFactory", "ResolvedSoftware", "ShellPrograms", "ShellLauncher"),
            )
        }
    })
