package dev.emrys.language

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.File
import java.nio.file.Path
import kotlin.io.path.createParentDirectories
import kotlin.io.path.readText
import kotlin.io.path.writeText
import org.jetbrains.kotlin.abi.tools.AbiFilters
import org.jetbrains.kotlin.abi.tools.AbiTools

private val DUMP = Path.of("api/language.api")

/** The public API of these classes, in the form of Kotlin's binary compatibility validation. */
private fun publicApi(): String {
    val folder = File(EmrScript::class.java.protectionDomain.codeSource.location.toURI())
    val classes = folder.walk().filter { it.extension == "class" }.toList()
    return buildString { AbiTools.getInstance().printJvmDump(this, classes, AbiFilters.EMPTY) }
}

class PublicApiTest :
    FunSpec({
        test("the public API is the one that is written down") {
            val api = publicApi()
            api shouldContain "dev/emrys/language/PipelineScope"
            if (System.getProperty("golden.update").toBoolean()) {
                DUMP.createParentDirectories().writeText(api)
            }
            withClue("A script may use all of it. -Dgolden.update=true writes $DUMP anew.") {
                api shouldBe DUMP.readText()
            }
        }
    })
