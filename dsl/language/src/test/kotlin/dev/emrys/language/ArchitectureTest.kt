package dev.emrys.language

import dev.emrys.testing.ModuleRules
import io.kotest.core.spec.style.FunSpec

class ArchitectureTest :
    FunSpec({
        val module = ModuleRules.of("dev.emrys.language", atLeast = 40)

        test("the packages and the classes have no cycles") {
            module.packagesHaveNoCycles()
            module.classesHaveNoCycles(
                // A cluster makes steps and operations, which know their cluster and pipeline.
                setOf(
                    "PipelineScope",
                    "ClusterHandle",
                    "StepScope",
                    "WaitScope",
                    "Sequence",
                    "TaskHandle",
                    "StepHandle",
                    "WaitHandle",
                    "OperationScope",
                    "ResizeScope",
                    "ScalingChangeScope",
                    "StepChoiceScope",
                    "CancelStepScope",
                    "NotebookExecutionScope",
                    "OperationHandle",
                ),
                // A script has its parameters, which report their errors through it.
                setOf("Script", "Params", "ParamScope", "ParamForm"),
            )
        }
    })
