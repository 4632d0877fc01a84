package dev.emrys.testing

import io.kotest.core.spec.style.FunSpec

/** Here, because the tests of a module that this one uses cannot use this one. */
class ModelArchitectureTest :
    FunSpec({
        test("the packages and the classes of the model have no cycles") {
            val model = ModuleRules.of("dev.emrys.spec", "dev.emrys.graph", atLeast = 40)
            model.packagesHaveNoCycles()
            model.classesHaveNoCycles(
                // A graph is made by its compiler, a diagnostic by its code.
                setOf("TaskGraph", "GraphCompiler"),
                setOf("Diagnostic", "DiagnosticCode", "CatalogueEntry"),
            )
        }
    })
