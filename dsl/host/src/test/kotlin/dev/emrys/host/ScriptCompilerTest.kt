package dev.emrys.host

import dev.emrys.language.EmrScript
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlin.script.experimental.api.ScriptCompilationConfiguration
import kotlin.script.experimental.api.baseClass
import kotlin.script.experimental.api.compilerOptions
import kotlin.script.experimental.api.defaultImports
import kotlin.script.experimental.api.dependencies
import kotlin.script.experimental.api.displayName
import kotlin.script.experimental.api.fileExtension
import kotlin.script.experimental.api.implicitReceivers
import kotlin.script.experimental.jvmhost.createJvmCompilationConfigurationFromTemplate
import kotlin.script.experimental.util.PropertiesCollection

class ScriptCompilerTest :
    FunSpec({
        test("the configuration of the compiler is what the annotations of a script say") {
            val derived = createJvmCompilationConfigurationFromTemplate<EmrScript>()
            with(ScriptCompilationConfiguration) {
                for (key in
                    listOf<PropertiesCollection.Key<*>>(
                        baseClass,
                        fileExtension,
                        displayName,
                        defaultImports,
                        implicitReceivers,
                        dependencies,
                    )) {
                    withClue(key) { ScriptCompiler.CONFIGURATION[key] shouldBe derived[key] }
                }
                ScriptCompiler.CONFIGURATION[compilerOptions] shouldBe
                    derived[compilerOptions].orEmpty() + "-Xreturn-value-checker=check"
            }
        }
    })
