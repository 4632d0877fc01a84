package dev.emrys.language

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import java.io.File
import kotlin.script.experimental.annotations.KotlinScript
import kotlin.script.experimental.api.ScriptCompilationConfiguration
import kotlin.script.experimental.api.defaultImports
import kotlin.script.experimental.api.dependencies
import kotlin.script.experimental.jvm.JvmDependency

class ScriptDefinitionTest :
    FunSpec({
        test("an IDE finds the definition by its marker, and the marker names a script class") {
            val marker =
                "META-INF/kotlin/script/templates/${EmrScript::class.qualifiedName}.classname"
            EmrScript::class.java.classLoader.getResource(marker).shouldNotBeNull()
            EmrScript::class.java.getAnnotation(KotlinScript::class.java).fileExtension shouldBe
                "emr.kts"
        }

        test("a script is compiled against the language, the spec and Kotlin, wherever they lie") {
            val files =
                EmrCompilation[ScriptCompilationConfiguration.dependencies]!!.flatMap {
                    (it as JvmDependency).classpath
                }
            files.size shouldBe 3
            files.all(File::exists) shouldBe true
        }

        test("the words, durations and dates need no import") {
            val imports = EmrCompilation[ScriptCompilationConfiguration.defaultImports]!!
            imports shouldContain "dev.emrys.language.*"
            imports shouldContain "kotlin.time.Duration.Companion.minutes"
            imports shouldContain "java.time.LocalDate"
        }
    })
